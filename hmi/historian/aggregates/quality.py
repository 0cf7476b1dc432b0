"""WorstQuality: the worst StatusCode of an interval's samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hmi.core.batch import UInt32
from hmi.core.quality import CALCULATED, MULTI_VALUE
from hmi.historian.aggregates.ends import Ends, ends
from hmi.historian.aggregates.method import Answer, Cells, Spans, all_good, infos
from hmi.historian.aggregates.rows import Rows
from hmi.historian.aggregates.samples import BAD, UNCERTAIN
from hmi.historian.aggregates.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class Worst(Rows):
    """The outermost samples of each severity."""

    tally: Tally
    good: Ends
    uncertain: Ends
    bad: Ends

    def then(self, later: Worst) -> Worst:
        """See `Joining`."""
        return Worst(
            self.tally.then(later.tally),
            self.good.then(later.good),
            self.uncertain.then(later.uncertain),
            self.bad.then(later.bad),
        )


@dataclass(frozen=True, slots=True)
class WorstQuality:
    """The method of WorstQuality: the value is the code of the earliest sample of the worst severity."""

    def measure(self, cells: Cells) -> Worst:
        """See `Method`."""
        grade = cells.samples.grade
        nobody = np.empty(0, np.intp)
        bad, uncertain = (nobody if grade is None else np.flatnonzero(grade == g) for g in (BAD, UNCERTAIN))
        rows = (cells.samples.good_rows(), uncertain, bad)
        good_ends, uncertain_ends, bad_ends = (ends(*cells.chosen(which)) for which in rows)
        return Worst(tally(cells), good_ends, uncertain_ends, bad_ends)

    def finish(self, facts: Worst, spans: Spans) -> Answer:
        """See `Method`."""
        counts = facts.tally
        is_bad, is_uncertain = counts.bad > 0, counts.uncertain > 0
        code: UInt32 = np.where(is_uncertain, facts.uncertain.first.status, facts.good.first.status)
        code = np.where(is_bad, facts.bad.first.status, code)
        # Good again and again is no finding; the examples of the standard mark only what is worse.
        several = np.where(is_bad, counts.bad > 1, counts.uncertain > 1)
        info = infos(len(spans), CALCULATED) | np.where(several, np.uint32(MULTI_VALUE), np.uint32(0))
        return Answer(code.astype(np.float64), all_good(len(spans)), info, no_data=counts.all == 0)
