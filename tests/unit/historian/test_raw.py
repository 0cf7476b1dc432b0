"""ReadRaw by the table of OPC UA Part 11."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import EMPTY, Batch, batch_of
from hmi.core.quality import Status
from hmi.historian.api import RawPage, StoreError
from hmi.historian.gather import Window
from hmi.historian.raw import Gather, read_raw

TIMES = [1000, 1005, 1010, 1015]


def held(times: list[int]) -> Gather:
    n = len(times)
    all_of = batch_of([1] * n, times, [0] * n, [float(t) for t in times], [0] * n) if n else EMPTY

    def gather(window: Window) -> Batch:
        inside = all_of.take((all_of.time >= window.low) & (all_of.time < window.high))
        if not window.limit:
            return inside
        rows = np.arange(len(inside))
        return inside.take(rows[: window.limit] if window.forward else rows[-window.limit :])

    return gather


def shown(page: RawPage) -> list[int | str]:
    return [
        f"{t} null" if s == Status.BAD_BOUND_NOT_FOUND and isnan(v) else t
        for t, v, s in zip(page.time.tolist(), page.value.tolist(), page.status.tolist(), strict=True)
    ]


def read(start: int | None, end: int | None, limit: int = 0, *, bounds: bool = False) -> list[int | str]:
    return shown(read_raw(held(TIMES), 1, start, end, limit, bounds=bounds))


@pytest.mark.parametrize(
    ("start", "end", "limit", "bounds", "expected"),
    [
        (1005, 1015, 0, False, [1005, 1010]),
        (1005, 1015, 0, True, [1005, 1010, 1015]),
        (1003, 1012, 0, True, [1000, 1005, 1010, 1015]),
        (1012, 1003, 0, True, [1015, 1010, 1005, 1000]),
        (1003, None, 2, True, [1000, 1005]),
        (950, 1002, 0, True, ["950 null", 1000, 1005]),
        (1012, 1003, 0, False, [1010, 1005]),
        (1015, 1005, 0, False, [1015, 1010]),
        (1015, 1005, 0, True, [1015, 1010, 1005]),
        (None, 1010, 2, False, [1010, 1005]),
        (None, 1012, 3, True, [1015, 1010, 1005]),
        (None, 1020, 2, True, ["1020 null", 1015]),
        (1010, 1010, 0, False, [1010]),
        (1010, 1010, 0, True, [1010]),
        (1007, 1007, 0, False, []),
        (1007, 1007, 0, True, [1005, 1010]),
        (1012, 1100, 0, True, [1010, 1015, "1100 null"]),
        (1016, 1100, 0, True, [1015, "1100 null"]),
        (900, 950, 0, True, ["900 null", 1000]),
        (900, 950, 0, False, []),
        (1000, None, 3, False, [1000, 1005, 1010]),
        (1100, 900, 0, True, ["1100 null", 1015, 1010, 1005, 1000, "900 null"]),
    ],
)
def test_the_table(start: int | None, end: int | None, limit: int, bounds: bool, expected: list[int | str]) -> None:
    assert read(start, end, limit, bounds=bounds) == expected


@pytest.mark.parametrize(("start", "end", "limit"), [(None, None, 5), (1, None, 0), (None, 1, 0), (1, 2, -1)])
def test_too_little_is_refused_with_a_sentence(start: int | None, end: int | None, limit: int) -> None:
    with pytest.raises(StoreError, match="history read"):
        read(start, end, limit)


def test_a_cut_page_says_where_to_go_on() -> None:
    page = read_raw(held(TIMES), 1, 1000, 1015, 2, bounds=False)
    assert (shown(page), page.more, page.next_start) == ([1000, 1005], True, 1010)
    page = read_raw(held(TIMES), 1, None, 1015, 3, bounds=False)
    assert (shown(page), page.more, page.next_start) == ([1015, 1010, 1005], True, 1000)
    page = read_raw(held(TIMES), 1, 1000, 1010, 2, bounds=False)
    assert (page.more, page.next_start) == (False, None)


@given(
    st.sets(st.integers(0, 30)),
    st.integers(0, 30) | st.none(),
    st.integers(0, 30) | st.none(),
    st.integers(1, 5),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_pages_put_together_are_the_whole(
    times: set[int], start: int | None, end: int | None, limit: int, bounds: bool
) -> None:
    if start is None and end is None:
        return
    gather = held(sorted(times))
    everything = 10**6
    whole = shown(read_raw(gather, 1, start, end, everything, bounds=bounds))
    pages: list[int | str] = []
    while True:
        page = read_raw(gather, 1, start, end, limit, bounds=bounds)
        assert len(page.time) <= limit + bounds
        pages += shown(page)
        if not page.more:
            break
        assert page.next_start is not None
        if start is None:
            end = page.next_start
        else:
            start = page.next_start
    assert pages == whole


def test_the_earliest_and_the_latest_time_can_be_asked_for() -> None:
    low, high = -(2**63), 2**63 - 1
    assert shown(read_raw(held([low, 0, high]), 1, low, high, 0, bounds=True)) == [low, 0, high]
    assert shown(read_raw(held([low, 0, high]), 1, high, low, 0, bounds=False)) == [high, 0]


def test_numbers_of_a_tag_that_became_a_string_tag_read_as_strings() -> None:
    mixed = batch_of([1, 1, 1], [1, 2, 3], [0] * 3, [2.5, float("nan"), "on"], [0, Status.BAD_NO_DATA, 0])
    page = read_raw(lambda _window: mixed, 1, 0, 9, 0, bounds=False)
    assert page.text[int(page.value[0])] == "2.5"
    assert isnan(page.value[1])
    assert page.text[int(page.value[2])] == "on"
