"""The trend read: a plot's columns of any span, from stored hours or minutes where they are, else from samples.

Both ways give the same columns; days without rollups (today, days that late samples have changed, days with few
samples, damaged rollups) are read from their samples, page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import Final, Protocol, TypeVar

from hmi.historian.api import ReadCancelledError, StoreError
from hmi.historian.rollup.cells import DAY, HOUR, MINUTE, Cells, cells_of, coarser, joined
from hmi.historian.rollup.codec import decode_hours, decode_minutes
from hmi.historian.rollup.columns import Grid, Sample, Trend, TrendSamples, columns_of, grid_of, samples_of

RAW_SHARE: Final = 4
"""Samples a column up to which they are given themselves: columns would take as many points, and lose their times."""


class Part(Enum):
    """The parts of a day's rollup."""

    MINUTES = "minute"
    HOURS = "hour"


_PARTS: Final = {MINUTE: Part.MINUTES, HOUR: Part.HOURS}
_T = TypeVar("_T")


class TrendSource(Protocol):
    """Where a trend comes from."""

    def samples(self, tag: int, low: int, high: int) -> Iterator[TrendSamples]:
        """The samples with low <= time < high (ns UTC) in time order, in pages that fit memory."""
        ...

    def rollups(self, tag: int, first_day: int, last_day: int, part: Part) -> Iterable[tuple[int, bytes]]:
        """Day (since 1970 UTC, ascending) and bytes of each day in first_day..last_day whose rollup has the part and
        says what its samples say now."""
        ...

    def before(self, tag: int, time: int) -> Sample | None:
        """The last sample before a time."""
        ...

    def after(self, tag: int, time: int) -> Sample | None:
        """The first sample at or after a time."""
        ...


def read_trend(
    source: TrendSource,
    tags: Sequence[int],
    start: int,
    end: int,
    columns: int,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> dict[int, Trend]:
    """See `hmi.historian.api.Reader.read_trend`."""
    if end <= start or columns < 1:
        raise StoreError("A trend needs an end after its start and at least one column.", "Give another one.")
    grid = grid_of(start, end, columns)
    return {tag: _Read(source, tag, grid, cancelled or _never).trend() for tag in tags}


def _never() -> bool:
    return False


class _Read:
    """The trend of one tag."""

    def __init__(self, source: TrendSource, tag: int, grid: Grid, cancelled: Callable[[], bool]) -> None:
        self._source, self._tag, self._grid, self._cancelled = source, tag, grid, cancelled
        self._unit = next((unit for unit in (HOUR, MINUTE) if grid.width % unit == 0), grid.width)
        """ns of the cells that the columns are made of."""
        self._few = RAW_SHARE * grid.columns
        self._pages: list[TrendSamples] = []
        """The samples read so far, while they are few."""
        self._seen = 0

    def trend(self) -> Trend:
        low, high = self._grid.start, self._grid.end
        # The newest sample first: what the columns have beyond it can do no harm, what they lack could.
        newest = self._source.before(self._tag, high)
        parts = [] if newest is None or newest.time < low else self._parts()
        total = sum(int(part.count.sum()) for part in parts)
        before = newest if not parts else self._source.before(self._tag, low)
        after = self._source.after(self._tag, high)
        if total <= self._few:
            return samples_of(self._few_samples(total), before, after)
        cells = coarser(joined(parts), self._grid.width)
        return columns_of(cells, self._grid, before, after, None if newest is None else newest.time)

    def _parts(self) -> list[Cells]:
        parts, days = self._rolled()
        for low, high in _uncovered(days, self._grid.start, self._grid.end):
            parts += self._from_samples(low, high)
        return parts

    def _rolled(self) -> tuple[list[Cells], list[int]]:
        """Cells of the days that have rollups, and these days."""
        if self._unit not in _PARTS:
            return [], []
        low, high = self._grid.start, self._grid.end
        rows = self._source.rollups(self._tag, low // DAY, (high - 1) // DAY, _PARTS[self._unit])
        if self._unit == HOUR:
            hours, days = decode_hours(self._checked(rows))
            return [hours.cells().between(low, high)], days
        minutes, days = decode_minutes(self._checked(rows))
        return [minutes.between(low, high)], days

    def _from_samples(self, low: int, high: int) -> Iterator[Cells]:
        for page in self._checked(self._source.samples(self._tag, low, high)):
            self._seen += len(page)
            if self._seen <= self._few:
                self._pages.append(page)
            else:
                self._pages.clear()
            yield cells_of(page.time, page.value, page.status, self._unit)

    def _few_samples(self, total: int) -> list[TrendSamples]:
        if self._seen == total:
            return self._pages
        return list(self._checked(self._source.samples(self._tag, self._grid.start, self._grid.end)))

    def _checked(self, parts: Iterable[_T]) -> Iterator[_T]:
        """The parts, as long as somebody wants them."""
        self._check()
        for part in parts:
            yield part
            self._check()

    def _check(self) -> None:
        if self._cancelled():
            raise ReadCancelledError("The read was broken off.")


def _uncovered(days: Sequence[int], low: int, high: int) -> Iterator[tuple[int, int]]:
    """The stretches of [low, high) outside these days, which are in ascending order."""
    for day in days:
        if low < day * DAY:
            yield low, day * DAY
        low = (day + 1) * DAY
    if low < high:
        yield low, high
