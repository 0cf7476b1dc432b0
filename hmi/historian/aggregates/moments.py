"""Average, Count and the standard deviations: Good samples alone, each with the same weight."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from hmi.core.batch import Float64
from hmi.core.quality import CALCULATED, Status, is_bad
from hmi.historian.aggregates.method import Answer, Cells, Spans, codes, infos
from hmi.historian.aggregates.rows import Rows, reduced
from hmi.historian.aggregates.tally import Tally, tally


class Moment(Enum):
    """What is asked for."""

    COUNT = "count"
    MEAN = "mean"
    SAMPLE = "deviation of a sample"
    POPULATION = "deviation of the population"


@dataclass(frozen=True, slots=True)
class Spread(Rows):
    """The Good samples of each cell in three numbers."""

    tally: Tally
    mean: Float64
    """0 where there is none."""
    squares: Float64
    """Sum of the squared distances from the mean; 0 when it is not asked for."""

    def then(self, later: Spread) -> Spread:
        """See `Joining`; exact in the mean's distance, so that a large mean does not swallow a small deviation."""
        both = np.maximum(self.tally.good + later.tally.good, 1)
        # Without samples there is no mean to be away from: the square of a large step would not be finite.
        step = np.where((self.tally.good > 0) & (later.tally.good > 0), later.mean - self.mean, 0.0)
        share = later.tally.good / both
        return Spread(
            self.tally.then(later.tally),
            np.where(self.tally.good > 0, self.mean + step * share, later.mean),
            self.squares + later.squares + step * step * self.tally.good * share,
        )


@dataclass(frozen=True, slots=True)
class Moments:
    """The method of all four."""

    moment: Moment

    def measure(self, cells: Cells) -> Spread:
        """See `Method`."""
        counts = tally(cells)
        zeros = np.zeros(len(cells))
        if self.moment is Moment.COUNT:
            return Spread(counts, zeros, zeros)
        size = np.maximum(counts.good, 1)
        if cells.summary is not None:
            filled = counts.good > 0
            mean, squares = cells.summary.total / size, cells.summary.squares
            return Spread(counts, np.where(filled, mean, 0.0), np.where(filled, squares, 0.0))
        good, cuts = cells.chosen(cells.samples.good_rows())
        mean = reduced(np.add, good.value, cuts[:-1], cuts[1:], 0.0) / size
        if self.moment is Moment.MEAN:
            return Spread(counts, mean, zeros)
        away = good.value[cuts[0] : cuts[-1]] - np.repeat(mean, counts.good)
        inner = cuts - cuts[0]
        rest = reduced(np.add, away, inner[:-1], inner[1:], 0.0)
        squares = reduced(np.add, away * away, inner[:-1], inner[1:], 0.0)
        # What rounding left in the mean is taken out of the squares.
        return Spread(counts, mean + rest / size, np.maximum(squares - rest * rest / size, 0.0))

    def finish(self, facts: Spread, spans: Spans) -> Answer:
        """See `Method`."""
        status = facts.tally.status(spans.config)
        calculated = infos(len(spans), CALCULATED)
        if self.moment is Moment.COUNT:
            counts = ~is_bad(status)
            return Answer(
                facts.tally.good.astype(np.float64), status, np.where(counts, calculated, 0), may_be_partial=counts
            )
        none = facts.tally.good == 0
        if self.moment is Moment.MEAN:
            return Answer(facts.mean, status, calculated, no_data=none, may_be_partial=False)
        dropped = codes(facts.tally.good < facts.tally.all, Status.UNCERTAIN_DATA_SUB_NORMAL)
        return Answer(self._deviation(facts), dropped, calculated, no_data=none)

    def _deviation(self, facts: Spread) -> Float64:
        size = facts.tally.good - (self.moment is Moment.SAMPLE)
        return np.asarray(np.sqrt(facts.squares / np.maximum(size, 1)), np.float64)
