"""Columns: what a plot of so many pixels shows of a span, always at the same places of the UTC grid.

Their width depends on the length of the span alone, their edges on nothing: a plot that scrolls shows the columns it
showed before. Below a minute a width divides the hour, from there on it is whole minutes, from an hour on whole
hours; so columns can be made of stored minutes and hours as well as of samples, and come out the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.historian.rollup.cells import ENDS_IN_GAP, GAP, HOUR, MIN_FIRST, MINUTE, STARTS_IN_GAP, Cells

Bools = NDArray[np.bool_]
_T = TypeVar("_T", bound=np.generic)

EARLIEST: Final = -(1 << 61)
"""A plot shows nothing before it: 1896."""
LATEST: Final = 1 << 62
"""Nor after it: 2116."""

# An hour is 2^13 * 3^2 * 5^11 ns.
_DIVISORS: Final = tuple(sorted((1 << a) * b * int(5**c) for a in range(14) for b in (1, 3, 9) for c in range(12)))


class Sample(NamedTuple):
    """One stored sample."""

    time: int
    """ns UTC."""
    value: float
    status: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns of a request."""

    start: int
    """ns UTC at which the first column begins."""
    width: int
    """ns."""
    columns: int

    @property
    def end(self) -> int:
        """ns UTC at which the last column ends."""
        return self.start + self.width * self.columns


@dataclass(frozen=True, slots=True)
class TrendColumns:
    """First, minimum, maximum and last of every column, where it has gaps, and what lies beside the window."""

    grid: Grid
    first: Float64
    """Of the drawable samples (neither Bad nor without a finite number), like the next three; NaN = there are none."""
    min: Float64
    max: Float64
    last: Float64
    count: Int64
    """All samples, drawable or not."""
    worst: UInt32
    """StatusCode of the worst sample; the first one of equal severity. 0 where there are no samples."""
    shown: UInt32
    """The same of the drawable samples alone."""
    min_first: Bools
    """The minimum comes before the maximum, or both are one sample."""
    has_gap: Bools
    """At least one sample must not be drawn."""
    starts_in_gap: Bools
    """The first sample must not."""
    ends_in_gap: Bools
    """The last sample must not."""
    before: Sample | None
    """The last sample before the first column."""
    after: Sample | None
    """The first one after the last column."""
    newest: int | None
    """ns UTC of the last sample before the end of the columns; None = there is none."""

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True)
class TrendSamples:
    """The samples themselves, where columns would take no fewer points; columns of equal length."""

    time: Int64
    """ns UTC, ascending; with the last sample before the window and the first one after it."""
    value: Float64
    status: UInt32

    def __len__(self) -> int:
        return len(self.time)


Trend = TrendColumns | TrendSamples


def grid_of(start: int, end: int, columns: int) -> Grid:
    """At most `columns` whole columns, and one where the window cuts both ends, that cover [start, end) ns UTC.

    Raises:
        ValueError: `end` is not after `start`, or there are no columns.
    """
    if end <= start or columns < 1:
        raise ValueError("a trend needs a span and columns")
    start = min(max(start, EARLIEST), LATEST - 1)
    end = max(min(end, LATEST), start + 1)
    width = _width(-(-(end - start) // columns))
    first, beyond = start // width, -(-end // width)
    return Grid(first * width, width, beyond - first)


def _width(least: int) -> int:
    """The next width that is one of the grid's."""
    if least <= MINUTE:
        return _DIVISORS[bisect_left(_DIVISORS, least)]
    unit = MINUTE if least <= HOUR - MINUTE else HOUR
    return -(-least // unit) * unit


def columns_of(
    cells: Cells, grid: Grid, before: Sample | None, after: Sample | None, newest: int | None
) -> TrendColumns:
    """The columns of a grid whose cells (of its width, inside it) are known."""
    at = cells.index - grid.start // grid.width
    marks = _spread(cells.marks, at, np.zeros(grid.columns, np.uint8))
    nothing = np.full(grid.columns, np.nan)
    good = np.zeros(grid.columns, np.uint32)
    return TrendColumns(
        grid,
        _spread(cells.first, at, nothing),
        _spread(cells.min, at, nothing),
        _spread(cells.max, at, nothing),
        _spread(cells.last, at, nothing),
        _spread(cells.count, at, np.zeros(grid.columns, np.int64)),
        _spread(cells.worst, at, good),
        _spread(cells.shown, at, good),
        (marks & np.uint8(MIN_FIRST)) != 0,
        (marks & np.uint8(GAP)) != 0,
        (marks & np.uint8(STARTS_IN_GAP)) != 0,
        (marks & np.uint8(ENDS_IN_GAP)) != 0,
        before,
        after,
        newest,
    )


def _spread(column: NDArray[_T], at: Int64, empty: NDArray[_T]) -> NDArray[_T]:
    whole = empty.copy()
    whole[at] = column
    return whole


def samples_of(parts: Sequence[TrendSamples], before: Sample | None, after: Sample | None) -> TrendSamples:
    """Pages of samples that follow each other, with their neighbours."""
    pages = [*_lone(before), *parts, *_lone(after)]
    if not pages:
        return TrendSamples(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint32))
    return TrendSamples(
        np.concatenate([page.time for page in pages]),
        np.concatenate([page.value for page in pages]),
        np.concatenate([page.status for page in pages]),
    )


def _lone(sample: Sample | None) -> list[TrendSamples]:
    if sample is None:
        return []
    time, value, status = sample
    return [TrendSamples(np.array([time], np.int64), np.array([value], np.float64), np.array([status], np.uint32))]
