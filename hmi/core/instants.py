"""The two clocks of a station, read together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

SECOND: Final = 1_000_000_000
"""Nanoseconds in a second: every time in the system is an integer of nanoseconds."""


class Instants(NamedTuple):
    """One moment on both clocks: delays run on `mono`, stamps on `utc` (a clock step must not end a delay)."""

    mono: int
    """Monotonic nanoseconds; the origin means nothing."""
    utc: int
    """Nanoseconds since 1970-01-01 UTC."""


Clock = Callable[[], Instants]
"""Reads both clocks."""


def seconds(value: float) -> int:
    """Nanoseconds of a span given in seconds."""
    return round(value * SECOND)
