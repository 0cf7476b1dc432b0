"""A time is the same nanosecond whatever form it was given in."""

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.errors import LinesideError
from hmi.historian.times import EARLIEST, LATEST, SpanLike, TimeLike, iso, ns_of, ns_of_iso, ns_of_span

HOUR = 3600 * 10**9
PLUS_ONE = datetime.timezone(datetime.timedelta(hours=1))


class Nanoseconds(datetime.datetime):
    """As a pandas.Timestamp: a datetime that knows more."""

    nanosecond = 789


@pytest.mark.parametrize(
    ("given_", "ns"),
    [
        (12, 12),
        ("12", 12),
        (" -5 ", -5),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01", 0),
        ("1970-01-01T01:00:00.000000001+01:00", 1),
        ("1969-12-31T23:59:59.5", -500_000_000),
        ("1970-01-01 00:00:01,25Z", 1_250_000_000),
        ("1970-01-01T00:00:00.1234567890Z", 123_456_789),
        (datetime.datetime(1970, 1, 1, 1, 0, 0, 7, PLUS_ONE), 7000),
        (Nanoseconds(1970, 1, 1, 1, 0, 0, 7, PLUS_ONE), 7789),
        (np.datetime64("1970-01-01T01"), HOUR),
        (np.datetime64("1969-12-31T23:59:59.5"), -500_000_000),
        (np.datetime64(123_456_789, "ns"), 123_456_789),
        (np.int64(5), 5),
    ],
)
def test_every_form_means_its_time(given_: TimeLike, ns: int) -> None:
    assert ns_of(given_) == ns


@pytest.mark.parametrize(
    "given_",
    [
        "noon",
        "",
        "2026-02-30T00:00:00Z",
        "2026-01-31T24:00:00Z",
        "9999-01-01T00:00:00Z",
        "1970-01-01T00:00:00.0000000001Z",
        "1970-01-01T00:00:00+01:00:00.5",
        LATEST + 1,
        str(EARLIEST - 1),
        datetime.datetime(2026, 1, 1),  # noqa: DTZ001 - what must be refused
        np.datetime64("NaT"),
        np.datetime64("9999-01-01"),
    ],
)
def test_what_is_no_time_is_told_in_a_sentence(given_: TimeLike) -> None:
    with pytest.raises(LinesideError, match=r"\. (Write|Give) "):
        ns_of(given_)


@given(st.integers(EARLIEST, LATEST))
def test_iso_reads_back(ns: int) -> None:
    assert ns_of_iso(iso(ns)) == (ns, True)


@pytest.mark.parametrize(
    ("length", "ns"),
    [
        (5, 5),
        ("0", 0),
        ("7us", 7000),
        ("1.5h", 5400 * 10**9),
        (" 1d ", 24 * HOUR),
        (datetime.timedelta(days=1, microseconds=3), 24 * HOUR + 3000),
        (np.timedelta64(2, "m"), 120 * 10**9),
    ],
)
def test_every_form_of_a_span(length: SpanLike, ns: int) -> None:
    assert ns_of_span(length) == ns


@pytest.mark.parametrize("length", ["soon", "5", "0.1ns", "", "1 h 5", -1, datetime.timedelta(-1)])
def test_what_is_no_span(length: SpanLike) -> None:
    with pytest.raises(LinesideError, match=r"\. Write 500ms"):
        ns_of_span(length)


def test_a_text_without_offset_says_so() -> None:
    assert ns_of_iso("1970-01-01T00:00:01") == (10**9, False)
