"""The write path's checks, one at a time: each row spoils exactly one thing of a command that would be sent."""

from dataclasses import replace

import msgspec
import pytest

from hmi.core import command as module
from hmi.core.command import AHEAD, CHECKS, FRESH_FOR, PER_SECOND, Circumstances, Command, refuse
from hmi.core.quality import Status
from hmi.core.rights import Role
from hmi.core.tag import ConnectionSource, Tag, TagType, Write

TAG = Tag(
    uid="u",
    path="line/heater/temperature_sp",
    type=TagType.FLOAT,
    source=ConnectionSource("plc", "a"),
    unit="degC",
    range=(0.0, 100.0),
    deadband=0.5,
    write=Write(low=20.0, high=80.0, max_step=10.0),
)
GOOD = Command("id", TAG, 75.0, 72.0, 1000, "", "ann", Role.OPERATOR)
NOW = Circumstances(
    utc=1000,
    writes_enabled=True,
    device_writes_enabled=True,
    device_up=True,
    current=72.0,
    current_status=0,
    interlock=True,
    recent=0,
    known=False,
)


def tag(**changes: object) -> Tag:
    return msgspec.structs.replace(TAG, **changes)


def rewritten(old: Tag, **changes: object) -> Tag:
    assert old.write is not None
    return msgspec.structs.replace(old, write=msgspec.structs.replace(old.write, **changes))


def write(**changes: object) -> Tag:
    return rewritten(TAG, **changes)


WHOLE = tag(type=TagType.INT, range=None, write=Write())

SPOILED = [
    ("_signed_in", replace(GOOD, user="", role=Role.ADMIN), NOW, "sign in"),
    ("_role_permits", replace(GOOD, role=Role.VIEWER), NOW, "may not write"),
    ("_role_permits", replace(GOOD, tag=write(role="engineer")), NOW, "needs the role engineer"),
    ("_allow_listed", replace(GOOD, tag=tag(write=None)), NOW, "read-only"),
    ("_enabled", GOOD, replace(NOW, writes_enabled=False), "whole station"),
    ("_enabled", GOOD, replace(NOW, device_writes_enabled=False), "device"),
    ("_single_use", GOOD, replace(NOW, known=True), "already carried out"),
    ("_type_and_range", replace(GOOD, value="75"), NOW, "takes a number"),
    ("_type_and_range", replace(GOOD, value=float("nan")), NOW, "no number"),
    ("_type_and_range", replace(GOOD, value=float("inf")), NOW, "no number"),
    ("_type_and_range", replace(GOOD, value=80.1), NOW, "above"),
    ("_type_and_range", replace(GOOD, value=19.9), NOW, "below"),
    ("_type_and_range", replace(GOOD, tag=WHOLE, value=2.0**53 + 2), NOW, "exactly"),
    ("_target_quality", GOOD, replace(NOW, device_up=False), "not connected"),
    (
        "_target_quality",
        GOOD,
        replace(NOW, stopped="The program is stopped."),
        "The program is stopped. Nothing was sent",
    ),
    ("_target_quality", GOOD, replace(NOW, current_status=Status.BAD_SENSOR_FAILURE), "Bad_SensorFailure"),
    ("_step", replace(GOOD, expected=61.0), replace(NOW, current=61.0), "larger than"),
    ("_interlock", GOOD, replace(NOW, interlock=False), "blocks."),
    ("_interlock", GOOD, replace(NOW, interlock=False, blocking="The door is open."), "blocks: The door is open."),
    ("_interlock", GOOD, replace(NOW, interlock=None), "cannot be evaluated"),
    ("_reason_given", replace(GOOD, tag=write(confirm=3), reason=" "), NOW, "reason"),
    ("_fresh", replace(GOOD, asked_at=1000 - FRESH_FOR - 1), NOW, "too old"),
    ("_fresh", replace(GOOD, asked_at=1000 + AHEAD + 1), NOW, "too old"),
    ("_still_as_seen", replace(GOOD, expected=71.0), NOW, "has changed"),
    ("_still_as_seen", replace(GOOD, expected=None), NOW, "missing"),
    ("_rate", GOOD, replace(NOW, recent=PER_SECOND), "within a second"),
]


def test_the_unspoiled_command_is_sent() -> None:
    assert refuse(GOOD, NOW) is None


@pytest.mark.parametrize(("check", "command", "at", "words"), SPOILED)
def test_each_spoiled_command_is_refused(check: str, command: Command, at: Circumstances, words: str) -> None:
    sentence = refuse(command, at)
    assert sentence is not None
    assert words in sentence


@pytest.mark.parametrize("removed", [check.__name__ for check, _ in CHECKS])
def test_removing_a_check_lets_a_spoiled_command_through(removed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutation: no check is there for show."""
    left = tuple(row for row in CHECKS if row[0].__name__ != removed)
    monkeypatch.setattr(module, "CHECKS", left)
    through = [refuse(command, at) is None for check, command, at, _ in SPOILED if check == removed]
    assert any(through)


def test_the_value_seen_may_differ_by_the_deadband() -> None:
    assert refuse(replace(GOOD, expected=72.5), NOW) is None
    assert refuse(replace(GOOD, expected=72.51), NOW) is not None


def test_a_value_that_was_never_entered_is_shown_as_none() -> None:
    assert refuse(replace(GOOD, expected=None), replace(NOW, current=None)) is None
    assert refuse(GOOD, replace(NOW, current=None)) is not None


def test_limits_themselves_are_allowed() -> None:
    assert refuse(replace(GOOD, value=80.0), replace(NOW, current=72.0)) is None


def test_a_stop_is_not_kept_from_the_plant() -> None:
    bit = tag(type=TagType.BOOL, range=None)
    stop = replace(
        GOOD,
        tag=rewritten(bit, to_safe=True, pulse=True, confirm=3, low=None, high=None),
        value=1.0,
        expected=None,
    )
    worst = replace(
        NOW, device_up=False, stopped="It is.", current_status=Status.BAD, interlock=None, recent=99, current=0.0
    )
    assert refuse(stop, worst) is None


@pytest.mark.parametrize("check", ["_signed_in", "_role_permits", "_allow_listed", "_enabled", "_single_use", "_fresh"])
def test_a_stop_still_needs_its_right(check: str) -> None:
    for name, command, at, _ in SPOILED:
        if name == check and command.tag.write is not None:
            stop = replace(
                command,
                tag=msgspec.structs.replace(
                    command.tag, write=msgspec.structs.replace(command.tag.write, to_safe=True)
                ),
            )
            assert refuse(stop, at) is not None


@pytest.mark.parametrize(
    ("type_", "states", "value", "words"),
    [
        (TagType.INT, {}, 1.5, "whole"),
        (TagType.BOOL, {}, 2.0, "0 or 1"),
        (TagType.ENUM, {"1": "Cola"}, 2.0, "no state"),
        (TagType.STRING, {}, 1.0, "takes a text"),
    ],
)
def test_types(type_: TagType, states: dict[str, str], value: float, words: str) -> None:
    wrong = replace(
        GOOD, tag=Tag(uid="u", path="p", type=type_, source=TAG.source, states=states, write=Write()), value=value
    )
    assert words in str(refuse(wrong, NOW))
