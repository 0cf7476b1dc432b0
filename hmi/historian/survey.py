"""What a store holds and whether it is sound, file by file; no read transaction stays open while sums are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hmi.historian import block_table, carry, datafile, journal, meta_table, months, run_table
from hmi.historian.api import DamagedError, StoreError
from hmi.historian.codec import CodecError, Summary, check, decode
from hmi.historian.damage import (
    damaged_block,
    damaged_carry,
    damaged_file,
    damaged_row,
    damaged_run,
    lost_carry,
    missing_file,
)
from hmi.historian.datafile import Stored
from hmi.historian.files import Key, missing
from hmi.historian.library import GoneError, Library
from hmi.historian.sqlite import Connection, Error

_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Contents:
    """What one data file holds."""

    samples: int
    oldest: int
    """ns UTC; the month's start where no sample is."""
    newest: int
    applied: int
    """Append number up to which the journal is in it."""


def contents(library: Library, key: Key) -> Contents:
    """Samples and span of a data file; nothing of one that cannot be read."""
    start, end = months.span_of(key.month)
    try:
        connection = library.connection(key)
        samples = meta_table.get(connection, "samples") or 0
        applied = meta_table.get(connection, "applied") or 0
        oldest = meta_table.get(connection, "time_min")
        newest = meta_table.get(connection, "time_max")
    except (Error, StoreError):
        return Contents(0, start, end - 1, 0)
    return Contents(samples, start if oldest is None else oldest, end - 1 if newest is None else newest, applied)


def later(connection: Connection, library: Library, at: int) -> dict[int, int]:
    """Tags with stored samples after `at` (ns UTC), and the time of the last one."""
    found: dict[int, int] = {}
    for row in journal.rows_after(connection, at):
        _last_times(journal.data_of(connection, row), at, found)
    for key in library.files():
        if months.start_of(key.month + 1) > at:
            try:
                file = library.connection(key)
                for data in run_table.data_after(file, at):
                    _last_times(data, at, found)
                for tag, time in block_table.ends_after(file, at):
                    found[tag] = max(time, found.get(tag, time))
            except (Error, StoreError):
                continue  # nothing can be told of it, and a station must start all the same
    return found


def _last_times(data: bytes | None, at: int, found: dict[int, int]) -> None:
    try:
        batch = decode(data or b"")
    except CodecError:  # filed meanwhile, or damaged: a read of it will say so
        return
    late = batch.take(batch.time > at)
    for tag, time in zip(late.tag.tolist(), late.time.tolist(), strict=True):
        found[tag] = max(time, found.get(tag, time))


def verify_journal(connection: Connection) -> Iterator[DamagedError]:
    """The damaged rows of the journal."""
    for row in journal.spans(connection):
        data = journal.data_of(connection, row.id)
        if data is not None and not _sound(
            data, Summary(row.rows, row.time_min, row.time_max, row.tag_min, row.tag_max)
        ):
            yield damaged_row(row)


def verify_files(library: Library) -> Iterator[DamagedError]:
    """The damaged runs and blocks of the data files, and the files that cannot be read."""
    keys = library.files()
    yield from map(missing_file, missing(keys))
    for key in keys:
        try:
            connection = library.connection(key)
            for table, damaged in (("run", damaged_run), ("block", damaged_block)):
                for stored, data in _rows(connection, table):
                    if not _sound(data, _summary(stored)):
                        yield damaged(key, stored)
            for fault in datafile.faults(connection):
                yield damaged_file(key, fault)
        except GoneError:
            continue
        except StoreError as error:
            yield damaged_file(key, error.what)
        except Error as error:
            yield damaged_file(key, f"{error}.")


def verify_carries(library: Library) -> Iterator[DamagedError]:
    """The damaged ones of the last samples that retention has kept, and the files of them that cannot be read."""
    library.files()
    for group in library.carries():
        try:
            connection = library.carry(group)
            at = carry.LOWEST
            while found := carry.page(connection, at, _AT_ONCE):
                for stored, data in found:
                    if not _sound(data, _summary(stored)):
                        yield damaged_carry(group, stored)
                at = found[-1][0].id
        except StoreError as error:
            yield lost_carry(group, error.what)
        except Error as error:
            yield lost_carry(group, f"{error}.")


def _rows(connection: Connection, table: str) -> Iterator[tuple[Stored, bytes]]:
    at = 0
    while found := datafile.rows_from(connection, table, at, _AT_ONCE):
        yield from found
        at = found[-1][0].id


def _summary(stored: Stored) -> Summary:
    return Summary(stored.rows, stored.time_min, stored.time_max, stored.tag_min, stored.tag_max)


def _sound(data: bytes, summary: Summary) -> bool:
    try:
        return check(data) == summary
    except CodecError:
        return False
