"""Table `meta` of the journal and of each data file: numbers kept beside the samples, in the same transactions."""

from __future__ import annotations

from collections.abc import Mapping

from sqlite_utils import Database

from hmi.historian.sqlite import Connection


def create(db: Database) -> None:
    """Makes the table."""
    db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL)")


def get(connection: Connection, key: str) -> int | None:
    """A number; None = never kept."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if found is None else int(found[0])


def put(connection: Connection, values: Mapping[str, int]) -> None:
    """Keeps numbers, inside the caller's transaction."""
    _merge(connection, values, "excluded.value")


def add(connection: Connection, key: str, by: int) -> None:
    """Changes a number, inside the caller's transaction."""
    _merge(connection, {key: by}, "value + excluded.value")


def widen_span(connection: Connection, low: int, high: int) -> None:
    """Notes that the file has samples from `low` to `high` (ns UTC), inside the caller's transaction."""
    _merge(connection, {"time_min": low}, "min(value, excluded.value)")
    _merge(connection, {"time_max": high}, "max(value, excluded.value)")


def _merge(connection: Connection, values: Mapping[str, int], both: str) -> None:
    connection.executemany(
        f"INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = {both}",  # noqa: S608 - our own words
        list(values.items()),
    )
