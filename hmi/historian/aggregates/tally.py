"""How many samples of each worth an interval has, and the status that follows from counting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hmi.core.batch import Int64, UInt32
from hmi.core.quality import BoolArray
from hmi.historian.aggregates.config import AggregateConfig
from hmi.historian.aggregates.method import Cells, all_good, shares
from hmi.historian.aggregates.rows import Rows, counted
from hmi.historian.aggregates.samples import BAD, UNCERTAIN


@dataclass(frozen=True, slots=True)
class Tally(Rows):
    """Samples by severity; Uncertain is neither Good nor Bad here, whatever the configuration says."""

    good: Int64
    uncertain: Int64
    bad: Int64

    def then(self, later: Tally) -> Tally:
        """See `Joining`."""
        return Tally(self.good + later.good, self.uncertain + later.uncertain, self.bad + later.bad)

    @property
    def all(self) -> Int64:
        """Samples of any severity."""
        return self.good + self.uncertain + self.bad

    def unusable(self, config: AggregateConfig) -> BoolArray:
        """A sample was left out that is Bad, or Uncertain and treated so."""
        return np.asarray((self.bad > 0) | (config.treat_uncertain_as_bad & (self.uncertain > 0)))

    def status(self, config: AggregateConfig) -> UInt32:
        """By the shares of Good and Bad samples; without any sample Good."""
        status = shares(self.bad, self.good, self.all, config)
        return np.where(self.good == self.all, all_good(len(status)), status)


def tally(cells: Cells) -> Tally:
    """Counts the samples of each cell."""
    every = np.diff(cells.cuts).astype(np.int64) if cells.summary is None else cells.summary.count
    grade = cells.samples.grade
    if grade is None:
        return Tally(every, np.zeros_like(every), np.zeros_like(every))
    bad, uncertain = counted(grade == BAD, cells.cuts), counted(grade == UNCERTAIN, cells.cuts)
    return Tally(every - bad - uncertain, uncertain, bad)
