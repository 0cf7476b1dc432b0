"""Runs and blocks of a data file as they are, to be carried into another one; only what passes its checksum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hmi.historian.codec import CodecError, Summary, check
from hmi.historian.sqlite import Connection, Error

_COLUMNS: Final = {
    "run": "id, bucket, level, tag_min, tag_max, time_min, time_max, rows, data",
    "block": "id, tag, tag, time_min, time_max, rows, data",
}
_INSERT: Final = {
    "run": "INSERT INTO run (id, bucket, level, tag_min, tag_max, time_min, time_max, rows, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "block": "INSERT INTO block (id, tag, time_min, time_max, rows, data) VALUES (?1, ?2, ?4, ?5, ?6, ?7)",
}
_FIRST: Final = -1


@dataclass(frozen=True, slots=True)
class WholeRow:
    """A sound run or block."""

    table: str
    columns: tuple[object, ...]
    summary: Summary


def sound_rows(connection: Connection, table: str) -> Iterator[WholeRow]:
    """The sound rows of a table, each once: from the first on and, where the file breaks off, from the last back."""
    reached = _FIRST
    try:
        for columns in _from(connection, table, reached, "id"):
            if columns[0] <= reached:
                break  # a broken tree may lead in a circle
            reached = columns[0]
            yield from _checked(table, columns)
        else:
            return
    except Error:
        pass  # what lies behind the broken place is found from the other end
    last: int | None = None
    try:
        for columns in _from(connection, table, reached, "id DESC"):
            if last is not None and columns[0] >= last:
                return
            last = columns[0]
            yield from _checked(table, columns)
    except Error:
        return


def _from(connection: Connection, table: str, after: int, order: str) -> Iterator[tuple[int, ...]]:
    sql = f"SELECT {_COLUMNS[table]} FROM {table} NOT INDEXED WHERE id > ? ORDER BY {order}"  # noqa: S608 - ours
    yield from connection.execute(sql, (after,))


def _checked(table: str, columns: tuple[object, ...]) -> Iterator[WholeRow]:
    *numbers, data = columns
    if not isinstance(data, bytes) or not all(isinstance(number, int) for number in numbers):
        return
    tag_min, tag_max, time_min, time_max, rows = numbers[-5:]
    try:
        summary = check(data)
    except CodecError:
        return
    if (summary.tag_min, summary.tag_max) == (tag_min, tag_max) and (
        (summary.time_min, summary.time_max, summary.rows) == (time_min, time_max, rows)
    ):
        yield WholeRow(table, columns, summary)


def keep(connection: Connection, row: WholeRow) -> None:
    """Puts a row into another file under its own number, inside the caller's transaction."""
    connection.execute(_INSERT[row.table], row.columns)


def tags_begun(connection: Connection, at: int) -> list[int]:
    """The tags with a block whose first sample is at a time (ns UTC)."""
    found = connection.execute("SELECT DISTINCT tag FROM block INDEXED BY block_tag WHERE time_min = ?", (at,))
    return [int(tag) for (tag,) in found.fetchall()]
