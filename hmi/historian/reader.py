"""Reading a store: from outside beside a running station, or inside it together with what is still in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hmi.core.batch import Batch
from hmi.historian import journal
from hmi.historian.api import DamagedError, RawPage, StoreError, StoreInfo
from hmi.historian.codec import CodecError, Summary, check, decode
from hmi.historian.gather import MovedError, Window, damage, gather
from hmi.historian.raw import LATEST, read_raw
from hmi.historian.rollup.columns import Trend
from hmi.historian.sqlite import Connection, Error, close, connect_reader, explain
from hmi.historian.tail import Group, Tail
from hmi.historian.trend_read import read_trend
from hmi.historian.trend_source import SampleSource


class StoreReader:
    """See `hmi.historian.api.Reader`. Threads may share one; their calls wait for each other."""

    def __init__(
        self, folder: Path, tail: Tail | None = None, commit_p99_ms: Callable[[], float | None] = lambda: None
    ) -> None:
        """`tail` is the memory of the writer in the same process.

        Raises:
            StoreError: there is no store in the folder.
        """
        self._path = folder / journal.JOURNAL_NAME
        self._tail, self._commit_p99_ms = tail, commit_p99_ms
        self._lock = threading.Lock()
        self._connection: Connection | None = connect_reader(self._path)

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
        return read_trend(SampleSource(self.read_raw), tags, start, end, columns, cancelled=cancelled)

    def _gather(self, window: Window) -> Batch:
        try:
            return gather(self._open(), window, self._snapshot)
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
            commit_p99_ms=self._commit_p99_ms(),
        )

    def _stored(self) -> StoreInfo:
        connection = self._open()
        try:
            samples, oldest, newest = connection.execute(
                "SELECT coalesce(sum(rows), 0), min(time_min), max(time_max) FROM piece INDEXED BY piece_span"
            ).fetchone()
            tags = connection.execute("SELECT count(*) FROM seen").fetchone()[0]
            lost = journal.get_meta(connection, "lost") or 0
        except Error as error:
            raise explain(error, self._path) from error
        return StoreInfo(str(self._path.parent), samples, self._size(), oldest, newest, tags, lost, 0)

    def _size(self) -> int:
        size = 0
        for file in self._path.parent.glob(f"{journal.JOURNAL_NAME}*"):
            with suppress(OSError):  # SQLite removes its log when the last connection closes
                size += file.stat().st_size
        return size

    def tags(self) -> list[int]:
        """Catalogue ids that have stored samples."""
        with self._lock:
            try:
                return sorted(journal.seen(self._open()))
            except Error as error:
                raise explain(error, self._path) from error

    def later(self, at: int) -> dict[int, int]:
        """Tags with stored samples after `at` (ns UTC), and the time of the last one: devices whose clock is ahead."""
        found: dict[int, int] = {}
        with self._lock:
            try:
                connection = self._open()
                for row in journal.rows_after(connection, at):
                    _last_times(journal.data_of(connection, row), at, found)
            except Error as error:
                raise explain(error, self._path) from error
        return found

    def verify(self) -> list[DamagedError]:
        """Checks every row's checksum and summary; what is damaged, with its time range."""
        with self._lock:
            try:
                return self._damaged()
            except Error as error:
                raise explain(error, self._path) from error

    def _damaged(self) -> list[DamagedError]:
        connection = self._open()
        found: list[DamagedError] = []
        at = 0
        # One row a statement: no read transaction stays open while checksums are computed.
        while True:
            values = connection.execute(
                "SELECT id, first, last, kind, time_min, time_max, rows, tag_min, tag_max, data FROM piece"
                " WHERE id > ? ORDER BY id LIMIT 1",
                (at,),
            ).fetchone()
            if values is None:
                return found
            row, tags, data = journal.Row(*values[:7]), values[7:9], values[9]
            at = row.id
            if not _sound(row, tags, data):
                found.append(damage(row))

    def close(self) -> None:
        """Gives the files back; harmless when repeated."""
        with self._lock:
            if self._connection is not None:
                close(self._connection)
                self._connection = None


def _sound(row: journal.Row, tags: tuple[int, int], data: bytes) -> bool:
    try:
        held = check(data)
    except CodecError:
        return False
    return held == Summary(row.rows, row.time_min, row.time_max, *tags)


def _last_times(data: bytes | None, at: int, found: dict[int, int]) -> None:
    try:
        batch = decode(data or b"")
    except CodecError:  # merged meanwhile, or damaged: a read of it will say so
        return
    late = batch.take(batch.time > at)
    for tag, time in zip(late.tag.tolist(), late.time.tolist(), strict=True):
        found[tag] = max(time, found.get(tag, time))
