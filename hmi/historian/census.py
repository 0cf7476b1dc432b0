"""Going through a whole data file by its indexes: who is in it, and how much, without touching the samples."""

from __future__ import annotations

from hmi.historian.datafile import Stored
from hmi.historian.sqlite import Connection


def next_tags(connection: Connection, after: int, most: int) -> list[int]:
    """The next tags by number that have blocks; each is one step in the index, however many blocks it has."""
    found: list[int] = []
    while len(found) < most:
        row = connection.execute("SELECT min(tag) FROM block INDEXED BY block_tag WHERE tag > ?", (after,)).fetchone()
        if row[0] is None:
            break
        after = int(row[0])
        found.append(after)
    return found


def blocks_from(connection: Connection, after: int, most: int) -> list[tuple[Stored, int]]:
    """The next blocks by id, with the bytes of their data but not the data."""
    found = connection.execute(
        "SELECT id, tag, tag, time_min, time_max, rows, length(data) FROM block WHERE id > ? ORDER BY id LIMIT ?",
        (after, most),
    ).fetchall()
    return [(Stored(*row[:6]), int(row[6])) for row in found]


def samples_between(connection: Connection, low: int, high: int) -> float:
    """About how many samples lie between two times (ns UTC): a row that begins before or ends after counts in part."""
    total = 0.0
    for table, index in (("run", "run_bucket"), ("block", "block_tag")):
        found = connection.execute(
            "SELECT total(rows * min(1.0, 1.0 * max(1, min(time_max, :high) - max(time_min, :low))"  # noqa: S608 - ours
            f" / max(1, time_max - time_min))) FROM {table} INDEXED BY {index}"
            " WHERE time_max >= :low AND time_min <= :high",
            {"low": low, "high": high},
        ).fetchone()
        total += float(found[0])
    return total
