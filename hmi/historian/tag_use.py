"""What a store holds of each tag. Blocks are counted by their index; only what lies in runs and in the journal, which
hold many tags, is unpacked as far as the time of each sample."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hmi.historian import census, datafile, journal, meta_table
from hmi.historian.api import StoreError
from hmi.historian.codec import CodecError, decode
from hmi.historian.library import GoneError, Library
from hmi.historian.sqlite import Connection, Error, close, connect_reader, explain, is_damage

_RUNS_AT_ONCE = 64
_BLOCKS_AT_ONCE = 10_000


@dataclass(slots=True)
class TagUse:
    """What the store holds of one tag."""

    tag: int
    samples: int = 0
    oldest: int = (1 << 63) - 1
    """ns UTC."""
    newest: int = -(1 << 63)
    bytes: float = 0.0
    """Its part of what its rows take."""

    def add(self, samples: int, oldest: int, newest: int, size: float) -> None:
        """Counts a place that holds some of it."""
        self.samples += samples
        self.oldest, self.newest = min(self.oldest, oldest), max(self.newest, newest)
        self.bytes += size


def tag_uses(folder: Path) -> list[TagUse]:
    """Every tag with stored samples, by number; beside a running station, what is being filed may be counted twice.
    Damaged rows and files are left out: `hmi history verify` tells of them.

    Raises:
        StoreError: there is no store in the folder, or a file cannot be read now.
    """
    counting = _Counting()
    # The journal first: what leaves it meanwhile is in the files, never missed.
    waiting = _journal(folder)
    filed = 0
    library = Library(folder)
    try:
        for key in library.files():
            try:
                connection = library.connection(key)
                filed = max(filed, meta_table.get(connection, "applied") or 0)
                counting.file(connection)
            except GoneError:
                continue
            except Error as error:
                if not is_damage(error):
                    raise explain(error, key.path(folder)) from error
            except StoreError as error:
                if not is_damage(error):
                    raise
    finally:
        library.close()
    for last, data in waiting:
        if last > filed:
            counting.row(data)
    return sorted(counting.found.values(), key=lambda use: use.tag)


def _journal(folder: Path) -> list[tuple[int, bytes]]:
    """Its rows, each with the last append number in it; they are few, as the journal is filed again and again."""
    path = folder / journal.JOURNAL_NAME
    connection = connect_reader(path)
    try:
        rows = [(row.last, journal.data_of(connection, row.id)) for row in journal.spans(connection)]
    except Error as error:
        raise explain(error, path) from error
    finally:
        close(connection)
    return [(last, data) for last, data in rows if data is not None]


class _Counting:
    def __init__(self) -> None:
        self.found: dict[int, TagUse] = {}

    def file(self, connection: Connection) -> None:
        """Counts a data file, in pages: no read transaction stays open."""
        after = 0
        while rows := datafile.rows_from(connection, "run", after, _RUNS_AT_ONCE):
            for _, data in rows:
                self.row(data)
            after = rows[-1][0].id
        after = 0
        while blocks := census.blocks_from(connection, after, _BLOCKS_AT_ONCE):
            for block, size in blocks:
                self._of(block.tag_min).add(block.rows, block.time_min, block.time_max, size)
            after = blocks[-1][0].id

    def row(self, data: bytes) -> None:
        """Counts a row of many tags."""
        try:
            batch = decode(data)
        except CodecError:
            return
        order = np.argsort(batch.tag, kind="stable")
        time = batch.time[order]
        tags, starts, counts = np.unique(batch.tag[order], return_index=True, return_counts=True)
        oldest, newest = np.minimum.reduceat(time, starts), np.maximum.reduceat(time, starts)
        columns = (tags.tolist(), counts.tolist(), oldest.tolist(), newest.tolist())
        for tag, count, first, last in zip(*columns, strict=True):
            self._of(tag).add(count, first, last, len(data) * count / len(batch))

    def _of(self, tag: int) -> TagUse:
        return self.found.setdefault(tag, TagUse(tag))
