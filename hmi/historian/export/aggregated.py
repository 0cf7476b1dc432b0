"""Aggregates of one tag, a stretch of intervals at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from hmi.historian.aggregates import Aggregate, AggregateConfig, Processed
from hmi.historian.api import RawReader
from hmi.historian.catalogue import CatalogueTag
from hmi.historian.export.page import Page
from hmi.historian.export.pages import Pages
from hmi.historian.processed import read_processed

_INTERVALS: Final = 10_000
"""So many results are computed at once; each depends on its own interval and its bounds alone."""


def aggregate_pages(
    reader: RawReader, function: Aggregate, start: int, end: int, interval: int, intervals: int = _INTERVALS
) -> Pages:
    """The aggregate over [start, start + interval) and so on; the last interval ends at end (ns UTC)."""

    def pages(tag: CatalogueTag) -> Iterator[Page]:
        config = AggregateConfig(stepped=tag.stepped)
        for first in range(start, end, interval * intervals):
            last = min(first + interval * intervals, end)
            yield page_of_results(read_processed(reader, tag.id, function, first, last, interval, config))

    return pages


def page_of_results(found: Processed) -> Page:
    """The same with texts by row, where the results are values of a tag of texts."""
    if not found.text:
        return Page(found.time, found.value, found.status)
    none = np.isnan(found.value)
    index = np.where(none, 0, found.value).astype(np.intp).tolist()
    text = [None if empty else found.text[at] for at, empty in zip(index, none.tolist(), strict=True)]
    return Page(found.time, np.full(len(found), np.nan), found.status, text)
