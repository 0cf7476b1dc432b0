"""Stores that are none: samples from memory, or made when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from hmi.core.batch import Batch, Float64, Int64, batch_of
from hmi.core.instants import SECOND
from hmi.historian.api import RawPage
from hmi.historian.gather import Window
from hmi.historian.raw import read_raw
from hmi.historian.rollup.cells import DAY, HOUR, cells_of
from hmi.historian.rollup.codec import decode_hours, encode_hours
from hmi.historian.rollup.hours import Hours, hours_of


@dataclass
class MemoryReader:
    """Reads a Batch by the rules of ReadRaw, and remembers how much was read at once."""

    batch: Batch
    largest: int = 0
    reads: int = 0

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        page = read_raw(self._gather, tag, start, end, limit, bounds=bounds)
        self.reads += 1
        self.largest = max(self.largest, len(page.time))
        return page

    def _gather(self, window: Window) -> Batch:
        inside = self.batch.take((self.batch.time >= window.low) & (self.batch.time < window.high))
        if not window.limit:
            return inside
        rows = np.arange(len(inside))
        return inside.take(rows[: window.limit] if window.forward else rows[-window.limit :])


Sample = tuple[int, float | str, int]
"""Time (ns), value, status."""


def memory_of_rows(samples: list[Sample]) -> MemoryReader:
    """A reader of samples in any order."""
    time, value, status = ([sample[column] for sample in sorted(samples)] for column in range(3))
    return memory_of(time, value, status)


def memory_of(time: list[int], value: list[float | str], status: list[int]) -> MemoryReader:
    n = len(time)
    return MemoryReader(batch_of([1] * n, time, [0] * n, value, status))


@dataclass
class RolledReader(MemoryReader):
    """Has the hours of some days too, however few samples they have."""

    days: frozenset[int] = frozenset()

    def hours(self, tag: int, first_day: int, last_day: int) -> Hours:
        return decode_hours((day, self._row(day)) for day in sorted(self.days) if first_day <= day <= last_day).hours

    def _row(self, day: int) -> bytes:
        b = self.batch.take(self.batch.time // DAY == day)
        return encode_hours(day, hours_of(cells_of(b.time, b.value, b.status, HOUR), b.time, b.value, b.status))


@dataclass
class SecondsReader:
    """A sample every second, `count` of them, made by a function of their numbers."""

    start: int
    count: int
    value: Callable[[Int64], Float64]
    largest: int = field(default=0)

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        forward = start is not None
        if start is not None:
            first = max(-(-(start - self.start) // SECOND), 0)
            stop = self.count if end is None else min(-(-(end - self.start) // SECOND), self.count)
            more, row = first + limit < stop, min(first + limit, stop)
            rows = np.arange(first, max(row, first))
        else:
            assert end is not None
            stop = min((end - self.start) // SECOND + 1, self.count)
            more, row = stop > limit, max(stop - limit, 0) - 1
            rows = np.arange(row + 1, max(stop, 0))[::-1]
        self.largest = max(self.largest, len(rows))
        assert forward or not more or row >= 0
        return RawPage(
            self.start + rows * SECOND,
            self.value(rows),
            np.zeros(len(rows), np.uint32),
            more=more,
            next_start=self.start + row * SECOND if more else None,
        )
