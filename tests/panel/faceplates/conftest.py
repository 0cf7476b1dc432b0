from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from hmi.panel.faceplates import Faceplate
from hmi.panel.navigator import Navigator
from hmi.panel.page import Context
from hmi.panel.theme import LIGHT
from tests.panel.pictures import FakeStation, demo_infos

WANTED = ("plant/bottling/mixer/", "plant/bottling/pasteuriser/", "plant/packaging/capper/")


@pytest.fixture
def station() -> FakeStation:
    return FakeStation(info for path, info in demo_infos().items() if path.startswith(WANTED))


@pytest.fixture
def open_plate(qapp: QApplication, qtbot: QtBot, station: FakeStation) -> Iterator[Callable[..., Faceplate]]:
    """`open_plate(path)`: a shown faceplate on the fixture's station."""
    host = QWidget()
    host.resize(1000, 700)
    made: list[Faceplate] = []

    def make(path: str, user: str = "kim", role: str = "operator") -> Faceplate:
        if not station.frame:
            station.open(user, role)
        context = Context(station.stores, LIGHT, Navigator(host), lambda: station.utc)
        plate = Faceplate(context, path, host)
        made.append(plate)
        station.pump()
        host.show()
        host.activateWindow()
        qtbot.waitUntil(host.isActiveWindow)
        plate.show()
        station.pump()
        plate._refresh()
        return plate

    yield make
    for plate in made:
        if isValid(plate):
            plate.close()
    host.close()
    host.deleteLater()
