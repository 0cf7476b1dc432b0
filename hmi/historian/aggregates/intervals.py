"""The pieces a time range is cut into, each of which gets one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hmi.core.batch import Int64
from hmi.historian.aggregates.config import BAD_INVALID_ARGUMENT, AggregateError

MOST: Final = 1 << 25
"""Intervals of one read: a year of seconds fits, a slip of the unit does not fill the memory."""

FARTHEST: Final = 1 << 62
"""ns from 1970; so lengths of time fit 64 bits too."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Adjoining intervals in time order: number k reaches from `edges[k]` to `edges[k + 1]`."""

    edges: Int64
    """ns UTC, ascending, one more than there are intervals."""
    backward: bool
    """Time runs backward: an interval begins at its later edge, which belongs to it; the earlier one does not."""

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def stamps(self) -> Int64:
        """Where each interval begins."""
        return self.edges[1:] if self.backward else self.edges[:-1]


def cut(start: int, end: int, interval: int) -> Intervals:
    """Cuts from `start` (included) to `end` (excluded), all in ns; 0 asks for one interval, the last may be shorter.

    Raises:
        AggregateError: an empty range, a negative interval, more than MOST of them, or a time that is none.
    """
    if not (-FARTHEST < start < FARTHEST and -FARTHEST < end < FARTHEST):
        raise AggregateError(
            BAD_INVALID_ARGUMENT, "A processed read reaches beyond the years 1824 to 2116.", "Give ns since 1970."
        )
    if start == end:
        raise AggregateError(
            BAD_INVALID_ARGUMENT, "A processed read from a time to the same time is empty.", "Give a later end."
        )
    if interval < 0:
        raise AggregateError(
            BAD_INVALID_ARGUMENT, f"The interval of {interval} ns is negative.", "Give an end before the start instead."
        )
    length = abs(end - start)
    step = min(interval, length) or length
    whole, rest = divmod(length, step)
    if whole + bool(rest) > MOST:
        raise AggregateError(
            BAD_INVALID_ARGUMENT,
            f"{whole + bool(rest):,} intervals are more than one read gives.",
            f"Ask for {MOST:,} at most.",
        )
    offsets = np.arange(whole + 1, dtype=np.int64) * step
    if rest:
        offsets = np.append(offsets, length)
    return Intervals(end + (length - offsets[::-1]), True) if end < start else Intervals(start + offsets, False)
