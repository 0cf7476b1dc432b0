"""journal.db: one row a flush, and from time to time many flushes merged into rows sorted by tag and time.

A flush row is a whole Batch as it came. Reading one tag's day out of 86,400 of them would unpack every sample of every
tag; so rows of some hundred thousand samples are sorted and cut into rows of about 8,000 samples of neighbouring tags.
A read then unpacks one small row a merge. Old rows leave in the transaction in which the new ones arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hmi.historian.codec import Summary
from hmi.historian.sqlite import Connection, connect_writer

JOURNAL_NAME: Final = "journal.db"
FLUSH: Final = 0
MERGED: Final = 1
FULL_SPAN: Final = (-(1 << 63), (1 << 63) - 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the journal without its samples."""

    id: int
    """Never used twice, so a row that is gone was merged."""
    first: int
    """The append numbers it covers."""
    last: int
    kind: int
    time_min: int
    """ns UTC."""
    time_max: int
    rows: int


def _create(db: Database) -> None:
    # AUTOINCREMENT, which sqlite-utils cannot say: a reader must be able to tell a merged row from a new one.
    db.execute("""CREATE TABLE piece (id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL,
        last INTEGER NOT NULL, kind INTEGER NOT NULL, damaged INTEGER NOT NULL DEFAULT 0, rows INTEGER NOT NULL,
        time_min INTEGER NOT NULL, time_max INTEGER NOT NULL, tag_min INTEGER NOT NULL, tag_max INTEGER NOT NULL,
        data BLOB NOT NULL)""")
    # Both indexes cover their queries: the rows themselves, with their large data, are only touched when needed.
    db.execute("""CREATE INDEX piece_span ON piece
        (time_max, time_min, tag_min, tag_max, kind, first, last, rows)""")
    db.execute("CREATE INDEX piece_unmerged ON piece (first, rows) WHERE kind = 0 AND damaged = 0")
    db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL)")
    db.execute("CREATE TABLE seen (tag INTEGER PRIMARY KEY)")


def _migrations() -> Migrations:
    steps = Migrations("journal")
    steps(name="0001-create")(_create)
    return steps


def open_journal(path: Path) -> Connection:
    """The writer's connection, its schema brought up to date.

    Raises:
        StoreError: the file cannot be opened or written.
    """
    connection = connect_writer(path)
    _migrations().apply(Database(connection))
    return connection


def insert(connection: Connection, kind: int, first: int, last: int, packed: Iterable[tuple[Summary, bytes]]) -> None:
    """Adds rows inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO piece (first, last, kind, rows, time_min, time_max, tag_min, tag_max, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(first, last, kind, s.rows, s.time_min, s.time_max, s.tag_min, s.tag_max, data) for s, data in packed],
    )


def remove(connection: Connection, ids: Iterable[int]) -> None:
    """Deletes rows inside the caller's transaction."""
    connection.executemany("DELETE FROM piece WHERE id = ?", [(i,) for i in ids])


def mark_damaged(connection: Connection, row: int) -> None:
    """Leaves a damaged row where it is, never to be merged."""
    connection.execute("UPDATE piece SET damaged = 1 WHERE id = ?", (row,))


def directory(connection: Connection, tag: int, low: int, high: int, unmerged_below: int) -> list[Row]:
    """The rows that may hold samples of a tag in [low, high); flush rows only when they cover append numbers below
    `unmerged_below` (the others are in memory)."""
    found = connection.execute(
        "SELECT id, first, last, kind, time_min, time_max, rows FROM piece INDEXED BY piece_span"
        " WHERE time_max >= ? AND time_min < ? AND tag_min <= ? AND tag_max >= ? AND (kind = 1 OR first < ?)",
        (max(low, FULL_SPAN[0]), min(high, FULL_SPAN[1]), tag, tag, unmerged_below),
    )
    return [Row(*row) for row in found]


def data_of(connection: Connection, row: int) -> bytes | None:
    """A row's bytes; None = it was merged meanwhile."""
    found = connection.execute("SELECT data FROM piece WHERE id = ?", (row,)).fetchone()
    return found[0] if found else None


def rows_after(connection: Connection, at: int) -> list[int]:
    """The ids of the rows that hold samples after a time (ns UTC)."""
    found = connection.execute("SELECT id FROM piece INDEXED BY piece_span WHERE time_max > ?", (at,))
    return [int(row) for (row,) in found]


def unmerged(connection: Connection, limit_rows: int) -> list[Row]:
    """The oldest flush rows, up to about `limit_rows` samples."""
    rows: list[Row] = []
    count = 0
    for values in connection.execute(
        "SELECT id, first, last, kind, time_min, time_max, rows FROM piece"
        " WHERE kind = 0 AND damaged = 0 ORDER BY first, id"
    ):
        row = Row(*values)
        if rows and count + row.rows > limit_rows:
            break
        rows.append(row)
        count += row.rows
    return rows


def unmerged_size(connection: Connection) -> tuple[int, int]:
    """Flush rows and their samples."""
    found = connection.execute(
        "SELECT count(*), coalesce(sum(rows), 0) FROM piece WHERE kind = 0 AND damaged = 0"
    ).fetchone()
    return int(found[0]), int(found[1])


def get_meta(connection: Connection, key: str) -> int | None:
    """A number kept beside the samples."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if found is None else int(found[0])


def set_meta(connection: Connection, values: dict[str, int]) -> None:
    """Keeps numbers, inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        list(values.items()),
    )


def last_number(connection: Connection) -> int:
    """The highest append number stored; 0 for an empty journal."""
    return int(connection.execute("SELECT coalesce(max(last), 0) FROM piece").fetchone()[0])


def add_seen(connection: Connection, tags: Sequence[int]) -> None:
    """Remembers which tags have samples."""
    connection.executemany("INSERT OR IGNORE INTO seen (tag) VALUES (?)", [(tag,) for tag in tags])


def seen(connection: Connection) -> set[int]:
    """The tags that have samples."""
    return {int(tag) for (tag,) in connection.execute("SELECT tag FROM seen")}
