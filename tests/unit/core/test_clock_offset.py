"""By how much a device's clock differs: the least difference between receipt and stamp, of changes alone."""

import numpy as np
import pytest

from hmi.core.clock_offset import FEWEST, WINDOW, ClockOffset
from hmi.core.instants import SECOND

UTC = 1_800_000_000 * SECOND


def take(clock: ClockOffset, behind: float, delay: float = 0.0, tag: int = 3, utc: int = UTC) -> None:
    """One change, stamped by a clock that is so many seconds behind and received after a delay."""
    stamp = utc - round((behind + delay) * SECOND)
    clock.take(np.array([tag], np.int32), np.array([stamp], np.int64), utc)


@pytest.mark.parametrize("behind", [-3600.0, -5.0, 0.0, 2.5, 3600.0])
def test_the_least_delay_tells(behind: float) -> None:
    clock = ClockOffset()
    clock.connected(0)
    take(clock, behind)
    for delay in (3.0, 0.04, 0.7, 20.0, 1.0):
        take(clock, behind, delay)
    assert clock.measured(WINDOW - 1) is None
    assert clock.measured(WINDOW) == behind
    assert clock.measured(WINDOW) is None


def test_values_that_stood_for_days_do_not_count() -> None:
    clock = ClockOffset()
    clock.connected(0)
    for tag in range(20):
        take(clock, 3 * 86400.0, tag=tag)
    assert clock.measured(WINDOW) is None
    clock.connected(WINDOW)
    for tag in range(20):
        take(clock, 3 * 86400.0, tag=tag)
    assert clock.measured(2 * WINDOW) is None


def test_few_samples_prove_nothing() -> None:
    clock = ClockOffset()
    take(clock, 0)
    for _ in range(FEWEST - 1):
        take(clock, 9.0)
    assert clock.measured(WINDOW) is None
    for _ in range(FEWEST):
        take(clock, 9.0)
    assert clock.measured(2 * WINDOW) == 9.0


def test_each_window_is_measured_by_itself() -> None:
    clock = ClockOffset()
    for behind, end in ((5.0, WINDOW), (0.0, 2 * WINDOW)):
        for _ in range(FEWEST + 1):
            take(clock, behind)
        assert clock.measured(end) == behind


def test_no_samples_are_no_harm() -> None:
    clock = ClockOffset()
    clock.take(np.empty(0, np.int32), np.empty(0, np.int64), UTC)
    assert clock.measured(WINDOW) is None
