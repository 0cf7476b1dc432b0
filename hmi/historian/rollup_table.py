"""Table `rollup` of a data file: what the samples of a whole UTC day of a tag come to; a day may be missing."""

from __future__ import annotations

from collections.abc import Iterable

from hmi.historian.sqlite import Connection


def last_days(connection: Connection) -> dict[int, int]:
    """The last UTC day (days since 1970) of each tag that has a rollup."""
    return dict(connection.execute("SELECT tag, max(day) FROM rollup INDEXED BY rollup_day GROUP BY tag").fetchall())


def days_of(connection: Connection, tag: int) -> set[int]:
    """The UTC days (since 1970) of a tag that have a rollup."""
    found = connection.execute("SELECT day FROM rollup INDEXED BY rollup_day WHERE tag = ?", (tag,)).fetchall()
    return {int(day) for (day,) in found}


def drop(connection: Connection, days: Iterable[tuple[int, int]]) -> None:
    """Deletes the rollups of (tag, day) whose samples change, inside the caller's transaction."""
    connection.executemany("DELETE FROM rollup WHERE tag = ? AND day = ?", list(days))


def put(connection: Connection, tag: int, day: int, minute: bytes | None, hour: bytes | None) -> None:
    """Keeps what a day's samples come to, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO rollup (tag, day, minute, hour) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (tag, day) DO UPDATE SET minute = excluded.minute, hour = excluded.hour",
        (tag, day, minute, hour),
    )


def parts(connection: Connection, tag: int, days: tuple[int, int], part: str) -> list[tuple[int, bytes]]:
    """Day and bytes of the rollups of a tag from a first to a last UTC day that have a part, `minute` or `hour`."""
    found: list[tuple[int, bytes]] = connection.execute(
        f"SELECT day, {part} FROM rollup WHERE tag = ? AND day BETWEEN ? AND ?"  # noqa: S608 - minute or hour
        f" AND {part} IS NOT NULL ORDER BY day",
        (tag, *days),
    ).fetchall()
    return found
