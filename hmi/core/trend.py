"""Trend: what a plot of so many pixel columns needs of a tag's samples, and the bounded tail of live ones.

A screen has some hundred columns; a shift has a million samples. First, minimum, maximum and last of each column draw
the same line as all of them (M4), so a spike of one sample is always seen. A Bad sample interrupts the line: what was
not measured is never drawn as if it had been.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import Status, is_bad, is_good

Rows = NDArray[np.intp]

_CODE: Final = np.uint32(0xFFFF0000)
_NO_BOUND: Final = np.uint32(Status.BAD_BOUND_NOT_FOUND)

LIVE_LIMIT: Final = 100_000
"""Live samples kept a pen; older ones are in the history."""


@dataclass(frozen=True, slots=True)
class Line:
    """Samples in time order; the value of a row that must not be drawn is NaN: the line stops before it."""

    time: Int64
    value: Float64
    status: UInt32

    def __len__(self) -> int:
        return len(self.time)


NOTHING: Final = Line(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint32))
"""No samples."""


def line(time: Int64, value: Float64, status: UInt32) -> Line:
    """A line of samples sorted by time; Bad and non-finite values become gaps.

    A bound that history did not find is no sample: it interrupts nothing and hides no live sample before it.
    """
    missing = (status & _CODE) == _NO_BOUND
    if missing.any():
        time, value, status = time[~missing], value[~missing], status[~missing]
    unusable = is_bad(status) | ~np.isfinite(value)
    return Line(time, np.where(unusable, np.nan, value), status)


def m4(whole: Line, start: int, end: int, columns: int) -> Line:
    """At most four points a column, and the gaps; with the one sample before `start` and the one after `end`.

    Columns divide [start, end] evenly; the last one includes `end`. Points keep their time order and their own status.
    """
    if columns < 1 or end <= start or not len(whole):
        return NOTHING
    left = int(np.searchsorted(whole.time, start))
    right = int(np.searchsorted(whole.time, end, side="right"))
    kept = [np.arange(max(left - 1, 0), left), np.arange(right, min(right + 1, len(whole)))]
    if right > left:
        width = max((end - start) / columns, 1.0)
        column = np.minimum(((whole.time[left:right] - start) / width).astype(np.intp), columns - 1)
        kept += [left + rows for rows in _column_rows(column, whole.value[left:right])]
    rows = np.unique(np.concatenate(kept))
    return Line(whole.time[rows], whole.value[rows], whole.status[rows])


def _column_rows(column: Rows, value: Float64) -> list[Rows]:
    """Rows to keep: the four of each column's drawable samples; its first gap, and its last row if that is one."""
    gap = np.isnan(value)
    good = np.flatnonzero(~gap)
    kept: list[Rows] = []
    if len(good):
        starts, ends = _groups(column[good])
        kept += [good[starts], good[ends - 1]]
        kept += [good[_first_equal(value[good], ufunc.reduceat(value[good], starts), starts, ends)] for ufunc in _ENDS]
    if gap.any():
        bad = np.flatnonzero(gap)
        kept.append(bad[_groups(column[bad])[0]])
        lasts = _groups(column)[1] - 1
        kept.append(lasts[gap[lasts]])
    return kept


_ENDS: Final = (np.minimum, np.maximum)


def _groups(column: Rows) -> tuple[Rows, Rows]:
    """Start and end of every run of equal numbers."""
    edges = np.flatnonzero(np.diff(column)) + 1
    return np.concatenate(([0], edges)), np.concatenate((edges, [len(column)]))


def _first_equal(value: Float64, wanted: Float64, starts: Rows, ends: Rows) -> Rows:
    """The first row of each group that has the group's wanted value."""
    group = np.repeat(np.arange(len(starts)), ends - starts)
    hits = np.flatnonzero(value == wanted[group])
    return hits[np.unique(group[hits], return_index=True)[1]]


def staircase(sloped: Line) -> Line:
    """The line of a value that holds until its next sample: a corner before every sample, also before a gap."""
    if len(sloped) < 2:
        return sloped
    time = np.repeat(sloped.time, 2)[1:]
    value = np.repeat(sloped.value, 2)[:-1]
    status = np.repeat(sloped.status, 2)[:-1]
    return Line(time, value, status)


def up_to_gaps(sloped: Line) -> Line:
    """The line with its last value before each gap held until the gap: within its deadband a value sends nothing."""
    gap = np.isnan(sloped.value)
    rows = np.flatnonzero(gap[1:] & ~gap[:-1]) + 1
    if not len(rows):
        return sloped
    return Line(
        np.insert(sloped.time, rows, sloped.time[rows]),
        np.insert(sloped.value, rows, sloped.value[rows - 1]),
        np.insert(sloped.status, rows, sloped.status[rows - 1]),
    )


def held(whole: Line, until: int) -> Line:
    """The line with its last value held until a time: an unchanged value sends nothing. A gap stays a gap."""
    if not len(whole) or int(whole.time[-1]) >= until:
        return whole
    return Line(
        np.append(whole.time, np.int64(until)),
        np.append(whole.value, whole.value[-1]),
        np.append(whole.status, whole.status[-1]),
    )


def only_certain(whole: Line) -> Line:
    """The line with every part that is not Good left out."""
    return Line(whole.time, np.where(is_good(whole.status), whole.value, np.nan), whole.status)


def only_uncertain(whole: Line) -> Line:
    """The parts that begin or end in an uncertain sample, so that dots connect to the certain line."""
    doubtful = ~is_good(whole.status)
    near = doubtful.copy()
    near[:-1] |= doubtful[1:]
    near[1:] |= doubtful[:-1]
    return Line(whole.time, np.where(near, whole.value, np.nan), whole.status)


def value_at(whole: Line, time: int) -> tuple[float | None, int]:
    """Value and status of the last sample at or before a time; None where there is none or it must not be read."""
    row = int(np.searchsorted(whole.time, time, side="right")) - 1
    if row < 0:
        return None, int(Status.BAD_NO_DATA)
    value = float(whole.value[row])
    return (None if np.isnan(value) else value), int(whole.status[row])


def extent(whole: Line) -> tuple[float, float] | None:
    """Smallest and largest drawable value."""
    drawable = whole.value[~np.isnan(whole.value)]
    return (float(drawable.min()), float(drawable.max())) if len(drawable) else None


@dataclass(slots=True)
class Tape:
    """One pen's samples: a piece of history, and live ones behind it up to a bound."""

    limit: int = LIVE_LIMIT
    history: Line = NOTHING
    overrun: bool = False
    """Live samples were dropped or lost: the history must be read again to close the gap."""
    _parts: list[Line] = field(default_factory=list)
    _count: int = 0
    _joined: Line | None = None

    def replace_history(self, history: Line) -> None:
        """A new answer of the station; live samples it already contains are dropped."""
        self.history = history
        live = self._live()
        newest = int(history.time[-1]) if len(history) else -1
        behind = int(np.searchsorted(live.time, newest, side="right"))
        self._set_live(Line(live.time[behind:], live.value[behind:], live.status[behind:]))
        self.overrun = False

    def append(self, samples: Line) -> None:
        """Live samples; older ones than the last one known are left to the history, one of its time takes its place."""
        newest = self._newest()
        samples = _in_order(samples)
        if len(samples) and int(samples.time[0]) <= newest:
            again = np.flatnonzero(samples.time == newest)
            if len(again):
                self._replace_newest(float(samples.value[again[0]]), int(samples.status[again[0]]))
            rows = samples.time > newest
            samples = Line(samples.time[rows], samples.value[rows], samples.status[rows])
        if not len(samples):
            return
        self._parts.append(samples)
        self._count += len(samples)
        self._joined = None
        if self._count > self.limit:
            live = self._live()
            drop = len(live) - self.limit // 2
            self._set_live(Line(live.time[drop:], live.value[drop:], live.status[drop:]))
            self.overrun = True

    def _replace_newest(self, value: float, status: int) -> None:
        last = self._parts[-1] if self._parts else self.history
        last = Line(last.time, np.append(last.value[:-1], value), np.append(last.status[:-1], np.uint32(status)))
        if self._parts:
            self._parts[-1] = last
        else:
            self.history = last
        self._joined = None

    def lose(self) -> None:
        """The station skipped live samples: nothing may be drawn across the hole until history is read again."""
        newest = self._newest()
        if newest >= 0:
            hole = Line(
                np.array([newest + 1], np.int64), np.array([np.nan]), np.array([Status.BAD_DATA_LOST], np.uint32)
            )
            self.append(hole)
        self.overrun = True

    def whole(self) -> Line:
        """History and live samples as one line."""
        if self._joined is None:
            if len(self._parts) > 1:
                self._parts = [self._live()]
            self._joined = joined([self.history, *self._parts])
        return self._joined

    def _newest(self) -> int:
        last = self._parts[-1] if self._parts else self.history
        return int(last.time[-1]) if len(last) else -1

    def _live(self) -> Line:
        return joined(self._parts)

    def _set_live(self, live: Line) -> None:
        self._parts = [live] if len(live) else []
        self._count = len(live)
        self._joined = None


def _in_order(samples: Line) -> Line:
    """The samples by time; of several at the same time the last one stays, as history keeps them."""
    if (np.diff(samples.time) > 0).all():
        return samples
    order = np.argsort(samples.time, kind="stable")
    time = samples.time[order]
    rows = order[np.append(time[1:] != time[:-1], True)]
    return Line(samples.time[rows], samples.value[rows], samples.status[rows])


def joined(parts: list[Line]) -> Line:
    """Lines that follow each other in time, as one."""
    if not parts:
        return NOTHING
    return Line(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.status for part in parts]),
    )
