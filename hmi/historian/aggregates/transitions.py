"""NumberOfTransitions: how often a tag changed its value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hmi.core.batch import Int64
from hmi.core.quality import CALCULATED, BoolArray, is_bad
from hmi.historian.aggregates.method import Answer, Cells, Spans, infos
from hmi.historian.aggregates.rows import Rows, counted
from hmi.historian.aggregates.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class Changes(Rows):
    """Changes between usable samples."""

    tally: Tally
    inner: Int64
    """Between two of the cell."""
    any: BoolArray
    """There is a usable one."""
    entry: BoolArray
    """The first of the cell differs from the one before the cell, or there is none before."""

    def then(self, later: Changes) -> Changes:
        """See `Joining`."""
        return Changes(
            self.tally.then(later.tally),
            self.inner + later.inner + (self.any & later.any & later.entry),
            self.any | later.any,
            np.where(self.any, self.entry, later.entry),
        )


@dataclass(frozen=True, slots=True)
class Transitions:
    """The method of NumberOfTransitions."""

    def measure(self, cells: Cells) -> Changes:
        """See `Method`."""
        ok, cuts = cells.chosen(cells.samples.ok_rows())
        changed = np.ones(len(ok), np.bool_)
        changed[1:] = ok.value[1:] != ok.value[:-1]
        filled = np.asarray(cuts[1:] > cuts[:-1])
        entry = np.zeros(len(cells), np.bool_)
        entry[filled] = changed[cuts[:-1][filled]]
        return Changes(tally(cells), counted(changed, cuts) - entry, filled, entry)

    def finish(self, facts: Changes, spans: Spans) -> Answer:
        """See `Method`."""
        status = facts.tally.status(spans.config)
        counts = ~is_bad(status)
        info = np.where(counts, infos(len(spans), CALCULATED), np.uint32(0))
        return Answer((facts.inner + facts.entry).astype(np.float64), status, info, may_be_partial=counts)
