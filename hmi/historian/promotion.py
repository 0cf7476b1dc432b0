"""From runs to blocks: when enough samples of a tag wait in a bucket's runs, they get blocks of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hmi.core.batch import Batch, join
from hmi.historian import datafile
from hmi.historian.api import DamagedError
from hmi.historian.blocks import joined_blocks
from hmi.historian.codec import TIGHT, CodecError, Summary, decode, encode
from hmi.historian.damage import damaged_block, damaged_run
from hmi.historian.datafile import Stored
from hmi.historian.files import Key
from hmi.historian.merge import by_tag, part, run_spans
from hmi.historian.options import StoreOptions
from hmi.historian.shelf import OpenFile, Shelf
from hmi.historian.sqlite import Connection

_WORTH_IT: Final = 4
"""A bucket is worth rewriting when a fourth of its samples leave it."""
_SMALL_BLOCKS: Final = 64
"""Blocks at a tag's end that may be joined at once."""


class Promoter:
    """Rewrites buckets of runs."""

    def __init__(self, shelf: Shelf, options: StoreOptions) -> None:
        self._shelf, self._options = shelf, options

    def waiting(self, key: Key, number: int) -> int:
        """How many samples of a bucket's runs should be rewritten now; 0 = none.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._shelf.explained(key):
            bucket = self._shelf.open(key).bucket(number)
        total = int(bucket.waiting.sum())
        ripe = int(bucket.waiting[bucket.waiting >= self._options.block_from].sum())
        is_due = bucket.runs >= self._options.most_runs or (ripe > 0 and ripe * _WORTH_IT >= total)
        return total if is_due else 0

    def promote(
        self, key: Key, numbers: Sequence[int], *, block_from: int | None = None
    ) -> tuple[list[int], list[DamagedError]]:
        """Gives every tag that has enough samples in the runs of some buckets its blocks, and joins the others' into
        new runs; the tags that got blocks, and what was found damaged (it stays where it is).

        Raises:
            StoreError: the file did not take it; nothing is lost.
        """
        with self._shelf.explained(key):
            file = self._shelf.open(key)
            rewrite = _Rewrite(file, self._options, block_from or self._options.block_from)
            for number in numbers:
                rewrite.take(number)
            with self._shelf.writing(file) as connection:
                rewrite.store(connection)
            for number in numbers:
                file.forget(number)
            return rewrite.tags, rewrite.damaged


class _Rewrite:
    """What becomes of some buckets: made outside of a transaction, stored in one."""

    def __init__(self, file: OpenFile, options: StoreOptions, block_from: int) -> None:
        self._file, self._options, self._block_from = file, options, block_from
        self.tags: list[int] = []
        self._old_runs: list[Stored] = []
        self._old_blocks: list[Stored] = []
        self._runs: list[tuple[Summary, bytes]] = []
        self._bad_runs: dict[int, Stored] = {}
        self._bad_blocks: dict[int, Stored] = {}
        self._packed: list[tuple[Summary, bytes]] = []
        self._delta = 0

    @property
    def damaged(self) -> list[DamagedError]:
        """What was found damaged."""
        key = self._file.key
        found = [damaged_run(key, run) for run in self._bad_runs.values()]
        return found + [damaged_block(key, block) for block in self._bad_blocks.values()]

    def take(self, number: int) -> None:
        """Plans one bucket."""
        sound: list[Batch] = []
        for run, data in datafile.runs_of_bucket(self._file.connection, number):
            try:
                sound.append(decode(data))
            except CodecError:
                self._bad_runs[run.id] = run
                continue
            self._old_runs.append(run)
        if not sound:
            return
        ordered = by_tag(join(sound))
        starts = np.flatnonzero(np.diff(ordered.tag, prepend=ordered.tag[:1] - 1))
        counts = np.diff(starts, append=len(ordered))
        ripe = counts >= self._block_from
        for start, count in zip(starts[ripe].tolist(), counts[ripe].tolist(), strict=True):
            self.tags.append(int(ordered.tag[start]))
            self._take_in(part(ordered, start, start + count))
        rest = ordered.take(np.repeat(~ripe, counts))
        if len(rest):
            spans = run_spans(rest.tag, self._options.run_rows)
            self._runs += [encode(part(rest, start, end), by_tag=True, level=TIGHT) for start, end in spans]
        self._delta += len(rest) - sum(map(len, sound))

    def _take_in(self, new: Batch) -> None:
        tag, connection = int(new.tag[0]), self._file.connection
        tail = datafile.last_blocks(connection, tag, _SMALL_BLOCKS)
        tail.reverse()
        if tail and int(new.time[0]) <= tail[-1].time_max:
            tail = datafile.block_list(connection, tag, int(new.time[0]))
        mine = joined_blocks(new, tail, self._load, self._options.block_rows)
        self._old_blocks += mine.removed
        self._packed += [encode(block, by_tag=True, level=TIGHT) for block in mine.added]
        self._delta += sum(map(len, mine.added)) - sum(block.rows for block in mine.removed)

    def _load(self, block: Stored) -> Batch | None:
        try:
            return decode(datafile.block_data(self._file.connection, block.id))
        except CodecError:
            self._bad_blocks[block.id] = block
            return None

    def store(self, connection: Connection) -> None:
        """Writes the plan, inside the caller's transaction."""
        for table, bad in (("run", self._bad_runs), ("block", self._bad_blocks)):
            for row in bad:
                datafile.mark_damaged(connection, table, row)
        datafile.remove(connection, "run", [run.id for run in self._old_runs])
        datafile.remove(connection, "block", [block.id for block in self._old_blocks])
        datafile.insert_runs(connection, self._runs)
        datafile.insert_blocks(connection, self._packed)
        datafile.add_meta(connection, "samples", self._delta)
