"""The journal as its writer thread sees it: write a group, hand out what is due for filing, start afresh after an
error."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from hmi.core.batch import Batch
from hmi.historian import journal, meta_table
from hmi.historian.api import DamagedError
from hmi.historian.codec import CodecError, decode, encode
from hmi.historian.damage import damaged_row
from hmi.historian.filings import Filings
from hmi.historian.options import StoreOptions
from hmi.historian.sqlite import Connection, Error, close, explain, transaction
from hmi.historian.tagset import TagSet
from hmi.historian.tail import Group

_COMMITS_KEPT: Final = 1000
_FREE_PAGES: Final = 1024
"""4 MB: free pages below stay for the next flushes."""
_EARLIEST: Final = -(1 << 63)
_NONE: Final = np.empty(0, np.int32)


class JournalDisk:
    """journal.db under its one writer; after any error the next call opens the file again."""

    def __init__(self, path: Path, options: StoreOptions) -> None:
        """
        Raises:
            StoreError: the file cannot be opened or written.
        """
        self._path, self._options = path, options
        self._connection: Connection | None = None
        self._commits: deque[float] = deque(maxlen=_COMMITS_KEPT)
        with self._explained():
            connection = self._open()
            self.last_number = max(journal.last_number(connection), meta_table.get(connection, "filed") or 0)
            """The highest append number known here."""
            self.alive = meta_table.get(connection, "alive")
            """Last time (ns UTC) the store was known to be written, before it was opened now; None = new."""
            self.clean = bool(meta_table.get(connection, "clean"))
            """Whether it was closed in order."""
            self._until = meta_table.get(connection, "until")
            self._filed = meta_table.get(connection, "filed") or 0
            self._now = self.alive
            self._seen = TagSet(np.fromiter(journal.seen(connection), np.int32))
            self._flushes, self._rows = journal.size(connection)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Error as error:
            self.close()
            raise explain(error, self._path) from error
        except BaseException:
            self.close()
            raise

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = journal.open_journal(self._path)
            if self._options.prepare is not None:
                self._options.prepare(self._connection)
        return self._connection

    def write(self, group: Group | None, meta: dict[str, int]) -> None:
        """Commits a group and the numbers beside it; returns when they are on the disk.

        Raises:
            StoreError: the disk did not take them.
        """
        packed = None if group is None else encode(group.batch)
        new = _NONE if group is None else self._seen.new(group.batch.tag)
        started = time.perf_counter()
        with self._explained(), transaction(self._open()) as connection:
            if group is not None and packed is not None:
                journal.insert(connection, group.first, group.last, packed)
                journal.add_seen(connection, new.tolist())
            meta_table.put(connection, meta)
        self._commits.append(time.perf_counter() - started)
        self._now = meta.get("alive", self._now)
        if group is not None:
            self._seen.add(new)
            self._flushes += 1
            self._rows += len(group.batch)

    @property
    def flushes(self) -> int:
        """Rows of the journal that can be filed."""
        return self._flushes

    @property
    def rows(self) -> int:
        """Their samples."""
        return self._rows

    def oldest(self, limit_rows: int) -> tuple[list[tuple[journal.Row, Batch]], list[DamagedError]]:
        """The oldest flushes, up to about `limit_rows` samples, and what was found damaged (it stays where it is).

        Raises:
            StoreError: the journal cannot be read.
        """
        found: list[tuple[journal.Row, Batch]] = []
        damaged: list[DamagedError] = []
        with self._explained():
            for row in journal.oldest(self._open(), limit_rows):
                try:
                    found.append((row, decode(journal.data_of(self._open(), row.id) or b"")))
                except CodecError:
                    journal.mark_damaged(self._open(), row.id)
                    damaged.append(damaged_row(row))
            if damaged:
                self._flushes, self._rows = journal.size(self._open())
        return found, damaged

    def filed(self, rows: Sequence[journal.Row]) -> None:
        """Deletes flushes that the data files have.

        Raises:
            StoreError: the disk did not take it; they are filed once more.
        """
        last, until = max(row.last for row in rows), self._reached(max(row.time_max for row in rows))
        with self._explained():
            with transaction(self._open()) as connection:
                journal.remove(connection, [row.id for row in rows])
                meta_table.put(connection, {"filed": last, "until": until})
            self._filed, self._until = last, until
            self._flushes -= len(rows)
            self._rows -= sum(row.rows for row in rows)

    def _reached(self, newest: int) -> int:
        """A device whose clock is ahead tells nothing of when its samples were filed."""
        reached = newest if self._now is None else min(newest, self._now)
        known = self._until if self._until is not None or not self._filed else self.alive
        return reached if known is None else max(known, reached)

    @property
    def filings(self) -> Filings:
        """What the data files have and the journal has no more."""
        known = _EARLIEST if self.alive is None else self.alive
        return Filings(self._filed, self.alive, known if self._until is None else self._until)

    def shrink(self) -> bool:
        """Gives some of the room back that a rush has left in the file; whether there was enough to be worth it.

        Raises:
            StoreError: the disk did not take it.
        """
        with self._explained():
            connection = self._open()
            if journal.free_pages(connection) < _FREE_PAGES:
                return False
            journal.shrink(connection, _FREE_PAGES)
            return True

    def commit_p99_ms(self) -> float | None:
        """The slow end of the last thousand commits."""
        commits = list(self._commits)
        return float(np.percentile(commits, 99)) * 1000 if commits else None

    def close(self) -> None:
        """Gives the file back; an unfinished transaction is undone."""
        if self._connection is not None:
            close(self._connection)
            self._connection = None
