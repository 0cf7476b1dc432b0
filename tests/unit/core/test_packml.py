"""Which command does something in which state: the table of the standard, pair by pair."""

import pytest

from hmi.core.packml import command_of, obeys, steps_before
from hmi.softplc.packml import TRANSITIONS, Command, State, StateMachine


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("command", Command)
def test_it_agrees_with_the_machine(state: State, command: Command) -> None:
    assert obeys(state.name.title(), command.name.lower()) is ((state, command) in TRANSITIONS)


def test_nothing_is_played_down_that_is_not_known() -> None:
    assert obeys("", "stop")
    assert obeys("running", "stop")
    assert obeys("stopped", "jam_reset")


@pytest.mark.parametrize(
    ("state", "command", "steps"),
    [
        ("Stopped", "start", ("reset",)),
        ("Aborted", "start", ("clear", "reset")),
        ("Aborted", "reset", ("clear",)),
        ("Idle", "start", ()),
        ("Execute", "start", ()),
        ("Held", "start", ()),
        ("Execute", "reset", ()),
        ("Aborted", "jam_reset", ()),
        ("", "start", ()),
    ],
)
def test_what_to_command_first(state: str, command: str, steps: tuple[str, ...]) -> None:
    assert steps_before(state, command) == steps


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("command", Command)
def test_the_steps_lead_there_on_the_machine(state: State, command: Command) -> None:
    machine = StateMachine(state)
    for step in steps_before(state.name, command.name.lower()):
        assert machine.step(0.0, {Command[step.upper()]}) is not None
        machine.step(2.0, ())
    if steps_before(state.name, command.name.lower()):
        assert machine.step(0.0, {command}) is command


def test_the_command_is_in_the_path() -> None:
    assert command_of("plant/bottling/mixer/cmd_stop") == "stop"
    assert command_of("plant/bottling/mixer/state") == ""
