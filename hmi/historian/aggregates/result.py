"""What a processed read gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import PARTIAL, Status, is_bad, with_history
from hmi.historian.aggregates.config import BAD_AGGREGATE_INVALID_INPUTS
from hmi.historian.aggregates.method import Answer, Spans


@dataclass(frozen=True, slots=True)
class Processed:
    """Results in reading order, one an interval (or one a time that was asked for)."""

    time: Int64
    """ns UTC."""
    value: Float64
    """NaN = none; WorstQuality gives a StatusCode, Duration* give ms."""
    status: UInt32
    """OPC UA StatusCode with history bits: CALCULATED, INTERPOLATED or neither for a stored value, PARTIAL,
    MULTI_VALUE."""
    text: tuple[str, ...] = ()
    """Of a string tag: what the values that are stored ones point at."""

    def __len__(self) -> int:
        return len(self.time)

    def part(self, first: int, stop: int) -> Self:
        """Some of them, sharing the memory."""
        return type(self)(self.time[first:stop], self.value[first:stop], self.status[first:stop], self.text)

    def reversed(self) -> Self:
        """Latest first."""
        return type(self)(self.time[::-1], self.value[::-1], self.status[::-1], self.text)


def empty(intervals: int) -> Processed:
    """Room for some results."""
    return Processed(np.empty(intervals, np.int64), np.empty(intervals), np.empty(intervals, np.uint32))


def fill(place: Processed, answer: Answer, spans: Spans) -> None:
    """Writes answers into their place, by the rules that hold for every aggregate."""
    no_data = np.zeros(len(spans), np.bool_) if answer.no_data is None else answer.no_data
    if not answer.anywhere:
        no_data = no_data | spans.outside
    wrong = ~is_bad(answer.status) & ~np.isfinite(answer.value) & ~no_data
    info = answer.info | np.where(spans.partial & answer.may_be_partial, np.uint32(PARTIAL), np.uint32(0))
    status = with_history(answer.status, info.astype(np.uint32))
    status = np.where(no_data, Status.BAD_NO_DATA, np.where(wrong, BAD_AGGREGATE_INVALID_INPUTS, status))
    place.status[:] = status
    place.value[:] = np.where(is_bad(place.status), np.nan, answer.value)
    place.time[:] = spans.stamps if answer.time is None else np.where(no_data, spans.stamps, answer.time)
