"""From the journal into the data files: flushes of all tags become runs sorted by tag and time, a month a file.

A file remembers up to which append number the journal is in it, in the same transaction as the runs. The journal's
rows are deleted only after every file has committed, so repeating a compaction that was cut off is harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hmi.core.batch import Batch, join
from hmi.historian import meta_table, months, rollup_table, run_table
from hmi.historian.api import DamagedError, StoreError
from hmi.historian.block_plan import BlockPlan
from hmi.historian.codec import QUICK, encode, tag_starts
from hmi.historian.files import Key
from hmi.historian.filings import Filings
from hmi.historian.homes import Homes, holds
from hmi.historian.merge import BUCKET, by_tag, part, run_spans
from hmi.historian.options import StoreOptions
from hmi.historian.parts import Parts
from hmi.historian.shelf import OpenFile, Shelf
from hmi.historian.sqlite import is_damage


@dataclass(slots=True)
class Filed:
    """What a compaction has brought."""

    buckets: list[tuple[Key, int]] = field(default_factory=list)
    """Buckets that have new runs."""
    blocks: dict[Key, list[int]] = field(default_factory=dict)
    """Tags that got blocks."""
    damaged: list[DamagedError] = field(default_factory=list)
    """Blocks found damaged on the way."""


class Compactor:
    """Files samples of the journal."""

    def __init__(self, shelf: Shelf, options: StoreOptions, parts: Parts | None = None) -> None:
        self._shelf, self._options, self._homes = shelf, options, Homes(shelf, options.group_of)
        self._parts = Parts(shelf, Filings) if parts is None else parts

    def compact(self, flushes: Sequence[tuple[int, Batch]]) -> Filed:
        """Files flushes, each with the last append number it covers, in the order in which they were written.

        Raises:
            StoreError: a file did not take its part; it can be repeated.
        """
        present = self._shelf.files()
        split = [(last, self._by_file(batch, present)) for last, batch in flushes]
        filed = Filed()
        for key in sorted({key for _, files in split for key in files}):
            mine = [(last, files[key]) for last, files in split if key in files]
            takes = self._begin(key) if self._parts.given_up(key) else key
            self._file(takes, mine, flushes[-1][0], filed)
        return filed

    def _file(self, key: Key, flushes: Sequence[tuple[int, Batch]], applied: int, filed: Filed) -> None:
        """Files what belongs to one file, or to the next part when it is found ruined: nothing of it has changed."""
        try:
            with self._shelf.explained(key):
                file = self._shelf.open(key)
                new = [batch if last > file.applied else self._missed(file, batch) for last, batch in flushes]
                if any(map(len, new)):
                    self._add(file, by_tag(join(new)), max(file.applied, applied), filed)
        except StoreError as error:
            if not is_damage(error):
                raise
            self._file(self._begin(key), flushes, applied, filed)

    def _begin(self, ruined: Key) -> Key:
        return self._parts.begin(ruined, self._homes.without(ruined))

    @staticmethod
    def _missed(file: OpenFile, batch: Batch) -> Batch:
        """What a filing that was cut off did not bring to this file, because a tag had another retention group then:
        whatever it did bring, the file has samples of."""
        return batch.take(~holds(file, batch.tag))

    def _add(self, file: OpenFile, ordered: Batch, applied: int, filed: Filed) -> None:
        late = late_days(file, ordered)
        blocks = BlockPlan(file, self._options.block_rows)
        rest = self._to_blocks(file, ordered, blocks)
        runs = [part(rest, start, end) for start, end in run_spans(rest.tag, self._options.run_rows)]
        packed = [encode(run, by_tag=True, level=QUICK) for run in runs]
        with self._shelf.writing(file) as connection:
            run_table.insert(connection, packed, 0)
            blocks.store(connection)
            rollup_table.drop(connection, late)
            meta_table.add(connection, "samples", len(rest) + blocks.delta)
            meta_table.widen_span(connection, int(ordered.time.min()), int(ordered.time.max()))
            meta_table.put(connection, {"applied": applied, "sealed": 0})
        file.applied, file.sealed = applied, False
        self._parts.filed(file.key, ordered, applied)
        for tag, day in late:
            file.unrolled.setdefault(tag, set()).add(day)
        file.added(runs)
        filed.buckets += [(file.key, number) for number in sorted({int(run.tag[0]) // BUCKET for run in runs})]
        filed.blocks[file.key] = blocks.tags
        filed.damaged += blocks.damaged

    def _to_blocks(self, file: OpenFile, ordered: Batch, blocks: BlockPlan) -> Batch:
        """Tags with enough samples and none in runs need no run before their block; the samples of the others."""
        starts = tag_starts(ordered.tag)
        counts = np.diff(starts, append=len(ordered))
        ripe = counts >= self._options.block_from
        for row in np.flatnonzero(ripe).tolist():
            tag, start = int(ordered.tag[starts[row]]), int(starts[row])
            if file.bucket(tag // BUCKET).waiting[tag % BUCKET]:
                ripe[row] = False
            else:
                blocks.take(part(ordered, start, start + int(counts[row])))
        return ordered if not ripe.any() else ordered.take(np.repeat(~ripe, counts))

    def _by_file(self, batch: Batch, present: Sequence[Key]) -> dict[Key, Batch]:
        """A flush by month and retention group; nearly always one month."""
        first, last = months.month_of(int(batch.time.min())), months.month_of(int(batch.time.max()))
        pieces = {first: batch}
        if first != last:
            month = months.months_of(batch.time)
            pieces = {int(m): batch.take(month == m) for m in np.unique(month)}
        return dict(home for month, piece in pieces.items() for home in self._homes.split(month, piece, present))


def late_days(file: OpenFile, ordered: Batch) -> list[tuple[int, int]]:
    """The (tag, day) of samples whose day may have a rollup already, which tells no longer all of it."""
    if not file.rolled:
        return []
    tags = np.fromiter(file.rolled, np.int64, len(file.rolled))
    days = np.fromiter(file.rolled.values(), np.int64, len(file.rolled))
    order = np.argsort(tags)
    at = np.minimum(np.searchsorted(tags[order], ordered.tag), len(tags) - 1)
    day = ordered.time // months.DAY
    late = (tags[order][at] == ordered.tag) & (day <= days[order][at])
    return sorted(set(zip(ordered.tag[late].tolist(), day[late].tolist(), strict=True)))
