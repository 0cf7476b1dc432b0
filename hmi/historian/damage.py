"""What to tell about stored samples that do not pass their checksum, and what a read shows in their place."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from hmi.core.batch import EMPTY, Batch
from hmi.core.quality import Status
from hmi.historian import months
from hmi.historian.api import DamagedError
from hmi.historian.datafile import Stored
from hmi.historian.files import CARRY_NAME, Key
from hmi.historian.journal import JOURNAL_NAME, Row

_EARLIEST = -(1 << 63)
_LATEST = (1 << 63) - 1
_DO = "Restore the file from a backup if you need these samples; everything else still reads."


def damaged_row(row: Row) -> DamagedError:
    """A damaged row of the journal."""
    return _damaged(f"{JOURNAL_NAME}, row {row.id}", (row.tag_min, row.tag_max), (row.time_min, row.time_max), row.rows)


def damaged_run(key: Key, run: Stored) -> DamagedError:
    """A damaged run of a data file."""
    return _stored(key, "run", run)


def damaged_block(key: Key, block: Stored) -> DamagedError:
    """A damaged block of a data file."""
    return _stored(key, "block", block)


def damaged_carry(group: str, carried: Stored) -> DamagedError:
    """A last sample kept by retention."""
    place = f"{group}/{CARRY_NAME}"
    return _damaged(place, (carried.tag_min, carried.tag_max), (carried.time_min, carried.time_max), carried.rows)


def lost_carry(group: str, why: str) -> DamagedError:
    """A file of last samples kept by retention that SQLite cannot read."""
    what = f"What tags were in the deleted months of group {group} ({group}/{CARRY_NAME}) cannot be read: {why}"
    return DamagedError(what, _DO, _EARLIEST, _LATEST)


def damaged_file(key: Key, why: str) -> DamagedError:
    """A data file that SQLite cannot read."""
    return _of_file(key, f"cannot be read: {why}")


def missing_file(key: Key) -> DamagedError:
    """A data file that is not there, though a later part of its month is."""
    return _of_file(key, f"is not all there: {key} is missing.")


def continued_file(key: Key, after: Key) -> DamagedError:
    """A data file that takes no samples any more, and the part in which they go on."""
    return _of_file(after, f"is damaged ({after}); new samples go to {key}.")


def _of_file(key: Key, what: str) -> DamagedError:
    start, end = months.span_of(key.month)
    return DamagedError(f"The history of {key.name} (group {key.group}) {what}", _DO, start, end - 1)


def _stored(key: Key, kind: str, stored: Stored) -> DamagedError:
    place = f"{key}, {kind} {stored.id}"
    return _damaged(place, (stored.tag_min, stored.tag_max), (stored.time_min, stored.time_max), stored.rows)


def _damaged(place: str, tags: tuple[int, int], times: tuple[int, int], rows: int) -> DamagedError:
    start, end = map(_shown, times)
    return DamagedError(
        f"The history from {start} to {end} is damaged in one place ({place}, {rows} samples).", _DO, *times, tags
    )


def _shown(time: int) -> str:
    try:
        return f"{datetime.fromtimestamp(time / 1e9, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{time} ns"


def marks(tag: int, start: int, end: int) -> Batch:
    """Bad_DataLost at both ends of what cannot be read any more: a read shows the hole and goes on behind it."""
    if end < start:
        return EMPTY
    time = np.array([start, end] if end > start else [start], np.int64)
    n = len(time)
    return Batch(
        np.full(n, tag, np.int32),
        time,
        np.zeros(n, np.int64),
        np.full(n, np.nan),
        np.full(n, Status.BAD_DATA_LOST, np.uint32),
    )
