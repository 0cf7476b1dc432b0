"""A display page: documents, clicks, keys, what it says when something is wrong."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi.core.quality import Status
from hmi.link.messages import GetDisplay
from hmi.panel.theme import DARK
from tests.panel.pictures import FakeStation, demo_infos, demo_station

LEVEL = "plant/bottling/mixer/level"
FLOW = "plant/bottling/mixer/water_flow"
UNIT = "plant/bottling/mixer"
STATE = f"{UNIT}/state"
START, HOLD, STOP, ABORT = (f"{UNIT}/cmd_{command}" for command in ("start", "hold", "stop", "abort"))


def element(kind, number, x=20, y=None, **fields):
    return {"kind": kind, "id": f"e{number}", "x": x, "y": 60 * number if y is None else y, "w": 200, "h": 40} | fields


def document(*elements, **changes):
    whole = {"schema": 1, "name": "d", "title": "Trial", "level": 2, "size": [1142, 622], "elements": list(elements)}
    return json.dumps(whole | changes).encode()


def station_with(*elements, **changes):
    infos = demo_infos()
    wanted = [LEVEL, FLOW, START, HOLD, STOP, ABORT, STATE]
    return FakeStation([infos[path] for path in wanted], {"d": document(*elements, **changes)})


def spot(page, number):
    return next(s for s in page.canvas.hotspots.values() if s.objectName() == f"e{number}")


def test_the_title_and_the_values_arrive(show_page):
    page = show_page(station_with(element("value", 1, path=LEVEL)), "d")
    assert page.title == "Trial"
    assert page.is_ready()
    assert page._notice.isHidden()


def test_a_click_opens_the_faceplate(show_page, qtbot):
    page = show_page(station_with(element("value", 1, path=LEVEL)), "d")
    with qtbot.waitSignal(page.context.navigator.faceplate_wanted) as caught:
        QTest.mouseClick(spot(page, 1), Qt.MouseButton.LeftButton)
    assert caught.args == [LEVEL, spot(page, 1)]


def test_a_press_that_slides_off_opens_nothing(show_page, qtbot):
    page = show_page(station_with(element("value", 1, path=LEVEL)), "d")
    with qtbot.assertNotEmitted(page.context.navigator.faceplate_wanted):
        QTest.mousePress(spot(page, 1), Qt.MouseButton.LeftButton)
        QTest.mouseRelease(spot(page, 1), Qt.MouseButton.LeftButton, pos=spot(page, 1).rect().bottomRight() * 3)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_keyboard_opens_the_faceplate_of_the_focus(show_page, qtbot, key):
    page = show_page(station_with(element("value", 1, path=LEVEL)), "d")
    spot(page, 1).setFocus()
    with qtbot.waitSignal(page.context.navigator.faceplate_wanted):
        QTest.keyClick(spot(page, 1), key)


def test_tab_goes_in_reading_order(show_page):
    elements = (
        element("value", 3, x=20, y=200, path=LEVEL),
        element("value", 2, x=300, y=40, path=LEVEL),
        element("value", 1, x=20, y=40, path=FLOW),
    )
    page = show_page(station_with(*elements), "d")
    page.activateWindow()
    spot(page, 1).setFocus()
    QTest.keyClick(spot(page, 1), Qt.Key.Key_Tab)
    assert spot(page, 2).hasFocus()
    QTest.keyClick(spot(page, 2), Qt.Key.Key_Tab)
    assert spot(page, 3).hasFocus()
    assert page.selected_paths() == [LEVEL]


def test_the_focus_can_be_seen(show_page):
    page = show_page(station_with(element("value", 1, path=LEVEL)), "d")
    before = page.grab().toImage()
    spot(page, 1).setFocus()
    assert page.grab().toImage() != before


def test_links_and_trends_lead_on(show_page, qtbot):
    page = show_page(
        station_with(element("link", 1, display="process", label="Process"), element("trend", 2, pens=[LEVEL], h=150)),
        "d",
    )
    with qtbot.waitSignal(page.context.navigator.display_wanted) as display:
        QTest.mouseClick(spot(page, 1), Qt.MouseButton.LeftButton)
    assert display.args == ["process"]
    with qtbot.waitSignal(page.context.navigator.trend_wanted) as trend:
        QTest.mouseClick(spot(page, 2), Qt.MouseButton.LeftButton)
    assert trend.args == [[LEVEL]]


def test_starting_goes_through_the_faceplate(show_page, qtbot):
    station = station_with(element("button", 1, path=START, label="Start"))
    page = show_page(station, "d")
    with qtbot.waitSignal(page.context.navigator.faceplate_wanted):
        QTest.mouseClick(spot(page, 1), Qt.MouseButton.LeftButton)
    station.pump()
    assert not station.writes


def test_stopping_is_one_click_and_one_write(show_page):
    station = station_with(element("button", 1, path=STOP, label="Stop"))
    page = show_page(station, "d")
    QTest.mouseClick(spot(page, 1), Qt.MouseButton.LeftButton)
    station.pump()
    (write,) = station.writes
    assert (write.tag, write.value, write.expected) == (station.infos[STOP].tag, 1.0, None)
    station.result(write, "not confirmed", "The machine still runs.")
    assert page.canvas.scene.notes["e1"] == "NOT CONFIRMED"
    assert "The machine still runs." in page._notice.text()


@pytest.mark.parametrize(
    ("command", "state", "stands_out"),
    [
        ("stop", "Execute", True),
        ("stop", "Held", True),
        ("stop", "Stopped", False),
        ("stop", "Aborted", False),
        ("hold", "Execute", True),
        ("hold", "Held", False),
        ("hold", "Stopped", False),
        ("abort", "Stopped", True),
        ("abort", "Aborted", False),
    ],
)
def test_a_stopping_button_stands_out_while_there_is_something_to_stop(show_page, command, state, stands_out):
    station = station_with(element("button", 1, path=f"{UNIT}/cmd_{command}", label=command, state=STATE))
    page = show_page(station, "d")
    (button,) = page.canvas.symbols
    station.set(STATE, next(float(number) for number, word in station.infos[STATE].states.items() if word == state))
    page.canvas._repaint([0], 0)
    assert button.stops(page.canvas.scene) is stands_out
    QTest.mouseClick(spot(page, 1), Qt.MouseButton.LeftButton)
    station.pump()
    assert len(station.writes) == 1, "stopping is never refused by the looks of it"


def test_a_stopping_button_stands_out_while_the_state_is_bad(show_page):
    station = station_with(element("button", 1, path=STOP, label="Stop", state=STATE))
    page = show_page(station, "d")
    station.set(STATE, 2.0, int(Status.BAD_NO_COMMUNICATION))
    page.canvas._repaint([0], 0)
    assert page.canvas.symbols[0].stops(page.canvas.scene)


def test_a_held_key_gives_one_command(show_page):
    station = station_with(element("button", 1, path=STOP, label="Stop"))
    page = show_page(station, "d")
    spot(page, 1).setFocus()
    QTest.keyPress(spot(page, 1), Qt.Key.Key_Return)
    station.pump()
    assert len(station.writes) == 1


def test_an_unknown_tag_is_named_on_the_page_and_in_the_tooltip(show_page):
    page = show_page(station_with(element("value", 1, path="plant/nowhere/x/y")), "d")
    assert page._notice.text() == "The station does not know the tag plant/nowhere/x/y; correct the display d."
    assert "plant/nowhere/x/y" in page.canvas.symbols[0].tooltip(page.canvas.scene)
    assert page.is_ready()


def test_an_unknown_element_is_shown_and_named(show_page):
    page = show_page(station_with(element("cyclone", 1), element("value", 2, path=LEVEL)), "d")
    assert "Element e1 has the unknown kind cyclone." in page._notice.text()
    empty = show_page(station_with(element("value", 2, path=LEVEL)), "d")
    assert page.canvas.grab().toImage() != empty.canvas.grab().toImage()


def test_a_broken_document_is_told_in_one_sentence(show_page):
    page = show_page(station_with(element("value", 1, path=7)), "d")
    assert page.canvas is None
    text = page._notice.text()
    assert "displays/d.json: element e1, field path: expected `str`, got `int`" in text
    assert "\n" not in text


def test_a_display_that_does_not_exist_is_told(show_page):
    page = show_page(station_with(), "nothing")
    assert page._notice.text() == "The project has no display nothing."
    assert page.is_ready()


def test_a_page_shown_before_the_link_asks_when_it_lives(show_page):
    station = station_with(element("value", 1, path=LEVEL))
    page = show_page(station, "d", live=False)
    assert page.canvas is None
    station.open()
    station.pump()
    assert page.canvas is not None


def test_the_tooltip_tells_everything(show_page):
    station = station_with(element("value", 1, path=LEVEL))
    page = show_page(station, "d")
    station.set(LEVEL, 64.5, int(Status.UNCERTAIN_SENSOR_CALIBRATION), time=station.utc - 3_000_000_000)
    station.beat()
    page.canvas.scene.refresh((LEVEL,))
    text = page.canvas.symbols[0].tooltip(page.canvas.scene)
    assert text.splitlines() == [
        LEVEL,
        "Mixing tank level",
        "Value: 64.50 %",
        "Quality: Uncertain_SensorCalibration",
        "Time: 2026-09-21 16:13:17 CEST, 3 s ago",
    ]


def test_the_last_value_of_a_bad_tag_is_in_the_tooltip_only(show_page):
    station = station_with(element("value", 1, path=LEVEL))
    page = show_page(station, "d")
    station.set(LEVEL, 64.5, int(Status.BAD_SENSOR_FAILURE))
    station.beat()
    page.canvas.scene.refresh((LEVEL,))
    symbol = page.canvas.symbols[0]
    assert "Last value: 64.50 % (do not use)" in symbol.tooltip(page.canvas.scene)
    assert symbol.says(page.canvas.scene) == "----- %"


def test_symbols_have_names_for_screen_readers(show_page):
    page = show_page(demo_station(), "overview")
    assert all(s.accessibleName() for s in page.canvas.hotspots.values())


def test_another_theme_means_the_same(show_page):
    page = show_page(station_with(element("value", 1, path=LEVEL)), "d")
    before = page.grab().toImage()
    page.on_theme(DARK)
    assert page.grab().toImage() != before


def test_a_hidden_page_holds_nothing(show_page):
    station = demo_station()
    page = show_page(station, "overview")
    assert station.subscriptions
    page.on_hidden()
    station.pump()
    assert not station.subscriptions
    assert not page.canvas._pulse.isActive()
    assert not page.canvas._frame.isActive()


def test_a_page_shown_again_asks_for_the_document_again(show_page):
    station = station_with(element("value", 1, path=LEVEL))
    page = show_page(station, "d")
    asked = sum(isinstance(message, GetDisplay) for message in station.sent)
    page.on_hidden()
    station.displays["d"] = document(element("value", 1, path=LEVEL), title="Changed")
    page.on_shown()
    station.pump()
    assert page.title == "Changed"
    assert sum(isinstance(message, GetDisplay) for message in station.sent) == asked + 1
