"""Processed reads of a store: any span, however long, a page of samples at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from hmi.core.batch import Float64, Int64
from hmi.historian.aggregates import Aggregate, AggregateConfig, Processed
from hmi.historian.aggregates.blocks import Block, blocks, tail
from hmi.historian.aggregates.calculate import DEFAULTS, values_at
from hmi.historian.aggregates.fold import Fold
from hmi.historian.aggregates.function import RETURNS_SAMPLES
from hmi.historian.aggregates.intervals import cut
from hmi.historian.aggregates.methods import method_of
from hmi.historian.aggregates.samples import Samples, join, samples_of
from hmi.historian.api import RawPage, Reader

PAGE: Final = 500_000
"""Samples read at once; with what is made of them, two million are in memory at most."""
_NEAR: Final = 16
"""Samples looked at first when a usable one is searched beside a page; each further look takes 16 times as many."""
_AT_TIME_PAGE: Final = 4096


class _TextError(Exception):
    """The tag has strings: what was read as numbers has to be read again."""


@dataclass(slots=True)
class _Texts:
    """A number for each different string of a tag."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, page: RawPage) -> Float64:
        """The page's values as such numbers; what was a number once is the string that shows it."""
        known = ~np.isnan(page.value)
        value = np.full(len(page.value), np.nan)
        if page.text:
            number = np.array([self._number(text) for text in page.text], np.float64)
            value[known] = number[page.value[known].astype(np.intp)]
        else:
            value[known] = [self._number(f"{number:.17g}") for number in page.value[known].tolist()]
        return value

    def _number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))


def read_processed(
    reader: Reader,
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

    Holds a page of samples and what is made of it, however long the span or an interval is. A string tag is stepped;
    its values of Start and End point at the result's `text`.

    Raises:
        AggregateError: nothing can be calculated; its `status` is the code for an OPC UA client.
        StoreError: the store cannot be read, or is damaged at this place.
    """
    intervals = cut(start, end, interval)
    low, high = int(intervals.edges[0]), int(intervals.edges[-1])
    try:
        fold = Fold(method_of(function), intervals, config)
        for block in _Source(reader, tag, config, page).blocks(low, high):
            fold.add(block)
        return fold.result()
    except _TextError:
        source = _text_source(reader, tag, config, page)
        fold = Fold(method_of(function, is_text=True), intervals, source.config)
        for block in source.blocks(low, high):
            fold.add(block)
        return replace(fold.result(), text=source.strings() if function in RETURNS_SAMPLES else ())


def read_at_time(
    reader: Reader,
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
        return _Source(reader, tag, config, _AT_TIME_PAGE).values(at, simple=simple_bounds)
    except _TextError:
        source = _text_source(reader, tag, config, _AT_TIME_PAGE)
        return replace(source.values(at, simple=simple_bounds), text=source.strings())


def _text_source(reader: Reader, tag: int, config: AggregateConfig, page: int) -> _Source:
    return _Source(reader, tag, replace(config, stepped=True), page, _Texts())


class _Source:
    """One tag's samples, page by page, each with what the bounds need around it."""

    def __init__(
        self, reader: Reader, tag: int, config: AggregateConfig, page: int, texts: _Texts | None = None
    ) -> None:
        self._reader, self._tag, self._page, self._texts = reader, tag, page, texts
        self.config = config
        self._ahead: Samples | None = None

    def strings(self) -> tuple[str, ...]:
        """What the values of a string tag stand for."""
        return tuple(self._texts.numbers) if self._texts is not None else ()

    def blocks(self, low: int, high: int) -> Iterator[Block]:
        """Blocks that cover low..high (ns UTC) without a gap."""
        before, at = self._before(low), low
        while at < high:
            page = self._reader.read_raw(self._tag, at, high, limit=self._page)
            inside = self._samples(page)
            until = high if page.next_start is None else page.next_start
            yield from blocks(inside, at, until, before=before, after=self._after(until))
            before, at = tail(join([before, tail(inside)])), until
            del page, inside  # not kept while the next one is read

    def values(self, at: Int64, *, simple: bool) -> Processed:
        """Values at some times, reading only around them."""
        order = np.argsort(at, kind="stable")
        ascending = at[order]
        results = Processed(at, np.full(len(at), np.nan), np.zeros(len(at), np.uint32))
        done = 0
        while done < len(at):
            low = int(ascending[done])
            page = self._reader.read_raw(self._tag, low, None, limit=self._page)
            inside = self._samples(page)
            until = len(at) if page.next_start is None else int(np.searchsorted(ascending, page.next_start))
            after = self._none() if page.next_start is None else self._after(page.next_start)
            around = join([self._before(low), inside, after])
            found = values_at(around, ascending[done:until], self.config, simple=simple)
            rows = order[done:until]
            results.value[rows], results.status[rows] = found.value, found.status
            done = until
        return results

    def _before(self, low: int) -> Samples:
        """The samples before a time that bounds at or after it need."""
        found, limit, at = self._none(), _NEAR, low - 1
        while True:
            page = self._reader.read_raw(self._tag, None, at, limit=limit)
            found = tail(join([self._samples(page).take(slice(None, None, -1)), found]))
            if page.next_start is None or found.usable_count() >= 2:
                return found
            limit, at = min(limit * _NEAR, self._page), page.next_start

    def _after(self, high: int) -> Samples:
        """The samples at or after a time that bounds up to it need: the next one, and the next usable one."""
        page = self._reader.read_raw(self._tag, high, None, limit=_NEAR)
        found = self._samples(page)
        usable = self._usable_from(high, found, page.next_start)
        following = found.take(slice(0, 1))
        return usable if len(usable) and usable.time[0] == following.time[0] else join([following, usable])

    def _usable_from(self, high: int, found: Samples, following: int | None) -> Samples:
        """The first usable sample at or after a time, or none; `found` are those that come first, more `following`."""
        # A long stretch of Bad is crossed once, not again for each of its pages.
        if self._ahead is not None and (not len(self._ahead) or self._ahead.time[0] >= high):
            return self._ahead
        limit = _NEAR
        while not found.usable_count() and following is not None:
            limit = min(limit * _NEAR, self._page)
            page = self._reader.read_raw(self._tag, following, None, limit=limit)
            found, following = self._samples(page), page.next_start
        rows = found.ok_rows()
        self._ahead = found.take(slice(0, 1) if rows is None else rows[:1])
        return self._ahead

    def _samples(self, page: RawPage) -> Samples:
        if self._texts is not None:
            value = self._texts.of(page)
        elif page.text:
            raise _TextError
        else:
            value = page.value
        return samples_of(page.time, value, page.status, self.config)

    def _none(self) -> Samples:
        return samples_of(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint32), self.config)
