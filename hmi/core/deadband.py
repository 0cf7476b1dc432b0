"""Deadband: which samples say something new about a tag.

A sample is reported when its quality differs from the last reported one, or when its value has moved by strictly more
than the deadband. The reference is the last *reported* value, so that a slow ramp is not swallowed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hmi.core.batch import Float64
from hmi.core.quality import BoolArray, StatusArray

CODE_MASK: Final = 0xFFFF0000
"""Limit, overflow and history bits of a status are no change of quality."""


def is_news(value: float, status: int, last: float, last_status: int, deadband: float) -> bool:
    """Whether one sample must be reported after `last`; NaN equals NaN."""
    if (status ^ last_status) & CODE_MASK:
        return True
    if value != value or last != last:  # noqa: PLR0124  # NaN is the only number that differs from itself
        return (value == value) != (last == last)  # noqa: PLR0124  # as above
    return abs(value - last) > deadband


def are_news(
    value: Float64, status: StatusArray, last: Float64, last_status: StatusArray, deadband: Float64
) -> BoolArray:
    """`is_news` for columns of equal length, each row against its own `last`."""
    with np.errstate(over="ignore", invalid="ignore"):
        distance = np.abs(value - last)
    news: BoolArray = distance > deadband
    news |= ((status ^ last_status) & np.uint32(CODE_MASK)) != 0
    unknown = np.isnan(distance)
    if unknown.any():
        news |= unknown & (np.isnan(value) != np.isnan(last))
    return news
