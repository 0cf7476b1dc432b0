"""The curve between samples, cut at the edges of intervals: the area below it and the time it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64
from hmi.core.quality import BoolArray
from hmi.historian.aggregates.rows import reduced

FOREVER: Final = (1 << 63) - 1
STUB: Final = 1_000_000
"""ns the last stored sample counts for, since nobody knows what came after it."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whole pieces that stand for many: what lies below them is known, and not what their ends make of it."""

    time: Int64
    """Where each begins, ns UTC."""
    area: Float64
    """Value x ns."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Piece j reaches from `time[j]` to `time[j + 1]`, the last one to `end`; cell k from `edges[k]` to the next.

    A cell has a lead (the end of the piece that was under way when it began), whole pieces, and a tail.
    """

    time: Int64
    edges: Int64
    end: int
    """ns UTC; FOREVER = the last piece never ends."""
    first: NDArray[np.intp]
    """First sample at or after each edge."""

    @classmethod
    def of(cls, time: Int64, edges: Int64, end: int) -> Pieces:
        """At least one sample is needed."""
        return cls(time, edges, end, np.searchsorted(time, edges))

    def covered(self) -> Int64:
        """ns of each cell up to `end`, those before the first sample too."""
        return _positive(np.minimum(self.edges[1:], self.end) - self.edges[:-1])

    def before(self) -> Int64:
        """ns of each cell before the first sample."""
        return _positive(np.minimum(self.edges[1:], self.time[0]) - self.edges[:-1])

    def after_last(self) -> Int64:
        """ns of each cell from the last sample to `end`."""
        return _positive(np.minimum(self.edges[1:], self.end) - np.maximum(self.edges[:-1], self.time[-1]))

    def opened(self) -> BoolArray:
        """No sample in the cell: its lead is all of it."""
        return np.asarray(self.first[1:] == self.first[:-1])

    def lead(self) -> Int64:
        """ns of the lead of each cell; the time before the first sample is a lead too."""
        begin, stop = self._lead_ends()
        return _positive(np.minimum(stop, self.end) - np.minimum(begin, self.end))

    def _lead_ends(self) -> tuple[Int64, Int64]:
        n = len(self.time)
        next_sample = np.where(self.first[:-1] < n, self.time[np.minimum(self.first[:-1], n - 1)], FOREVER)
        return self.edges[:-1], np.minimum(next_sample, self.edges[1:])

    def time_where(self, flag: BoolArray, *, lead: bool = True) -> Int64:
        """ns of each cell in pieces whose flag is True; `lead=False` leaves out the one under way at its begin."""
        rows = np.flatnonzero(flag[:-1])
        length = self.time[rows + 1] - self.time[rows]
        first, stop = np.searchsorted(rows, self.first[:-1]), np.searchsorted(rows, self._wholes())
        total = np.asarray(reduced(np.add, length, first, stop, 0), np.int64)
        tails = np.flatnonzero(~self.opened())
        j = self.first[1:][tails] - 1
        tail = np.minimum(self.edges[1:][tails], self.end) - np.minimum(self.time[j], self.end)
        total[tails] += np.where(flag[j], tail, 0)
        if lead:
            j = self.first[:-1] - 1
            total += np.where((j >= 0) & flag[j], self.lead(), 0)
        return total

    def _wholes(self) -> NDArray[np.intp]:
        """Where the whole pieces of each cell stop: before the one that reaches into the next cell."""
        return np.maximum(self.first[1:] - 1, self.first[:-1])

    def area(self, left: Float64, right: Float64, rise: float, known: Known | None = None) -> Float64:
        """Value x ns below each cell's pieces; nothing before the first sample.

        `left` (n) is the value where a piece begins, `right` (n - 1) where it ends; the last rises by `rise` a ns.
        """
        whole = left[:-1] + right
        whole *= np.diff(self.time)
        whole *= 0.5
        if known is not None:
            whole[np.searchsorted(self.time, known.time)] = known.area
        total = np.asarray(reduced(np.add, whole, self.first[:-1], self._wholes(), 0.0), np.float64)
        total += self._part(self.first[:-1] - 1, *self._lead_ends(), left, right, rise)
        tails = np.flatnonzero(~self.opened())
        j = self.first[1:][tails] - 1
        total[tails] += self._part(j, self.time[j], self.edges[1:][tails], left, right, rise)
        return total

    def _part(
        self, j: NDArray[np.intp], begin: Int64, stop: Int64, left: Float64, right: Float64, rise: float
    ) -> Float64:
        """Area of pieces j between two times inside them; none for j = -1."""
        last = len(self.time) - 1
        piece = np.maximum(j, 0)
        origin, base = self.time[piece], left[piece]
        slope = np.full(len(j), rise)
        inner = piece < last
        rows = piece[inner]
        slope[inner] = (right[rows] - base[inner]) / (self.time[rows + 1] - origin[inner])
        begin, stop = np.minimum(begin, self.end), np.minimum(stop, self.end)
        middle = base + slope * (0.5 * (begin - origin) + 0.5 * (stop - origin))
        return np.asarray(np.where(j >= 0, middle * _positive(stop - begin), 0.0), np.float64)


def _positive(length: Int64) -> Int64:
    return np.asarray(np.maximum(length, 0), np.int64)
