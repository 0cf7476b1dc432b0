"""From runs to blocks: when enough samples of a tag wait in a bucket's runs, they get blocks of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hmi.core.batch import Batch, Int32, Int64, join
from hmi.core.quality import BoolArray
from hmi.historian import block_table, datafile, meta_table, run_table
from hmi.historian.api import DamagedError
from hmi.historian.block_plan import BlockPlan
from hmi.historian.bucket import EVERYTHING, Bucket
from hmi.historian.codec import TIGHT, CodecError, Summary, decode, encode, tag_starts
from hmi.historian.damage import damaged_run
from hmi.historian.datafile import Stored
from hmi.historian.files import Key
from hmi.historian.merge import BUCKET, by_tag, part, run_spans
from hmi.historian.options import StoreOptions
from hmi.historian.shelf import OpenFile, Shelf
from hmi.historian.sqlite import Connection

_ENDED_FROM: Final = 256
"""At a month's end a tag with so many samples gets a block; fewer are smaller among those of its neighbours."""


class Promoter:
    """Rewrites buckets of runs."""

    def __init__(self, shelf: Shelf, options: StoreOptions) -> None:
        self._shelf, self._options = shelf, options

    def due(self, key: Key, number: int) -> tuple[int | None, int]:
        """Up to which level a bucket's runs should be rewritten now (None = not), and how many samples wait in it.

        Raises:
            StoreError: the file cannot be read.
        """
        o = self._options
        with self._shelf.explained(key):
            bucket = self._shelf.open(key).bucket(number)
            return bucket.top(o.block_from, o.fresh_runs, o.joined_runs), bucket.samples

    def promote(
        self, key: Key, tops: Sequence[tuple[int, int]], *, ended: bool = False
    ) -> tuple[list[int], list[DamagedError]]:
        """Rewrites the runs of some buckets, each up to a level: joins them to one of the next, and where all are
        rewritten gives every tag that has enough samples its blocks; when the month has `ended`, few are enough. The
        tags that got blocks, and what was found damaged (it stays where it is).

        Raises:
            StoreError: the file did not take it; nothing is lost.
        """
        with self._shelf.explained(key):
            file = self._shelf.open(key)
            rewrite = _Rewrite(file, self._options, ended=ended)
            for number, top in tops:
                rewrite.take(number, top)
            with self._shelf.writing(file) as connection:
                rewrite.store(connection)
            for number, bucket in rewrite.buckets.items():
                file.rewritten(number, bucket)
            return rewrite.blocks.tags, rewrite.damaged


class _Rewrite:
    """What becomes of some buckets: made outside of a transaction, stored in one."""

    def __init__(self, file: OpenFile, options: StoreOptions, *, ended: bool) -> None:
        self._file, self._options, self._ended = file, options, ended
        self.blocks = BlockPlan(file, options.block_rows)
        self._old_runs: list[Stored] = []
        self.buckets: dict[int, Bucket] = {}
        """What waits in each bucket afterwards."""
        self._runs: dict[int, list[tuple[Summary, bytes]]] = {}
        self._bad_runs: dict[int, Stored] = {}
        self._delta = 0

    @property
    def damaged(self) -> list[DamagedError]:
        """What was found damaged."""
        return [damaged_run(self._file.key, run) for run in self._bad_runs.values()] + self.blocks.damaged

    def take(self, number: int, top: int) -> None:
        """Plans one bucket."""
        sound: list[Batch] = []
        levels: set[int] = set()
        for run, level, data in run_table.of_bucket(self._file.connection, number, top):
            try:
                sound.append(decode(data))
            except CodecError:
                self._bad_runs[run.id] = run
                continue
            self._old_runs.append(run)
            levels.add(level)
        if not sound:
            return
        ordered = by_tag(join(sound))
        self._delta += len(ordered) - sum(map(len, sound))
        before = self._file.bucket(number)
        if top == EVERYTHING:
            self.buckets[number] = Bucket()
            ordered = self._ripe_out(ordered)
        else:
            runs = {level: count for level, count in before.runs.items() if level > top}
            waiting = before.waiting - _counts(sound) + _counts([ordered])
            self.buckets[number] = Bucket(runs, waiting)
        if len(ordered):
            level = max(levels) if top == EVERYTHING else top + 1
            self._add_runs(number, ordered, level, counted=top != EVERYTHING)

    def _ripe_out(self, ordered: Batch) -> Batch:
        """Tags with enough samples leave for blocks; the others' samples."""
        starts = tag_starts(ordered.tag)
        counts = np.diff(starts, append=len(ordered))
        ripe = self._ripe(ordered.tag[starts], counts)
        for start, count in zip(starts[ripe].tolist(), counts[ripe].tolist(), strict=True):
            self.blocks.take(part(ordered, start, start + count))
            self._delta -= count
        return ordered if not ripe.any() else ordered.take(np.repeat(~ripe, counts))

    def _ripe(self, tags: Int32, counts: Int64) -> BoolArray:
        """Which tags have enough samples for a block; at a month's end the rest joins blocks that are there."""
        if not self._ended:
            return counts >= self._options.block_from
        ripe = counts >= min(_ENDED_FROM, self._options.block_from)
        for row in np.flatnonzero(~ripe):
            ripe[row] = bool(block_table.last(self._file.connection, int(tags[row]), 1))
        return ripe

    def _add_runs(self, number: int, ordered: Batch, level: int, *, counted: bool) -> None:
        bucket = self.buckets[number]
        packed = self._runs.setdefault(level, [])
        for start, end in run_spans(ordered.tag, self._options.run_rows):
            run = part(ordered, start, end)
            packed.append(encode(run, by_tag=True, level=TIGHT))
            bucket.runs[level] = bucket.runs.get(level, 0) + 1
        if not counted:
            bucket.waiting += _counts([ordered])

    def store(self, connection: Connection) -> None:
        """Writes the plan, inside the caller's transaction."""
        for row in self._bad_runs:
            datafile.mark_damaged(connection, "run", row)
        datafile.remove(connection, "run", [run.id for run in self._old_runs])
        for level, packed in self._runs.items():
            run_table.insert(connection, packed, level)
        self.blocks.store(connection)
        meta_table.add(connection, "samples", self._delta + self.blocks.delta)


def _counts(batches: Sequence[Batch]) -> Int32:
    """Samples of each tag of a bucket."""
    found = np.zeros(BUCKET, np.int64)
    for batch in batches:
        found += np.bincount(batch.tag % BUCKET, minlength=BUCKET)
    return found.astype(np.int32)
