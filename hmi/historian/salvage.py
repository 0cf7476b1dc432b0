"""A data file that SQLite cannot work on any more is set aside, and a new one goes on in its place.

The new one gets what of the old one is still sound, and Bad_DataLost at both ends of the time it covered: nobody knows
what else there was. All of it is one transaction, so that whatever is cut off in between is done again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from hmi.core.batch import EMPTY, Batch, Int32, Int64
from hmi.core.quality import Status
from hmi.historian import meta_table, months, run_table
from hmi.historian.api import DamagedError, StoreError
from hmi.historian.codec import TIGHT, encode, tag_starts
from hmi.historian.damage import replaced_file
from hmi.historian.files import ruined
from hmi.historian.merge import by_tag, part, run_spans
from hmi.historian.shelf import OpenFile, Shelf
from hmi.historian.sqlite import close, connect_reader
from hmi.historian.whole_rows import WholeRow, keep, sound_rows, tags_begun

_MENDED: Final = "mended"


@dataclass(frozen=True, slots=True)
class Loss:
    """What is known of a ruined file besides itself."""

    tags: Int32
    """Whose samples it may have held, ascending."""
    until: int
    """ns UTC up to which samples had been filed."""
    new: Batch
    """What is filed next, sorted by tag and time: there a tag's hole ends."""


def is_due(file: OpenFile) -> bool:
    """Whether a file stands in the place of one that was set aside, and has nothing of it yet."""
    return not file.applied and meta_table.get(file.connection, _MENDED) is None and bool(ruined(file.path))


def salvage(shelf: Shelf, file: OpenFile, loss: Loss) -> DamagedError:
    """Takes over what is sound; what to tell people. The file must be opened anew after it.

    Raises:
        Error: the new file does not take it.
    """
    aside = ruined(file.path)[-1]
    rows = 0
    with shelf.writing(file) as connection:
        for row in _of(aside):
            keep(connection, row)
            meta_table.widen_span(connection, row.summary.time_min, row.summary.time_max)
            rows += row.summary.rows
        begun = np.array(tags_begun(connection, months.start_of(file.key.month)), np.int32)
        marks = hole(file.key.month, loss, begun)
        if len(marks):
            marks = by_tag(marks)
            packed = [encode(part(marks, *span), by_tag=True, level=TIGHT) for span in run_spans(marks.tag)]
            run_table.insert(connection, packed, 0)
            meta_table.widen_span(connection, int(marks.time.min()), int(marks.time.max()))
        meta_table.add(connection, "samples", rows + len(marks))
        meta_table.put(connection, {_MENDED: 1})
    return replaced_file(file.key, aside.name, rows)


def hole(month: int, loss: Loss, begun: Int32) -> Batch:
    """Bad_DataLost for each tag at the month's begin (not for those that have `begun` with a sample there) and at the
    end of what had been filed, or before the tag's next sample if that is earlier."""
    start, stop = months.span_of(month)
    end: Int64 = np.full(len(loss.tags), min(max(loss.until, start), stop - 1), np.int64)
    if len(loss.new):
        rows = tag_starts(loss.new.tag)
        tags, first = loss.new.tag[rows], loss.new.time[rows]
        at = np.searchsorted(loss.tags, tags)
        known = (at < len(loss.tags)) & (loss.tags[np.minimum(at, len(loss.tags) - 1)] == tags)
        end[at[known]] = np.minimum(end[at[known]], first[known] - 1)
    fresh, long = ~np.isin(loss.tags, begun), end > start
    tag = np.concatenate([loss.tags[fresh], loss.tags[long]])
    time = np.concatenate([np.full(int(fresh.sum()), start, np.int64), end[long]])
    if not len(tag):
        return EMPTY
    n = len(tag)
    return Batch(tag, time, np.zeros(n, np.int64), np.full(n, np.nan), np.full(n, Status.BAD_DATA_LOST, np.uint32))


def _of(aside: Path) -> Iterator[WholeRow]:
    try:
        source = connect_reader(aside)
    except StoreError:
        return  # nothing of it reads
    try:
        for table in ("run", "block"):
            yield from sound_rows(source, table)
    finally:
        close(source)
