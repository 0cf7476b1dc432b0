"""The signals themselves: pure functions of the time of day, so that a restart goes on where the signal would be."""

from __future__ import annotations

import math
from random import Random

from .address import Signal


def value_at(signal: Signal, seconds: float) -> float:
    """The value of a wave `seconds` after 1970; it is at its middle, its low end or low at phase 0."""
    low, high = signal["low"], signal["high"]
    part = (seconds / signal["period"] + signal["phase"]) % 1.0
    if signal.kind == "sine":
        return (low + high) / 2 + (high - low) / 2 * math.sin(2 * math.pi * part)
    if signal.kind == "ramp":
        return low + (high - low) * part
    return high if part >= 1.0 - signal["duty"] else low


class Walk:
    """A random walk between two walls; every look is a step."""

    def __init__(self, signal: Signal, seed: int, path: str) -> None:
        """The same seed and path give the same walk."""
        self._signal = signal
        self._random = Random(f"{seed}/{signal['seed']:g}/{path}")
        self._value = (signal["low"] + signal["high"]) / 2

    def step(self) -> float:
        """The next value."""
        low, high = self._signal["low"], self._signal["high"]
        value = self._value + self._random.uniform(-1.0, 1.0) * self._signal["step"]
        # A wall throws the walk back: held there, it would lie on its ends most of the time.
        if value > high:
            value = max(low, 2 * high - value)
        elif value < low:
            value = min(high, 2 * low - value)
        self._value = value
        return value
