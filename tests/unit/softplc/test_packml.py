"""The transition table against the standard's text, written out independently of the code's construction."""

import itertools

import pytest

from hmi.softplc.packml import COMPLETIONS, PRIORITY, TRANSITIONS, Command, State, StateMachine

ALLOWED = {
    "Reset": {2: 15, 17: 15},
    "Start": {4: 3},
    "Stop": dict.fromkeys([3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 16, 17], 7),
    "Hold": dict.fromkeys([6, 3, 13, 5, 14, 12], 10),
    "Unhold": {11: 12},
    "Suspend": {6: 13},
    "Unsuspend": {5: 14},
    "Abort": dict.fromkeys([1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17], 8),
    "Clear": {9: 1},
    "Complete": {6: 16},
}
DONE = {15: 4, 3: 6, 10: 11, 12: 6, 13: 5, 14: 6, 16: 17, 7: 2, 8: 9, 1: 2}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("command", Command)
def test_every_state_obeys_exactly_the_allowed_commands(state: State, command: Command) -> None:
    machine = StateMachine(state)
    target = ALLOWED[command.name.capitalize()].get(int(state))

    obeyed = machine.step(0.0, {command})

    assert machine.state == (target or state)
    assert obeyed == (command if target else None)


def test_there_are_17_states_and_10_commands_and_no_other_pair() -> None:
    assert len(State) == 17
    assert len(Command) == 10
    assert len(TRANSITIONS) == sum(map(len, ALLOWED.values()))


@pytest.mark.parametrize("state", State)
def test_acting_states_complete_by_themselves_and_waiting_states_stay(state: State) -> None:
    machine = StateMachine(state, acting=1.0)

    machine.step(0.9, ())
    assert machine.state is state

    machine.step(0.2, ())
    assert machine.state == DONE.get(int(state), int(state))


@pytest.mark.parametrize("state", State)
def test_the_safer_of_two_commands_wins(state: State) -> None:
    rank = {Command.ABORT: 0, Command.STOP: 1, Command.HOLD: 2, Command.SUSPEND: 2}
    for first, second in itertools.combinations(Command, 2):
        allowed = [c for c in (first, second) if (state, c) in TRANSITIONS]
        obeyed = StateMachine(state).step(0.0, {first, second})
        best = min((rank.get(c, 3) for c in allowed), default=None)
        assert (obeyed is None) == (not allowed)
        assert obeyed is None or rank.get(obeyed, 3) == best


def test_abort_is_first_and_priority_names_every_command_once() -> None:
    assert PRIORITY[:2] == (Command.ABORT, Command.STOP)
    assert sorted(PRIORITY) == sorted(Command)


def test_every_state_can_reach_execute() -> None:
    edges = {(a, b) for (a, _), b in TRANSITIONS.items()} | set(COMPLETIONS.items())
    reached = {State.EXECUTE}
    while more := {a for a, b in edges if b in reached} - reached:
        reached |= more
    assert reached == set(State)
