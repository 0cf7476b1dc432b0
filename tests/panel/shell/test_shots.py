"""Pictures of every page, in both themes and two sizes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from hmi.panel import shots as shots_module
from hmi.panel.main_window import MainWindow
from hmi.panel.shots import Shots
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel
from tests.unit.panel.stores.test_atlas import document


@pytest.fixture
def panel() -> MemoryPanel:
    station = FakeStation(home="home")
    station.add("mix/level", 42.0)
    station.displays = {"home": ("Home", "", document("home", 1, "mix/level"))}
    return MemoryPanel(station)


def take(
    panel: MemoryPanel, window: MainWindow, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    monkeypatch.setattr(shots_module, "LOOK_MS", 5)
    codes: list[int] = []
    shots = Shots(window, panel.stores, folder, codes.append)
    steps = QTimer(window)
    steps.timeout.connect(panel.step if panel.stores.session.name else panel.outbox.clear)
    steps.start(2)
    shots.start()
    qtbot.waitUntil(lambda: bool(codes), timeout=30_000)
    steps.stop()
    return codes


def test_every_page_is_painted(
    panel: MemoryPanel,
    open_window: Callable[[MemoryPanel], MainWindow],
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(panel)
    panel.open()
    assert take(panel, window, tmp_path, qtbot, monkeypatch) == [0]
    names = sorted(file.name for file in tmp_path.iterdir())
    pages = ("alarms", "diagnostics", "display-home", "sign-in", "tags", "trend")
    assert names == [f"{p}-{t}-{w}.png" for p in pages for t in ("dark", "light") for w in (1366, 1920)]
    for name in names:
        image = QImage(str(tmp_path / name))
        assert (image.width(), image.height()) in ((1366, 768), (1920, 1080))


def test_without_a_station_it_ends_and_says_so(
    panel: MemoryPanel,
    open_window: Callable[[MemoryPanel], MainWindow],
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(panel)
    panel.stores.lost("Nobody answers.")
    assert take(panel, window, tmp_path, qtbot, monkeypatch) == [3]
    assert not list(tmp_path.iterdir())
