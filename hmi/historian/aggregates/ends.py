"""Start, End, Delta: the first and the last sample of an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import CALCULATED, BoolArray, Status
from hmi.historian.aggregates.method import Answer, Cells, Spans, codes, infos
from hmi.historian.aggregates.rows import Rows
from hmi.historian.aggregates.samples import GOOD, Grades, Samples


@dataclass(frozen=True, slots=True)
class Sample(Rows):
    """One sample of each cell; zeros where there is none."""

    time: Int64
    value: Float64
    status: UInt32
    grade: Grades


@dataclass(frozen=True, slots=True)
class Ends(Rows):
    """The outermost of some samples in each cell."""

    any: BoolArray
    first: Sample
    last: Sample

    def then(self, later: Ends) -> Ends:
        """See `Joining`."""
        return Ends(
            self.any | later.any,
            self.first.choose(later.first, self.any),
            later.last.choose(self.last, later.any),
        )


def ends(samples: Samples, cuts: NDArray[np.intp]) -> Ends:
    """The first and the last of the samples between neighbouring cuts."""
    filled = np.asarray(cuts[1:] > cuts[:-1])
    return Ends(filled, _at(samples, cuts[:-1], filled), _at(samples, cuts[1:] - 1, filled))


def _at(samples: Samples, rows: NDArray[np.intp], filled: BoolArray) -> Sample:
    n = len(rows)
    found = Sample(np.zeros(n, np.int64), np.zeros(n), np.zeros(n, np.uint32), np.full(n, GOOD, np.int8))
    rows = rows[filled]
    found.time[filled] = samples.time[rows]
    found.value[filled] = samples.value[rows]
    found.status[filled] = samples.status[rows]
    if samples.grade is not None:
        found.grade[filled] = samples.grade[rows]
    return found


@dataclass(frozen=True, slots=True)
class End:
    """The method of Start (the earliest sample, whatever it is worth) and End (the latest)."""

    last: bool

    def measure(self, cells: Cells) -> Ends:
        """See `Method`."""
        return ends(cells.samples, cells.cuts)

    def finish(self, facts: Ends, spans: Spans) -> Answer:
        """See `Method`."""
        sample = facts.last if self.last else facts.first
        return Answer(sample.value, sample.status, infos(len(spans), 0), no_data=~facts.any, time=sample.time)


@dataclass(frozen=True, slots=True)
class Outer(Rows):
    """The outermost samples and the outermost Good ones."""

    all: Ends
    good: Ends

    def then(self, later: Outer) -> Outer:
        """See `Joining`."""
        return Outer(self.all.then(later.all), self.good.then(later.good))


@dataclass(frozen=True, slots=True)
class Delta:
    """The method of Delta: the latest Good sample less the earliest."""

    def measure(self, cells: Cells) -> Outer:
        """See `Method`."""
        return Outer(ends(cells.samples, cells.cuts), ends(*cells.chosen(cells.samples.good_rows())))

    def finish(self, facts: Outer, spans: Spans) -> Answer:
        """See `Method`."""
        skipped = (facts.all.first.grade != GOOD) | (facts.all.last.grade != GOOD)
        return Answer(
            facts.good.last.value - facts.good.first.value,
            codes(skipped, Status.UNCERTAIN_DATA_SUB_NORMAL),
            infos(len(spans), CALCULATED),
            no_data=~facts.good.any,
        )
