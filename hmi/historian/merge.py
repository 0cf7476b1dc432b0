"""Sorting samples by tag and time and cutting them into rows that one tag's read unpacks quickly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Batch, Int32
from hmi.historian.codec import Summary, encode, pruned

ROW_SAMPLES: Final = 8192
"""Unpacked in about 0.1 ms; smaller rows pack worse."""
_RADIX_BELOW: Final = 1 << 16


def by_time(batch: Batch) -> Batch:
    """One tag's samples in time order; of several at the same time the last one written stays."""
    times = batch.time
    if len(times) < 2 or (times[1:] > times[:-1]).all():
        return batch
    order = np.argsort(times, kind="stable")
    times = times[order]
    keep = np.ones(len(times), np.bool_)
    keep[:-1] = times[1:] != times[:-1]
    return batch.take(order[keep])


def by_tag(batch: Batch) -> Batch:
    """Samples sorted by tag, then time; of several of a tag at the same time the last one written stays."""
    order = np.argsort(batch.time, kind="stable")
    tags: NDArray[Any] = batch.tag
    if tags.min() >= 0 and tags.max() < _RADIX_BELOW:
        tags = tags.astype(np.uint16)  # numpy sorts 16 bits by radix, ten times faster
    order = order[np.argsort(tags[order], kind="stable")]
    tag, time = batch.tag[order], batch.time[order]
    keep = np.ones(len(order), np.bool_)
    keep[:-1] = (tag[1:] != tag[:-1]) | (time[1:] != time[:-1])
    return batch.take(order[keep])


def cut(tag: Int32, size: int = ROW_SAMPLES) -> Iterator[tuple[int, int]]:
    """Spans of about `size` rows of a sorted tag column; a tag is split only when it alone is larger."""
    starts = np.flatnonzero(np.diff(tag, prepend=tag[:1] - 1))
    at = 0
    while at < len(tag):
        end = at + size
        if end >= len(tag):
            end = len(tag)
        else:
            boundary = int(starts[np.searchsorted(starts, end, "right") - 1])
            end = boundary if boundary > at else end
        yield at, end
        at = end


def merged_rows(batch: Batch, size: int = ROW_SAMPLES) -> list[tuple[Summary, bytes]]:
    """The packed rows of a merge."""
    ordered = by_tag(batch)
    return [encode(pruned(ordered.take(np.arange(start, end))), by_tag=True) for start, end in cut(ordered.tag, size)]
