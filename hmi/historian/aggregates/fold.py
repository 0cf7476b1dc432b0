"""Results of any number of intervals out of stretches of time that come one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Int64
from hmi.historian.aggregates.blocks import Block
from hmi.historian.aggregates.config import AggregateConfig
from hmi.historian.aggregates.intervals import Intervals
from hmi.historian.aggregates.method import Answer, Cells, F, Method, Spans, all_good, infos
from hmi.historian.aggregates.result import Processed, empty, fill


class Fold(Generic[F]):
    """Takes the stretches in time order, together covering all intervals; holds the results and one open interval.

    A stretch comes as samples, or summed up beside its outermost ones (`add`), or as measures already made
    (`add_facts`).
    """

    def __init__(self, method: Method[F], intervals: Intervals, config: AggregateConfig) -> None:
        self._method, self._intervals, self._config = method, intervals, config
        self._done = 0
        self._open: F | None = None
        self._first: int | None = None
        self._results = empty(len(intervals))

    def over(self, blocks: Iterable[Block]) -> Processed:
        """The results when these are all the stretches there are."""
        for block in blocks:
            self.add(block)
        return self.result()

    def add(self, block: Block) -> None:
        """The next stretch. One that is summed up has its own cells, each in one of `cells`; forward alone."""
        if not len(block.samples):
            return  # Neither here nor around: the tag has none at all.
        edges = wanted = self.cells(block.low, block.high)
        if block.summary is not None:
            edges = block.summary.edges
        cells = Cells(block.samples, edges, self._config, backward=self._intervals.backward, summary=block.summary)
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows ends as Bad_AggregateInvalidInputs
            facts = _joined(self._method.measure(cells), np.searchsorted(edges, wanted))
            self.add_facts(block.high, facts, int(block.samples.time[0]), int(block.samples.time[-1]))

    def cells(self, low: int, high: int) -> Int64:
        """The edges of the cells of a stretch: its ends, and the edges of intervals between them."""
        edges = self._intervals.edges
        inner = edges[np.searchsorted(edges, low, "right") : np.searchsorted(edges, high)]
        return np.concatenate(([low], inner, [high])).astype(np.int64)

    def add_facts(self, high: int, facts: F, first: int, last: int) -> None:
        """The measures of the next stretch, which ends at `high`: a row for each of its `cells`.

        `first` and `last` (ns UTC) are the first and last sample that is known of, outside the stretch if there are
        any before or after it.
        """
        if self._first is None:
            self._first = first
        edges = self._intervals.edges
        ended = int(np.searchsorted(edges, high, "right")) - 1
        if self._open is not None:
            head = self._open.then(facts[:1])
            if ended == self._done:
                self._open = head
                return
            self._open = None
            self._finish(head, self._done + 1, last)
            facts = facts[1:]
        whole = ended - self._done
        if whole:
            self._finish(facts[:whole], ended, last)
        if edges[ended] != high:
            self._open = facts[whole:]

    def _finish(self, facts: F, until: int, last: int) -> None:
        spans = self._spans(until, last)
        self._fill(until, self._method.finish(facts, spans), spans)

    def _spans(self, until: int, last: int) -> Spans:
        edges, first = self._intervals.edges, self._first if self._first is not None else last
        low, high = edges[self._done : until], edges[self._done + 1 : until + 1]
        return Spans(low, high, self._intervals.backward, first, last, self._config)

    def _fill(self, until: int, answer: Answer, spans: Spans) -> None:
        fill(self._results.part(self._done, until), answer, spans)
        self._done = until

    def result(self) -> Processed:
        """All results, in reading order; Bad_NoData where there was nothing to measure."""
        left = len(self._intervals) - self._done
        if left:
            nothing = Answer(np.zeros(left), all_good(left), infos(left, 0), no_data=np.ones(left, np.bool_))
            self._fill(len(self._intervals), nothing, self._spans(len(self._intervals), 0))
        return self._results.reversed() if self._intervals.backward else self._results


def _joined(facts: F, cuts: NDArray[np.intp]) -> F:
    """One row for the rows between neighbouring cuts, which leave none empty; joined in pairs, like a long sum."""
    sizes = np.diff(cuts)
    while (sizes > 1).any():
        group = np.repeat(np.arange(len(sizes)), sizes)
        place = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        left = np.flatnonzero(place % 2 == 0)
        paired = place[left] + 1 < sizes[group[left]]
        alone = facts[left]
        facts = alone.then(facts[left + paired]).choose(alone, paired)
        sizes = (sizes + 1) // 2
    return facts
