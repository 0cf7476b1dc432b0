"""Display, faceplate and trend inside the real window, by keyboard alone."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hmi.panel.displays import DisplayPage
from hmi.panel.displays.hotspot import Hotspot
from hmi.panel.faceplates import Faceplate
from hmi.panel.main_window import MainWindow
from hmi.panel.places import Kind
from hmi.panel.trends import TrendPage
from tests.helpers_panel.windows import PLAIN, window_on
from tests.panel.pictures import FakeStation, demo_station

LEVEL, SP = "plant/bottling/mixer/level", "plant/bottling/mixer/level_sp"


def trend_page(context, _name, parent):
    return TrendPage(context, parent)


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot) -> Iterator[Callable[[FakeStation], MainWindow]]:
    made: list[MainWindow] = []

    def make(station: FakeStation) -> MainWindow:
        pages = {**PLAIN, Kind.DISPLAY: DisplayPage, Kind.TREND: trend_page}
        found = window_on(station, pages=pages, plate=Faceplate)
        made.append(found)
        found.show()
        found.activateWindow()
        qtbot.waitUntil(found.isActiveWindow)
        station.open()
        found.guide.show_display("overview")
        station.pump()
        return found

    yield make
    for found in made:
        found.close()
        found.deleteLater()


def press(key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(QApplication.focusWidget(), key, modifier)


def tab_to(wanted, most=200):
    for _ in range(most):
        focused = QApplication.focusWidget()
        if focused is not None and wanted(focused):
            return focused
        press(Qt.Key.Key_Tab)
    raise AssertionError("the keyboard does not get there")


def plates(window):
    return [plate for plate in window.findChildren(Faceplate) if plate.isVisible()]


def test_a_setpoint_is_found_and_changed_without_a_mouse(window, qtbot):
    station = demo_station()
    station.values[SP] = (65.0, 0, station.utc)
    view = window(station)
    view.pages.page.setFocus()
    spot = tab_to(lambda w: isinstance(w, Hotspot) and w.property("tagPath") == LEVEL)
    press(Qt.Key.Key_Return)
    station.pump()
    (plate,) = plates(view)
    assert plate.path == LEVEL
    plate._refresh()
    entry = plate.entries[SP]
    tab_to(lambda w: w is entry.field)
    QTest.keyClicks(entry.field, "70")
    press(Qt.Key.Key_Return)
    assert entry.review.cancel.hasFocus()
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Return)
    station.pump()
    (write,) = station.writes
    assert (write.value, write.expected) == (70.0, 65.0)
    station.result(write, "done", "The read-back is 70.0 %.")
    press(Qt.Key.Key_Escape)
    assert not plates(view)
    assert QApplication.focusWidget() is spot


def test_escape_takes_back_the_entry_first_and_closes_after(window):
    station = demo_station()
    view = window(station)
    view.pages.page.setFocus()
    tab_to(lambda w: isinstance(w, Hotspot) and w.property("tagPath") == LEVEL)
    press(Qt.Key.Key_Return)
    station.pump()
    (plate,) = plates(view)
    plate._refresh()
    entry = plate.entries[SP]
    entry.field.setFocus()
    QTest.keyClicks(entry.field, "70")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Escape)
    assert plates(view) == [plate]
    assert entry.controller.entry.text == ""
    press(Qt.Key.Key_Escape)
    assert not plates(view)


@pytest.mark.parametrize("number", range(0, 60, 7))
def test_a_faceplate_hides_neither_its_symbol_nor_the_banner(window, number):
    station = demo_station()
    view = window(station)
    spots = [s for s in view.pages.page.canvas.hotspots.values() if s.property("tagPath")]
    spot = spots[number % len(spots)]
    view.guide.show_faceplate(spot.property("tagPath"), spot)
    station.pump()
    (plate,) = plates(view)
    plate._refresh()

    def on_screen(widget):
        return QRect(widget.mapTo(view, QPoint(0, 0)), widget.size())

    assert not on_screen(plate).intersects(on_screen(spot))
    assert not on_screen(plate).intersects(on_screen(view._banner))
    assert view.rect().contains(on_screen(plate))


def test_f4_trends_what_has_the_focus(window):
    station = demo_station()
    view = window(station)
    view.pages.page.setFocus()
    tab_to(lambda w: isinstance(w, Hotspot) and w.property("tagPath") == LEVEL)
    press(Qt.Key.Key_F4)
    station.pump()
    assert isinstance(view.pages.page, TrendPage)
    assert view.pages.page.pens[0].path == LEVEL
