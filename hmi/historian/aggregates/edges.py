"""Interpolative, StartBound, EndBound, DeltaBounds: what a tag was worth at the edges of an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hmi.core.batch import Float64, UInt32
from hmi.core.quality import CALCULATED, INTERPOLATED, BoolArray, Status
from hmi.historian.aggregates.bounds import Bounds, interpolated_bounds, simple_bounds
from hmi.historian.aggregates.method import Answer, Cells, Spans, infos
from hmi.historian.aggregates.rows import Rows
from hmi.historian.aggregates.samples import BAD


@dataclass(frozen=True, slots=True)
class Edges(Rows):
    """The bounds of each cell, earlier and later."""

    low: Bounds
    high: Bounds

    def then(self, later: Edges) -> Edges:
        """See `Joining`."""
        return Edges(self.low, later.high)

    def begin(self, spans: Spans) -> Bounds:
        """Where the interval begins in reading direction."""
        return self.high if spans.backward else self.low

    def end(self, spans: Spans) -> Bounds:
        """Where it ends."""
        return self.low if spans.backward else self.high


@dataclass(frozen=True, slots=True)
class Interpolative:
    """The method of Interpolative."""

    def measure(self, cells: Cells) -> Edges:
        """See `Method`."""
        bounds = interpolated_bounds(cells.samples, cells.edges, cells.config)
        return Edges(bounds[:-1], bounds[1:])

    def finish(self, facts: Edges, spans: Spans) -> Answer:
        """See `Method`."""
        bounds = facts.begin(spans)
        return Answer(bounds.value, bounds.status, origin(bounds), may_be_partial=False, anywhere=True)


@dataclass(frozen=True, slots=True)
class Bound:
    """The method of StartBound and EndBound."""

    end: bool

    def measure(self, cells: Cells) -> Edges:
        """See `Method`."""
        return _simple(cells)

    def finish(self, facts: Edges, spans: Spans) -> Answer:
        """See `Method`."""
        if not self.end:
            bounds = facts.begin(spans)
            return Answer(bounds.value, bounds.status, origin(bounds))
        bounds = facts.end(spans)
        return Answer(bounds.value, bounds.status, _where(bounds.grade != BAD, CALCULATED))


@dataclass(frozen=True, slots=True)
class DeltaBounds:
    """The method of DeltaBounds: the bound at the end less the one at the begin."""

    def measure(self, cells: Cells) -> Edges:
        """See `Method`."""
        return _simple(cells)

    def finish(self, facts: Edges, spans: Spans) -> Answer:
        """See `Method`."""
        begin, end = facts.begin(spans), facts.end(spans)
        grade = np.minimum(begin.grade, end.grade)
        outcome = np.array([Status.BAD_NO_DATA, Status.UNCERTAIN_DATA_SUB_NORMAL, Status.GOOD], np.uint32)
        return Answer(_difference(begin, end), outcome[grade], _where(grade != BAD, CALCULATED))


def _simple(cells: Cells) -> Edges:
    bounds = simple_bounds(cells.samples, cells.edges, cells.config)
    return Edges(bounds[:-1], bounds[1:])


def _difference(begin: Bounds, end: Bounds) -> Float64:
    return end.value - begin.value


def _where(flag: BoolArray, bits: int) -> UInt32:
    return infos(len(flag), bits) * flag


def origin(bounds: Bounds) -> UInt32:
    """INTERPOLATED for a value that is neither stored nor missing."""
    return _where((bounds.grade != BAD) & ~bounds.raw, INTERPOLATED)
