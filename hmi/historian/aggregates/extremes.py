"""Minimum, Maximum, when they were, and Range: Good samples alone, doubted when another may have been beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import CALCULATED, MULTI_VALUE, BoolArray, Status
from hmi.historian.aggregates.ends import ends
from hmi.historian.aggregates.method import Answer, Cells, Spans, codes, infos
from hmi.historian.aggregates.rows import Rows, reduced
from hmi.historian.aggregates.samples import UNCERTAIN
from hmi.historian.aggregates.summary import Summary
from hmi.historian.aggregates.tally import Tally, tally

LOW, HIGH = 1, -1
"""Sides; a value times its side is the smaller, the more extreme it is."""


@dataclass(frozen=True, slots=True)
class Peak(Rows):
    """The most extreme Good sample of one side in each cell, all values times the side."""

    value: Float64
    """Infinite where there is none."""
    first: Int64
    """ns UTC of the earliest of them."""
    last: Int64
    hits: Int64
    """How many samples have this value."""
    doubted: Float64
    """The most extreme Uncertain sample; infinite where there is none."""

    def then(self, later: Peak) -> Peak:
        """See `Joining`."""
        ties = self.value == later.value
        best = self.choose(later, self.value <= later.value)
        return Peak(
            best.value,
            best.first,
            np.where(ties & (later.hits > 0), later.last, best.last),
            np.where(ties, self.hits + later.hits, best.hits),
            np.minimum(self.doubted, later.doubted),
        )


@dataclass(frozen=True, slots=True)
class Top(Rows):
    """What one side needs."""

    tally: Tally
    peak: Peak

    def then(self, later: Top) -> Top:
        """See `Joining`."""
        return Top(self.tally.then(later.tally), self.peak.then(later.peak))


@dataclass(frozen=True, slots=True)
class Width(Rows):
    """What both sides need."""

    tally: Tally
    low: Peak
    high: Peak

    def then(self, later: Width) -> Width:
        """See `Joining`."""
        return Width(self.tally.then(later.tally), self.low.then(later.low), self.high.then(later.high))


def _peak(cells: Cells, side: int) -> Peak:
    if cells.summary is not None:
        return _summed_peak(cells, cells.summary, side)
    good, cuts = cells.chosen(cells.samples.good_rows())
    begin = cuts[0]
    value, time, cuts = good.value[begin : cuts[-1]] * side, good.time[begin : cuts[-1]], cuts - begin
    best = reduced(np.minimum, value, cuts[:-1], cuts[1:], np.inf)
    hits = np.flatnonzero(value == np.repeat(best, np.diff(cuts)))
    at = np.searchsorted(hits, cuts)
    many = np.diff(at)
    first, last = np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64)
    some = many > 0
    first[some], last[some] = time[hits[at[:-1][some]]], time[hits[at[1:][some] - 1]]
    return Peak(best, first, last, many.astype(np.int64), _doubted(cells, side))


def _summed_peak(cells: Cells, summary: Summary, side: int) -> Peak:
    """When the extreme was is known where it is the first sample; else all that counts is that it was later."""
    value, hits = (summary.low, summary.low_hits) if side == LOW else (summary.high, summary.high_hits)
    outer = ends(cells.samples, cells.cuts)
    first = np.where(outer.first.value == value, outer.first.time, outer.last.time)
    return Peak(
        np.where(outer.any, value * side, np.inf),
        first,
        outer.last.time,
        np.where(outer.any, hits, 0),
        np.full(len(cells), np.inf),
    )


def _doubted(cells: Cells, side: int) -> Float64:
    if cells.samples.grade is None:
        return np.full(len(cells), np.inf)
    uncertain, cuts = cells.chosen(np.flatnonzero(cells.samples.grade == UNCERTAIN))
    return np.asarray(reduced(np.minimum, uncertain.value * side, cuts[:-1], cuts[1:], np.inf), np.float64)


@dataclass(frozen=True, slots=True)
class Extreme:
    """The method of Minimum (side LOW) and Maximum (HIGH), at the begin of the interval or at their own time."""

    side: int
    actual_time: bool

    def measure(self, cells: Cells) -> Top:
        """See `Method`."""
        return Top(tally(cells), _peak(cells, self.side))

    def finish(self, facts: Top, spans: Spans) -> Answer:
        """See `Method`."""
        peak = facts.peak
        several = np.where(peak.hits > 1, np.uint32(MULTI_VALUE), np.uint32(0))
        raw = self.actual_time or (peak.last if spans.backward else peak.first) == spans.stamps
        return Answer(
            peak.value * self.side,
            _status(facts.tally, peak.doubted < peak.value, spans),
            (several | np.where(raw, 0, CALCULATED)).astype(np.uint32),
            no_data=facts.tally.good == 0,
            time=peak.first if self.actual_time else None,
        )


@dataclass(frozen=True, slots=True)
class Range:
    """The method of Range; an Uncertain value beyond either end makes it doubtful."""

    def measure(self, cells: Cells) -> Width:
        """See `Method`."""
        return Width(tally(cells), _peak(cells, LOW), _peak(cells, HIGH))

    def finish(self, facts: Width, spans: Spans) -> Answer:
        """See `Method`."""
        none = facts.tally.good == 0
        beyond = (facts.low.doubted < facts.low.value) | (facts.high.doubted < facts.high.value)
        width = np.where(none, 0.0, -facts.high.value) - np.where(none, 0.0, facts.low.value)
        return Answer(width, _status(facts.tally, beyond, spans), infos(len(spans), CALCULATED), no_data=none)


def _status(counts: Tally, beyond: BoolArray, spans: Spans) -> UInt32:
    return codes(counts.unusable(spans.config) | beyond, Status.UNCERTAIN_DATA_SUB_NORMAL)
