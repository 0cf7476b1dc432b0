"""Hours: cells that also carry the sums and integrals of their samples, for aggregates over months and years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.instants import SECOND
from hmi.core.quality import is_good
from hmi.historian.rollup.cells import GAP, HOUR, Cells, coarser

HOUR_RECORD: Final = np.dtype(
    [
        ("first_time", "<i8"),  # ns UTC of the first sample, drawable or not
        ("last_time", "<i8"),
        ("first", "<f8"),
        ("last", "<f8"),
        ("min", "<f8"),
        ("max", "<f8"),
        ("sum", "<f8"),
        ("sloped", "<f8"),  # integral from the first to the last sample, value * s, straight between samples
        ("stepped", "<f8"),  # the same, each value held until the next
        ("squares", "<f8"),  # sum of (value - mean)^2
        ("count", "<u4"),  # 0: no samples
        ("worst", "<u4"),
        ("shown", "<u4"),
        ("marks", "u1"),
        ("min_hits", "u1"),  # samples with the value min, 255 = so many or more; 0 = not counted
        ("max_hits", "u1"),
        ("uniform", "u1"),  # 1: plain, and all samples have the status `worst`
    ]
)
"""One hour of one tag, 96 bytes; first, last, min, max, worst, shown and marks are those of `Cells`.
Hits and uniform are 0 in hours that are not plain, and in those stored before there were such columns."""

Records = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of one tag in time order; those without samples have count 0."""

    index: Int64
    """Hours since 1970."""
    records: Records
    """`HOUR_RECORD` of each."""

    def __len__(self) -> int:
        return len(self.index)

    @property
    def plain(self) -> NDArray[np.bool_]:
        """Which have samples, all of them Good and finite: only there may sum, integrals and squares be taken instead
        of the samples (elsewhere they are NaN; what overflowed is not finite)."""
        return _plain(self.records["count"], self.records["worst"], self.records["marks"])

    def cells(self) -> Cells:
        """What a plot needs of those that have samples."""
        rows = np.flatnonzero(self.records["count"])
        first, low, high, last, worst, shown, marks = (
            self.records[name][rows] for name in ("first", "min", "max", "last", "worst", "shown", "marks")
        )
        count = self.records["count"][rows].astype(np.int64)
        return Cells(HOUR, self.index[rows], first, low, high, last, count, worst, shown, marks)


def hours_of(cells: Cells, time: Int64, value: Float64, status: UInt32) -> Hours:
    """The hours that have samples: from the samples, in time order, and their cells of an hour or less."""
    cells = coarser(cells, HOUR)
    records: NDArray[Any] = np.zeros(len(cells), HOUR_RECORD)
    for name in ("first", "last", "min", "max", "count", "worst", "shown", "marks"):
        records[name] = getattr(cells, name)
    if len(cells):
        ends = np.cumsum(cells.count) - 1
        starts = ends - cells.count + 1
        records["first_time"], records["last_time"] = time[starts], time[ends]
        plain = _plain(cells.count, cells.worst, cells.marks)
        for name, column in _sums(time, value, starts, ends).items():
            records[name] = np.where(plain, column, np.nan)
        for name, extreme in (("min_hits", cells.min), ("max_hits", cells.max)):
            records[name] = np.where(plain, np.minimum(_hits(value, extreme, starts, ends), 255), 0)
        records["uniform"] = plain & _uniform(status, cells.worst, starts, ends)
    return Hours(cells.index, records)


def _plain(count: NDArray[Any], worst: UInt32, marks: NDArray[np.uint8]) -> NDArray[np.bool_]:
    whole: NDArray[np.bool_] = (marks & np.uint8(GAP)) == 0
    return (count > 0) & is_good(worst) & whole


def _hits(value: Float64 | UInt32, wanted: Float64 | UInt32, starts: Int64, ends: Int64) -> Int64:
    """How many samples of each group have the group's wanted value."""
    hits = np.flatnonzero(value == np.repeat(wanted, ends - starts + 1))
    return np.asarray(np.searchsorted(hits, ends, "right") - np.searchsorted(hits, starts), np.int64)


def _uniform(status: UInt32, worst: UInt32, starts: Int64, ends: Int64) -> NDArray[np.bool_]:
    """Which groups have samples of one status alone."""
    if not status.any():
        return np.ones(len(starts), np.bool_)
    alike: NDArray[np.bool_] = _hits(status, worst, starts, ends) == ends - starts + 1
    return alike


def _sums(time: Int64, value: Float64, starts: Int64, ends: Int64) -> dict[str, Float64]:
    """Sums of each group of samples; meaningless, but quiet, where a value is not finite."""
    seconds, work = np.empty(len(time)), np.empty(len(time))
    np.subtract(time[1:], time[:-1], out=seconds[:-1])
    seconds[ends] = 0.0  # what lies between two hours belongs to neither
    seconds /= SECOND
    with np.errstate(over="ignore", invalid="ignore"):
        np.multiply(value, seconds, out=work)
        stepped = np.add.reduceat(work, starts)
        np.subtract(value[1:], value[:-1], out=work[:-1])
        work[ends] = 0.0
        work *= seconds
        sloped = stepped + np.add.reduceat(work, starts) / 2
        total = np.add.reduceat(value, starts)
        sizes = ends - starts + 1
        np.subtract(value, np.repeat(total / sizes, sizes), out=work)
        rest = np.add.reduceat(work, starts)
        work *= work
        # What rounding left in the mean is taken out: equal values have no squares.
        squares = np.maximum(np.add.reduceat(work, starts) - rest * rest / sizes, 0.0)
    return {"sum": total, "sloped": sloped, "stepped": stepped, "squares": squares}
