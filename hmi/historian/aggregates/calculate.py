"""Aggregates and values at given times from samples in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import with_history
from hmi.historian.aggregates import bounds as rules
from hmi.historian.aggregates.blocks import blocks
from hmi.historian.aggregates.config import AggregateConfig
from hmi.historian.aggregates.edges import origin
from hmi.historian.aggregates.fold import Fold
from hmi.historian.aggregates.function import Aggregate
from hmi.historian.aggregates.intervals import cut
from hmi.historian.aggregates.methods import method_of
from hmi.historian.aggregates.result import Processed
from hmi.historian.aggregates.samples import Samples, samples_of

DEFAULTS: Final = AggregateConfig()


def aggregate(
    function: Aggregate,
    time: Int64,
    value: Float64,
    status: UInt32,
    start: int,
    end: int,
    interval: int,
    config: AggregateConfig = DEFAULTS,
    *,
    is_text: bool = False,
) -> Processed:
    """One result for each interval of `start`..`end`, by OPC UA Part 13.

    Args:
        function: What to calculate.
        time: Sample times (n), ns UTC, ascending, each once. Of the samples outside the range these must be there, if
            the tag has them: the last one before it, the last two usable ones before it, the first one at or after
            its later edge and the first usable one there. More do no harm; one that is missing counts as not stored.
        value: Sample values (n); for a text tag one number for each different string.
        status: OPC UA StatusCodes (n).
        start: ns UTC, belongs to the range.
        end: ns UTC, does not; before `start` the intervals run backward and are stamped with their later edge.
        interval: Length in ns; 0 = one interval; the last one may be shorter.
        config: How to treat doubt.
        is_text: The values stand for strings.

    Raises:
        AggregateError: nothing can be calculated; its `status` is the code for an OPC UA client.
        ValueError: the times do not ascend.
    """
    method = method_of(function, is_text=is_text)
    intervals = cut(start, end, interval)
    config = replace(config, stepped=True) if is_text else config
    samples = _judged(time, value, status, config)
    return Fold(method, intervals, config).over(blocks(samples, int(intervals.edges[0]), int(intervals.edges[-1])))


def read_at_time(
    time: Int64,
    value: Float64,
    status: UInt32,
    at: Int64,
    config: AggregateConfig = DEFAULTS,
    simple_bounds: bool = False,
) -> Processed:
    """The value at each of the times asked for, in their order: stored (no history bit) or INTERPOLATED.

    Args:
        time: As for `aggregate`, the range being that of `at`.
        value: Sample values (n).
        status: OPC UA StatusCodes (n).
        at: Times asked for (m), ns UTC, in any order.
        config: How to treat doubt.
        simple_bounds: True: between the neighbouring samples, a Bad one gives Bad_NoData. False: between the nearest
            usable ones.

    Raises:
        ValueError: the sample times do not ascend.
    """
    return values_at(_judged(time, value, status, config), np.asarray(at, np.int64), config, simple=simple_bounds)


def values_at(samples: Samples, at: Int64, config: AggregateConfig, *, simple: bool) -> Processed:
    """See `read_at_time`."""
    with np.errstate(over="ignore", invalid="ignore"):
        bounds = (rules.simple_bounds if simple else rules.interpolated_bounds)(samples, at, config)
    return Processed(at, bounds.value, with_history(bounds.status, origin(bounds)))


def _judged(time: Int64, value: Float64, status: UInt32, config: AggregateConfig) -> Samples:
    time, value, status = np.asarray(time, np.int64), np.asarray(value, np.float64), np.asarray(status, np.uint32)
    if not bool((time[1:] > time[:-1]).all()):
        raise ValueError("the times of the samples must ascend")
    return samples_of(time, value, status, config)
