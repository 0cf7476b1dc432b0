"""Scaling: from a device's number to engineering units and back.

Reading never loses a value silently: what cannot be used is marked, what was limited says so. Writing never bends a
value: what does not fit is refused, for an operator who asked for 120 must not get 100 without being told.
"""

from __future__ import annotations

import math
from typing import Final

from hmi.core.errors import LinesideError
from hmi.core.quality import INFO_DATA_VALUE, LIMIT_HIGH, LIMIT_LOW, Status, is_bad, is_good
from hmi.core.tag import Clamp, Scaling, Tag, TagType

EXACT: Final = 2.0**53
"""Largest integer up to which a float64 is exact."""
WHOLE: Final = frozenset({TagType.INT, TagType.ENUM, TagType.BOOL})
"""Types whose value is a whole number."""


class OutOfRangeError(LinesideError):
    """A value to be written does not fit the tag or its device; nothing was written."""


def to_eu(tag: Tag, raw: float, status: int) -> tuple[float, int]:
    """Value and status in engineering units of one device number: line, clamp, NaN and precision rules.

    NaN and infinities become NaN with Bad; an integer beyond 2^53 becomes Uncertain; -0.0 becomes 0.0.
    """
    if tag.type in {TagType.INT, TagType.ENUM} and abs(raw) > EXACT and is_good(status):
        status = int(Status.UNCERTAIN)
    value = _line(tag.scaling, raw) + 0.0 if tag.scaling is not None else raw + 0.0
    if not math.isfinite(value):
        return math.nan, status if is_bad(status) else int(Status.BAD)
    if tag.scaling is None or is_bad(status):
        return value, status
    return _clamped(tag.scaling, value, status)


def unscaled(scaling: Scaling, eu: float) -> float:
    """The device's number on the line behind a value in engineering units, whose range must not be empty."""
    (raw_low, raw_high), (eu_low, eu_high) = scaling.raw, scaling.eu
    return (eu - eu_low) / (eu_high - eu_low) * (raw_high - raw_low) + raw_low + 0.0


def to_raw(tag: Tag, eu: float, device: tuple[int, int] | None = None) -> float:
    """The number to write to the device for a value in engineering units.

    Args:
        tag: the tag that is written.
        eu: wanted value in engineering units.
        device: lowest and highest integer the device's register holds; None for a register that holds floats.

    Raises:
        OutOfRangeError: not finite, outside the scaling's range or outside what the device can hold.
    """
    if not math.isfinite(eu):
        raise OutOfRangeError(f"{tag.path} cannot be set to {eu}: it is not a number.", "Enter a finite number.")
    raw = eu + 0.0 if tag.scaling is None else _inverse(tag, tag.scaling, eu)
    if device is None and not (tag.scaling is None and tag.type in WHOLE):
        return raw
    whole = round(raw)  # an unbounded integer, half to even: the range check comes before any cast
    low, high = device if device is not None else _bounds(tag)
    if not low <= whole <= high:
        raise OutOfRangeError(
            f"{tag.path} cannot be set to {eu:g} {tag.unit}".rstrip() + f": the device holds {low} to {high}.",
            "Enter a value within that range.",
        )
    return float(whole)


def _bounds(tag: Tag) -> tuple[int, int]:
    return (0, 1) if tag.type is TagType.BOOL else (-int(EXACT), int(EXACT))


def _line(scaling: Scaling, raw: float) -> float:
    (raw_low, raw_high), (eu_low, eu_high) = scaling.raw, scaling.eu
    if raw_high == raw_low:
        return math.nan
    return (raw - raw_low) / (raw_high - raw_low) * (eu_high - eu_low) + eu_low


def _inverse(tag: Tag, scaling: Scaling, eu: float) -> float:
    low, high = sorted(scaling.eu)
    if not low <= eu <= high or low == high:
        raise OutOfRangeError(
            f"{tag.path} cannot be set to {eu:g} {tag.unit}".rstrip() + f": its range is {low:g} to {high:g}.",
            "Enter a value within that range.",
        )
    return unscaled(scaling, eu)


def _clamped(scaling: Scaling, value: float, status: int) -> tuple[float, int]:
    low, high = sorted(scaling.eu)
    if scaling.clamp is Clamp.NONE or low <= value <= high:
        return value, status
    if scaling.clamp is Clamp.REJECT:
        return value, int(Status.BAD_OUT_OF_RANGE)
    bit = LIMIT_LOW if value < low else LIMIT_HIGH
    base = int(Status.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED) if is_good(status) else status
    return (low if value < low else high), base | INFO_DATA_VALUE | bit
