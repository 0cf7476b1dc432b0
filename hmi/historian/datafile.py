"""A data file, one UTC month of one retention group: its tables, and what is asked of runs and blocks together.

`run` holds what compactions brought of up to 256 neighbouring tags, sorted by tag and time: level 0 of one compaction,
higher levels of several; of one bucket, a lower level is always newer. `block` holds one tag, up to 8,192 samples;
blocks of a tag do not overlap. A run is always newer than a block of the same tag, because
making blocks of a tag takes all its runs. `rollup` is derived from the blocks of a whole day and may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from hmi.historian import meta_table
from hmi.historian.files import remove_log
from hmi.historian.merge import BUCKET
from hmi.historian.schema import Schema
from hmi.historian.sqlite import Connection, Error, close, connect_writer, create


@dataclass(frozen=True, slots=True)
class Stored:
    """A run or block without its samples."""

    id: int
    tag_min: int
    tag_max: int
    time_min: int
    """ns UTC."""
    time_max: int
    rows: int


def _create(db: Database) -> None:
    # AUTOINCREMENT: a higher id was always written later.
    db.execute("""CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, bucket INTEGER NOT NULL,
        tag_min INTEGER NOT NULL, tag_max INTEGER NOT NULL, time_min INTEGER NOT NULL, time_max INTEGER NOT NULL,
        rows INTEGER NOT NULL, level INTEGER NOT NULL, damaged INTEGER NOT NULL DEFAULT 0, data BLOB NOT NULL)""")
    db.execute("CREATE INDEX run_bucket ON run (bucket, tag_min, tag_max, time_min, time_max, rows, damaged)")
    db.execute("""CREATE TABLE block (id INTEGER PRIMARY KEY AUTOINCREMENT, tag INTEGER NOT NULL,
        time_min INTEGER NOT NULL, time_max INTEGER NOT NULL, rows INTEGER NOT NULL,
        damaged INTEGER NOT NULL DEFAULT 0, data BLOB NOT NULL)""")
    db.execute("CREATE INDEX block_tag ON block (tag, time_max, time_min, rows, damaged)")
    db.execute("""CREATE TABLE rollup (id INTEGER PRIMARY KEY, tag INTEGER NOT NULL, day INTEGER NOT NULL,
        minute BLOB, hour BLOB)""")
    db.execute("CREATE UNIQUE INDEX rollup_day ON rollup (tag, day)")
    meta_table.create(db)


_SCHEMA: Final = Schema("data", (("0001-create", _create),))


def open_data(path: Path) -> Connection:
    """The writer's connection; file and folder are made when they are missing.

    Raises:
        Error: the file is not one of a store any more.
        StoreError: the file cannot be opened or written.
        OSError: its folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        make(path)
    # A file appears with its tables: one that has lost all must not be taken for a new one.
    if not path.stat().st_size:
        raise Error("file is not a database")
    connection = connect_writer(path)
    try:
        meta_table.get(connection, "applied")
        _SCHEMA.migrate(connection)
    except BaseException:
        close(connection)
        raise
    return connection


def make(path: Path, fill: Callable[[Connection], None] = lambda _connection: None) -> None:
    """Makes a file, which appears when `fill` has put into it what it begins with.

    Raises:
        StoreError: the disk does not take it.
        OSError: the log of a deleted file of that name cannot be deleted.
    """

    def whole(connection: Connection) -> None:
        _SCHEMA.migrate(connection)
        fill(connection)

    remove_log(path)
    create(path, whole)


def remove(connection: Connection, table: str, ids: Iterable[int]) -> None:
    """Deletes runs or blocks inside the caller's transaction."""
    connection.executemany(f"DELETE FROM {table} WHERE id = ?", [(i,) for i in ids])  # noqa: S608 - run or block


def mark_damaged(connection: Connection, table: str, row: int) -> None:
    """Leaves a damaged run or block where it is, never to be rewritten."""
    connection.execute(f"UPDATE {table} SET damaged = 1 WHERE id = ?", (row,))  # noqa: S608 - run or block


def damaged_spans(connection: Connection, tag: int) -> list[tuple[int, int]]:
    """First and last time (ns UTC) of each run and block found damaged that may hold samples of a tag."""
    return connection.execute(
        "SELECT time_min, time_max FROM block INDEXED BY block_tag WHERE tag = ? AND damaged = 1"
        " UNION ALL SELECT time_min, time_max FROM run INDEXED BY run_bucket"
        " WHERE bucket = ? AND tag_min <= ? AND tag_max >= ? AND damaged = 1",
        (tag, tag // BUCKET, tag, tag),
    ).fetchall()


def has_damage(connection: Connection) -> bool:
    """Whether a run or block of the file was found damaged."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM block INDEXED BY block_tag WHERE damaged = 1)"
        " OR EXISTS (SELECT 1 FROM run INDEXED BY run_bucket WHERE damaged = 1)"
    ).fetchone()
    return bool(found[0])


def rows_from(connection: Connection, table: str, after: int, most: int) -> list[tuple[Stored, bytes]]:
    """The next runs or blocks by id, with their data."""
    tags = "tag_min, tag_max" if table == "run" else "tag, tag"
    found = connection.execute(
        f"SELECT id, {tags}, time_min, time_max, rows, data FROM {table}"  # noqa: S608 - run or block
        " WHERE id > ? ORDER BY id LIMIT ?",
        (after, most),
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def faults(connection: Connection) -> list[str]:
    """What SQLite finds wrong with the file's own structure."""
    found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)").fetchall()]
    return [] if found == ["ok"] else [f"{fault}." for fault in found]


def has_tag(connection: Connection, tag: int) -> bool:
    """Whether the file may hold samples of a tag."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM block INDEXED BY block_tag WHERE tag = ?)"
        " OR EXISTS (SELECT 1 FROM run INDEXED BY run_bucket WHERE bucket = ? AND tag_min <= ? AND tag_max >= ?)",
        (tag, tag // BUCKET, tag, tag),
    ).fetchone()
    return bool(found[0])
