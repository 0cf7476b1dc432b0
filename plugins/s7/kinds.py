"""What bytes in an S7 controller mean, and which bytes a value becomes: highest byte first."""

from __future__ import annotations

import math
import struct
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.columns import EXACT, clean

Value = tuple[float | str, int]
"""What a tag shows and its status."""


class ValueRefusedError(ValueError):
    """A value does not fit; nothing was sent."""


class Kind(StrEnum):
    """A type as the engineering tool names it, in lower case."""

    BOOL = "bool"
    BYTE = "byte"
    USINT = "usint"
    SINT = "sint"
    WORD = "word"
    UINT = "uint"
    INT = "int"
    DWORD = "dword"
    UDINT = "udint"
    DINT = "dint"
    LWORD = "lword"
    ULINT = "ulint"
    LINT = "lint"
    REAL = "real"
    LREAL = "lreal"
    STRING = "string"
    DATE_AND_TIME = "date_and_time"


_CODES: Final = MappingProxyType(
    {
        Kind.BYTE: ">B",
        Kind.USINT: ">B",
        Kind.SINT: ">b",
        Kind.WORD: ">H",
        Kind.UINT: ">H",
        Kind.INT: ">h",
        Kind.DWORD: ">I",
        Kind.UDINT: ">I",
        Kind.DINT: ">i",
        Kind.LWORD: ">Q",
        Kind.ULINT: ">Q",
        Kind.LINT: ">q",
        Kind.REAL: ">f",
        Kind.LREAL: ">d",
    }
)
FLOATS: Final = frozenset({Kind.REAL, Kind.LREAL})
TEXTS: Final = frozenset({Kind.STRING, Kind.DATE_AND_TIME})
LONGEST: Final = 254
"""Characters of an S7 string."""


def size_of(kind: Kind, length: int = 0) -> int:
    """Bytes that a value of this kind takes; `length` in characters is that of a string."""
    if kind is Kind.STRING:
        return 2 + length
    if kind is Kind.DATE_AND_TIME:
        return 8
    return 1 if kind is Kind.BOOL else struct.calcsize(_CODES[kind])


def decoded(kind: Kind, raw: bytes, bit: int | None = None) -> Value:
    """The value that these bytes hold; what they cannot mean is Bad."""
    if kind is Kind.BOOL:
        return float(raw[0] >> (bit or 0) & 1), int(Status.GOOD)
    if kind is Kind.STRING:
        return _text(raw)
    if kind is Kind.DATE_AND_TIME:
        return _moment(raw)
    (number,) = struct.unpack(_CODES[kind], raw)
    if kind in FLOATS and not math.isfinite(number):
        return math.nan, int(Status.BAD_OUT_OF_RANGE)
    exact = kind in FLOATS or abs(number) <= EXACT
    return float(number), int(Status.GOOD if exact else Status.UNCERTAIN)


def _text(raw: bytes) -> Value:
    """Byte 0 is the declared length, byte 1 the present one; one that lies is no string."""
    if raw[1] > raw[0] or raw[0] > LONGEST or raw[1] > len(raw) - 2:
        return "", int(Status.BAD_TYPE_MISMATCH)
    return clean(raw[2 : 2 + raw[1]].decode("latin-1")), int(Status.GOOD)


def _moment(raw: bytes) -> Value:
    """A calendar time of the controller in its own zone, as ISO 8601 without one."""
    digits = [byte >> 4 for byte in raw] + [byte & 15 for byte in raw[:7]]
    year, month, day, hour, minute, second, hundredths = (10 * (b >> 4) + (b & 15) for b in raw[:7])
    fits = 1 <= month <= 12 and 1 <= day <= 31 and hour <= 23 and minute <= 59 and second <= 59
    if max(digits) > 9 or not fits:
        return "", int(Status.BAD_OUT_OF_RANGE)
    century = 19 if year >= 90 else 20
    text = f"{century}{year:02}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{hundredths:02}{raw[7] >> 4}"
    return text, int(Status.GOOD)


def encoded(kind: Kind, length: int, value: float | str) -> bytes:
    """The bytes to write. Those of a string begin with its present length: the declared one is not ours to change.

    Raises:
        ValueRefusedError: it does not fit.
    """
    if kind is Kind.DATE_AND_TIME:
        raise ValueRefusedError("a date and time can only be read")
    if kind is Kind.STRING:
        return _characters(length, value)
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueRefusedError(f"{value!r} is no number")
    if kind is Kind.BOOL:
        if value not in {0.0, 1.0}:
            raise ValueRefusedError(f"{value:g} is neither 0 nor 1")
        return bytes([int(value)])
    if kind not in FLOATS and not float(value).is_integer():
        raise ValueRefusedError(f"{value!r} is no whole number, and a {kind} holds no other")
    try:
        return struct.pack(_CODES[kind], value if kind in FLOATS else int(value))
    except (struct.error, OverflowError) as fault:
        raise ValueRefusedError(f"{value:g} does not fit a {kind}") from fault


def _characters(length: int, value: float | str) -> bytes:
    if not isinstance(value, str):
        raise ValueRefusedError(f"{value!r} is no text")
    try:
        text = value.encode("latin-1")
    except UnicodeEncodeError as fault:
        raise ValueRefusedError(f"{value!r} has characters that an S7 string cannot hold") from fault
    if len(text) > length:
        raise ValueRefusedError(f"{value!r} is longer than {length} characters")
    return bytes([len(text)]) + text


def held(kind: Kind, data: bytes, value: float | str) -> float | str:
    """The value as the controller holds it once it has the bytes: a real is rounded."""
    return value if kind in TEXTS or kind is Kind.BOOL else decoded(kind, data)[0]


def fits(kind: Kind, type_: TagType) -> bool:
    """Whether a tag of this type can show it."""
    if type_ is TagType.STRING or kind in TEXTS:
        return type_ is TagType.STRING and kind in TEXTS
    return kind is Kind.BOOL if type_ is TagType.BOOL else True
