"""TimeAverage2 and Total2: the area below the curve where it is known, by simple bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hmi.core.batch import Float64, Int64
from hmi.core.quality import CALCULATED, BoolArray, Status
from hmi.historian.aggregates.method import Answer, Cells, Spans, infos, shares
from hmi.historian.aggregates.pieces import FOREVER, STUB, Pieces
from hmi.historian.aggregates.rows import Rows
from hmi.historian.aggregates.samples import BAD, UNCERTAIN, Grades, Samples


@dataclass(frozen=True, slots=True)
class Area(Rows):
    """What lies below the curve in each cell."""

    area: Float64
    """Value x ns, over the time that is not Bad."""
    covered: Int64
    """ns of the cell, up to the stub after the last stored sample."""
    bad: Int64
    """ns without a usable value."""
    uncertain: Int64
    """ns with a doubtful one; a value is doubtful too while it is held because the next sample is not usable."""

    def then(self, later: Area) -> Area:
        """See `Joining`."""
        return Area(
            self.area + later.area,
            self.covered + later.covered,
            self.bad + later.bad,
            self.uncertain + later.uncertain,
        )


@dataclass(frozen=True, slots=True)
class TimeWeighted:
    """The method of both."""

    total: bool

    def measure(self, cells: Cells) -> Area:
        """See `Method`."""
        samples, stepped = cells.samples, cells.config.stepped
        pieces = Pieces.of(samples.time, cells.edges, end_of(samples))
        known = cells.known(stepped=stepped)
        if samples.usable is None:
            right = samples.value[:-1] if stepped else samples.value[1:]
            uncertain = np.zeros(len(cells), np.int64) if stepped else pieces.after_last()
            return Area(pieces.area(samples.value, right, 0.0, known), pieces.covered(), pieces.before(), uncertain)
        grade = samples.usable if stepped else _sloped_grades(samples.usable)
        unusable = samples.usable == BAD
        left = samples.value.copy()
        left[unusable] = 0.0
        right = left[:-1] if stepped else _sloped_ends(left, unusable)
        return Area(
            pieces.area(left, right, 0.0, known),
            pieces.covered(),
            pieces.before() + pieces.time_where(unusable),
            pieces.time_where(grade == UNCERTAIN),
        )

    def finish(self, facts: Area, spans: Spans) -> Answer:
        """See `Method`."""
        known = facts.covered - facts.bad
        bad = facts.bad + facts.uncertain if spans.config.treat_uncertain_as_bad else facts.bad
        status = shares(bad, facts.covered - bad, facts.covered, spans.config)
        status = np.where(known > 0, status, np.uint32(Status.BAD)).astype(np.uint32)
        value = facts.area / (1e9 if self.total else np.maximum(known, 1))
        return Answer(value, status, infos(len(spans), CALCULATED))


def end_of(samples: Samples) -> int:
    """Where the last sample's piece ends: a usable one counts for a stub, a Bad one lasts."""
    if samples.usable is not None and samples.usable[-1] == BAD:
        return FOREVER
    return int(samples.time[-1]) + STUB


def _sloped_grades(usable: Grades) -> Grades:
    """A piece is worth what both its ends are; towards a Bad end it is held, and Uncertain like the last one."""
    ahead = np.append(np.maximum(usable[1:], UNCERTAIN), np.int8(UNCERTAIN))
    return np.where(usable == BAD, BAD, np.minimum(usable, ahead)).astype(np.int8)


def _sloped_ends(left: Float64, unusable: BoolArray) -> Float64:
    """The value a piece reaches: the next sample's, or its own when one of its ends is not usable."""
    right = left[1:].copy()
    held = np.flatnonzero(unusable[1:] | unusable[:-1])
    right[held] = left[held]
    return right
