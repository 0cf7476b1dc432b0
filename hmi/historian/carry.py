"""carry.db of a retention group: the last sample of every tag in the months that retention has deleted.

It stands beside the months and not in one of them: a device whose clock starts in 1970 makes a new oldest month at any
time, and what was carried must not hide behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from sqlite_utils import Database

from hmi.core.batch import Batch, join
from hmi.historian.codec import encode, pruned
from hmi.historian.damage import marks
from hmi.historian.datafile import Stored
from hmi.historian.schema import Schema
from hmi.historian.sqlite import Connection, Error, close, connect_writer, create, explain, transaction

LOWEST: Final = -(1 << 63)
"""Before every tag."""
_AT_ONCE: Final = 500


def _create(db: Database) -> None:
    db.execute("CREATE TABLE carry (tag INTEGER PRIMARY KEY, time INTEGER NOT NULL, data BLOB NOT NULL)")


_SCHEMA: Final = Schema("carry", (("0001-create", _create),))


class Carry:
    """One group's file under its one writer."""

    def __init__(self, path: Path) -> None:
        """
        Raises:
            StoreError: the file cannot be made, opened or written.
        """
        self._path = path
        if not path.exists():
            create(path, _SCHEMA.migrate)
        self._connection = connect_writer(path)
        try:
            _SCHEMA.migrate(self._connection)
        except Error as error:
            close(self._connection)
            raise explain(error, path) from error

    def put(self, samples: Batch) -> None:
        """Keeps the samples that are not older than what is kept of their tags; on the disk on return.

        Raises:
            StoreError: the disk does not take them.
        """
        rows = [samples.take(np.array([row])) for row in range(len(samples))]
        packed = [(int(row.tag[0]), int(row.time[0]), encode(pruned(row), by_tag=True)[1]) for row in rows]
        try:
            with transaction(self._connection) as connection:
                connection.executemany(
                    "INSERT INTO carry (tag, time, data) VALUES (?, ?, ?) ON CONFLICT (tag) DO UPDATE"
                    " SET time = excluded.time, data = excluded.data WHERE excluded.time >= carry.time",
                    packed,
                )
        except Error as error:
            raise explain(error, self._path) from error

    def lose(self, start: int, end: int, until: Callable[[int], int]) -> Iterator[None]:
        """Marks tags Bad_DataLost that may have lost samples from `start` to before `end` (ns UTC), a piece at each
        step: each at the time that `until` gives for it, up to which that is so.

        Raises:
            StoreError: the disk does not take it.
        """
        tag = LOWEST
        while tags := self._older(tag, end - 1):
            last = [(number, min(end - 1, until(number))) for number in tags]
            self.put(join([marks(number, at, at) for number, at in last if at >= start]))
            tag = tags[-1]
            yield

    def _older(self, after: int, at: int) -> list[int]:
        sql = "SELECT tag FROM carry WHERE tag > ? AND time < ? ORDER BY tag LIMIT ?"
        try:
            return [int(tag) for (tag,) in self._connection.execute(sql, (after, at, _AT_ONCE)).fetchall()]
        except Error as error:
            raise explain(error, self._path) from error

    def close(self) -> None:
        """Gives the file back."""
        close(self._connection)


def last(connection: Connection, tag: int) -> tuple[Stored, bytes] | None:
    """The sample carried for a tag; None when there is none."""
    found = connection.execute("SELECT time, data FROM carry WHERE tag = ?", (tag,)).fetchone()
    return None if found is None else (Stored(tag, tag, tag, found[0], found[0], 1), found[1])


def page(connection: Connection, after: int, most: int) -> list[tuple[Stored, bytes]]:
    """The next carried samples by tag; `Stored.id` is the tag."""
    sql = "SELECT tag, time, data FROM carry WHERE tag > ? ORDER BY tag LIMIT ?"
    found = connection.execute(sql, (after, most)).fetchall()
    return [(Stored(tag, tag, tag, time, time, 1), data) for tag, time, data in found]
