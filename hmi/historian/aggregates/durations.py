"""How long a tag was Good, Bad, zero or not zero: each sample holds until the next, whatever the tag's slope."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from hmi.core.batch import Float64, Int64
from hmi.core.quality import CALCULATED, BoolArray
from hmi.historian.aggregates.bounds import Bounds, simple_bounds
from hmi.historian.aggregates.method import Answer, Cells, Spans, all_good, infos, shares
from hmi.historian.aggregates.pieces import Pieces
from hmi.historian.aggregates.rows import Rows
from hmi.historian.aggregates.samples import BAD, GOOD, UNCERTAIN, Grades, Samples
from hmi.historian.aggregates.time_weighted import end_of


class State(Enum):
    """What time is asked for."""

    GOOD = "good"
    BAD = "bad"
    ZERO = "zero"
    NON_ZERO = "non-zero"


@dataclass(frozen=True, slots=True)
class Held(Rows):
    """Time by what was held. Its lead stands apart: in an interval it is worth what the start bound is, in the middle
    of one what the sample before is."""

    covered: Int64
    """ns of the cell, up to the stub after the last stored sample."""
    good: Int64
    """ns after Good samples of the cell."""
    bad: Int64
    zero: Int64
    """The part of `good` with the value 0."""
    lead: Int64
    """ns up to the first sample of the cell."""
    lead_grade: Grades
    """Of the sample before the cell."""
    lead_zero: BoolArray
    opened: BoolArray
    """No sample in the cell."""
    begin: Bounds
    """Simple bound at the earlier edge."""

    def then(self, later: Held) -> Held:
        """See `Joining`."""
        inner = np.where(self.opened, 0, later.lead)
        good = later.lead_grade == GOOD
        return Held(
            self.covered + later.covered,
            self.good + later.good + np.where(good, inner, 0),
            self.bad + later.bad + np.where(later.lead_grade == BAD, inner, 0),
            self.zero + later.zero + np.where(good & later.lead_zero, inner, 0),
            self.lead + np.where(self.opened, later.lead, 0),
            self.lead_grade,
            self.lead_zero,
            self.opened & later.opened,
            self.begin,
        )


@dataclass(frozen=True, slots=True)
class Durations:
    """The method of DurationGood/Bad, PercentGood/Bad and DurationInState*."""

    state: State
    percent: bool = False

    def measure(self, cells: Cells) -> Held:
        """See `Method`."""
        samples = cells.samples
        pieces = Pieces.of(samples.time, cells.edges, end_of(samples))
        covered, lead = pieces.covered(), pieces.lead()
        none = np.zeros(len(cells), np.int64)
        bad = uncertain = none
        grade = np.where(pieces.first[:-1] == 0, BAD, GOOD).astype(np.int8)
        before = np.maximum(pieces.first[:-1] - 1, 0)
        if samples.usable is not None:
            bad = pieces.time_where(samples.usable == BAD, lead=False)
            uncertain = pieces.time_where(samples.usable == UNCERTAIN, lead=False)
            grade = np.minimum(grade, samples.usable[before])
        return Held(
            covered,
            covered - lead - bad - uncertain,
            bad,
            self._zero(pieces, samples) if self.state in {State.ZERO, State.NON_ZERO} else none,
            lead,
            grade,
            samples.value[before] == 0,
            pieces.opened(),
            simple_bounds(samples, cells.edges[:-1], cells.config),
        )

    @staticmethod
    def _zero(pieces: Pieces, samples: Samples) -> Int64:
        zero = samples.value == 0
        return pieces.time_where(zero if samples.usable is None else zero & (samples.usable == GOOD), lead=False)

    def finish(self, facts: Held, spans: Spans) -> Answer:
        """See `Method`."""
        grade = facts.begin.grade
        good = facts.good + np.where(grade == GOOD, facts.lead, 0)
        bad = facts.bad + np.where(grade == BAD, facts.lead, 0)
        if spans.config.treat_uncertain_as_bad:
            bad = facts.covered - good
        value = self._value(facts, good, bad)
        status = all_good(len(spans))
        if self.state in {State.ZERO, State.NON_ZERO}:
            status = shares(bad, facts.covered - bad, facts.covered, spans.config)
        return Answer(value, status, infos(len(spans), CALCULATED))

    def _value(self, facts: Held, good: Int64, bad: Int64) -> Float64:
        zero = facts.zero + np.where((facts.begin.grade == GOOD) & (facts.begin.value == 0), facts.lead, 0)
        asked = {State.GOOD: good, State.BAD: bad, State.ZERO: zero, State.NON_ZERO: good - zero}[self.state]
        return 100.0 * asked / np.maximum(facts.covered, 1) if self.percent else asked / 1e6
