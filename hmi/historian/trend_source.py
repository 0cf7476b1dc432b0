"""Where a trend of a store comes from: its rollups, and samples as the raw read gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

from hmi.historian.api import RawPage, TextsError
from hmi.historian.rollup.columns import Sample, TrendSamples
from hmi.historian.trend_read import Part

PAGE: Final = 500_000
"""Samples of a trend that are in memory at once, however long its span."""


class ReadRaw(Protocol):
    """`hmi.historian.api.Reader.read_raw`."""

    def __call__(self, tag: int, start: int | None, end: int | None, *, limit: int = 0) -> RawPage:
        """See `hmi.historian.api.Reader.read_raw`."""
        ...


Rollups = Callable[[int, int, int, Part], Iterable[tuple[int, bytes]]]
"""`hmi.historian.trend_read.TrendSource.rollups`."""


class StoredSource:
    """See `hmi.historian.trend_read.TrendSource`."""

    def __init__(self, read_raw: ReadRaw, rollups: Rollups, page: int = PAGE) -> None:
        self._read_raw, self._rollups, self._page = read_raw, rollups, page

    def samples(self, tag: int, low: int, high: int) -> Iterator[TrendSamples]:
        """Page by page."""
        start: int | None = low
        while start is not None:
            page = _numbers(self._read_raw(tag, start, high, limit=self._page))
            yield TrendSamples(page.time, page.value, page.status)
            start = page.next_start

    def rollups(self, tag: int, first_day: int, last_day: int, part: Part) -> Iterable[tuple[int, bytes]]:
        """Those that are stored."""
        return self._rollups(tag, first_day, last_day, part)

    def before(self, tag: int, time: int) -> Sample | None:
        """The last sample before a time."""
        return _only(self._read_raw(tag, None, time - 1, limit=1))

    def after(self, tag: int, time: int) -> Sample | None:
        """The first sample at or after a time."""
        return _only(self._read_raw(tag, time, None, limit=1))


def _only(page: RawPage) -> Sample | None:
    if not len(_numbers(page).time):
        return None
    return Sample(int(page.time[0]), float(page.value[0]), int(page.status[0]))


def _numbers(page: RawPage) -> RawPage:
    if page.text:
        raise TextsError("The tag holds texts, which have no trend.", "Read it raw.")
    return page
