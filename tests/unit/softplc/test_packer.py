"""Bottles through belts and machines: none appears, none vanishes."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.softplc.packml import State
from hmi.softplc.plant.conveyor import CAPACITY, Conveyor
from hmi.softplc.plant.machine import Reason
from hmi.softplc.plant.packer import Packer

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["run", "jam", "free", "disable", "enable", "stop", "reset", "start", "feed"]),
        st.integers(1, 60),
    ),
    max_size=12,
)


def rig(**values: float) -> tuple[Conveyor, Packer, Conveyor]:
    return Conveyor(random.Random(1)), Packer(rng=random.Random(2), **values), Conveyor(random.Random(3))


def step(first: Conveyor, machine: Packer, second: Conveyor, scans: int = 1) -> None:
    for _ in range(scans):
        first.step(0.1)
        second.step(0.1)
        machine.handle(0.1, first, second, Reason.JAM if second.jam else Reason.NONE)


@given(EVENTS)
@settings(max_examples=40, deadline=None)
def test_bottles_are_conserved_whatever_happens(events: list[tuple[str, int]]) -> None:
    first, machine, second = rig(reject_share=0.05)
    fed = 0
    start = first.bottles + second.bottles
    for event, scans in events:
        match event:
            case "jam":
                second.jam = True
            case "free":
                second.cmd_jam_reset = True
            case "disable" | "enable":
                first.enable = event == "enable"
            case "stop" | "reset" | "start":
                setattr(machine, f"cmd_{event}", True)
            case "feed":
                fed += first.put(scans * 3)
        step(first, machine, second, scans)
        assert first.bottles + second.bottles + machine.reject_count == start + fed
        assert machine.total_count == machine.good_count + machine.reject_count == first.passed
        assert 0 <= first.bottles <= CAPACITY
        assert 0 <= second.bottles <= CAPACITY


def test_the_machine_suspends_when_blocked_and_goes_on_when_there_is_room() -> None:
    first, machine, second = rig()
    first.bottles = CAPACITY
    second.bottles = CAPACITY - 5
    step(first, machine, second, 30)
    assert (machine.state, machine.reason) == (State.SUSPENDED, Reason.BLOCKED)
    second.bottles = 100
    step(first, machine, second, 30)
    assert machine.state == State.EXECUTE


def test_the_machine_suspends_when_starved() -> None:
    first, machine, second = rig()
    first.bottles = 5
    step(first, machine, second, 30)
    assert (machine.state, machine.reason) == (State.SUSPENDED, Reason.STARVED)


def test_the_speed_setpoint_bounds_the_speed() -> None:
    first, machine, second = rig(speed_sp=12_000.0)
    first.bottles = CAPACITY
    step(first, machine, second, 100)
    assert machine.speed == 12_000.0


def test_a_jammed_belt_stands_and_draws_much_current() -> None:
    belt = Conveyor(random.Random(1))
    belt.jam = True
    for _ in range(50):
        belt.step(0.1)
    assert (belt.running, belt.speed, belt.room) == (False, 0.0, 0)
    assert belt.motor_current > 8.0
    belt.cmd_jam_reset = True
    belt.step(0.1)
    assert belt.running
    assert not belt.cmd_jam_reset


def test_a_slow_belt_brings_fewer_bottles() -> None:
    belt = Conveyor(random.Random(1), speed=6.0, speed_sp=6.0, bottles=400)
    for _ in range(600):
        belt.step(0.1)
        belt.take(1_000)
    assert 90 <= belt.passed <= 110
