"""The samples that did not fit: counted, and remembered per tag so that reads show the hole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hmi.core.batch import EMPTY, Batch, Int32, Int64
from hmi.core.quality import Status


class Lost:
    """First and last time lost of each tag, until the marks are stored."""

    def __init__(self) -> None:
        self.samples = 0
        """Samples lost and not yet marked."""
        self._spans: dict[int, tuple[int, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._spans)

    def add(self, batch: Batch) -> None:
        """Remembers that these samples are gone."""
        self.samples += len(batch)
        order = np.argsort(batch.tag, kind="stable")
        tags, starts = np.unique(batch.tag[order], return_index=True)
        times = batch.time[order]
        first = np.minimum.reduceat(times, starts).tolist()
        last = np.maximum.reduceat(times, starts).tolist()
        for tag, low, high in zip(tags.tolist(), first, last, strict=True):
            self._widen(tag, low, high)

    def merge(self, other: Lost) -> None:
        """Takes over what another one remembers."""
        self.samples += other.samples
        for tag, (low, high) in other._spans.items():
            self._widen(tag, low, high)

    def _widen(self, tag: int, low: int, high: int) -> None:
        known = self._spans.get(tag)
        self._spans[tag] = (low, high) if known is None else (min(low, known[0]), max(high, known[1]))

    def marks(self) -> Batch:
        """Bad_DataLost at each tag's first and last lost time; a tag's next stored sample ends its hole."""
        if not self._spans:
            return EMPTY
        tags = np.array(list(self._spans), np.int32)
        spans = np.array(list(self._spans.values()), np.int64)
        tag = np.repeat(tags, 2)
        time = spans.reshape(-1)
        keep = np.ones(len(time), np.bool_)
        keep[1::2] = spans[:, 0] != spans[:, 1]
        return _bad(tag[keep], time[keep], Status.BAD_DATA_LOST)


def _bad(tag: Int32, time: Int64, status: Status) -> Batch:
    rows = len(tag)
    return Batch(tag, time, np.zeros(rows, np.int64), np.full(rows, np.nan), np.full(rows, status, np.uint32))


def gap_batch(ids: Int32 | Sequence[int], at: int, later: Mapping[int, int] | None = None) -> Batch:
    """Bad_NoData for the given tags from one time (ns UTC) on: nobody knows what the values were.

    `later` (`StoreReader.later(at)`) names tags whose last sample is after `at`, because their device's clock is ahead:
    their mark follows that sample, or it would look alive through the gap.
    """
    tag = np.asarray(ids, np.int32)
    time = np.full(len(tag), at, np.int64)
    for row, number in enumerate(tag.tolist()) if later else ():
        time[row] = max(at, (later or {}).get(number, at - 1) + 1)
    return _bad(tag, time, Status.BAD_NO_DATA)
