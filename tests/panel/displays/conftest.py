from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hmi.panel.displays import DisplayPage
from hmi.panel.navigator import Navigator
from hmi.panel.page import Context
from hmi.panel.theme import LIGHT
from tests.panel.pictures import FakeStation

SIZE = (1142, 622)


@pytest.fixture
def show_page(qapp: QApplication, qtbot: QtBot) -> Iterator[Callable[..., DisplayPage]]:
    """`show_page(station, name, theme)`: a shown display page on an open station, all questions answered."""
    made: list[tuple[QWidget, DisplayPage]] = []

    def make(station: FakeStation, name: str, theme=LIGHT, *, live: bool = True) -> DisplayPage:
        qapp.setStyle("Fusion")
        host = QWidget()
        host.resize(*SIZE)
        context = Context(station.stores, theme, Navigator(host), lambda: station.utc)
        page = DisplayPage(context, name, host)
        page.resize(*SIZE)
        made.append((host, page))
        if live:
            station.open()
        page.on_shown()
        station.pump()
        host.show()
        host.activateWindow()
        qtbot.waitUntil(host.isActiveWindow)
        station.pump()
        page.setFocus()
        if page.canvas is not None:
            page.canvas._repaint(range(len(page.canvas.symbols)), 0)
        return page

    yield make
    for host, page in made:
        page.on_hidden()
        host.close()
        host.deleteLater()
