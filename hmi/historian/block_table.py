"""Table `block` of a data file: a row is up to 8,192 samples of one tag.

Sound blocks of a tag do not overlap. What was found damaged stays, and newer blocks may overlap it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hmi.historian.codec import Summary
from hmi.historian.datafile import Stored
from hmi.historian.sqlite import Connection

_LATEST: Final = (1 << 63) - 1
_EARLIEST: Final = -(1 << 63)
_BLOCK: Final = "SELECT id, tag, tag, time_min, time_max, rows, data FROM block"
_DAMAGED: Final = "FROM block INDEXED BY block_tag WHERE tag = ? AND time_max >= ? AND time_min <= ? AND damaged = 1"


def insert(connection: Connection, packed: Iterable[tuple[Summary, bytes]]) -> None:
    """Adds blocks inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO block (tag, time_min, time_max, rows, data) VALUES (?, ?, ?, ?, ?)",
        [(s.tag_min, s.time_min, s.time_max, s.rows, data) for s, data in packed],
    )


def tags(connection: Connection) -> list[int]:
    """The tags that have blocks."""
    found = connection.execute("SELECT DISTINCT tag FROM block INDEXED BY block_tag WHERE damaged = 0").fetchall()
    return [int(tag) for (tag,) in found]


def forward(
    connection: Connection, tag: int, low: int, high: int, after: int | None, most: int
) -> list[tuple[Stored, bytes]]:
    """The next blocks of a tag in [low, high) whose last time is after `after` (None: from the first), in order; not
    those found damaged."""
    floor = max(low, _EARLIEST) if after is None else max(low, after + 1)
    if floor > _LATEST:
        return []
    found = connection.execute(
        f"{_BLOCK} WHERE tag = ? AND time_max >= ? AND time_min <= ? AND damaged = 0 ORDER BY time_max LIMIT ?",
        (tag, floor, min(high - 1, _LATEST), most),
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def backward(
    connection: Connection, tag: int, low: int, high: int, before: int | None, most: int
) -> list[tuple[Stored, bytes]]:
    """The same from the end, newest first: the next blocks whose first time is before `before`.

    By its first time: blocks that were joined since the last call end where the newer of them ended.
    """
    ceiling = min(high - 1, _LATEST) if before is None else min(high, before) - 1
    if ceiling < _EARLIEST:
        return []
    found = connection.execute(
        f"{_BLOCK} WHERE tag = ? AND time_max >= ? AND time_min <= ? AND damaged = 0 ORDER BY time_max DESC LIMIT ?",
        (tag, max(low, _EARLIEST), ceiling, most),
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def damaged(connection: Connection, tag: int, low: int, high: int) -> list[tuple[Stored, bytes]]:
    """The blocks of a tag in [low, high) that were found damaged: newer blocks may overlap them."""
    found = connection.execute(
        f"SELECT id, tag, tag, time_min, time_max, rows, data {_DAMAGED}", _within(tag, low, high)
    ).fetchall()
    return [(Stored(*row[:6]), row[6]) for row in found]


def damaged_ids(connection: Connection, tag: int, low: int, high: int) -> list[int]:
    """Which blocks these are now."""
    return [int(row) for (row,) in connection.execute(f"SELECT id {_DAMAGED}", _within(tag, low, high)).fetchall()]


def _within(tag: int, low: int, high: int) -> tuple[int, int, int]:
    return tag, max(low, _EARLIEST), min(high - 1, _LATEST)


def listed(connection: Connection, tag: int, low: int) -> list[Stored]:
    """The undamaged blocks of a tag that end at `low` or later, without their samples, in time order."""
    found = connection.execute(
        "SELECT id, tag, tag, time_min, time_max, rows FROM block INDEXED BY block_tag"
        " WHERE tag = ? AND time_max >= ? AND damaged = 0 ORDER BY time_max",
        (tag, low),
    ).fetchall()
    return [Stored(*row) for row in found]


def last(connection: Connection, tag: int, most: int) -> list[Stored]:
    """The newest undamaged blocks of a tag without their samples, newest first."""
    found = connection.execute(
        "SELECT id, tag, tag, time_min, time_max, rows FROM block INDEXED BY block_tag"
        " WHERE tag = ? AND damaged = 0 ORDER BY time_max DESC LIMIT ?",
        (tag, most),
    ).fetchall()
    return [Stored(*row) for row in found]


def data_of(connection: Connection, row: int) -> bytes:
    """A block's bytes."""
    data: bytes = connection.execute("SELECT data FROM block WHERE id = ?", (row,)).fetchone()[0]
    return data


def ends_after(connection: Connection, at: int) -> list[tuple[int, int]]:
    """Tags with blocks that end after a time (ns UTC), and when the last of each does."""
    return connection.execute(
        "SELECT tag, max(time_max) FROM block INDEXED BY block_tag WHERE time_max > ? GROUP BY tag", (at,)
    ).fetchall()
