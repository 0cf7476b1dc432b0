"""Which command does something in which state: the table of the standard, pair by pair."""

import pytest

from hmi.core.packml import command_of, obeys
from hmi.softplc.packml import TRANSITIONS, Command, State


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("command", Command)
def test_it_agrees_with_the_machine(state: State, command: Command) -> None:
    assert obeys(state.name.title(), command.name.lower()) is ((state, command) in TRANSITIONS)


def test_nothing_is_played_down_that_is_not_known() -> None:
    assert obeys("", "stop")
    assert obeys("running", "stop")
    assert obeys("stopped", "jam_reset")


def test_the_command_is_in_the_path() -> None:
    assert command_of("plant/bottling/mixer/cmd_stop") == "stop"
    assert command_of("plant/bottling/mixer/state") == ""
