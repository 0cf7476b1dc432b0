"""UTC months: the data of a month lie in one file, so that retention deletes files and damage stays in one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Int64

DAY: Final = 86_400 * 1_000_000_000
"""ns of a UTC day."""
_FIRST_NS: Final = -(1 << 63) + 1
"""numpy takes the smallest int64 for no time at all."""
_LAST_NS: Final = (1 << 63) - 1


def month_of(time: int) -> int:
    """Months since January 1970 of a time (ns UTC)."""
    return int(months_of(np.array([time], np.int64))[0])


def months_of(time: Int64) -> Int64:
    """Months since January 1970 of each time (ns UTC)."""
    stamps: NDArray[Any] = np.maximum(time, _FIRST_NS).view("datetime64[ns]")
    months: Int64 = stamps.astype("datetime64[M]").astype(np.int64)
    return months


FIRST: Final = month_of(_FIRST_NS)
LAST: Final = month_of(_LAST_NS)


def start_of(month: int) -> int:
    """First ns of a month; the first and the last month end where the clock's 64 bits end."""
    if month <= FIRST:
        return _FIRST_NS - 1
    if month > LAST:
        return _LAST_NS + 1
    return int(np.datetime64(month, "M").astype("datetime64[ns]").astype(np.int64))


def span_of(month: int) -> tuple[int, int]:
    """First ns of a month, and of the next one."""
    return start_of(month), start_of(month + 1)


def name_of(month: int) -> str:
    """`2026-11`."""
    return str(np.datetime64(month, "M"))


def parse(name: str) -> int | None:
    """The month that `name_of` wrote; None for any other text."""
    year, dash, month = name.partition("-")
    if not (dash and len(year) == 4 and len(month) == 2 and year.isdigit() and month.isdigit()):
        return None
    if not 1 <= int(month) <= 12:
        return None
    return (int(year) - 1970) * 12 + int(month) - 1
