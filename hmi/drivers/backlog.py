"""Samples on their way to somebody who may be slow: bounded, and open about what did not fit.

What comes later matters more than what came before, so the oldest rows go first. Two things survive: each tag's last
row, since a value that stands still must not show the one before it, and a mark for the history where rows are missing.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hmi.core.batch import EMPTY, Batch, Int32, batch_of, join
from hmi.core.quality import Status

MANY: Final = 512
"""Batches that are kept apart; more are joined, since a Batch of one row weighs as much as sixty rows in one."""


class Backlog:
    """Live and backfilled rows in the order in which they came."""

    def __init__(self, most: int) -> None:
        """`most`: rows that are kept, beside one a tag."""
        self._most = most
        self._live: list[Batch] = []
        self._backfill: list[Batch] = []
        self._rows = 0
        self._thinned = EMPTY
        """One row a tag of what did not fit."""
        self._lost: dict[int, tuple[int, bool]] = {}
        """Source time of the first row that is missing, and whether it was a text, by tag."""

    def __len__(self) -> int:
        return self._rows + len(self._thinned)

    def put(self, batch: Batch) -> int:
        """Keeps a Batch; the number of rows that had to go."""
        if not len(batch):
            return 0
        kept = self._backfill if batch.backfill else self._live
        kept.append(batch)
        self._rows += len(batch)
        if len(kept) > MANY:
            kept[:] = [join(kept)]
        return self._shed() if self._rows > self._most else 0

    def _shed(self) -> int:
        """Gives up the oldest quarter, backfill first: nobody looks at it now, and a device may give it again."""
        enough = self._most * 3 // 4
        gone = self._oldest(self._backfill, enough)
        self._mark(gone)
        old = self._oldest(self._live, enough)
        before = join([self._thinned, old])
        last = _last_rows(before.tag)
        missing = np.ones(len(before), bool)
        missing[last] = False
        self._mark(before.take(missing))
        self._thinned = before.take(last)
        return len(gone) + int(missing.sum())

    def _oldest(self, kept: list[Batch], enough: int) -> Batch:
        """Takes rows from the front until no more than `enough` are left in all."""
        taken: list[Batch] = []
        while kept and self._rows > enough:
            batch = kept.pop(0)
            cut = min(len(batch), self._rows - enough)
            if cut < len(batch):
                kept.insert(0, batch.take(np.arange(cut, len(batch))))
                batch = batch.take(np.arange(cut))
            self._rows -= cut
            taken.append(batch)
        return join(taken)

    def _mark(self, gone: Batch) -> None:
        tags, first = np.unique(gone.tag, return_index=True)
        texts = np.isin(first, gone.text_rows)
        for tag, time, text in zip(tags.tolist(), gone.time[first].tolist(), texts.tolist(), strict=True):
            known = self._lost.get(tag)
            if known is None or time < known[0]:
                self._lost[tag] = (time, text)

    def take(self, received: int) -> list[Batch]:
        """Everything, oldest first, and for the history a mark where rows of a tag are missing; empty afterwards.

        `received`: the monotonic time at which the marks are made.
        """
        live = join([self._thinned, *self._live])
        out = [batch for batch in (self._marks(received), live, join(self._backfill)) if len(batch)]
        self._live, self._backfill, self._thinned, self._lost = [], [], EMPTY, {}
        self._rows = 0
        return out

    def _marks(self, received: int) -> Batch:
        tags = sorted(self._lost)
        times = [self._lost[tag][0] for tag in tags]
        values: list[float | str] = ["" if self._lost[tag][1] else float("nan") for tag in tags]
        count = len(tags)
        return batch_of(tags, times, [received] * count, values, [Status.BAD_DATA_LOST] * count, backfill=True)


def _last_rows(tag: Int32) -> Int32:
    """Each tag's last row, ascending."""
    _, from_end = np.unique(tag[::-1], return_index=True)
    return np.sort(len(tag) - 1 - from_end).astype(np.int32)
