"""What a store holds month by month, and how fast it grows: from its indexes, no sample is unpacked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hmi.historian import census, journal, meta_table, months
from hmi.historian.api import StoreError, StoreInfo
from hmi.historian.files import Key, carries, size_of
from hmi.historian.library import GoneError, Library
from hmi.historian.months import DAY
from hmi.historian.reader import StoreReader
from hmi.historian.sqlite import Connection, Error, close, connect_reader, explain, is_damage
from hmi.historian.survey import contents

RATE_DAYS: Final = 7
"""The rate is that of the last so many days in which the store was written."""


@dataclass(frozen=True, slots=True)
class Month:
    """One data file."""

    group: str
    month: str
    """`2026-11`, UTC; a later part of it `2026-11.1`."""
    bytes: int
    samples: int
    """0 also for a file that cannot be read: `hmi history verify` tells."""
    oldest: int | None
    """ns UTC; None = no sample."""
    newest: int | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """A store from above."""

    store: StoreInfo
    journal_bytes: int
    journal_samples: int
    carried_bytes: int
    """Of the last values of deleted months."""
    samples_day: float | None
    """Samples a day lately; None = none."""
    months: tuple[Month, ...]
    """Oldest first."""

    @property
    def bytes_sample(self) -> float | None:
        """Bytes a sample in the data files; None = they have none."""
        samples = sum(month.samples for month in self.months)
        return sum(month.bytes for month in self.months) / samples if samples else None


def inventory(folder: Path) -> Inventory:
    """Looks a store over, running or not.

    Raises:
        StoreError: there is no store in the folder, or its journal cannot be read.
    """
    reader = StoreReader(folder)
    try:
        store = reader.info()
    finally:
        reader.close()
    path = folder / journal.JOURNAL_NAME
    library = Library(folder)
    connection = connect_reader(path)
    try:
        samples = journal.size(connection)[1]
        until = meta_table.get(connection, "alive")
        found = [_month(folder, library, key) for key in library.files()]
        rate = None if until is None or store.oldest is None else _rate(connection, library, store.oldest, until)
    except Error as error:
        raise explain(error, path) from error
    finally:
        close(connection)
        library.close()
    return Inventory(store, size_of(path), samples, sum(map(size_of, carries(folder))), rate, tuple(found))


def _month(folder: Path, library: Library, key: Key) -> Month:
    held = contents(library, key)
    oldest, newest = (held.oldest, held.newest) if held.samples else (None, None)
    return Month(key.group, key.name, size_of(key.path(folder)), held.samples, oldest, newest)


def _rate(connection: Connection, library: Library, oldest: int, until: int) -> float | None:
    """Samples a day; a row that began before the days in question counts by its part in them."""
    since = max(until - RATE_DAYS * DAY, min(oldest, until))
    filed = 0
    total = 0.0
    rows = journal.spans(connection)
    for key in library.files():
        held = contents(library, key)
        filed = max(filed, held.applied)
        if months.start_of(key.month + 1) > since and months.start_of(key.month) <= until:
            try:
                total += census.samples_between(library.connection(key), since, until)
            except (StoreError, Error) as error:
                if not (isinstance(error, GoneError) or is_damage(error)):
                    raise
    for row in rows:
        span = max(1, row.time_max - row.time_min)
        inside = min(row.time_max, until) - max(row.time_min, since)
        if row.last > filed and inside >= 0:
            total += row.rows * min(1.0, max(1, inside) / span)
    return total * DAY / max(until - since, 1) if total else None
