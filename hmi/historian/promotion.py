"""From runs to blocks: when enough samples of a tag wait in a bucket's runs, they get blocks of their own."""

from __future__ import annotations

from typing import Final

import numpy as np

from hmi.core.batch import Batch, join
from hmi.historian import datafile
from hmi.historian.api import DamagedError
from hmi.historian.blocks import Change, joined_blocks
from hmi.historian.codec import TIGHT, CodecError, Summary, decode, encode
from hmi.historian.damage import damaged_block, damaged_run
from hmi.historian.datafile import Stored
from hmi.historian.files import Key
from hmi.historian.merge import by_tag, part, run_spans
from hmi.historian.options import StoreOptions
from hmi.historian.shelf import Bucket, OpenFile, Shelf

_WORTH_IT: Final = 4
"""A bucket is worth rewriting when a fourth of its samples leave it."""
_SMALL_BLOCKS: Final = 64
"""Blocks at a tag's end that may be joined at once."""


class Promoter:
    """Rewrites one bucket at a time."""

    def __init__(self, shelf: Shelf, options: StoreOptions) -> None:
        self._shelf, self._options = shelf, options

    def is_due(self, key: Key, number: int) -> bool:
        """Whether a bucket's runs should be rewritten now.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._shelf.explained(key):
            return self._due(self._shelf.open(key).bucket(number))

    def _due(self, bucket: Bucket) -> bool:
        ripe = int(bucket.waiting[bucket.waiting >= self._options.block_from].sum())
        return bucket.runs >= self._options.most_runs or (ripe > 0 and ripe * _WORTH_IT >= int(bucket.waiting.sum()))

    def promote(self, key: Key, number: int, *, block_from: int | None = None) -> tuple[list[int], list[DamagedError]]:
        """Gives every tag that has enough samples in the bucket's runs its blocks, and joins the others' into new
        runs; the tags that got blocks, and what was found damaged (it stays where it is).

        Raises:
            StoreError: the file did not take it; nothing is lost.
        """
        with self._shelf.explained(key):
            return self._promote(self._shelf.open(key), number, block_from or self._options.block_from)

    def _promote(self, file: OpenFile, number: int, block_from: int) -> tuple[list[int], list[DamagedError]]:
        found: list[DamagedError] = []
        runs = datafile.runs_of_bucket(file.connection, number)
        sound, bad = self._decoded(runs)
        found += [damaged_run(file.key, run) for run in bad]
        tags: list[int] = []
        change, runs_packed, delta = Change(), [], 0
        bad_blocks: list[Stored] = []
        if sound:
            ordered = by_tag(join([batch for _, batch in sound]))
            starts = np.flatnonzero(np.diff(ordered.tag, prepend=ordered.tag[:1] - 1))
            counts = np.diff(starts, append=len(ordered))
            ripe = counts >= block_from
            for start, count in zip(starts[ripe].tolist(), counts[ripe].tolist(), strict=True):
                tags.append(int(ordered.tag[start]))
                self._take_in(file, part(ordered, start, start + count), change, bad_blocks)
            rest = ordered.take(np.repeat(~ripe, counts))
            runs_packed = self._runs(rest)
            delta = len(rest) + sum(map(len, change.added))
            delta -= sum(s.rows for s in change.removed) + sum(len(batch) for _, batch in sound)
        found += [damaged_block(file.key, block) for block in bad_blocks]
        blocks = [encode(block, by_tag=True, level=TIGHT) for block in change.added]
        with self._shelf.writing(file) as connection:
            for run in bad:
                datafile.mark_damaged(connection, "run", run.id)
            for block in bad_blocks:
                datafile.mark_damaged(connection, "block", block.id)
            datafile.remove(connection, "run", [run.id for run, _ in sound])
            datafile.remove(connection, "block", [block.id for block in change.removed])
            datafile.insert_runs(connection, runs_packed)
            datafile.insert_blocks(connection, blocks)
            datafile.add_meta(connection, "samples", delta)
        file.forget(number)
        return tags, found

    def _decoded(self, runs: list[tuple[Stored, bytes]]) -> tuple[list[tuple[Stored, Batch]], list[Stored]]:
        sound: list[tuple[Stored, Batch]] = []
        bad: list[Stored] = []
        for run, data in runs:
            try:
                sound.append((run, decode(data)))
            except CodecError:
                bad.append(run)
        return sound, bad

    def _take_in(self, file: OpenFile, new: Batch, change: Change, bad: list[Stored]) -> None:
        tag, connection = int(new.tag[0]), file.connection
        tail = datafile.last_blocks(connection, tag, _SMALL_BLOCKS)
        tail.reverse()
        if tail and int(new.time[0]) <= tail[-1].time_max:
            tail = datafile.block_list(connection, tag, int(new.time[0]))

        def load(block: Stored) -> Batch | None:
            try:
                return decode(datafile.block_data(connection, block.id))
            except CodecError:
                bad.append(block)
                return None

        mine = joined_blocks(new, tail, load, self._options.block_rows)
        change.removed += mine.removed
        change.added += mine.added

    def _runs(self, rest: Batch) -> list[tuple[Summary, bytes]]:
        if not len(rest):
            return []
        spans = run_spans(rest.tag, self._options.run_rows)
        return [encode(part(rest, start, end), by_tag=True, level=TIGHT) for start, end in spans]
