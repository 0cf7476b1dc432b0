"""journal.db: one row a flush, a whole Batch as it came; it leaves when the data files have its samples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from hmi.historian import meta_table
from hmi.historian.codec import Summary
from hmi.historian.schema import Schema
from hmi.historian.sqlite import Connection, connect_writer

JOURNAL_NAME: Final = "journal.db"
_EARLIEST: Final = -(1 << 63)
_LATEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the journal without its samples."""

    id: int
    """Never used twice, so a row that is gone was filed."""
    first: int
    """The append numbers it covers."""
    last: int
    time_min: int
    """ns UTC."""
    time_max: int
    tag_min: int
    tag_max: int
    rows: int


_ROW: Final = "id, first, last, time_min, time_max, tag_min, tag_max, rows"


def _create(db: Database) -> None:
    # AUTOINCREMENT, which sqlite-utils cannot say: a reader must be able to tell a row that is gone from a new one.
    db.execute("""CREATE TABLE flush (id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL,
        last INTEGER NOT NULL, damaged INTEGER NOT NULL DEFAULT 0, rows INTEGER NOT NULL,
        time_min INTEGER NOT NULL, time_max INTEGER NOT NULL, tag_min INTEGER NOT NULL, tag_max INTEGER NOT NULL,
        data BLOB NOT NULL)""")
    # Covers its queries: the rows themselves, with their large data, are only touched when needed.
    db.execute("""CREATE INDEX flush_first ON flush
        (first, id, last, rows, time_min, time_max, tag_min, tag_max, damaged)""")
    meta_table.create(db)
    db.execute("CREATE TABLE seen (tag INTEGER PRIMARY KEY)")


_SCHEMA: Final = Schema("journal", (("0001-create", _create),))


def open_journal(path: Path) -> Connection:
    """The writer's connection, its schema brought up to date.

    Raises:
        StoreError: the file cannot be opened or written.
    """
    connection = connect_writer(path, shrinks=True)
    _SCHEMA.migrate(connection)
    return connection


def insert(connection: Connection, first: int, last: int, packed: tuple[Summary, bytes]) -> None:
    """Adds a flush inside the caller's transaction."""
    s, data = packed
    connection.execute(
        "INSERT INTO flush (first, last, rows, time_min, time_max, tag_min, tag_max, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (first, last, s.rows, s.time_min, s.time_max, s.tag_min, s.tag_max, data),
    )


def remove(connection: Connection, ids: Iterable[int]) -> None:
    """Deletes rows inside the caller's transaction."""
    connection.executemany("DELETE FROM flush WHERE id = ?", [(i,) for i in ids])


def mark_damaged(connection: Connection, row: int) -> None:
    """Leaves a damaged row where it is, never to be filed."""
    connection.execute("UPDATE flush SET damaged = 1 WHERE id = ?", (row,))


def directory(connection: Connection, tag: int, low: int, high: int, below: int) -> list[Row]:
    """The rows that may hold samples of a tag in [low, high) and cover append numbers below `below` (the others are
    in memory)."""
    found = connection.execute(
        f"SELECT {_ROW} FROM flush INDEXED BY flush_first"  # noqa: S608 - our own column names
        " WHERE first < ? AND time_max >= ? AND time_min <= ? AND tag_min <= ? AND tag_max >= ?",
        (below, max(low, _EARLIEST), min(high - 1, _LATEST), tag, tag),
    )
    return [Row(*row) for row in found]


def data_of(connection: Connection, row: int) -> bytes | None:
    """A row's bytes; None = it was filed meanwhile."""
    found = connection.execute("SELECT data FROM flush WHERE id = ?", (row,)).fetchone()
    return found[0] if found else None


def rows_after(connection: Connection, at: int) -> list[int]:
    """The ids of the rows that hold samples after a time (ns UTC)."""
    found = connection.execute("SELECT id FROM flush INDEXED BY flush_first WHERE time_max > ?", (at,))
    return [int(row) for (row,) in found]


def spans(connection: Connection) -> list[Row]:
    """Every row, in the order in which they were written."""
    found = connection.execute(
        f"SELECT {_ROW} FROM flush INDEXED BY flush_first ORDER BY first, id"  # noqa: S608 - our own column names
    )
    return [Row(*row) for row in found]


def oldest(connection: Connection, limit_rows: int) -> list[Row]:
    """The oldest undamaged flushes, up to about `limit_rows` samples."""
    rows: list[Row] = []
    count = 0
    for values in connection.execute(
        f"SELECT {_ROW} FROM flush INDEXED BY flush_first WHERE damaged = 0 ORDER BY first, id"  # noqa: S608
    ):
        row = Row(*values)
        if rows and count + row.rows > limit_rows:
            break
        rows.append(row)
        count += row.rows
    return rows


def size(connection: Connection) -> tuple[int, int]:
    """Undamaged flushes and their samples."""
    found = connection.execute(
        "SELECT count(*), coalesce(sum(rows), 0) FROM flush INDEXED BY flush_first WHERE damaged = 0"
    ).fetchone()
    return int(found[0]), int(found[1])


def shrink(connection: Connection, pages: int) -> None:
    """Gives free pages at the end of the file back to the disk, some at a time."""
    connection.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()


def free_pages(connection: Connection) -> int:
    """Pages of the file that hold nothing."""
    return int(connection.execute("PRAGMA freelist_count").fetchone()[0])


def last_number(connection: Connection) -> int:
    """The highest append number stored; 0 for an empty journal."""
    return int(connection.execute("SELECT coalesce(max(last), 0) FROM flush").fetchone()[0])


def add_seen(connection: Connection, tags: Sequence[int]) -> None:
    """Remembers which tags have samples."""
    # One statement: a new plant's hundred thousand tags must not hold up a commit.
    connection.execute("INSERT OR IGNORE INTO seen (tag) SELECT value FROM json_each(?)", (json.dumps(list(tags)),))


def seen(connection: Connection) -> set[int]:
    """The tags that have samples."""
    return {int(tag) for (tag,) in connection.execute("SELECT tag FROM seen")}
