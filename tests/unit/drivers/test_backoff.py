"""Waits double, stay between their bounds and never overflow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.backoff import Backoff


def test_waits_double_up_to_the_cap():
    backoff = Backoff(first=0.5, factor=2, cap=10, spread=0)
    assert [backoff.delay(n, 0.3) for n in range(1, 8)] == [0.5, 1, 2, 4, 8, 10, 10]


def test_spread_is_both_ways():
    backoff = Backoff(first=1, spread=0.25)
    assert backoff.delay(1, 0.0) == pytest.approx(0.75)
    assert backoff.delay(1, 0.5) == pytest.approx(1.0)


@given(failures=st.integers(-3, 10**9), random=st.floats(0, 1, exclude_max=True))
def test_never_longer_than_cap_and_spread(failures, random):
    backoff = Backoff()
    delay = backoff.delay(failures, random)
    assert 0 <= delay <= backoff.cap * (1 + backoff.spread)
    assert (delay == 0) == (failures < 1)
