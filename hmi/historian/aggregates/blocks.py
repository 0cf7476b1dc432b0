"""Stretches of time short enough for the processor's cache, each with the samples that bear on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.historian.aggregates.samples import Grades, Samples, join
from hmi.historian.aggregates.summary import Summary

SIZE: Final = 1 << 17


@dataclass(frozen=True, slots=True)
class Block:
    """The samples of a stretch of time and, of those outside, what the bounds at any time inside need.

    Before: the last sample, and the last two usable ones. After: the next sample at or after `high`, and the next
    usable one. Where one of these is missing in the block, it does not exist at all.
    """

    samples: Samples
    low: int
    """ns UTC."""
    high: int
    summary: Summary | None = None
    """Not None: of each of its cells, the first and the last sample alone are among the samples."""


def blocks(
    samples: Samples,
    low: int,
    high: int,
    size: int = SIZE,
    before: Samples | None = None,
    after: Samples | None = None,
) -> Iterator[Block]:
    """Cuts samples into blocks of `size` that cover low..high without a gap.

    What lies around them is among `samples`, or comes as the `tail` of those before and the `head` of those after.
    """
    begin, end = (int(row) for row in np.searchsorted(samples.time, (low, high)))
    for first in range(begin, max(end, begin + 1), size):
        stop = min(first + size, end)
        yield Block(
            _around(samples, first, stop, before, after),
            low if first == begin else int(samples.time[first]),
            high if stop == end else int(samples.time[stop]),
        )


def _around(samples: Samples, first: int, stop: int, before: Samples | None, after: Samples | None) -> Samples:
    """Rows first..stop with their surroundings."""
    if samples.usable is None and first >= 2 and stop < len(samples):
        return samples.take(slice(first - 2, stop + 1))  # shares the memory
    lead = tail(samples.take(slice(None, first)))
    if before is not None and lead.usable_count() < 2:
        lead = tail(join([before, lead]))
    follow = head(samples.take(slice(stop, None)))
    if after is not None and not follow.usable_count():
        follow = join([follow, after])
    return join([lead, samples.take(slice(first, stop)), follow])


def tail(samples: Samples) -> Samples:
    """What a block after these samples needs of them: the last, and the last two usable ones."""
    if samples.usable is None:
        return samples.take(slice(-2, None))
    last = len(samples) - 1
    ok = last - _nearest(samples.usable[::-1], 2)
    return samples.take(np.array(sorted({*ok.tolist(), *range(max(last, 0), last + 1)}), np.intp))


def head(samples: Samples) -> Samples:
    """What a block before these samples needs of them: the first, and the first usable one."""
    if samples.usable is None:
        return samples.take(slice(0, 1))
    ok = _nearest(samples.usable, 1)
    return samples.take(np.array(sorted({*range(min(len(samples), 1)), *ok.tolist()}), np.intp))


def _nearest(usable: Grades, count: int) -> NDArray[np.intp]:
    """The first rows that are usable, without looking at all of them."""
    reach = 64
    while True:
        ok = np.flatnonzero(usable[:reach])[:count]
        if len(ok) == count or reach >= len(usable):
            return ok
        reach *= 8
