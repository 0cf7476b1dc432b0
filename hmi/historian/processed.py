"""Processed reads of a store: any span, however long, a page of samples at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from hmi.core.batch import Int64
from hmi.historian.aggregates import Aggregate, AggregateConfig, Processed
from hmi.historian.aggregates.calculate import DEFAULTS
from hmi.historian.aggregates.fold import Fold
from hmi.historian.aggregates.function import NEEDS_EVERY_SAMPLE, RETURNS_SAMPLES
from hmi.historian.aggregates.intervals import Intervals, cut
from hmi.historian.aggregates.methods import method_of
from hmi.historian.api import HoursReader, RawReader
from hmi.historian.hour_runs import HourRun, hour_runs
from hmi.historian.processed_source import Source, TextError, Texts
from hmi.historian.rollup.cells import DAY, HOUR

PAGE: Final = 500_000
"""Samples read at once; with what is made of them, two million are in memory at most."""
_AT_TIME_PAGE: Final = 4096
_RUN_SHARE: Final = 16
"""Hours with less than this part of a page are read with their neighbours: a read of its own for these costs more."""


def read_processed(
    reader: RawReader,
    tag: int,
    function: Aggregate,
    start: int,
    end: int,
    interval: int,
    config: AggregateConfig = DEFAULTS,
    *,
    page: int = PAGE,
) -> Processed:
    """One result for each interval of a tag's history, by OPC UA Part 13; see `aggregates.aggregate`.

    Holds a page of samples and what is made of it, however long the span or an interval is. A `HoursReader` gives the
    hours it has summed up instead of their samples, where no interval ends inside them; statuses are the same, and
    values to 1e-12 of the largest one. A string tag is stepped; its values of Start and End point at the result's
    `text`.

    Raises:
        AggregateError: nothing can be calculated; its `status` is the code for an OPC UA client.
        StoreError: the store cannot be read, or is damaged at this place.
    """
    intervals = cut(start, end, interval)
    low, high = int(intervals.edges[0]), int(intervals.edges[-1])
    try:
        runs = () if function in NEEDS_EVERY_SAMPLE else _runs(reader, tag, intervals, config, page // _RUN_SHARE)
        blocks = Source(reader, tag, config, page).blocks(low, high, runs)
        return Fold(method_of(function), intervals, config).over(blocks)
    except TextError:
        source = _text_source(reader, tag, config, page)
        found = Fold(method_of(function, is_text=True), intervals, source.config).over(source.blocks(low, high))
        return replace(found, text=source.strings() if function in RETURNS_SAMPLES else ())


def read_at_time(
    reader: RawReader,
    tag: int,
    at: Int64,
    config: AggregateConfig = DEFAULTS,
    simple_bounds: bool = False,
) -> Processed:
    """A tag's value at each of the times (ns UTC) in their order; see `aggregates.read_at_time`.

    Raises:
        StoreError: the store cannot be read, or is damaged at this place.
    """
    at = np.asarray(at, np.int64)
    try:
        return Source(reader, tag, config, _AT_TIME_PAGE).values(at, simple=simple_bounds)
    except TextError:
        source = _text_source(reader, tag, config, _AT_TIME_PAGE)
        return replace(source.values(at, simple=simple_bounds), text=source.strings())


def _text_source(reader: RawReader, tag: int, config: AggregateConfig, page: int) -> Source:
    return Source(reader, tag, replace(config, stepped=True), page, Texts())


def _runs(reader: RawReader, tag: int, intervals: Intervals, config: AggregateConfig, least: int) -> Iterator[HourRun]:
    """The hours that need no samples; none backward, where a sample on the hour belongs to the one before."""
    edges = intervals.edges
    if intervals.backward or edges[1] - edges[0] < HOUR or not isinstance(reader, HoursReader):
        return iter(())
    hours = reader.hours(tag, int(edges[0]) // DAY, int(edges[-1] - 1) // DAY)
    return hour_runs(hours, intervals, config, least)
