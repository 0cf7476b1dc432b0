"""The SQL of a data file: one UTC month of one retention group.

`run` holds what compactions brought of up to 256 neighbouring tags, sorted by tag and time: level 0 of one compaction,
higher levels of several; of one bucket, a lower level is always newer. `block` holds one tag, up to 8,192 samples;
blocks of a tag do not overlap. A run is always newer than a block of the same tag, because
making blocks of a tag takes all its runs. `rollup` is derived from the blocks of a whole day and may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hmi.historian.codec import Summary
from hmi.historian.files import remove_log
from hmi.historian.merge import BUCKET
from hmi.historian.sqlite import Connection, close, connect_writer, create

_LATEST: Final = (1 << 63) - 1
_EARLIEST: Final = -(1 << 63)


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
    db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL)")


def _migrations() -> Migrations:
    steps = Migrations("data")
    steps(name="0001-create")(_create)
    return steps


def open_data(path: Path) -> Connection:
    """The writer's connection; file and folder are made when they are missing.

    Raises:
        StoreError: the file cannot be opened or written.
        OSError: its folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        remove_log(path)
        create(path, _migrate)
    connection = connect_writer(path)
    try:
        _migrate(connection)
    except BaseException:
        close(connection)
        raise
    return connection


def _migrate(connection: Connection) -> None:
    _migrations().apply(Database(connection))


def insert_runs(connection: Connection, packed: Iterable[tuple[Summary, bytes]], level: int) -> None:
    """Adds runs inside the caller's transaction; the tags of one lie in one bucket."""
    connection.executemany(
        "INSERT INTO run (bucket, tag_min, tag_max, time_min, time_max, rows, level, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (s.tag_min // BUCKET, s.tag_min, s.tag_max, s.time_min, s.time_max, s.rows, level, data)
            for s, data in packed
        ],
    )


def insert_blocks(connection: Connection, packed: Iterable[tuple[Summary, bytes]]) -> None:
    """Adds blocks inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO block (tag, time_min, time_max, rows, data) VALUES (?, ?, ?, ?, ?)",
        [(s.tag_min, s.time_min, s.time_max, s.rows, data) for s, data in packed],
    )


def remove(connection: Connection, table: str, ids: Iterable[int]) -> None:
    """Deletes runs or blocks inside the caller's transaction."""
    connection.executemany(f"DELETE FROM {table} WHERE id = ?", [(i,) for i in ids])  # noqa: S608 - run or block


def mark_damaged(connection: Connection, table: str, row: int) -> None:
    """Leaves a damaged run or block where it is, never to be rewritten."""
    connection.execute(f"UPDATE {table} SET damaged = 1 WHERE id = ?", (row,))  # noqa: S608 - run or block


def runs_of_tag(connection: Connection, tag: int, low: int, high: int) -> list[tuple[Stored, bytes]]:
    """The runs that may hold samples of a tag in [low, high), oldest first."""
    found = connection.execute(
        "SELECT id, tag_min, tag_max, time_min, time_max, rows, data FROM run"
        " WHERE bucket = ? AND tag_min <= ? AND tag_max >= ? AND time_max >= ? AND time_min < ? ORDER BY id",
        (tag // BUCKET, tag, tag, low, min(high, _LATEST)),
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def buckets(connection: Connection) -> list[int]:
    """The buckets that have runs."""
    found = connection.execute("SELECT DISTINCT bucket FROM run INDEXED BY run_bucket WHERE damaged = 0").fetchall()
    return [int(number) for (number,) in found]


def tags_with_blocks(connection: Connection) -> list[int]:
    """The tags that have blocks."""
    found = connection.execute("SELECT DISTINCT tag FROM block INDEXED BY block_tag WHERE damaged = 0").fetchall()
    return [int(tag) for (tag,) in found]


def runs_of_bucket(connection: Connection, number: int, top: int = _LATEST) -> list[tuple[Stored, int, bytes]]:
    """The undamaged runs of a bucket up to a level, with their level, oldest first."""
    found = connection.execute(
        "SELECT id, tag_min, tag_max, time_min, time_max, rows, level, data FROM run"
        " WHERE bucket = ? AND damaged = 0 AND level <= ? ORDER BY id",
        (number, top),
    ).fetchall()
    return [(Stored(*row[:6]), row[6], row[7]) for row in found]


_BLOCK: Final = "SELECT id, tag, tag, time_min, time_max, rows, data FROM block"


def blocks_forward(
    connection: Connection, tag: int, low: int, high: int, after: int | None, most: int
) -> list[tuple[Stored, bytes]]:
    """The next blocks of a tag in [low, high) whose last time is after `after` (None: from the first), in order; not
    those found damaged."""
    floor = max(low, _EARLIEST) if after is None else max(low, after + 1)
    found = connection.execute(
        f"{_BLOCK} WHERE tag = ? AND time_max >= ? AND time_min < ? AND damaged = 0 ORDER BY time_max LIMIT ?",
        (tag, floor, min(high, _LATEST), most),
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def blocks_backward(
    connection: Connection, tag: int, low: int, high: int, before: int | None, most: int
) -> list[tuple[Stored, bytes]]:
    """The same from the end, newest first: the next blocks whose first time is before `before`.

    By its first time: blocks that were joined since the last call end where the newer of them ended.
    """
    ceiling = min(high, _LATEST) if before is None else min(high, before)
    found = connection.execute(
        f"{_BLOCK} WHERE tag = ? AND time_max >= ? AND time_min < ? AND damaged = 0 ORDER BY time_max DESC LIMIT ?",
        (tag, max(low, _EARLIEST), ceiling, most),
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def damaged_blocks(connection: Connection, tag: int, low: int, high: int) -> list[tuple[Stored, bytes]]:
    """The blocks of a tag in [low, high) that were found damaged: newer blocks may overlap them."""
    found = connection.execute(
        f"{_BLOCK} INDEXED BY block_tag WHERE tag = ? AND time_max >= ? AND time_min < ? AND damaged = 1",
        (tag, max(low, _EARLIEST), min(high, _LATEST)),
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def damaged_ids(connection: Connection, tag: int, low: int, high: int) -> list[int]:
    """Which blocks these are now."""
    found = connection.execute(
        "SELECT id FROM block INDEXED BY block_tag WHERE tag = ? AND time_max >= ? AND time_min < ? AND damaged = 1",
        (tag, max(low, _EARLIEST), min(high, _LATEST)),
    ).fetchall()
    return [int(row) for (row,) in found]


def damaged_spans(connection: Connection, tag: int) -> list[tuple[int, int]]:
    """First and last time (ns UTC) of each run and block found damaged that may hold samples of a tag."""
    return connection.execute(
        "SELECT time_min, time_max FROM block INDEXED BY block_tag WHERE tag = ? AND damaged = 1"
        " UNION ALL SELECT time_min, time_max FROM run INDEXED BY run_bucket"
        " WHERE bucket = ? AND tag_min <= ? AND tag_max >= ? AND damaged = 1",
        (tag, tag // BUCKET, tag, tag),
    ).fetchall()


def block_list(connection: Connection, tag: int, low: int) -> list[Stored]:
    """The undamaged blocks of a tag that end at `low` or later, without their samples, in time order."""
    found = connection.execute(
        "SELECT id, tag, tag, time_min, time_max, rows FROM block INDEXED BY block_tag"
        " WHERE tag = ? AND time_max >= ? AND damaged = 0 ORDER BY time_max",
        (tag, low),
    ).fetchall()
    return [Stored(*row) for row in found]


def last_blocks(connection: Connection, tag: int, most: int) -> list[Stored]:
    """The newest undamaged blocks of a tag without their samples, newest first."""
    found = connection.execute(
        "SELECT id, tag, tag, time_min, time_max, rows FROM block INDEXED BY block_tag"
        " WHERE tag = ? AND damaged = 0 ORDER BY time_max DESC LIMIT ?",
        (tag, most),
    ).fetchall()
    return [Stored(*row) for row in found]


def block_data(connection: Connection, row: int) -> bytes:
    """A block's bytes."""
    data: bytes = connection.execute("SELECT data FROM block WHERE id = ?", (row,)).fetchone()[0]
    return data


def get_meta(connection: Connection, key: str) -> int | None:
    """A number kept beside the samples."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if found is None else int(found[0])


def set_meta(connection: Connection, key: str, value: int) -> None:
    """Keeps a number, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def add_meta(connection: Connection, key: str, by: int) -> None:
    """Changes a number, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = value + excluded.value",
        (key, by),
    )


def widen_span(connection: Connection, low: int, high: int) -> None:
    """Notes that the file has samples from `low` to `high` (ns UTC), inside the caller's transaction."""
    for key, value, wider in (("time_min", low, "min"), ("time_max", high, "max")):
        connection.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?)"  # noqa: S608 - min or max
            f" ON CONFLICT (key) DO UPDATE SET value = {wider}(value, excluded.value)",
            (key, value),
        )


def rolled_days(connection: Connection) -> dict[int, int]:
    """The last UTC day (days since 1970) of each tag that has a rollup."""
    return dict(connection.execute("SELECT tag, max(day) FROM rollup INDEXED BY rollup_day GROUP BY tag").fetchall())


def rollup_days(connection: Connection, tag: int) -> set[int]:
    """The UTC days (since 1970) of a tag that have a rollup."""
    found = connection.execute("SELECT day FROM rollup INDEXED BY rollup_day WHERE tag = ?", (tag,)).fetchall()
    return {int(day) for (day,) in found}


def drop_rollups(connection: Connection, days: Iterable[tuple[int, int]]) -> None:
    """Deletes the rollups of (tag, day) whose samples change, inside the caller's transaction."""
    connection.executemany("DELETE FROM rollup WHERE tag = ? AND day = ?", list(days))


def put_rollup(connection: Connection, tag: int, day: int, minute: bytes | None, hour: bytes | None) -> None:
    """Keeps what a day's samples come to, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO rollup (tag, day, minute, hour) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (tag, day) DO UPDATE SET minute = excluded.minute, hour = excluded.hour",
        (tag, day, minute, hour),
    )


def runs_after(connection: Connection, at: int) -> list[bytes]:
    """The data of the runs that hold samples after a time (ns UTC)."""
    return [data for (data,) in connection.execute("SELECT data FROM run WHERE time_max > ?", (at,)).fetchall()]


def blocks_after(connection: Connection, at: int) -> list[tuple[int, int]]:
    """Tags with blocks that end after a time (ns UTC), and when the last of each does."""
    return connection.execute(
        "SELECT tag, max(time_max) FROM block INDEXED BY block_tag WHERE time_max > ? GROUP BY tag", (at,)
    ).fetchall()


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


def rollups(connection: Connection, tag: int, days: tuple[int, int], part: str) -> list[tuple[int, bytes]]:
    """Day and bytes of the rollups of a tag from a first to a last UTC day that have a part, `minute` or `hour`."""
    found: list[tuple[int, bytes]] = connection.execute(
        f"SELECT day, {part} FROM rollup WHERE tag = ? AND day BETWEEN ? AND ?"  # noqa: S608 - minute or hour
        f" AND {part} IS NOT NULL ORDER BY day",
        (tag, *days),
    ).fetchall()
    return found
