"""The marker widget in grey: every priority and state stays different from every other."""

from itertools import combinations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from hmi.panel.theme import THEMES, Theme
from hmi.panel.widgets.blink import Blink
from hmi.panel.widgets.marker import Marker


def grey(marker: Marker) -> bytes:
    image = marker.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    return bytes(image.constBits())


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_priority_and_state_looks_different_in_grey(qtbot: QtBot, theme: Theme) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    marker = Marker(theme, 20, owner)
    seen: dict[tuple[int, str], bytes] = {}
    for priority in (1, 2, 3, 4):
        for state in ("UNACK", "RTNUN"):
            marker.show_alarm(priority, state)
            seen[priority, state] = grey(marker)
    for (a, first), (b, second) in combinations(seen.items(), 2):
        different = sum(abs(x - y) > 24 for x, y in zip(first, second, strict=True))
        assert different > 20, (a, b)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("priority", [1, 2, 3, 4])
def test_no_half_of_a_flash_looks_like_a_cause_that_is_gone(qtbot: QtBot, theme: Theme, priority: int) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    marker = Marker(theme, 20, owner)
    seen: dict[tuple[str, bool], bytes] = {}
    for state in ("UNACK", "RTNUN"):
        for lit in (True, False):
            marker.show_alarm(priority, state)
            marker.set_lit(lit)
            seen[state, lit] = grey(marker)
    for (state, lit), flashing in seen.items():
        for other in (True, False):
            pairs = zip(flashing, seen["RTNUN", other], strict=True)
            assert state == "RTNUN" or sum(abs(x - y) > 24 for x, y in pairs) > 20, (lit, other)


def test_only_what_is_unacknowledged_changes_with_the_flash(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    marker = Marker(THEMES["light"], 20, owner)
    for state, flashes in (("UNACK", True), ("RTNUN", True), ("ACKED", False)):
        marker.show_alarm(2, state)
        marker.set_lit(True)
        bright = grey(marker)
        marker.set_lit(False)
        assert (grey(marker) != bright) is flashes


def test_the_flash_keeps_step_with_the_clock_and_rests_bright(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    now = [499_000_000]
    first, second = Blink(owner, lambda: now[0]), Blink(owner, lambda: now[0])
    first.set_active(True)
    assert first.lit
    now[0] = 700_000_000
    second.set_active(True)
    assert not second.lit
    with qtbot.waitSignal(first.changed):
        pass
    assert not first.lit
    for blink in (first, second):
        blink.set_active(False)
        assert blink.lit
