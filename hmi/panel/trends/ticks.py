"""Ticks: round local times and round numbers along the axes. No Qt."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo
from typing import Final

from hmi.core.instants import SECOND

_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_DAY: Final = 86_400


def time_ticks(start: int, end: int, zone: tzinfo, most: int) -> list[tuple[int, str]]:
    """Times (ns UTC) on round local clock times with their labels; a new day is named by its date."""
    span = max(1, (end - start) // SECOND)
    step = next((s for s in _STEPS if span / s <= most), math.ceil(span / most / _DAY) * _DAY)
    ticks: list[tuple[int, str]] = []
    second = start // SECOND - step
    while len(ticks) <= 4 * most:
        second = _next_round(second, step, zone)
        if second * SECOND > end:
            break
        if second * SECOND >= start:
            ticks.append((second * SECOND, _label(second, step, zone)))
    return ticks


def _next_round(second: int, step: int, zone: tzinfo) -> int:
    """The next second after this one whose local time is a multiple of the step."""
    shift = _offset(second, zone)
    candidate = (second + shift) // step * step + step - shift
    return candidate - (_offset(candidate, zone) - shift) if step > 3600 else candidate


def _offset(second: int, zone: tzinfo) -> int:
    delta = datetime.fromtimestamp(second, zone).utcoffset()
    return int(delta.total_seconds()) if delta is not None else 0


def _label(second: int, step: int, zone: tzinfo) -> str:
    when = datetime.fromtimestamp(second, zone)
    if when.hour == when.minute == when.second == 0:
        return when.strftime("%d %b")
    return when.strftime("%H:%M:%S" if step < 60 else "%H:%M")


def value_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers in the range, at most so many."""
    if not high > low:
        return [low]
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]
