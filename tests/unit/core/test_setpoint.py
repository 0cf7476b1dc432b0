from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.core.setpoint import (
    ANSWER_TIMEOUT,
    TRANSITIONS,
    Entry,
    EntryEvent,
    EntryState,
    Send,
    Target,
    answer,
    cancel,
    check,
    confirm,
    edit,
    expire,
    lost,
    parse_number,
)

TARGET = Target("plant/mixer/level_sp", "float", 65.0, int(Status.GOOD), "%", 1, 20.0, 90.0)


def review(text="70", target=TARGET, reason=""):
    return check(edit(Entry(), text), target, reason)


def test_two_steps_send_exactly_one_write():
    entry = review()
    assert entry.state is EntryState.REVIEW
    assert entry.message == "plant/mixer/level_sp: 65.0 % -> 70.0 %"
    pending, send = confirm(entry, TARGET, 0)
    assert send == Send("plant/mixer/level_sp", 70.0, 65.0, "")
    assert pending.state is EntryState.PENDING
    assert confirm(pending, TARGET, 1) == (pending, None)


@pytest.mark.parametrize("state", [s for s in EntryState if s is not EntryState.REVIEW])
def test_nothing_is_sent_without_a_review(state):
    entry = Entry(state, "70", 70.0, 65.0)
    assert confirm(entry, TARGET, 0) == (entry, None)


def test_only_review_leads_to_pending():
    assert [key for key, state in TRANSITIONS.items() if state is EntryState.PENDING] == [
        (EntryState.REVIEW, EntryEvent.CONFIRM)
    ]


BAD_TEXTS = {
    "": "Enter a number.",
    "   ": "Enter a number.",
    "abc": "abc is not a plain number such as 72.5.",
    "1,234": "Write decimals with a point: 1,234 could be read in two ways.",
    "1.234,5": "Write decimals with a point: 1.234,5 could be read in two ways.",
    "nan": "nan is not a plain number such as 72.5.",
    "inf": "inf is not a plain number such as 72.5.",
    "1e309": "1e309 is not a plain number such as 72.5.",
    "9" * 400: f"{'9' * 20} is too large.",
    "1e1": "1e1 is not a plain number such as 72.5.",
    "0x10": "0x10 is not a plain number such as 72.5.",
    "1_0": "1_0 is not a plain number such as 72.5.",
    "٣": "٣ is not a plain number such as 72.5.",
    "90.04": "90.04 % is above the highest allowed 90.0 %.",
    "19.9": "19.9 % is below the lowest allowed 20.0 %.",
    "-70": "-70.0 % is below the lowest allowed 20.0 %.",
}


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_bad_entries_are_refused_with_a_sentence(text):
    entry = review(text)
    assert entry.state is EntryState.EDITING
    assert entry.message == BAD_TEXTS[text]
    assert confirm(entry, TARGET, 0)[1] is None


@pytest.mark.parametrize(
    ("text", "number"), [("70", 70.0), (" 70.5 ", 70.5), ("+70.", 70.0), (".5", 0.5), ("−3", -3.0)]
)
def test_plain_numbers_are_read(text, number):
    assert parse_number(text) == (number, "")


def test_what_is_confirmed_is_what_is_sent_to_the_last_digit():
    assert review("70.04").message.endswith("-> 70.04 %")


def test_a_bad_present_value_is_refused():
    entry = review(target=replace(TARGET, status=int(Status.BAD_SENSOR_FAILURE), current=None))
    assert entry.state is EntryState.EDITING
    assert "Bad_SensorFailure" in entry.message


def test_a_value_that_turned_bad_after_the_check_is_not_written():
    entry, send = confirm(review(), replace(TARGET, status=int(Status.BAD)), 0)
    assert send is None
    assert entry.state is EntryState.EDITING


def test_a_value_that_moved_after_the_check_is_not_written():
    entry, send = confirm(review(), replace(TARGET, current=66.0), 0)
    assert send is None
    assert entry.message == "Not sent: the value changed from 65.0 % to 66.0 % meanwhile; check again."


def test_a_lost_connection_before_confirming_sends_nothing():
    entry, send = confirm(review(), replace(TARGET, linked=False), 0)
    assert send is None
    assert "no connection" in entry.message


def test_a_lost_connection_after_sending_is_not_confirmed():
    pending, _ = confirm(review(), TARGET, 0)
    entry = lost(pending)
    assert entry.state is EntryState.NOT_CONFIRMED
    assert entry.message.startswith("NOT CONFIRMED")


def test_no_answer_in_time_is_not_confirmed():
    pending, _ = confirm(review(), TARGET, 5 * SECOND)
    assert expire(pending, 5 * SECOND + ANSWER_TIMEOUT - 1) is pending
    assert expire(pending, 5 * SECOND + ANSWER_TIMEOUT).state is EntryState.NOT_CONFIRMED


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("sent", EntryState.PENDING),
        ("done", EntryState.DONE),
        ("not confirmed", EntryState.NOT_CONFIRMED),
        ("unknown", EntryState.NOT_CONFIRMED),
        ("refused", EntryState.REFUSED),
        ("something new", EntryState.PENDING),
    ],
)
def test_answers_of_the_station(result, state):
    pending, _ = confirm(review(), TARGET, 0)
    assert answer(pending, result, "text").state is state


def test_a_mismatching_read_back_stays_in_words_until_the_person_acts():
    pending, _ = confirm(review(), TARGET, 0)
    entry = answer(pending, "not confirmed", "the read-back is 65.0 %.")
    assert entry.message == "NOT CONFIRMED: the read-back is 65.0 %."
    assert expire(entry, 10**18) is entry
    assert answer(entry, "done", "late") is entry
    assert cancel(entry) == Entry()


def test_a_pending_write_cannot_be_cancelled_or_edited_away():
    pending, _ = confirm(review(), TARGET, 0)
    assert cancel(pending) is pending
    assert edit(pending, "80") is pending


def test_editing_voids_the_check():
    assert edit(review(), "71").state is EntryState.EDITING
    assert cancel(review()) == Entry()


def test_class_three_needs_a_reason():
    target = replace(TARGET, confirm=3)
    assert review(target=target).message == "Give a reason: this setting needs one."
    assert review(target=target, reason="trial").state is EntryState.REVIEW
    _, send = confirm(review(target=target, reason="trial"), target, 0)
    assert send is not None
    assert send.reason == "trial"


def test_states_are_shown_by_name_and_others_refused():
    target = Target("p", "enum", 1.0, 0, states=((1.0, "Production"), (2.0, "Maintenance")))
    assert review("2", target).message == "p: Production -> Maintenance"
    assert review("3", target).message == "3 is not one of the states."


def test_whole_numbers_only_for_integers():
    assert review("70.5", replace(TARGET, type="int")).message == "Enter a whole number."


def test_too_large_a_step_is_refused():
    assert "larger than the allowed 2 %" in review(target=replace(TARGET, max_step=2.0)).message


def test_a_command_has_no_expected_value():
    target = Target("p/cmd_start", "bool", 0.0, 0, states=((0.0, "idle"), (1.0, "pressed")), pulse=True)
    entry = review("1", target)
    assert entry.message == "p/cmd_start: send the command"
    _, send = confirm(entry, replace(target, current=1.0), 0)
    assert send == Send("p/cmd_start", 1.0, None, "")


def test_going_to_the_safe_side_is_not_refused_for_quality():
    target = Target("p/cmd_stop", "bool", None, int(Status.BAD), pulse=True, to_safe=True)
    assert review("1", target).state is EntryState.REVIEW


def test_who_may_not_write_is_told_why():
    assert review(target=replace(TARGET, refusal="Sign in to write.")).message == "Sign in to write."


STEPS = st.lists(
    st.sampled_from(["edit", "check", "confirm", "cancel", "done", "refused", "lost", "expire"]), max_size=30
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_every_write_was_checked_and_confirmed_since_the_last_one(steps):
    entry, ready = Entry(), False
    for now, step in enumerate(steps):
        if step == "edit":
            before = entry
            entry = edit(entry, "70")
            ready = ready and entry is before
        elif step == "check":
            entry = check(entry, TARGET)
            ready = ready or entry.state is EntryState.REVIEW
        elif step == "confirm":
            entry, send = confirm(entry, TARGET, now)
            assert (send is not None) <= ready
            ready = False
        elif step == "cancel":
            entry = cancel(entry)
            ready = False
        elif step == "lost":
            entry = lost(entry)
        elif step == "expire":
            entry = expire(entry, now)
        else:
            entry = answer(entry, step, "")
