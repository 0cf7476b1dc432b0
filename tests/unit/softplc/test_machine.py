"""Interlocks, buttons, modes and automatic hold of one machine."""

import pytest

from hmi.softplc.packml import State
from hmi.softplc.plant.machine import BUTTONS, Machine, Mode, Reason


def run(machine: Machine, seconds: float, **why: Reason) -> None:
    for _ in range(round(seconds * 10)):
        machine.control(0.1, **why)


def test_an_open_door_aborts_and_keeps_the_machine_aborted() -> None:
    machine = Machine()
    machine.door_open = True
    run(machine, 2)
    assert (machine.state, machine.reason) == (State.ABORTED, Reason.DOOR)

    machine.cmd_clear = True
    run(machine, 2)
    assert machine.state == State.ABORTED

    machine.door_open = False
    machine.cmd_clear = True
    run(machine, 2)
    assert machine.state == State.STOPPED


def test_an_operator_stops_resets_and_starts_it_again() -> None:
    machine = Machine()
    seen = []
    for button in ("cmd_stop", "cmd_reset", "cmd_start"):
        setattr(machine, button, True)
        run(machine, 2)
        seen.append(machine.state)
    assert seen == [State.STOPPED, State.IDLE, State.EXECUTE]
    assert machine.running
    assert machine.reason == Reason.NONE


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_is_taken_back_after_one_scan_obeyed_or_not(button: str) -> None:
    machine = Machine()
    setattr(machine, button, True)
    machine.control(0.1)
    assert getattr(machine, button) is False


def test_a_fault_holds_until_it_is_gone_then_the_machine_goes_on() -> None:
    machine = Machine()
    run(machine, 2, hold=Reason.JAM)
    assert (machine.state, machine.reason) == (State.HELD, Reason.JAM)
    run(machine, 2)
    assert machine.state == State.EXECUTE


def test_what_an_operator_held_only_an_operator_unholds() -> None:
    machine = Machine()
    machine.cmd_hold = True
    run(machine, 5)
    assert (machine.state, machine.reason) == (State.HELD, Reason.OPERATOR)
    machine.cmd_unhold = True
    run(machine, 2)
    assert machine.state == State.EXECUTE


def test_starved_and_blocked_suspend() -> None:
    machine = Machine()
    run(machine, 2, suspend=Reason.STARVED)
    assert (machine.state, machine.reason) == (State.SUSPENDED, Reason.STARVED)
    run(machine, 2)
    assert machine.state == State.EXECUTE


def test_the_mode_changes_only_while_the_machine_waits() -> None:
    machine = Machine()
    machine.mode = Mode.MAINTENANCE
    machine.control(0.1)
    assert machine.mode == Mode.PRODUCTION

    machine.cmd_stop = True
    run(machine, 2)
    machine.mode = Mode.MAINTENANCE
    machine.control(0.1)
    assert machine.mode == Mode.MAINTENANCE
