"""Table `run` of a data file: a row is what one compaction or several brought of a bucket of neighbouring tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hmi.historian.codec import Summary
from hmi.historian.datafile import Stored
from hmi.historian.merge import BUCKET
from hmi.historian.sqlite import Connection

_LATEST: Final = (1 << 63) - 1


def insert(connection: Connection, packed: Iterable[tuple[Summary, bytes]], level: int) -> None:
    """Adds runs inside the caller's transaction; the tags of one lie in one bucket."""
    connection.executemany(
        "INSERT INTO run (bucket, tag_min, tag_max, time_min, time_max, rows, level, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (s.tag_min // BUCKET, s.tag_min, s.tag_max, s.time_min, s.time_max, s.rows, level, data)
            for s, data in packed
        ],
    )


def of_tag(connection: Connection, tag: int, low: int, high: int) -> list[tuple[Stored, bytes]]:
    """The runs that may hold samples of a tag in [low, high), oldest first."""
    found = connection.execute(
        "SELECT id, tag_min, tag_max, time_min, time_max, rows, data FROM run"
        " WHERE bucket = ? AND tag_min <= ? AND tag_max >= ? AND time_max >= ? AND time_min <= ? ORDER BY id",
        (tag // BUCKET, tag, tag, low, min(high - 1, _LATEST)),
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def buckets(connection: Connection) -> list[int]:
    """The buckets that have runs."""
    found = connection.execute("SELECT DISTINCT bucket FROM run INDEXED BY run_bucket WHERE damaged = 0").fetchall()
    return [int(number) for (number,) in found]


def of_bucket(connection: Connection, number: int, top: int = _LATEST) -> list[tuple[Stored, int, bytes]]:
    """The undamaged runs of a bucket up to a level, with their level, oldest first."""
    found = connection.execute(
        "SELECT id, tag_min, tag_max, time_min, time_max, rows, level, data FROM run"
        " WHERE bucket = ? AND damaged = 0 AND level <= ? ORDER BY id",
        (number, top),
    ).fetchall()
    return [(Stored(*row[:6]), row[6], row[7]) for row in found]


def data_after(connection: Connection, at: int) -> list[bytes]:
    """The data of the runs that hold samples after a time (ns UTC)."""
    return [data for (data,) in connection.execute("SELECT data FROM run WHERE time_max > ?", (at,)).fetchall()]
