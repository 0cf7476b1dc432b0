"""A column of times as text and back, a page at once: a million rows a second and more, where one by one is a tenth.

The date of a row costs nothing: a page has few different days. The clock and the digits of the second come from tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Int64, UInt32
from hmi.core.instants import SECOND
from hmi.historian.times import EARLIEST, LATEST, ns_of_iso

Bools = NDArray[np.bool_]

_DAY_S: Final = 86_400
_DAY: Final = _DAY_S * SECOND
_EPOCH: Final = date(1970, 1, 1).toordinal()
_WIDTH: Final = len("2026-01-31T08:00:00.123456789Z")
_MARKS: Final = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: ".", 29: "Z"}
_DIGITS: Final = tuple(at for at in range(_WIDTH) if at not in _MARKS)
_SURE_YEARS: Final = (1678, 2261)
"""Whole years that fit 64 bits of nanoseconds; the ends are left to the slow path, which counts without bounds."""


class IsoTimes:
    """Writes pages of times as `2026-01-31T08:00:00.123456789Z`."""

    def __init__(self) -> None:
        self._clock = np.array(
            [f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}." for s in range(_DAY_S)], dtype="S10"
        )
        self._three = np.array([f"{i:03d}" for i in range(1000)], dtype="S3")

    def write(self, time: Int64, before: bytes = b"", after: bytes = b"") -> list[bytes]:
        """A text for each time (ns UTC), with the same bytes before and after each."""
        day, rest = _split(time, _DAY)
        second, rest = _split(rest, SECOND)
        milli, rest = _split(rest, 1_000_000)
        micro, nano = _split(rest, 1000)
        dates = _dates(day, before)
        end = np.array(b"Z" + after)
        parts = (dates, self._clock[second], self._three[milli], self._three[micro], self._three[nano], end)
        cells: NDArray[Any] = np.empty(len(time), [(f"f{i}", part.dtype) for i, part in enumerate(parts)])
        for i, part in enumerate(parts):
            cells[f"f{i}"] = part
        written: list[bytes] = cells.view(f"S{cells.dtype.itemsize}").tolist()
        return written


def _split(number: Int64, unit: int) -> tuple[Int64, Int64]:
    whole = number // unit  # numpy has a fast division by a constant, but no fast divmod
    return whole, number - whole * unit


def _dates(day: Int64, before: bytes) -> NDArray[np.bytes_]:
    """The text of each day; days that follow each other are mostly the same."""
    starts = np.flatnonzero(np.diff(day, prepend=day[:1] - 1))
    names = [before + str(np.datetime64(int(d), "D")).encode() for d in day[starts]]
    return np.repeat(np.array(names, np.bytes_), np.diff(starts, append=len(day)))


def read_times(cells: Sequence[str]) -> tuple[Int64, dict[int, str]]:
    """The times (ns UTC) of a column of ISO 8601 texts with offset or of nanoseconds, and what is wrong with which row
    (its time is 0)."""
    with suppress(ValueError, OverflowError):
        return np.array(list(map(int, cells)), np.int64), {}
    time, known = _canonical(cells)
    wrong: dict[int, str] = {}
    for row in np.flatnonzero(~known).tolist():
        try:
            time[row] = _one(cells[row])
        except ValueError as error:
            wrong[row] = str(error)
    return time, wrong


def _canonical(cells: Sequence[str]) -> tuple[Int64, Bools]:
    """The times of those cells that are exactly as `IsoTimes` writes them, and which these are."""
    letters = np.array(cells, dtype=f"U{_WIDTH}").view(np.uint32).reshape(len(cells), _WIDTH).T.copy()
    known: Bools = np.fromiter(map(len, cells), np.int64, len(cells)) == _WIDTH
    for at, mark in _MARKS.items():
        known &= letters[at] == ord(mark)
    letters -= ord("0")  # what comes before 0 wraps around and is no digit either
    for at in _DIGITS:
        known &= letters[at] <= 9
    year, month, day, hour, minute, second, nano = (
        _number(letters, *span) for span in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19), (20, 29))
    )
    known &= (year >= _SURE_YEARS[0]) & (year <= _SURE_YEARS[1]) & (hour < 24) & (minute < 60) & (second < 60)
    days = _days(np.where(known, (year * 100 + month) * 100 + day, 0), known)
    time = ((days * 24 + hour) * 60 + minute) * 60 + second
    return np.where(known, time, 0) * SECOND + np.where(known, nano, 0), known


def _number(digits: UInt32, start: int, end: int) -> Int64:
    number = np.zeros(digits.shape[1], np.int64)
    for column in digits[start:end]:
        number *= 10
        number += column
    return number


def _days(dates: Int64, known: Bools) -> Int64:
    """Days since 1970 of dates written as the number 20260131; those that are no date leave `known`."""
    different, at = np.unique(dates, return_inverse=True)
    days = np.zeros(len(different), np.int64)
    valid = np.zeros(len(different), np.bool_)
    for row, number in enumerate(different.tolist()):
        with suppress(ValueError):
            days[row] = date(number // 10_000, number // 100 % 100, number % 100).toordinal() - _EPOCH
            valid[row] = True
    known &= valid[at]
    return days[at]


def _one(cell: str) -> int:
    try:
        ns, has_offset = int(cell), True
    except ValueError:
        try:
            ns, has_offset = ns_of_iso(cell)
        except ValueError:
            ns, has_offset = LATEST + 1, True
    if not EARLIEST <= ns <= LATEST:
        raise ValueError(f"{cell!r} is no time: write 2026-01-31T08:00:00Z, or nanoseconds since 1970")
    if not has_offset:
        # A plant's clock is seldom UTC: a guess would put a shift's samples hours off.
        raise ValueError(f"{cell!r} does not say its offset: add Z for UTC, or e.g. +01:00")
    return ns
