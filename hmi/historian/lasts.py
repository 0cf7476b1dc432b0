"""The last sample of every tag in a data file, as a read of the file would give it: damage shows as Bad_DataLost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from hmi.core.batch import EMPTY, Batch, join
from hmi.historian import block_table, census, datafile
from hmi.historian.codec import CodecError, decode, decode_tag, pruned
from hmi.historian.damage import marks
from hmi.historian.datafile import Stored
from hmi.historian.sqlite import Connection

_LOWEST: Final = -(1 << 63)
_RUNS_AT_ONCE: Final = 4
_TAGS_AT_ONCE: Final = 128
"""Steps short enough that no flush waits for one."""


def lasts(connection: Connection) -> Iterator[Batch]:
    """One sample a tag, in pieces; a tag comes once for each run that has it, and once for its blocks where these have
    a newer one. Of two pieces with the same time of a tag the later one counts.

    Raises:
        Error: the file cannot be read.
    """
    # Runs first: what becomes a block in between is seen twice, never missed.
    in_runs: dict[int, int] = {}
    for samples in _of_runs(connection):
        for tag, time in zip(*_columns(samples), strict=True):
            in_runs[tag] = max(time, in_runs.get(tag, time))
        yield samples
    for samples in _of_blocks(connection):
        # A run is newer than a block: of the same time, its sample was written last.
        newer = [time > in_runs.get(tag, time - 1) for tag, time in zip(*_columns(samples), strict=True)]
        yield samples.take(np.array(newer, np.bool_))


def _columns(samples: Batch) -> tuple[list[int], list[int]]:
    return samples.tag.tolist(), samples.time.tolist()


def _of_runs(connection: Connection) -> Iterator[Batch]:
    after = 0
    while found := datafile.rows_from(connection, "run", after, _RUNS_AT_ONCE):
        yield join([_last_of_run(run, data) for run, data in found])
        after = found[-1][0].id


def _last_of_run(run: Stored, data: bytes) -> Batch:
    try:
        batch = decode(data)
    except CodecError:
        # Nobody knows whose samples it held.
        return join([marks(tag, run.time_max, run.time_max) for tag in range(run.tag_min, run.tag_max + 1)])
    ends = np.flatnonzero(np.diff(batch.tag, append=batch.tag[-1:] + 1))
    return pruned(batch.take(ends))


def _of_blocks(connection: Connection) -> Iterator[Batch]:
    after = _LOWEST
    while tags := census.next_tags(connection, after, _TAGS_AT_ONCE):
        yield join([_last_of_block(connection, tag) for tag in tags])
        after = tags[-1]


def _last_of_block(connection: Connection, tag: int) -> Batch:
    damaged = block_table.damaged(connection, tag, _LOWEST, 1 << 63)
    sound = block_table.backward(connection, tag, _LOWEST, 1 << 63, None, 1)
    for block, data in sorted(damaged + sound, key=lambda row: row[0].time_max)[-1:]:
        try:
            batch = decode_tag(data, tag)
        except CodecError:
            return marks(tag, block.time_max, block.time_max)
        return pruned(batch.take(np.array([len(batch) - 1])))
    return EMPTY
