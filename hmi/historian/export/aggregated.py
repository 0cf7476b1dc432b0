"""Aggregates of one tag, a stretch of intervals at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from hmi.historian.catalogue import CatalogueTag
from hmi.historian.export.page import Page
from hmi.historian.export.pages import Pages

_INTERVALS: Final = 10_000
"""So many results are computed at once; each depends on its own interval and the bounds of it alone."""


Compute = Callable[[CatalogueTag, int, int], Page]
"""The results of a tag from start to end (ns UTC), one row an interval."""


def aggregate_pages(compute: Compute, start: int, end: int, interval: int, intervals: int = _INTERVALS) -> Pages:
    """The aggregate over [start, start + interval) and so on; the last interval ends at end (ns UTC)."""

    def pages(tag: CatalogueTag) -> Iterator[Page]:
        for first in range(start, end, interval * intervals):
            yield compute(tag, first, min(first + interval * intervals, end))

    return pages
