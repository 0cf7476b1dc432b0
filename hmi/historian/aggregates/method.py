"""What every aggregate does in two steps: measure cells of time, and make a result of each interval's measures.

A cell is an interval or a part of one. The measures of neighbouring cells join, so an interval may be longer than the
memory, and measures may also come from summaries that were made when the samples were stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import BoolArray, Status
from hmi.historian.aggregates.config import AggregateConfig
from hmi.historian.aggregates.pieces import Known
from hmi.historian.aggregates.samples import Samples
from hmi.historian.aggregates.summary import Summary


class Cells:
    """Adjoining cells and the samples that bear on them: those inside and what the bounds need outside."""

    def __init__(
        self,
        samples: Samples,
        edges: Int64,
        config: AggregateConfig,
        *,
        backward: bool,
        summary: Summary | None = None,
    ) -> None:
        """At least one sample; `edges` (ns UTC) ascend, one more than there are cells.

        With a `summary` of these cells, of those inside the outermost samples of each cell are enough.
        """
        self.samples = samples
        self.summary = summary
        self.edges = edges
        self.config = config
        self.backward = backward

    def __len__(self) -> int:
        return len(self.edges) - 1

    @cached_property
    def cuts(self) -> NDArray[np.intp]:
        """Row of the first sample of each cell, and where those of the last stop. A sample on an edge belongs to the
        cell that begins there in reading direction."""
        return np.searchsorted(self.samples.time, self.edges, "right" if self.backward else "left")

    def known(self, *, stepped: bool) -> Known | None:
        """What lies between the outermost samples of each cell, where it was summed up."""
        if self.summary is None:
            return None
        several = self.summary.count > 1
        area = self.summary.stepped if stepped else self.summary.sloped
        return Known(self.samples.time[self.cuts[:-1][several]], area[several])

    def chosen(self, rows: NDArray[np.intp] | None) -> tuple[Samples, NDArray[np.intp]]:
        """Some of the samples (None: all) with their cuts."""
        if rows is None:
            return self.samples, self.cuts
        return self.samples.take(rows), np.searchsorted(rows, self.cuts)


@dataclass(frozen=True, slots=True)
class Spans:
    """Whole intervals about to get their results, and where the stored samples begin and end."""

    low: Int64
    """The earlier edges, ns UTC."""
    high: Int64
    backward: bool
    first: int
    """ns UTC of the tag's first sample, or of any one before these intervals."""
    last: int
    """ns UTC of its last sample, or of any one after them."""
    config: AggregateConfig

    def __len__(self) -> int:
        return len(self.low)

    @property
    def stamps(self) -> Int64:
        """Where each interval begins in reading direction."""
        return self.high if self.backward else self.low

    @property
    def outside(self) -> BoolArray:
        """Wholly before the first or after the last sample."""
        if self.backward:
            return (self.high < self.first) | (self.low >= self.last)
        return (self.high <= self.first) | (self.low > self.last)

    @property
    def partial(self) -> BoolArray:
        """The first or the last sample lies inside, with time missing before or after it."""
        first_inside = (self.low < self.first) & (self.first <= self.high if self.backward else self.first < self.high)
        last_inside = (self.last < self.high) & (self.low < self.last if self.backward else self.low <= self.last)
        return first_inside | last_inside


@dataclass(frozen=True, slots=True)
class Answer:
    """Results of intervals before the rules common to all: range of the data, Partial, no value with a Bad status."""

    value: Float64
    status: UInt32
    """Without history bits other than those a stored sample brings."""
    info: UInt32
    """CALCULATED, INTERPOLATED, MULTI_VALUE; PARTIAL is added."""
    no_data: BoolArray | None = None
    """True: Bad_NoData without any mark."""
    time: Int64 | None = None
    """Where it is not the begin of the interval."""
    may_be_partial: BoolArray | bool = True
    anywhere: bool = False
    """True: also answers outside the range of the data."""


class Joining(Protocol):
    """Measures of cells that can be cut and joined."""

    def __getitem__(self, part: slice | NDArray[np.intp]) -> Self:
        """Those of some cells."""
        ...

    def choose(self, other: Self, where: BoolArray) -> Self:
        """Row by row, this one where True, else the other."""
        ...

    def then(self, later: Self) -> Self:
        """Row by row, those of a cell and of the one right after it as one cell's."""
        ...


F = TypeVar("F", bound=Joining)


class Method(Protocol[F]):
    """An aggregate."""

    def measure(self, cells: Cells) -> F:
        """What there is to know of each cell."""
        ...

    def finish(self, facts: F, spans: Spans) -> Answer:
        """The results of whole intervals."""
        ...


def all_good(rows: int) -> UInt32:
    """Good for every row."""
    return np.zeros(rows, np.uint32)


def codes(where: BoolArray, yes: int, no: int = Status.GOOD) -> UInt32:
    """A status for each row."""
    return np.where(where, np.uint32(yes), np.uint32(no)).astype(np.uint32)


def infos(rows: int, bits: int) -> UInt32:
    """The same mark for all rows."""
    return np.full(rows, bits, np.uint32)


def shares(bad: Int64, good: Int64, whole: Int64, config: AggregateConfig) -> UInt32:
    """Status by the shares of Bad and Good in a whole (samples, or ns): Bad is tested first, as the text says."""
    size = np.maximum(whole, 1)
    is_bad = (bad > 0) & (100.0 * bad / size >= config.percent_data_bad)
    is_good = 100.0 * good / size >= config.percent_data_good
    return np.where(is_bad, Status.BAD, codes(~is_good, Status.UNCERTAIN_DATA_SUB_NORMAL)).astype(np.uint32)
