"""What every test of the panel's widgets needs: a window on a fake station, closed and deleted afterwards."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hmi.panel.main_window import MainWindow
from tests.helpers_panel.memory import MemoryPanel
from tests.helpers_panel.windows import window_on


@pytest.fixture
def open_window(qapp: QApplication, qtbot: QtBot) -> Iterator[Callable[[MemoryPanel], MainWindow]]:
    """`open_window(panel)`: a shown main window over a memory panel."""
    made: list[MainWindow] = []

    def make(panel: MemoryPanel) -> MainWindow:
        window = window_on(panel)
        made.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()
