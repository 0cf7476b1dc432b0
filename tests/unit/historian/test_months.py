"""Months are cut where a calendar cuts them, also before 1970 and at the ends of the clock."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.historian import months

MIN, MAX = -(1 << 63), (1 << 63) - 1


@given(st.integers(-8_520_000_000, 8_830_000_000))
def test_a_month_is_that_of_the_calendar(second: int) -> None:
    when, time = datetime.fromtimestamp(second, UTC), second * 10**9
    month = months.month_of(time)
    assert months.name_of(month) == f"{when:%Y-%m}"
    start, end = months.span_of(month)
    assert start <= time < end
    assert months.month_of(start) == month == months.month_of(end - 1)
    assert months.month_of(end) == month + 1
    assert months.parse(months.name_of(month)) == month


def test_every_time_has_a_month() -> None:
    times = np.array([MIN, MIN + 1, -1, 0, MAX])
    assert months.months_of(times).tolist() == [months.FIRST, months.FIRST, -1, 0, months.LAST]
    assert months.span_of(months.FIRST)[0] == MIN
    assert months.span_of(months.LAST)[1] == MAX + 1


def test_the_month_of_a_known_day() -> None:
    stamp = int(datetime(2026, 11, 25, tzinfo=UTC).timestamp()) * 10**9
    assert months.name_of(months.month_of(stamp)) == "2026-11"


@pytest.mark.parametrize("name", ["", "2026", "2026-1", "2026-13", "2026-00", "x026-11", "2026-11-01", "journal"])
def test_other_names_are_no_months(name: str) -> None:
    assert months.parse(name) is None
