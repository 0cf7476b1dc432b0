"""Swinging door: which samples of a measured number are stored so that lines between them miss none by more than d.

Only the slope of the newest sample decides, never a crossing of the doors: whatever is left out is within the deviation
of the line between its stored neighbours (OPC 10000-13 draws that line). A sample is either stored or held; a held one
is stored as soon as the next one does not follow the line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from hmi.core.quality import is_bad

LONG_AGO: Final = -(2**62)
"""A time before every sample."""


class Sample(NamedTuple):
    """One sample of one tag."""

    time: int
    """Source time, ns UTC."""
    received: int
    """Monotonic ns."""
    value: float
    status: int


@dataclass(slots=True)
class SwingingDoor:
    """What is known of one tag: the sample stored last, the one held, and the slopes a line may have between."""

    time: int = LONG_AGO
    """Of the sample stored last."""
    value: float = math.nan
    low: float = -math.inf
    high: float = math.inf
    """Value per ns; from the stored sample a line of a slope between them passes all that was left out."""
    held: Sample | None = None

    def take(self, sample: Sample, deviation: float, *, whole: bool) -> list[Sample]:
        """The samples to store, in order, now that one has come that is not older than those before.

        `whole`: it is stored whatever its slope, as where quality changes. So is one that is Bad or no number. One of
        the time of the held sample takes its place; one of the time of the stored sample is stored as well.
        """
        whole = whole or is_bad(sample.status)
        stored = []
        if self.held is not None:
            slope = (sample.value - self.value) / (sample.time - self.time)
            if whole or not (math.isfinite(slope) and self.low <= slope <= self.high):
                stored = self.flush()
        rise, span = sample.value - self.value, sample.time - self.time
        if whole or span == 0 or not math.isfinite(rise):
            self.store(sample)
            return [*stored, sample]
        self.low = max(self.low, (rise - deviation) / span)
        self.high = min(self.high, (rise + deviation) / span)
        self.held = sample
        return stored

    def flush(self) -> list[Sample]:
        """The held sample, if there is one: it is stored now."""
        held = self.held
        if held is None:
            return []
        self.store(held)
        return [held]

    def store(self, sample: Sample) -> None:
        """Begin anew at a sample that was stored."""
        self.time, self.value = sample.time, sample.value
        self.low, self.high = -math.inf, math.inf
        self.held = None
