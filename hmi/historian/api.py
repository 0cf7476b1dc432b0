"""The door to history: what the station, the exports and the tests may ask of a store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hmi.core.batch import Batch, Float64, Int64, UInt32
from hmi.core.errors import LinesideError
from hmi.historian.rollup.columns import Trend
from hmi.historian.rollup.hours import Hours


class StoreError(LinesideError):
    """A store that cannot be opened, read or written, with what to do."""


class ReadCancelledError(StoreError):
    """A read that was broken off because nobody waits for it any more."""


class TextsError(StoreError):
    """A trend of a tag that holds texts."""


class StoreLockedError(StoreError):
    """Another process writes this store."""


class DamagedError(StoreError):
    """Stored samples that do not pass their checksum; what lies outside `start`..`end` still reads."""

    def __init__(self, what: str, do: str, start: int, end: int, tags: tuple[int, int] | None = None) -> None:
        super().__init__(what, do)
        self.start = start
        """ns UTC of the first sample that may be damaged."""
        self.end = end
        """ns UTC of the last one."""
        self.tags = tags
        """Lowest and highest number of the tags concerned; None = any."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """Raw samples of one tag in time order (newest first when read backwards)."""

    time: Int64
    """ns since 1970 UTC."""
    value: Float64
    """Numbers; for string tags an index into `text`."""
    status: UInt32
    text: tuple[str, ...] = ()
    more: bool = False
    """True: the limit cut the read; go on with `next_start`."""
    next_start: int | None = None
    """Start of the continuation (end when reading backwards)."""


@dataclass(frozen=True, slots=True)
class Delays:
    """How far the disk is behind, ms; None before the first, and where no writer is at work."""

    commit_p99_ms: float | None = None
    """The slow end of the last thousand commits."""
    store_p95_ms: float | None = None
    """From the moment a Batch was appended until it was committed, of the last thousand Batches."""
    oldest_waiting_ms: float | None = None
    """Since the oldest sample that is not committed yet was appended; 0 when none waits."""


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """Size and span of a store."""

    path: str
    samples: int
    """As they are stored: one that was written again for the same time counts each time until its runs are joined. In
    months that have their last form each counts once. What is just being filed may be counted twice or not."""
    bytes: int
    oldest: int | None
    """ns UTC of the first sample; None = empty."""
    newest: int | None
    tags: int
    lost: int
    """Samples forced out of a full queue since the store was opened (marked Bad_DataLost)."""
    queued: int
    """Rows accepted and not yet committed."""
    delays: Delays = Delays()


class RawReader(Protocol):
    """Gives samples: all that a processed read needs."""

    def read_raw(
        self,
        tag: int,
        start: int | None,
        end: int | None,
        *,
        limit: int = 0,
        bounds: bool = False,
    ) -> RawPage:
        """Raw samples by the rules of OPC UA Part 11 ReadRaw.

        At least two of start, end and limit are needed; start included, end excluded; `end < start`, or only end and
        limit, reads newest first; start = end gives the values at exactly that time; 0 = no limit. With `bounds` the
        value at or next outside each end is given, or a NaN with Bad_BoundNotFound at the requested time.

        Raises:
            StoreError: fewer than two of the three are given, or the store is damaged at this place.
        """
        ...


class Reader(RawReader, Protocol):
    """Reads a store, running or not; its own connection, usable beside the writer."""

    def read_trend(
        self,
        tags: Sequence[int],
        start: int,
        end: int,
        columns: int,
        *,
        cancelled: Callable[[], bool] | None = None,
    ) -> dict[int, Trend]:
        """What a plot of so many pixel columns needs of each tag in [start, end) ns UTC, with the samples next outside.

        The columns lie on the UTC grid and may begin a little before `start` and end a little after `end`; where there
        are few samples they are given themselves. `cancelled` is asked between pages.

        Raises:
            StoreError: the span is empty, or the store is damaged at this place.
            TextsError: a tag holds texts there: they are read raw.
            ReadCancelledError: `cancelled` said so.
        """
        ...

    def info(self) -> StoreInfo:
        """Size, span and losses."""
        ...

    def close(self) -> None:
        """Gives the files back."""
        ...


@runtime_checkable
class HoursReader(Protocol):
    """What a reader may also have, so that aggregates of months need not unpack every sample."""

    def hours(self, tag: int, first_day: int, last_day: int) -> Hours:
        """The hours (24 a day) of those UTC days, since 1970, whose stored rollup says what their samples say now.

        Raises:
            StoreError: the store cannot be read.
        """
        ...


class Writer(Protocol):
    """The one writer of a store: a bounded queue with a thread behind it."""

    def append(self, batch: Batch) -> None:
        """Takes a whole Batch in memory; never blocks. When the queue is full the oldest are dropped, counted and
        marked Bad_DataLost."""
        ...

    def flush(self, timeout: float = 10.0) -> None:
        """Returns when everything appended before is committed durably (`synchronous=FULL`).

        Raises:
            StoreError: the disk does not take it within `timeout` seconds.
        """
        ...

    def reader(self) -> Reader:
        """A reader that also sees what is not yet committed: no seam between history and now."""
        ...

    def close(self) -> None:
        """Flushes, writes the end mark, gives the lock back."""
        ...
