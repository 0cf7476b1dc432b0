"""What the controller's types become, and which bytes a value becomes: lowest byte first."""

from __future__ import annotations

import math
import struct
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hmi.core.quality import Status
from hmi.drivers.columns import EXACT, clean

Value = tuple[float | str, int]
"""What a tag shows and its status."""


class ValueRefusedError(ValueError):
    """A value does not fit; nothing was sent."""


class Kind(StrEnum):
    """A type of the controller that can be shown."""

    BOOL = "BOOL"
    SINT = "SINT"
    INT = "INT"
    DINT = "DINT"
    LINT = "LINT"
    USINT = "USINT"
    UINT = "UINT"
    UDINT = "UDINT"
    ULINT = "ULINT"
    REAL = "REAL"
    LREAL = "LREAL"
    STRING = "STRING"


CODES: Final = MappingProxyType(
    {
        Kind.BOOL: (0xC1, "<B"),
        Kind.SINT: (0xC2, "<b"),
        Kind.INT: (0xC3, "<h"),
        Kind.DINT: (0xC4, "<i"),
        Kind.LINT: (0xC5, "<q"),
        Kind.USINT: (0xC6, "<B"),
        Kind.UINT: (0xC7, "<H"),
        Kind.UDINT: (0xC8, "<I"),
        Kind.ULINT: (0xC9, "<Q"),
        Kind.REAL: (0xCA, "<f"),
        Kind.LREAL: (0xCB, "<d"),
    }
)
"""The protocol's number and the bytes of each."""
FLOATS: Final = frozenset({Kind.REAL, Kind.LREAL})


def width_of(kind: Kind) -> int:
    """Bytes of a number."""
    return struct.calcsize(CODES[kind][1])


def shown(kind: Kind, found: object) -> Value:
    """What a tag shows of a value as the library gives it; what is of another type is Bad."""
    if kind is Kind.STRING:
        return (clean(found), int(Status.GOOD)) if isinstance(found, str) else ("", int(Status.BAD_TYPE_MISMATCH))
    if isinstance(found, bool) != (kind is Kind.BOOL) or not isinstance(found, int | float):
        return math.nan, int(Status.BAD_TYPE_MISMATCH)
    if not math.isfinite(found):
        return math.nan, int(Status.BAD_OUT_OF_RANGE)
    exact = kind in FLOATS or abs(found) <= EXACT
    return float(found), int(Status.GOOD if exact else Status.UNCERTAIN)


def bytes_of(kind: Kind, value: float | str) -> bytes:
    """The bytes of a number or a bool.

    Raises:
        ValueRefusedError: it does not fit.
    """
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueRefusedError(f"{value!r} is no number")
    if kind is Kind.BOOL:
        if value not in {0.0, 1.0}:
            raise ValueRefusedError(f"{value:g} is neither 0 nor 1")
        return b"\xff" if value else b"\0"
    if kind not in FLOATS and not float(value).is_integer():
        raise ValueRefusedError(f"{value!r} is no whole number, and a {kind} holds no other")
    try:
        return struct.pack(CODES[kind][1], value if kind in FLOATS else int(value))
    except (struct.error, OverflowError) as fault:
        raise ValueRefusedError(f"{value:g} does not fit a {kind}") from fault


def text_bytes(value: float | str, capacity: int, size: int) -> bytes:
    """The bytes of a string structure of `size` bytes that holds at most `capacity` characters.

    Raises:
        ValueRefusedError: it does not fit.
    """
    if not isinstance(value, str):
        raise ValueRefusedError(f"{value!r} is no text")
    try:
        text = value.encode("latin-1")
    except UnicodeEncodeError as fault:
        raise ValueRefusedError(f"{value!r} has characters that the controller cannot hold") from fault
    if len(text) > capacity:
        raise ValueRefusedError(f"{value!r} is longer than {capacity} characters")
    return (struct.pack("<I", len(text)) + text).ljust(size, b"\0")


def held(kind: Kind, data: bytes, value: float | str) -> float | str:
    """The number as the controller holds it once it has the bytes: a REAL is rounded."""
    if kind is not Kind.REAL:
        return value
    return float(struct.unpack("<f", data)[0])
