"""A normal plant looks calm: nothing on a page without alarms is saturated but the focus ring and values."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from hmi.panel.main_window import MainWindow
from hmi.panel.places import Kind, Place
from hmi.panel.theme import THEMES, Theme
from tests.helpers_panel.bottling import bottling
from tests.helpers_panel.memory import MemoryPanel


def saturated(image: QImage) -> float:
    """Share of the pixels whose HSV saturation is above 0.35."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : image.width() * 3].reshape(-1, 3).astype(np.int16)
    high, low = pixels.max(axis=1), pixels.min(axis=1)
    return float(np.mean((high - low) > 0.35 * np.maximum(high, 1)))


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("kind", [Kind.ALARMS, Kind.TAGS, Kind.DIAGNOSTICS])
def test_a_page_without_alarms_is_grey(
    open_window: Callable[[MemoryPanel], MainWindow], qtbot: QtBot, kind: Kind, theme: Theme
) -> None:
    panel = MemoryPanel(bottling())
    panel.station.alarms.clear()
    window = open_window(panel)
    window.resize(1366, 768)
    window.set_theme(theme)
    panel.open()
    panel.settle()
    window.guide.go(Place(kind))
    panel.settle()
    focused = window.focusWidget()
    if focused is not None:
        focused.clearFocus()
    assert saturated(window.grab().toImage()) < 0.001


def test_the_scan_finds_an_alarm(open_window: Callable[[MemoryPanel], MainWindow], qtbot: QtBot) -> None:
    panel = MemoryPanel(bottling())
    window = open_window(panel)
    panel.open()
    panel.settle()
    window.guide.show_alarms()
    window.watch.hold_bright()
    assert saturated(window.grab().toImage()) > 0.001
