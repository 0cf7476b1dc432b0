"""The two steps to another setpoint, by keyboard, and every way in which they must not lead to a write."""

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hmi.core.quality import Status
from hmi.core.setpoint import EntryState
from hmi.link.messages import Write

LEVEL, SP = "plant/bottling/mixer/level", "plant/bottling/mixer/level_sp"
MODE = "plant/bottling/mixer/mode"


@pytest.fixture
def entry(open_plate, station):
    station.values[SP] = (65.0, 0, station.utc)
    return open_plate(LEVEL).entries[SP]


def write_in(entry, text):
    entry.field.setFocus()
    QTest.keyClicks(entry.field, text)
    QTest.keyClick(entry.field, Qt.Key.Key_Return)


def sent(station):
    station.pump()
    return [message for message in station.sent if isinstance(message, Write)]


def test_the_keyboard_alone_changes_a_setpoint(entry, station):
    write_in(entry, "70")
    assert entry.review.question.text() == f"{SP}: 65.00 % -> 70.00 %"
    assert entry.review.cancel.hasFocus()
    assert not sent(station)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert entry.review.confirm.hasFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    (write,) = sent(station)
    assert (write.tag, write.value, write.expected) == (station.infos[SP].tag, 70.0, 65.0)
    assert entry.controller.entry.state is EntryState.PENDING
    assert entry.read.text() == "65.00 %"
    station.set(SP, 70.0)
    station.beat()
    station.result(write, "done", "The read-back is 70.0 %.")
    entry.refresh()
    assert entry.review.message.text() == "Done. The read-back is 70.0 %."
    assert entry.read.text() == "70.00 %"
    assert entry.field.text() == ""


def test_enter_twice_sends_nothing(entry, station):
    write_in(entry, "70")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert not sent(station)
    assert entry.controller.entry.state is EntryState.READING


def test_confirming_twice_sends_once(entry, station):
    write_in(entry, "70")
    entry.review.confirm.click()
    entry.review.confirm.click()
    entry.controller.confirm()
    assert len(sent(station)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("abc", "not a plain number"),
        ("1,234", "two ways"),
        ("70,5", "two ways"),
        ("", "Enter a number"),
        ("nan", "not a plain number"),
        ("NaN", "not a plain number"),
        ("1e309", "not a plain number"),
        ("inf", "not a plain number"),
        ("90.01", "above the highest allowed"),
        ("19.99", "below the lowest allowed"),
        ("-1", "below the lowest allowed"),
    ],
)
def test_a_bad_entry_is_told_and_not_sent(entry, station, text, words):
    if not text:
        entry.controller.type_in("")
    write_in(entry, text)
    assert words in entry.review.message.text()
    assert not entry.review.asking
    entry.review.confirm.click()
    assert not sent(station)


def test_escape_restores_the_read_value_and_leaves_the_faceplate_open(entry, station):
    plate = entry.parentWidget()
    write_in(entry, "70")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert entry.controller.entry.state is EntryState.READING
    assert entry.field.text() == ""
    assert plate.isVisible()
    assert not sent(station)
    assert entry.field.hasFocus()


def test_a_value_that_moved_since_the_check_is_not_sent(entry, station):
    write_in(entry, "70")
    station.set(SP, 66.0)
    station.beat()
    entry.review.confirm.click()
    assert not sent(station)
    assert "changed from 65.00 % to 66.00 %" in entry.review.message.text()


def test_a_bad_present_value_is_refused(entry, station):
    station.set(SP, 65.0, int(Status.BAD_SENSOR_FAILURE))
    station.beat()
    write_in(entry, "70")
    assert "Bad_SensorFailure" in entry.review.message.text()
    assert not sent(station)
    entry.refresh()
    assert entry.read.text().startswith("-----")


def test_a_connection_lost_before_confirming_sends_nothing(entry, station):
    write_in(entry, "70")
    station.stores.stale("The scan stands still.")
    entry.review.confirm.click()
    assert not sent(station)


def test_a_connection_lost_after_confirming_is_not_confirmed_and_never_sent_again(entry, station):
    write_in(entry, "70")
    entry.review.confirm.click()
    station.pump()
    station.stores.lost("The connection is gone.")
    assert entry.controller.entry.state is EntryState.NOT_CONFIRMED
    assert entry.review.message.text().startswith("NOT CONFIRMED")
    assert entry.parentWidget().isVisible()
    entry.refresh()
    assert entry.read.text().startswith("-----")
    station.frame = 0
    station.open()
    assert len(sent(station)) == 1


def test_a_mismatch_keeps_saying_so_and_shows_the_read_value(entry, station):
    write_in(entry, "70")
    entry.review.confirm.click()
    (write,) = sent(station)
    station.result(write, "sent", "Sent.", final=False)
    assert entry.controller.entry.state is EntryState.PENDING
    station.result(write, "not confirmed", "The read-back is 65.0 % after 5 s.")
    entry.refresh()
    assert entry.review.message.text() == "NOT CONFIRMED: The read-back is 65.0 % after 5 s."
    assert entry.review.message.font().bold()
    assert entry.read.text() == "65.00 %"


def test_a_refusal_is_told(entry, station):
    write_in(entry, "70")
    entry.review.confirm.click()
    (write,) = sent(station)
    station.result(write, "refused", "The pump is locked by a low level.")
    assert entry.review.message.text() == "Refused. The pump is locked by a low level."


def test_nothing_can_be_typed_while_a_write_is_pending(entry):
    write_in(entry, "70")
    entry.review.confirm.click()
    assert not entry.field.isEnabled()
    assert entry.check.text() == "Sending …"


def test_who_is_not_signed_in_is_told(open_plate, station):
    entry = open_plate(LEVEL, user="").entries[SP]
    write_in(entry, "70")
    assert entry.review.message.text() == "Sign in to write: nobody is signed in."
    assert not sent(station)


def test_a_role_that_is_too_low_is_told(open_plate, station):
    entry = open_plate(LEVEL, user="vi", role="viewer").entries[SP]
    write_in(entry, "70")
    assert "needs the role operator" in entry.review.message.text()


def test_a_state_is_chosen_from_a_list(open_plate, station):
    entry = open_plate(MODE, role="engineer").entries[MODE]
    assert entry.field.isHidden()
    assert [entry.choice.itemText(n) for n in range(entry.choice.count())] == ["Production", "Maintenance", "Manual"]
    entry._chosen(1)
    entry.check.click()
    assert entry.review.question.text() == f"{MODE}: Production -> Maintenance"
    entry.review.confirm.click()
    (write,) = sent(station)
    assert (write.value, write.expected) == (2.0, 1.0)


def test_class_three_asks_for_a_reason(open_plate, station):
    station.infos[SP] = msgspec.structs.replace(station.infos[SP], confirm=3)
    entry = open_plate(LEVEL).entries[SP]
    write_in(entry, "70")
    assert entry.review.message.text() == "Give a reason: this setting needs one."
    entry.reason.setText("Trial of the new mixer")
    entry.check.click()
    entry.review.confirm.click()
    (write,) = sent(station)
    assert write.reason == "Trial of the new mixer"


def test_an_answer_that_never_comes_is_not_confirmed(entry, station):
    write_in(entry, "70")
    entry.review.confirm.click()
    station.pump()
    controller = entry.controller
    controller.entry = replace(controller.entry, deadline=0)
    controller._expire()
    assert controller.entry.state is EntryState.NOT_CONFIRMED


def test_cancel_gives_the_field_back_and_says_that_nothing_was_sent(entry, station):
    write_in(entry, "70")
    entry.review.cancel.click()
    assert entry.field.hasFocus()
    assert entry.review.message.text() == "Nothing was sent."
    assert not sent(station)
    QTest.keyClicks(entry.field, "7")
    assert entry.review.message.text() == ""


def test_the_focus_waits_for_the_answer_and_presses_nothing(entry, station):
    write_in(entry, "70")
    entry.review.confirm.setFocus()
    entry.review.confirm.click()
    assert entry.hasFocus()
    (write,) = sent(station)
    station.result(write, "done", "The read-back is 70.0 %.")
    assert entry.field.hasFocus()
