"""`hmi.core.scaling.to_eu` for whole columns: the same rules, one pass each over all rows."""

from __future__ import annotations

import numpy as np

from hmi.core.batch import Float64, UInt32
from hmi.core.engine.columns import Columns
from hmi.core.engine.rows import Index
from hmi.core.quality import (
    INFO_DATA_VALUE,
    LIMIT_HIGH,
    LIMIT_LOW,
    BoolArray,
    Status,
    is_bad,
    is_good,
)
from hmi.core.scaling import EXACT


def scaled(columns: Columns, tag: Index, raw: Float64, status: UInt32) -> tuple[Float64, UInt32, BoolArray]:
    """Values and statuses in engineering units, and which integers were too large to be exact."""
    inexact: BoolArray = np.abs(raw) > EXACT
    if inexact.any():
        inexact &= columns.is_whole[tag]
        status = np.where(inexact & is_good(status), np.uint32(Status.UNCERTAIN), status)
    with np.errstate(over="ignore", invalid="ignore"):
        value = _lines(columns, tag, raw)
        value += 0.0  # makes -0.0 plain 0.0
    infinite = ~np.isfinite(value)
    if infinite.any():
        infinite &= ~columns.is_text[tag]
        value[infinite] = np.nan
        status = np.where(infinite & ~is_bad(status), np.uint32(Status.BAD), status)
    if columns.lines.any_clamp:
        status = _clamp(columns, tag, value, status)
    return value, status, inexact


def _lines(columns: Columns, tag: Index, raw: Float64) -> Float64:
    lines = columns.lines
    if not lines.any:
        return raw.copy()
    rows = np.flatnonzero(lines.scaled[tag])
    at = tag if len(rows) == len(tag) else tag[rows]
    value = raw.copy() if at is tag else raw[rows]
    value -= lines.raw_low[at]
    value /= lines.raw_span[at]
    value *= lines.eu_span[at]
    value += lines.eu_low[at]
    if at is tag:
        return value
    everything = raw.copy()
    everything[rows] = value
    return everything


def _clamp(columns: Columns, tag: Index, value: Float64, status: UInt32) -> UInt32:
    """Limit values in place; the statuses that say so."""
    lines = columns.lines
    low, high = lines.low[tag], lines.high[tag]
    outside = np.flatnonzero(((value < low) | (value > high)) & ~is_bad(status))
    if not len(outside):
        return status
    status = status.copy()
    reject = lines.reject[tag[outside]]
    status[outside[reject]] = np.uint32(Status.BAD_OUT_OF_RANGE)
    limit = outside[~reject]
    side = np.where(value[limit] < low[limit], np.uint32(LIMIT_LOW), np.uint32(LIMIT_HIGH))
    exceeded = np.uint32(Status.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED)
    base = np.where(is_good(status[limit]), exceeded, status[limit])
    status[limit] = base | np.uint32(INFO_DATA_VALUE) | side
    value[limit] = np.clip(value[limit], low[limit], high[limit])
    return status
