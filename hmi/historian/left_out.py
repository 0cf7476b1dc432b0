"""A data file that a backup had to leave out is a hole in the copy too: an empty next part of its month says so.

Without one the copy would read as if nothing had been there, and the value of before would be shown through the hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hmi.historian import datafile, meta_table, months, part_table
from hmi.historian.files import MOST_PARTS, Key, last_parts
from hmi.historian.journal import JOURNAL_NAME
from hmi.historian.sqlite import Error, close, connect_reader, explain


def unfollowed(lost: Sequence[Key], copied: Sequence[Key]) -> list[Key]:
    """The parts to be made, so that each lost file has one after it."""
    last = last_parts([*copied, *lost]).values()
    return [replace(key, part=key.part + 1) for key in last if key in lost and key.part < MOST_PARTS]


def mark_lost(folder: Path, path: Path, month: int) -> None:
    """Makes the file of an empty part: all that the one before it had may be lost, up to when the journal in `folder`
    was written last.

    Raises:
        StoreError: the disk does not take it, or the journal cannot be read.
    """
    journal = folder / JOURNAL_NAME
    connection = connect_reader(journal)
    try:
        alive, filed = meta_table.get(connection, "alive"), meta_table.get(connection, "filed")
    except Error as error:
        raise explain(error, journal) from error
    finally:
        close(connection)
    until = months.start_of(month + 1) - 1 if alive is None else alive
    datafile.make(path, lambda made: part_table.create(made, until, filed or 0))
