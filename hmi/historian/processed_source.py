"""One tag's samples for a processed read, page by page, each with what the bounds need around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hmi.core.batch import Float64, Int64
from hmi.historian.aggregates import AggregateConfig, Processed
from hmi.historian.aggregates.blocks import Block, blocks, tail
from hmi.historian.aggregates.calculate import values_at
from hmi.historian.aggregates.samples import BAD, Samples, join, samples_of
from hmi.historian.api import RawPage, RawReader
from hmi.historian.hour_runs import HourRun

_NEAR: Final = 16
"""Samples looked at first when a usable one is searched beside a page; each further look takes 16 times as many."""


class TextError(Exception):
    """The tag has strings: what was read as numbers has to be read again."""


@dataclass(slots=True)
class Texts:
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


class Source:
    """One tag's samples, page by page, each with what the bounds need around it."""

    def __init__(
        self, reader: RawReader, tag: int, config: AggregateConfig, page: int, texts: Texts | None = None
    ) -> None:
        self._reader, self._tag, self._page, self._texts = reader, tag, page, texts
        self.config = config
        self._ahead: Samples | None = None
        self._lead = self._none()
        """What the next block needs of the samples before it."""

    def strings(self) -> tuple[str, ...]:
        """What the values of a string tag stand for."""
        return tuple(self._texts.numbers) if self._texts is not None else ()

    def blocks(self, low: int, high: int, runs: Iterable[HourRun] = ()) -> Iterator[Block]:
        """Blocks that cover low..high (ns UTC) without a gap; samples are read only around the `runs`."""
        self._lead, at = self._before(low), low
        for run in runs:
            yield from self._pages(at, run.low, run.samples.take(slice(0, 1)))
            yield run.block(self._lead)
            self._pass(run.samples)
            at = run.high
        yield from self._pages(at, high)

    def _pages(self, low: int, high: int, after: Samples | None = None) -> Iterator[Block]:
        """Blocks of samples; `after` is what they need of those that follow, if it is known."""
        at = low
        while at < high:
            page = self._reader.read_raw(self._tag, at, high, limit=self._page)
            inside = self._samples(page)
            last = len(inside) - 1
            if page.next_start is None:
                until, follow = high, self._after(high) if after is None else after
            elif last > 0 and (inside.usable is None or inside.usable[last] != BAD):
                # The last one is read again with the next page: here it is what follows.
                until, follow = int(inside.time[last]), None
            else:
                until, follow = page.next_start, self._after(page.next_start)
            yield from blocks(inside, at, until, before=self._lead, after=follow)
            self._pass(inside.take(slice(0, last)) if follow is None else inside)
            at = until
            del page, inside  # not kept while the next one is read

    def _pass(self, samples: Samples) -> None:
        self._lead = tail(join([self._lead, tail(samples)]))

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
            raise TextError
        else:
            value = page.value
        return samples_of(page.time, value, page.status, self.config)

    def _none(self) -> Samples:
        return samples_of(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint32), self.config)
