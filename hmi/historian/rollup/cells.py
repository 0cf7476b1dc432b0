"""Cells: all that a plot needs of a tag's samples in intervals of the UTC grid, whatever their quality.

A cell of cells is the same as the cell of their samples: minutes add up to any column of whole minutes, and a plot of
a month looks as if it had been made from every sample. What must not be drawn (Bad, or no finite number) is never in
the four values; marks tell where it interrupts the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.instants import SECOND
from hmi.core.quality import is_bad

UInt8 = NDArray[np.uint8]
Rows = NDArray[np.intp]

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

MIN_FIRST: Final = 1
"""Mark: the minimum comes before the maximum, or both are one sample."""
GAP: Final = 2
"""Mark: at least one sample must not be drawn."""
STARTS_IN_GAP: Final = 4
"""Mark: the first sample must not be drawn."""
ENDS_IN_GAP: Final = 8
"""Mark: the last sample must not be drawn."""
_BLANK: Final = GAP | STARTS_IN_GAP | ENDS_IN_GAP
_BLOCK: Final = 1 << 16
"""Samples worked on at once: their columns stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells that have samples, in time order; columns of equal length n."""

    width: int
    """ns."""
    index: Int64
    """Which interval since 1970: [index * width, index * width + width) ns UTC."""
    first: Float64
    """Of the drawable samples, like the next three; NaN where there are none."""
    min: Float64
    max: Float64
    last: Float64
    count: Int64
    """All samples, drawable or not."""
    worst: UInt32
    """StatusCode of the worst sample; the first one of equal severity."""
    shown: UInt32
    """The same of the drawable samples; 0 where there are none."""
    marks: UInt8

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: Rows | NDArray[np.bool_] | slice) -> Cells:
        """Some of them, in the given order."""
        return Cells(
            self.width,
            self.index[rows],
            self.first[rows],
            self.min[rows],
            self.max[rows],
            self.last[rows],
            self.count[rows],
            self.worst[rows],
            self.shown[rows],
            self.marks[rows],
        )

    def between(self, low: int, high: int) -> Cells:
        """Those that lie within [low, high) ns UTC, which cut no cell."""
        start, end = np.searchsorted(self.index, (low // self.width, -(-high // self.width)))
        return self.take(slice(start, end))


def cells_of(time: Int64, value: Float64, status: UInt32, width: int) -> Cells:
    """Cells of `width` ns; samples are in time order."""
    blocks = [slice(at, at + _BLOCK) for at in range(0, max(len(time), 1), _BLOCK)]
    return joined([_block(time[rows], value[rows], status[rows], width) for rows in blocks])


def _block(time: Int64, value: Float64, status: UInt32, width: int) -> Cells:
    """Cells of some samples: every sample is a cell of its own at first."""
    drawable = np.isfinite(value)
    if status.any():
        drawable &= ~is_bad(status)
    shown, marks = status, np.broadcast_to(np.uint8(MIN_FIRST), len(time))
    if not drawable.all():
        value = np.where(drawable, value, np.nan)
        shown = np.where(drawable, status, np.uint32(0))
        marks = np.where(drawable, marks, np.uint8(_BLANK))
    count = np.broadcast_to(np.int64(1), len(time))
    return merged(Cells(width, time // width, value, value, value, value, count, status, shown, marks))


def coarser(cells: Cells, width: int) -> Cells:
    """Cells of a multiple of their width.

    Raises:
        ValueError: it is none.
    """
    if width % cells.width:
        raise ValueError(f"cells of {cells.width} ns do not add up to {width} ns")
    if width == cells.width:
        return merged(cells)
    return merged(replace(cells, width=width, index=cells.index // (width // cells.width)))


def joined(parts: Sequence[Cells]) -> Cells:
    """Parts of one width as one; of a cell that several parts have pieces of, the first part's piece is the earliest.

    Raises:
        ValueError: there are no parts.
    """
    if not parts:
        raise ValueError("no cells to join")
    if len(parts) == 1:
        return parts[0]
    whole = Cells(
        parts[0].width,
        np.concatenate([p.index for p in parts]),
        np.concatenate([p.first for p in parts]),
        np.concatenate([p.min for p in parts]),
        np.concatenate([p.max for p in parts]),
        np.concatenate([p.last for p in parts]),
        np.concatenate([p.count for p in parts]),
        np.concatenate([p.worst for p in parts]),
        np.concatenate([p.shown for p in parts]),
        np.concatenate([p.marks for p in parts]),
    )
    if (whole.index[1:] < whole.index[:-1]).any():
        whole = whole.take(np.argsort(whole.index, kind="stable"))
    return merged(whole)


def merged(cells: Cells) -> Cells:
    """One cell an interval, where neighbours may be pieces of the same one."""
    starts = run_starts(cells.index)
    if len(starts) == len(cells):
        return cells
    ends = np.append(starts[1:], len(cells)) - 1
    marks = np.bitwise_or.reduceat(cells.marks & np.uint8(GAP), starts)
    marks |= cells.marks[starts] & np.uint8(STARTS_IN_GAP)
    marks |= cells.marks[ends] & np.uint8(ENDS_IN_GAP)
    blank = np.full(len(starts), np.nan)
    whole = Cells(
        cells.width,
        cells.index[starts],
        blank,
        blank.copy(),
        blank.copy(),
        blank.copy(),
        np.add.reduceat(cells.count, starts),
        _worst(cells.worst, starts),
        np.zeros(len(starts), np.uint32),
        marks,
    )
    drawable = ~np.isnan(cells.first)
    if drawable.all():
        _draw(whole, np.arange(len(starts)), cells, starts)
    elif drawable.any():
        rows = np.flatnonzero(drawable)
        edges = np.searchsorted(rows, starts)
        some = np.flatnonzero(edges < np.append(edges[1:], len(rows)))
        _draw(whole, some, cells.take(rows), edges[some])
    return whole


def _draw(whole: Cells, into: Rows, pieces: Cells, starts: Rows) -> None:
    """Fills in what the drawable pieces, grouped at `starts`, say of the cells `into`."""
    whole.first[into] = pieces.first[starts]
    whole.last[into] = pieces.last[np.append(starts[1:], len(pieces)) - 1]
    low = first_equal(pieces.min, np.minimum.reduceat(pieces.min, starts), starts)
    high = first_equal(pieces.max, np.maximum.reduceat(pieces.max, starts), starts)
    whole.min[into], whole.max[into] = pieces.min[low], pieces.max[high]
    whole.shown[into] = _worst(pieces.shown, starts)
    within = (pieces.marks[low] & np.uint8(MIN_FIRST)) != 0
    whole.marks[into] |= np.where((low < high) | ((low == high) & within), np.uint8(MIN_FIRST), np.uint8(0))


def _worst(status: UInt32, starts: Rows) -> UInt32:
    if not status.any():
        return np.zeros(len(starts), np.uint32)
    severity = np.minimum(status >> np.uint32(30), np.uint32(2))
    return status[first_equal(severity, np.maximum.reduceat(severity, starts), starts)]


def run_starts(index: Int64) -> Rows:
    """Where each run of equal numbers begins."""
    if not len(index):
        return np.empty(0, np.intp)
    return np.concatenate(([0], np.flatnonzero(index[1:] != index[:-1]) + 1))


def first_equal(value: Float64 | UInt32, wanted: Float64 | UInt32, starts: Rows) -> Rows:
    """The first row of each group that has the group's wanted value; every group has it somewhere."""
    sizes = np.diff(np.append(starts, len(value)))
    hits = np.flatnonzero(value == np.repeat(wanted, sizes))
    return hits[np.searchsorted(hits, starts)]
