"""Reading a store: from outside beside a running station, or inside it together with what is still in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from hmi.core.batch import Batch
from hmi.historian import journal, meta_table
from hmi.historian.api import DamagedError, Delays, RawPage, StoreError, StoreInfo
from hmi.historian.files import DATA
from hmi.historian.gather import MovedError, gather
from hmi.historian.library import Library
from hmi.historian.pieces import Window
from hmi.historian.raw import LATEST, read_raw
from hmi.historian.rolled import rollup_rows
from hmi.historian.rollup.codec import decode_hours
from hmi.historian.rollup.columns import Trend
from hmi.historian.rollup.hours import Hours
from hmi.historian.sqlite import Connection, Error, close, connect_reader, explain
from hmi.historian.survey import contents, later, verify_carries, verify_files, verify_journal
from hmi.historian.tail import Group, Tail
from hmi.historian.trend_read import Part, read_trend
from hmi.historian.trend_source import StoredSource


class StoreReader:
    """See `hmi.historian.api.Reader`. Threads may share one; their calls wait for each other."""

    def __init__(self, folder: Path, tail: Tail | None = None, delays: Callable[[], Delays] = Delays) -> None:
        """`tail` is the memory of the writer in the same process, `delays` how far it is behind.

        Raises:
            StoreError: there is no store in the folder.
        """
        self._path = folder / journal.JOURNAL_NAME
        self._tail, self._delays = tail, delays
        self._lock = threading.Lock()
        self._connection: Connection | None = connect_reader(self._path)
        self._library = Library(folder)

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        """See `hmi.historian.api.Reader`."""
        with self._lock:
            return read_raw(self._gather, tag, start, end, limit, bounds=bounds)

    def read_trend(
        self, tags: Sequence[int], start: int, end: int, columns: int, *, cancelled: Callable[[], bool] | None = None
    ) -> dict[int, Trend]:
        """See `hmi.historian.api.Reader`; between its pages other calls have their turn."""
        source = StoredSource(self.read_raw, self._rollups)
        return read_trend(source, tags, start, end, columns, cancelled=cancelled)

    def hours(self, tag: int, first_day: int, last_day: int) -> Hours:
        """See `hmi.historian.api.HoursReader`."""
        return decode_hours(self._rollups(tag, first_day, last_day, Part.HOURS)).hours

    def _rollups(self, tag: int, first_day: int, last_day: int, part: Part) -> list[tuple[int, bytes]]:
        with self._lock, self._explained():
            days = (first_day, last_day)
            return rollup_rows(self._open(), self._library, self._snapshot, tag, days, part.value)

    def _gather(self, window: Window) -> Batch:
        with self._explained():
            return gather(self._open(), self._library, window, self._snapshot)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Error as error:
            raise explain(error, self._path) from error
        except MovedError as error:
            raise StoreError(f"{self._path} changes faster than it can be read.", "Read again.") from error

    def _snapshot(self) -> tuple[list[Group], int]:
        if self._tail is None:
            return [], LATEST
        return self._tail.snapshot()

    def _open(self) -> Connection:
        if self._connection is None:
            raise StoreError("This reader is closed.", "Open another one.")
        return self._connection

    def info(self) -> StoreInfo:
        """See `hmi.historian.api.Reader`; from outside, `lost` is what the writer last told and `queued` is 0."""
        with self._lock:
            stored = self._stored()
        if self._tail is None:
            return stored
        groups = self._tail.uncommitted()
        times = [t for t in (stored.oldest, stored.newest) if t is not None]
        times += [t for g in groups for t in (g.time_min, g.time_max)]
        rows = sum(len(g.batch) for g in groups)
        return replace(
            stored,
            samples=stored.samples + rows,
            oldest=min(times, default=None),
            newest=max(times, default=None),
            lost=self._tail.lost_total,
            queued=rows,
            delays=self._delays(),
        )

    def _stored(self) -> StoreInfo:
        connection = self._open()
        with self._explained():
            tags = connection.execute("SELECT count(*) FROM seen").fetchone()[0]
            lost = meta_table.get(connection, "lost") or 0
            # The journal first: what is filed in between is counted twice for a moment, never missed.
            flushes = journal.spans(connection)
        found = [contents(self._library, key) for key in self._library.files()]
        filed = max((c.applied for c in found), default=0)
        counts = [f.rows for f in flushes if f.last > filed] + [c.samples for c in found]
        times = [(f.time_min, f.time_max) for f in flushes] + [(c.oldest, c.newest) for c in found if c.samples]
        return StoreInfo(
            str(self._path.parent),
            sum(counts),
            self._size(),
            min((low for low, _ in times), default=None),
            max((high for _, high in times), default=None),
            tags,
            lost,
            0,
        )

    def _size(self) -> int:
        folder = self._path.parent
        size = 0
        for file in (*folder.glob(f"{journal.JOURNAL_NAME}*"), *folder.glob(f"{DATA}/*/*.db*")):
            with suppress(OSError):  # SQLite removes its log when the last connection closes
                size += file.stat().st_size
        return size

    def tags(self) -> list[int]:
        """Catalogue ids that have stored samples."""
        with self._lock, self._explained():
            return sorted(journal.seen(self._open()))

    def alive(self) -> int | None:
        """When (ns UTC) the store was last known to be written, some seconds ago while a station runs; None = never."""
        with self._lock, self._explained():
            return meta_table.get(self._open(), "alive")

    def later(self, at: int) -> dict[int, int]:
        """Tags with stored samples after `at` (ns UTC), and the time of the last one: devices whose clock is ahead."""
        with self._lock, self._explained():
            return later(self._open(), self._library, at)

    def verify(self) -> list[DamagedError]:
        """Checks every row's checksum and summary; what is damaged, with its tags and time range."""
        with self._lock, self._explained():
            return [*verify_journal(self._open()), *verify_files(self._library), *verify_carries(self._library)]

    def close(self) -> None:
        """Gives the files back; harmless when repeated."""
        with self._lock:
            self._library.close()
            if self._connection is not None:
                close(self._connection)
                self._connection = None
