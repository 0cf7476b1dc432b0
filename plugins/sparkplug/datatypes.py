"""Sparkplug's data types: how each value travels and what it means."""

from __future__ import annotations

import math
import struct
from enum import IntEnum
from typing import Final

from hmi.core.tag import TagType


class DataType(IntEnum):
    """Numbers of the types."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATE_TIME = 13
    TEXT = 14
    UUID = 15
    DATA_SET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19
    INT8_ARRAY = 22
    INT16_ARRAY = 23
    INT32_ARRAY = 24
    INT64_ARRAY = 25
    UINT8_ARRAY = 26
    UINT16_ARRAY = 27
    UINT32_ARRAY = 28
    UINT64_ARRAY = 29
    FLOAT_ARRAY = 30
    DOUBLE_ARRAY = 31
    BOOLEAN_ARRAY = 32
    STRING_ARRAY = 33
    DATE_TIME_ARRAY = 34


class MismatchError(ValueError):
    """A value that is not of the type it was born with."""


Scalar = float | int | bool | str
_T = DataType

BITS: Final = {
    _T.INT8: 8,
    _T.INT16: 16,
    _T.INT32: 32,
    _T.INT64: 64,
    _T.UINT8: 8,
    _T.UINT16: 16,
    _T.UINT32: 32,
    _T.UINT64: 64,
}
SIGNED: Final = frozenset({_T.INT8, _T.INT16, _T.INT32, _T.INT64})
TEXTS: Final = frozenset({_T.STRING, _T.TEXT, _T.UUID})
WIDE: Final = frozenset({_T.INT64, _T.UINT64, _T.DATE_TIME})
_ELEMENTS: Final = {
    _T.INT8_ARRAY: "b",
    _T.INT16_ARRAY: "h",
    _T.INT32_ARRAY: "i",
    _T.INT64_ARRAY: "q",
    _T.UINT8_ARRAY: "B",
    _T.UINT16_ARRAY: "H",
    _T.UINT32_ARRAY: "I",
    _T.UINT64_ARRAY: "Q",
    _T.FLOAT_ARRAY: "f",
    _T.DOUBLE_ARRAY: "d",
    _T.DATE_TIME_ARRAY: "Q",
}


def field_of(datatype: DataType) -> str:
    """The field of a message in which a value of this type travels."""
    if datatype in WIDE:
        return "long_value"
    if datatype in BITS:
        return "int_value"
    if datatype in TEXTS:
        return "string_value"
    names = {
        _T.FLOAT: "float_value",
        _T.DOUBLE: "double_value",
        _T.BOOLEAN: "boolean_value",
        _T.DATA_SET: "dataset_value",
        _T.TEMPLATE: "template_value",
    }
    return names.get(datatype, "bytes_value")


def scalar(datatype: DataType, field: str, value: Scalar) -> Scalar:
    """The meaning of a value that came in a field; date and time in seconds since 1970.

    Signed integers travel unsigned, and encoders differ in the width to which they extend the sign: the type's own
    bits count.

    Raises:
        MismatchError: the field is not that of the type.
    """
    if datatype in BITS and field in {"int_value", "long_value"}:
        bits = BITS[datatype]
        number = int(value) & ((1 << bits) - 1)
        return number - (1 << bits) if datatype in SIGNED and number >> (bits - 1) else number
    if field != field_of(datatype):
        raise MismatchError(f"a {datatype.name} came as {field}")
    return int(value) / 1000 if datatype is _T.DATE_TIME else value


def elements(datatype: DataType, data: bytes) -> list[Scalar]:
    """The elements of an array, little-endian.

    Raises:
        MismatchError: no array, or bytes that do not make whole elements.
    """
    if datatype is _T.STRING_ARRAY:
        if data and not data.endswith(b"\0"):
            raise MismatchError("a text of an array has no end")
        return [part.decode("utf-8", "replace") for part in data.split(b"\0")[:-1]]
    if datatype is _T.BOOLEAN_ARRAY:
        return _bits(data)
    code = _ELEMENTS.get(datatype)
    if code is None:
        raise MismatchError(f"{datatype.name} is no array")
    size = struct.calcsize(f"<{code}")
    if len(data) % size:
        raise MismatchError(f"{len(data)} bytes are no {datatype.name}")
    found: list[Scalar] = list(struct.unpack(f"<{len(data) // size}{code}", data))
    return [int(ms) / 1000 for ms in found] if datatype is _T.DATE_TIME_ARRAY else found


def _bits(data: bytes) -> list[Scalar]:
    count = struct.unpack_from("<I", data)[0] if len(data) >= 4 else -1
    if count < 0 or len(data) != 4 + (count + 7) // 8:
        raise MismatchError(f"{len(data)} bytes are no array of booleans")
    return [bool(data[4 + at // 8] >> (7 - at % 8) & 1) for at in range(count)]


def encode(datatype: DataType, value: float | str) -> tuple[str, Scalar, float | str]:
    """Field, content and the value that a read-back must show, for a command. Whole numbers are rounded half to even.

    Raises:
        MismatchError: a value that the type cannot hold, or a type that cannot be written.
    """
    if datatype in TEXTS:
        if not isinstance(value, str):
            raise MismatchError("a text is needed")
        return "string_value", value, value
    if isinstance(value, str) or not math.isfinite(value):
        raise MismatchError("a finite number is needed")
    if datatype is _T.BOOLEAN:
        if value not in {0, 1}:
            raise MismatchError("a bit takes 0 or 1")
        return "boolean_value", value == 1, float(value)
    if datatype is _T.DOUBLE:
        return "double_value", float(value), float(value)
    if datatype is _T.FLOAT:
        try:
            (single,) = struct.unpack("<f", struct.pack("<f", value))
        except OverflowError as fault:
            raise MismatchError(f"{value:g} does not fit FLOAT") from fault
        return "float_value", single, single
    if datatype is _T.DATE_TIME:
        value = value * 1000
    return _integer(datatype, value)


def _integer(datatype: DataType, value: float) -> tuple[str, int, float]:
    bits = 64 if datatype is _T.DATE_TIME else BITS.get(datatype)
    if bits is None:
        raise MismatchError(f"a {datatype.name} cannot be written")
    number = round(value)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if datatype in SIGNED else (0, (1 << bits) - 1)
    if not low <= number <= high:
        raise MismatchError(f"{value:g} does not fit {datatype.name}")
    sent = number / 1000 if datatype is _T.DATE_TIME else float(number)
    # Two's complement in the field's own width, as receivers of both habits understand it.
    return field_of(datatype), number % (1 << (64 if datatype in WIDE else 32)), sent


def tag_type(datatype: DataType | None) -> TagType | None:
    """The type of a tag that shows it; None where it needs an element or cannot be shown."""
    if datatype is None or datatype > _T.UUID:
        return None
    if datatype is _T.BOOLEAN:
        return TagType.BOOL
    if datatype in TEXTS:
        return TagType.STRING
    return TagType.INT if datatype in BITS else TagType.FLOAT
