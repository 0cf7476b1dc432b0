"""Which stored rollups of a tag say what its samples say now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hmi.historian import datafile, holes, months, rollup_table
from hmi.historian.api import StoreError
from hmi.historian.files import Key, by_month
from hmi.historian.gather import MovedError, Snapshot, recent
from hmi.historian.library import GoneError, Library
from hmi.historian.pieces import Window
from hmi.historian.sqlite import Connection, Error, is_damage

_ATTEMPTS: Final = 100


def rollup_rows(
    connection: Connection, library: Library, snapshot: Snapshot, tag: int, days: tuple[int, int], part: str
) -> list[tuple[int, bytes]]:
    """Day and bytes of each rollup of a tag in a first to a last UTC day; `part` is `minute` or `hour`.

    A day of which samples are in memory or in the journal is left out: its rollup does not have them yet. Memory and
    journal are looked at first: what is filed meanwhile takes the rollup away in the same transaction.

    Raises:
        MovedError: the journal moved faster than it could be read.
    """
    low, high = days[0] * months.DAY, (days[1] + 1) * months.DAY
    touched = _touched(connection, snapshot, Window(tag, low, high))
    found: list[tuple[int, bytes]] = []
    first, last = months.month_of(low), months.month_of(high - 1)
    keys = library.files()
    # Late samples may have made a deleted month again: its rollups do not know what was carried over.
    touched |= {stored.time_min // months.DAY for stored, _ in library.carried(tag)}
    for files, there in by_month(keys, first, last):
        found += _of_month(library, files, there, tag, days, part)
    return [(day, data) for day, data in found if day not in touched]


def _touched(connection: Connection, snapshot: Snapshot, window: Window) -> set[int]:
    for _ in range(_ATTEMPTS):
        try:
            days: set[int] = set()
            for piece in recent(connection, window, snapshot):
                time = piece.load().time
                days.update((time // months.DAY).tolist())
        except MovedError:
            continue
        return days
    raise MovedError


def _of_month(
    library: Library, files: Sequence[Key], there: Sequence[Key], tag: int, days: tuple[int, int], part: str
) -> list[tuple[int, bytes]]:
    """Nothing of a tag that has samples in several files: no rollup has all of a day. Of a file that cannot be read
    nobody knows: until its hole ends, no rollup of another one may speak for the month."""
    keys: list[Key] = []
    for key in files:
        has = _has(library, there, key, tag) if key in there else None
        if has is None:
            days = max(days[0], _lost_until(library, there, key, tag) // months.DAY + 1), days[1]
        elif has:
            keys.append(key)
    return _rows(library, keys[0], tag, days, part) if len(keys) == 1 and days[0] <= days[1] else []


def _has(library: Library, there: Sequence[Key], key: Key, tag: int) -> bool | None:
    """Whether a file may hold samples of a tag; None when nobody knows, because it cannot be read or lacks some."""
    try:
        if datafile.has_tag(library.connection(key), tag):
            return True
        return False if holes.missing_from(library.connection, there, key) is None else None
    except GoneError:
        return False
    except (Error, StoreError) as error:
        if not is_damage(error):
            raise
        return None


def _lost_until(library: Library, there: Sequence[Key], key: Key, tag: int) -> int:
    try:
        return holes.lost_until(library.connection, there, key, tag)
    except GoneError:  # deleted meanwhile: its days have no samples any more, and no rollup
        return months.start_of(key.month + 1) - 1


def _rows(library: Library, key: Key, tag: int, days: tuple[int, int], part: str) -> list[tuple[int, bytes]]:
    """Without the days of what was found damaged after they were rolled up: their samples show the hole."""
    try:
        connection = library.connection(key)
        found = rollup_table.parts(connection, tag, days, part)
        spans = [(low // months.DAY, high // months.DAY) for low, high in datafile.damaged_spans(connection, tag)]
        return [(day, data) for day, data in found if not any(low <= day <= high for low, high in spans)]
    except GoneError:
        return []
    except (Error, StoreError) as error:
        if not is_damage(error):
            raise
        return []
