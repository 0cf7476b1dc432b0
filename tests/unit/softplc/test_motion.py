"""Laws of motion and the controller."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.softplc.plant.motion import Wander, clamp, lag, ramp
from hmi.softplc.plant.pid import Pid

NUMBER = st.floats(-1e3, 1e3)


@given(NUMBER, NUMBER, st.floats(0.01, 100), st.floats(0.1, 100))
@settings(max_examples=50, deadline=None)
def test_a_lag_approaches_without_overshoot_whatever_the_step(
    value: float, target: float, dt: float, tau: float
) -> None:
    after = lag(value, target, dt, tau)
    assert min(value, target) - 1e-9 <= after <= max(value, target) + 1e-9
    halves = lag(lag(value, target, dt / 2, tau), target, dt / 2, tau)
    assert halves == pytest.approx(after, abs=1e-6)


@given(NUMBER, NUMBER, st.floats(0.01, 10), st.floats(0.01, 100))
@settings(max_examples=50, deadline=None)
def test_a_ramp_moves_no_faster_than_its_rate(value: float, target: float, dt: float, rate: float) -> None:
    after = ramp(value, target, dt, rate)
    assert abs(after - value) <= rate * dt + 1e-9
    assert min(value, target) - 1e-9 <= after <= max(value, target) + 1e-9


def test_clamp() -> None:
    assert [clamp(x, 0, 10) for x in (-1, 5, 11)] == [0, 5, 10]


def test_wander_is_bounded_and_repeatable() -> None:
    first, second = (Wander(random.Random(3), 0.5, 2.0) for _ in range(2))
    values = [first.step(0.1) for _ in range(2000)]
    assert values == [second.step(0.1) for _ in range(2000)]
    assert max(map(abs, values)) <= 1.5
    assert len(set(values)) > 1000


def test_the_controller_settles_without_offset_and_leaves_the_limit_soon() -> None:
    pid = Pid(gain=2.0, reset=10.0, rate=0.0)
    pid.track(0.0, 0.0)
    value, highest = 0.0, 0.0
    for _ in range(3000):
        value = lag(value, pid.step(0.1, 50.0, value), 0.1, 5.0)
        highest = max(highest, value)
    assert value == pytest.approx(50.0, abs=0.05)
    assert highest < 60.0


def test_the_change_from_manual_to_automatic_is_bumpless() -> None:
    pid = Pid(gain=2.0, reset=30.0, rate=2.0)
    pid.track(37.0, 70.0)
    assert pid.step(0.1, 70.0, 70.0) == pytest.approx(37.0)
