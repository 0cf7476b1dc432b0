"""The faceplate around the entry: commands, alarms, moving, closing."""

import itertools

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from shiboken6 import isValid

from hmi.core.quality import Status
from hmi.link.messages import AcknowledgeAlarms
from hmi.panel.theme import DARK, LIGHT

LEVEL, SP = "plant/bottling/mixer/level", "plant/bottling/mixer/level_sp"
STATE = "plant/packaging/capper/state"
IDLE = 4.0
START, STOP = "plant/packaging/capper/cmd_start", "plant/packaging/capper/cmd_stop"


def test_the_header_names_the_tag(open_plate):
    plate = open_plate(LEVEL)
    assert plate.header._name.text() == "Mixer level"
    assert plate.header._path.text() == LEVEL
    assert plate.header.description.text() == "Mixing tank level"
    assert not plate.entries[SP].isHidden()
    assert plate.entries[LEVEL].isHidden()


def test_starting_needs_two_steps(open_plate, station):
    station.set(STATE, IDLE)
    commands = open_plate(STATE).commands
    assert commands.buttons[START].text() == "Start\u2026"
    commands.buttons[START].click()
    station.pump()
    assert not station.writes
    review = commands.reviews[START]
    assert review.confirm.text() == "Start now"
    assert review.question.text() == f"{START}: send the command"
    assert review.cancel.hasFocus()
    review.confirm.click()
    station.pump()
    (write,) = station.writes
    assert (write.value, write.expected) == (1.0, None)


def test_a_command_of_a_display_needs_two_steps_in_all(open_plate, station):
    station.set(STATE, IDLE)
    plate = open_plate(START)
    review = plate.commands.reviews[START]
    assert review.asking
    assert review.cancel.hasFocus()
    review.confirm.click()
    station.pump()
    assert len(station.writes) == 1


def test_the_question_is_put_once(open_plate, station):
    station.set(STATE, IDLE)
    plate = open_plate(START)
    plate.commands.reviews[START].cancel.click()
    plate._refresh()
    assert not plate.commands.reviews[START].asking


def test_opening_the_faceplate_of_a_stop_stops_nothing(open_plate, station):
    plate = open_plate(STOP)
    station.pump()
    plate._refresh()
    assert not station.writes
    assert plate.commands.buttons[STOP].text() == "Stop"


def test_a_command_that_would_be_refused_is_flat_and_says_why(open_plate, station):
    station.set(STATE, 2.0)
    plate = open_plate(STATE)
    plate.parentWidget().setStyleSheet(LIGHT.stylesheet())
    commands, button = plate.commands, plate.commands.buttons[START]
    why = "Capper: PackML state is Stopped, must be Idle. Reset first."
    assert f"Start is not available now. {why}" in commands.reasons.text()
    assert button.property("unavailable")
    assert why in button.toolTip()
    assert not commands.buttons[STOP].property("unavailable")
    flat = button.grab().toImage()
    button.click()
    assert commands.reviews[START].message.text() == f"Not available now. {why}"
    assert "Start is" not in commands.reasons.text(), "it is said once"
    station.pump()
    assert not station.writes
    station.set(STATE, IDLE)
    station.beat()
    assert "Start is" not in commands.reasons.text()
    assert commands.reviews[START].isHidden()
    assert not button.property("unavailable")
    assert button.grab().toImage() != flat


def test_what_became_unavailable_while_it_was_asked_is_not_sent(open_plate, station):
    station.set(STATE, IDLE)
    plate = open_plate(START)
    station.set(STATE, 6.0)
    station.beat()
    plate.commands.reviews[START].confirm.click()
    station.pump()
    assert not station.writes
    assert "must be Idle" in plate.commands.reviews[START].message.text()


def test_stopping_needs_one_click_even_with_a_bad_state(open_plate, station):
    plate = open_plate(STATE)
    station.set(STATE, 6.0, int(Status.BAD_SENSOR_FAILURE))
    station.set(STOP, 0.0, int(Status.BAD_NO_COMMUNICATION))
    station.beat()
    plate.commands.buttons[STOP].click()
    station.pump()
    assert len(station.writes) == 1


def test_stopping_goes_out_while_values_are_stale(open_plate, station):
    plate = open_plate(STATE)
    station.stores.stale("The scan stands still.")
    plate.commands.buttons[STOP].click()
    station.pump()
    assert len(station.writes) == 1


def test_starting_does_not_go_out_while_values_are_stale(open_plate, station):
    plate = open_plate(STATE)
    station.stores.stale("The scan stands still.")
    plate.commands.buttons[START].click()
    plate.commands.reviews[START].confirm.click()
    station.pump()
    assert not station.writes


def test_start_and_stop_are_apart(open_plate):
    commands = open_plate(STATE).commands
    start, stop = commands.buttons[START].geometry(), commands.buttons[STOP].geometry()
    assert stop.top() - start.bottom() > 8 + start.height()
    assert commands.buttons[STOP].font().bold()
    assert not commands.buttons[START].font().bold()


@pytest.mark.parametrize(("state", "bold"), [(6.0, {"hold", "stop", "abort"}), (2.0, {"abort"}), (9.0, set())])
def test_bold_is_what_would_stop_the_machine_now(open_plate, station, state, bold):
    plate = open_plate(STATE)
    station.set(STATE, state)
    plate._refresh()
    assert {path.rpartition("_")[2] for path, button in plate.commands.buttons.items() if button.font().bold()} == bold


def test_a_command_tag_opens_with_its_command_alone(open_plate):
    plate = open_plate(START)
    assert plate.gauge.isHidden()
    assert list(plate.commands.buttons) == [START]


def test_alarms_are_acknowledged_where_they_are_shown(open_plate, station):
    plate = open_plate(LEVEL)
    assert plate.alarms.isHidden()
    station.raise_alarm(LEVEL, 2, "UNACK", "H")
    station.beat()
    assert not plate.header.marker.isHidden()
    plate.alarms.buttons[0].click()
    station.pump()
    (asked,) = [message for message in station.sent if isinstance(message, AcknowledgeAlarms)]
    assert asked.alarms == [(f"{LEVEL}/H", 7)]


def test_the_trend_button_leads_to_value_and_setpoint(open_plate, qtbot):
    plate = open_plate(LEVEL)
    with qtbot.waitSignal(plate.context.navigator.trend_wanted) as caught:
        plate.trend.click()
    assert caught.args == [[LEVEL, SP]]


def test_it_is_moved_by_its_header_and_stays_in_the_window(open_plate):
    plate = open_plate(LEVEL)
    at = QPoint(10, plate.header.height() - 2)
    QTest.mousePress(plate.header, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(plate.header, at + QPoint(200, 30))
    assert plate.pos().x() > 100
    QTest.mouseMove(plate.header, at + QPoint(5000, 5000))
    QTest.mouseRelease(plate.header, Qt.MouseButton.LeftButton, pos=at)
    assert plate.parentWidget().rect().contains(plate.geometry())


def test_escape_closes_when_nothing_is_entered(open_plate):
    plate = open_plate(LEVEL)
    plate.setFocus()
    QTest.keyClick(plate, Qt.Key.Key_Escape)
    assert not isValid(plate) or plate.isHidden()


def test_the_focus_goes_back_to_where_it_came_from(open_plate, station):
    host = open_plate(STATE).parentWidget()
    before = QPushButton("symbol", host)
    before.show()
    before.setFocus()
    plate = open_plate(LEVEL)
    plate.setFocus()
    plate.close()
    assert QApplication.focusWidget() is before


def test_it_ends_with_the_session(open_plate, station):
    plate = open_plate(LEVEL)
    station.stores.lost("The connection is gone.")
    assert not isValid(plate) or plate.isHidden()


def test_a_closed_faceplate_holds_nothing(open_plate, station):
    plate = open_plate(LEVEL)
    station.pump()
    assert station.subscriptions
    plate.close()
    station.pump()
    assert not station.subscriptions


def test_an_unknown_tag_is_told(open_plate):
    plate = open_plate("plant/bottling/mixer/nothing")
    assert plate.notice.text() == "The station has no tag plant/bottling/mixer/nothing."


@pytest.mark.parametrize("status", [Status.BAD_SENSOR_FAILURE, Status.BAD_NO_COMMUNICATION])
def test_the_gauge_shows_nothing_of_a_bad_value(open_plate, station, status):
    plate = open_plate(LEVEL)
    plate._feed.close()
    plate._scene.tapes.clear()

    def picture(value):
        station.set(LEVEL, value, int(status), time=station.utc)
        station.beat()
        plate._refresh()
        return plate.gauge.grab().toImage()

    assert picture(81.0) == picture(12.0)


def test_other_colours_mean_the_same(open_plate):
    plate = open_plate(LEVEL)
    before = plate.gauge.grab().toImage()
    plate.on_theme(DARK)
    assert plate.gauge.grab().toImage() != before


def test_nothing_is_lost_at_twice_the_font(open_plate, qapp):
    font = qapp.font()
    twice = qapp.font()
    twice.setPointSizeF(font.pointSizeF() * 2)
    qapp.setFont(twice)
    try:
        plate = open_plate(LEVEL)
        plate.entries[SP].controller.type_in("70")
        plate.entries[SP].controller.check()
        plate._fit()
        for button in plate.findChildren(QPushButton):
            if button.isVisible():
                assert button.width() >= button.sizeHint().width(), button.text()
        question = plate.entries[SP].review.question
        assert question.height() >= question.heightForWidth(question.width())
    finally:
        qapp.setFont(font)


def test_no_part_covers_another_in_any_state(open_plate, station):
    plate = open_plate(LEVEL)
    entry, controller = plate.entries[SP], plate.entries[SP].controller
    station.raise_alarm(LEVEL, 2, "UNACK", "H")
    station.beat()
    apart(plate)
    controller.type_in("200")
    controller.check()
    apart(plate)
    controller.type_in("70")
    controller.check()
    assert entry.review.asking
    apart(plate)
    controller.cancel()
    assert entry.review.message.text() == "Nothing was sent."
    apart(plate)
    controller.type_in("70")
    controller.check()
    controller.confirm()
    apart(plate)
    station.pump()
    station.result(station.writes[0], "not confirmed", "the read-back is 65.0 % after 5 s; check the value.")
    apart(plate)
    assert plate.unanswered()


def test_no_command_covers_another_while_it_is_asked_for(open_plate):
    plate = open_plate(STATE)
    apart(plate)
    plate.commands.buttons[START].click()
    apart(plate)


def apart(plate):
    """Lays out as the event loop would, then compares every two parts of one parent, and each with its own need."""
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    assert plate.parentWidget().rect().contains(plate.geometry())
    for parent in [plate, *plate.findChildren(QWidget)]:
        parts = [part for part in parent.children() if isinstance(part, QWidget) and part.isVisible()]
        if isinstance(parent, QLineEdit):
            continue
        for one, other in itertools.combinations(parts, 2):
            assert not one.geometry().intersects(other.geometry()), (one, other)
        for part in parts:
            assert parent.rect().contains(part.geometry()), (parent, part)
            assert part.height() >= part.heightForWidth(part.width()), part
            assert part.height() >= part.minimumSizeHint().height(), part
