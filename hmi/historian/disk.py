"""The journal as its writer thread sees it: write a group, merge when due, start afresh after an error."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from hmi.core.batch import Batch, join
from hmi.historian import journal
from hmi.historian.api import DamagedError
from hmi.historian.codec import CodecError, decode, encode
from hmi.historian.gather import damage
from hmi.historian.merge import merged_rows
from hmi.historian.options import StoreOptions
from hmi.historian.sqlite import Connection, Error, close, explain
from hmi.historian.tail import Group

_COMMITS_KEPT: Final = 1000


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
            self.next_number = journal.last_number(connection) + 1
            self.alive = journal.get_meta(connection, "alive")
            """Last time (ns UTC) the store was known to be written, before it was opened now; None = new."""
            self.clean = bool(journal.get_meta(connection, "clean"))
            """Whether it was closed in order."""
            self._seen = journal.seen(connection)
            self._flushes, self._rows = journal.unmerged_size(connection)
        self._merge_from = 0
        """Samples in flush rows before a failed merge is tried again."""

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

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        yield connection  # an error leaves by way of _explained, which closes and so rolls back
        connection.execute("COMMIT")

    def write(self, group: Group | None, meta: dict[str, int]) -> None:
        """Commits a group and the numbers beside it; returns when they are on the disk.

        Raises:
            StoreError: the disk did not take them.
        """
        packed = [] if group is None else [encode(group.batch)]
        new = [] if group is None else self._new_tags(group.batch)
        started = time.perf_counter()
        with self._explained(), self._transaction() as connection:
            if group is not None:
                journal.insert(connection, journal.FLUSH, group.first, group.last, packed)
                journal.add_seen(connection, new)
            journal.set_meta(connection, meta)
        self._commits.append(time.perf_counter() - started)
        if group is not None:
            self._seen.update(new)
            self._flushes += 1
            self._rows += len(group.batch)

    def _new_tags(self, batch: Batch) -> list[int]:
        return [tag for tag in np.unique(batch.tag).tolist() if tag not in self._seen]

    @property
    def merge_due(self) -> bool:
        """Whether enough flush rows have gathered."""
        o = self._options
        return self._rows >= self._merge_from and (self._rows >= o.merge_rows or self._flushes >= o.merge_flushes)

    def merge(self) -> tuple[int, list[DamagedError]]:
        """Merges the oldest flush rows; gives the append number up to which all are merged, and what was found
        damaged (it stays where it is).

        Raises:
            StoreError: the disk did not take it; nothing is lost.
        """
        self._merge_from = self._rows + self._options.merge_rows
        damaged: list[DamagedError] = []
        with self._explained():
            # No more than this: the transaction must not hold the file longer than some tens of milliseconds.
            rows = journal.unmerged(self._open(), self._options.merge_rows + self._options.flush_rows)
            batches, bad = self._read(rows)
            packed = merged_rows(join(batches), self._options.merged_size) if batches else []
            with self._transaction() as connection:
                for row in bad:
                    journal.mark_damaged(connection, row.id)
                    damaged.append(damage(row))
                gone = {row.id for row in bad}
                if rows:
                    journal.insert(connection, journal.MERGED, rows[0].first, max(r.last for r in rows), packed)
                journal.remove(connection, [row.id for row in rows if row.id not in gone])
            self._flushes, self._rows = journal.unmerged_size(self._open())
        self._merge_from = 0
        return max((row.last for row in rows), default=0), damaged

    def _read(self, rows: list[journal.Row]) -> tuple[list[Batch], list[journal.Row]]:
        batches: list[Batch] = []
        bad: list[journal.Row] = []
        for row in rows:
            try:
                batches.append(decode(journal.data_of(self._open(), row.id) or b""))
            except CodecError:
                bad.append(row)
        return batches, bad

    def commit_p99_ms(self) -> float | None:
        """The slow end of the last thousand commits."""
        commits = list(self._commits)
        return float(np.percentile(commits, 99)) * 1000 if commits else None

    def close(self) -> None:
        """Gives the file back; an unfinished transaction is undone."""
        if self._connection is not None:
            close(self._connection)
            self._connection = None
