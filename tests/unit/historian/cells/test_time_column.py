"""A column of times is written and read as its times one by one are."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hmi.historian.cells.time_column import IsoTimes, read_times
from hmi.historian.times import EARLIEST, LATEST, iso

ISO = IsoTimes()
NS = st.integers(EARLIEST, LATEST)
DAY = 86_400 * 10**9


@given(st.lists(NS, max_size=20))
@example([])
@example([EARLIEST, -1, 0, 1, LATEST, DAY - 1, -DAY])
def test_a_column_is_written_as_each_time(times: list[int]) -> None:
    written = ISO.write(np.array(times, np.int64), b"tag,")
    assert written == [b"tag," + iso(time).encode() for time in times]


@given(st.lists(NS, max_size=20), st.booleans())
def test_what_was_written_reads_back(times: list[int], as_ns: bool) -> None:
    cells = [str(time) for time in times] if as_ns else [iso(time) for time in times]
    read, wrong = read_times(cells)
    assert (read.tolist(), wrong) == (times, {})


def test_forms_may_be_mixed() -> None:
    cells = ["5", "1970-01-01T00:00:01Z", iso(7), "1970-01-01T01:00:00+01:00", "1970-01-01 00:00:00.5z"]
    read, wrong = read_times(cells)
    assert (read.tolist(), wrong) == ([5, 10**9, 7, 0, 500_000_000], {})


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", "is no time"),
        ("noon", "is no time"),
        ("1.5", "is no time"),
        ("2026-01-31T08:00:00", "add Z for UTC"),
        ("2026-01-31", "add Z for UTC"),
        ("2026-02-30T00:00:00.000000000Z", "is no time"),
        ("2026-00-10T00:00:00.000000000Z", "is no time"),
        ("2026-01-31T25:00:00.000000000Z", "is no time"),
        ("2026-01-31T08:60:00.000000000Z", "is no time"),
        ("2026-01-31T08:00:00.00000000/Z", "is no time"),
        ("2026-01-31T08:00:00.00000000٣Z", "is no time"),
        ("1600-01-31T08:00:00.000000000Z", "is no time"),
        (str(LATEST + 1), "is no time"),
        ("2026-01-31T08:00:00.000000000Z and more", "is no time"),
    ],
)
def test_a_wrong_cell_is_told_and_the_others_are_read(cell: str, words: str) -> None:
    read, wrong = read_times([iso(3), cell, iso(4)])
    assert list(wrong) == [1]
    assert words in wrong[1]
    assert repr(cell) in wrong[1]
    assert read.tolist() == [3, 0, 4]
