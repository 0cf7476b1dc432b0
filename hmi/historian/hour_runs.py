"""Which hours of a processed read need no samples: their stored rollups say all that an aggregate asks of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64
from hmi.core.instants import SECOND
from hmi.core.quality import BoolArray
from hmi.historian.aggregates import AggregateConfig
from hmi.historian.aggregates.blocks import Block
from hmi.historian.aggregates.intervals import Intervals
from hmi.historian.aggregates.samples import Samples, join, samples_of
from hmi.historian.aggregates.summary import Summary
from hmi.historian.rollup.cells import HOUR
from hmi.historian.rollup.hours import Hours

_LARGEST: Final = 1e100
"""Values beyond it may overflow in one order of adding and not in another: they are read one by one."""


@dataclass(frozen=True, slots=True)
class HourRun:
    """Adjoining hours that stand for their samples. A Good sample follows, so no bound at or before its time asks what
    came before the last one."""

    samples: Samples
    """The first and the last one of each hour."""
    next: Samples
    """The one that follows."""
    summary: Summary

    @property
    def low(self) -> int:
        """Where the hours begin, ns UTC."""
        return int(self.summary.edges[0])

    @property
    def high(self) -> int:
        """Where they end."""
        return int(self.summary.edges[-1])

    def block(self, before: Samples) -> Block:
        """The hours after what comes before them (see `blocks.tail`)."""
        return Block(join([before, self.samples, self.next]), self.low, self.high, self.summary)


def hour_runs(hours: Hours, intervals: Intervals, config: AggregateConfig, least: int) -> Iterator[HourRun]:
    """The runs of hours, in time order, that lie within the intervals and are cut by no edge of them.

    A run begins and ends with a sample's hour; the last one tells only what follows. Runs that save reading fewer than
    `least` samples are left out: to read around them costs more.
    """
    filled = hours.records["count"] > 0
    usable = (_tells_all(hours) | ~filled) & _whole(hours.index, intervals.edges)
    starts = usable.copy()
    starts[1:] &= ~usable[:-1] | (hours.index[1:] != hours.index[:-1] + 1)
    for first, stop in itertools.pairwise([*np.flatnonzero(starts).tolist(), len(hours)]):
        rows = np.arange(first, stop)
        told = rows[usable[rows] & filled[rows]]
        if len(told) > 1 and hours.records["count"][told[:-1]].sum() >= max(least, 1):
            yield _run(hours, slice(int(told[0]), int(told[-1])), config)


def _tells_all(hours: Hours) -> BoolArray:
    records = hours.records
    small = np.maximum(np.abs(records["min"]), np.abs(records["max"])) < _LARGEST
    return np.asarray((records["uniform"] > 0) & small)


def _whole(index: Int64, edges: Int64) -> BoolArray:
    """Which hours lie between the outermost edges and have none inside."""
    inside = (index * HOUR >= edges[0]) & ((index + 1) * HOUR <= edges[-1])
    return np.asarray(inside & ~np.isin(index, edges[edges % HOUR != 0] // HOUR))


def _run(hours: Hours, rows: slice, config: AggregateConfig) -> HourRun:
    """The hours of some rows; the row after them has samples too."""
    index, records = hours.index[rows], hours.records[rows]
    edges = np.append(index, index[-1] + 1) * HOUR
    summary = Summary(
        edges,
        _whole_numbers(records["count"]),
        _numbers(records["sum"]),
        _numbers(records["squares"]),
        _numbers(records["sloped"]) * SECOND,
        _numbers(records["stepped"]) * SECOND,
        _numbers(records["min"]),
        _whole_numbers(records["min_hits"]),
        _numbers(records["max"]),
        _whole_numbers(records["max_hits"]),
    )
    following = _outermost(hours.records[rows.stop : rows.stop + 1], config)
    return HourRun(_outermost(records, config), following.take(slice(0, 1)), summary)


def _outermost(records: NDArray[Any], config: AggregateConfig) -> Samples:
    """The first and the last sample of each hour that has one, two or more."""
    there = np.stack([records["count"] > 0, records["count"] > 1], axis=1)
    time = np.stack([records["first_time"], records["last_time"]], axis=1)[there]
    value = np.stack([records["first"], records["last"]], axis=1)[there]
    status = np.stack([records["worst"], records["worst"]], axis=1)[there]
    return samples_of(time, value, status, config)


def _numbers(column: NDArray[Any]) -> Float64:
    return np.ascontiguousarray(column, np.float64)


def _whole_numbers(column: NDArray[Any]) -> Int64:
    return np.ascontiguousarray(column, np.int64)
