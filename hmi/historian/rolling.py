"""From blocks to rollups: a day of a tag that is whole in its blocks gets its minutes and hours.

A rollup says what its day's samples say, or it is not there: who files a sample of a rolled day deletes the rollup in
the same transaction, and no day is rolled while samples of its tag wait in runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hmi.core.batch import Batch, join
from hmi.historian import block_table, months, rollup_table
from hmi.historian.codec import CodecError, decode
from hmi.historian.datafile import Stored
from hmi.historian.files import Key
from hmi.historian.merge import BUCKET, by_time, part
from hmi.historian.rollup.codec import HOURS_FROM, encode_day
from hmi.historian.shelf import OpenFile, Shelf

_STEP_SAMPLES: Final = 262_144
"""A step unpacks about so many samples: some tens of milliseconds."""
_EARLIEST: Final = -(1 << 63)


@dataclass(frozen=True, slots=True)
class _Rolled:
    tag: int
    day: int
    minutes: bytes | None
    hours: bytes | None


class Roller:
    """Makes the rollups of data files."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def roll(self, key: Key, tags: Sequence[int], *, ended: bool = False) -> Sequence[int]:
        """Rolls up the whole days of some tags that have no rollup yet; the tags that are left for the next step.

        A day is whole when a later block of the tag follows it, or when the month has `ended`.

        Raises:
            StoreError: the file did not take it; it can be repeated.
        """
        found: list[_Rolled] = []
        seen: dict[int, int] = {}
        work = 0
        left: Sequence[int] = ()
        with self._shelf.explained(key):
            file = self._shelf.open(key)
            for at, tag in enumerate(tags):
                if work >= _STEP_SAMPLES:
                    left = tags[at:]
                    break
                days = _days(file, tag, ended=ended)
                if days:
                    batch = _samples(file, tag, days)
                    work += len(batch)
                    found += _rollups(tag, days, batch)
                    seen[tag] = max(days)
            if found:
                with self._shelf.writing(file) as connection:
                    for r in found:
                        rollup_table.put(connection, r.tag, r.day, r.minutes, r.hours)
            for tag, day in seen.items():
                file.rolled[tag] = max(day, file.rolled.get(tag, day))
                file.unrolled.pop(tag, None)
        return left


def _days(file: OpenFile, tag: int, *, ended: bool) -> list[int]:
    """The days of a tag that can be rolled up now, in order."""
    if file.bucket(tag // BUCKET).waiting[tag % BUCKET]:
        return []
    newest = block_table.last(file.connection, tag, 1)
    if not newest:
        return []
    last = newest[0].time_max // months.DAY - (0 if ended else 1)
    done = file.rolled.get(tag)
    if done is not None and not ended:
        again = file.unrolled.get(tag, set())
        return sorted({*range(done + 1, last + 1), *again})
    blocks = block_table.listed(file.connection, tag, months.start_of(file.key.month))
    rows = _rows_a_day(blocks)
    known = rollup_table.days_of(file.connection, tag)
    return [day for day in sorted(rows) if day <= last and day not in known and rows[day] >= HOURS_FROM]


def _rows_a_day(blocks: Iterable[Stored]) -> dict[int, int]:
    """At most how many samples each day has: a block may span several."""
    rows: dict[int, int] = {}
    for block in blocks:
        for day in range(block.time_min // months.DAY, block.time_max // months.DAY + 1):
            rows[day] = rows.get(day, 0) + block.rows
    return rows


def _samples(file: OpenFile, tag: int, days: list[int]) -> Batch:
    # The first day there is began before 64 bits do.
    low, high = max(days[0] * months.DAY, _EARLIEST), (days[-1] + 1) * months.DAY
    found: list[Batch] = []
    wanted = set(days)
    for start, end in file.holes(tag):
        wanted -= set(range(start // months.DAY, end // months.DAY + 1))
    for block in block_table.listed(file.connection, tag, low):
        if block.time_min >= high:
            break
        if wanted.isdisjoint(range(block.time_min // months.DAY, block.time_max // months.DAY + 1)):
            continue
        try:
            found.append(decode(block_table.data_of(file.connection, block.id)))
        except CodecError:
            # As above: what is damaged shows as a hole in a read of samples, so its days stay without a rollup.
            wanted -= set(range(block.time_min // months.DAY, block.time_max // months.DAY + 1))
    batch = by_time(join(found))
    keep = np.isin(batch.time // months.DAY, sorted(wanted))
    return batch.take(keep)


def _rollups(tag: int, days: list[int], batch: Batch) -> Iterator[_Rolled]:
    edges = np.searchsorted(batch.time // months.DAY, [edge for day in days for edge in (day, day + 1)])
    for i, day in enumerate(days):
        mine = part(batch, int(edges[2 * i]), int(edges[2 * i + 1]))
        if not len(mine) or len(mine.text_rows):
            continue
        minutes, hours = encode_day(day, mine.time, mine.value, mine.status)
        if minutes is not None or hours is not None:
            yield _Rolled(tag, day, minutes, hours)
