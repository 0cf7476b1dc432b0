"""Sparkplug payloads by hand, byte by byte from the specification: shares nothing with the plugin's own codec.

Every field is a key (number << 3 | wire type), then a varint (0), 8 bytes (1), a length and bytes (2) or 4 bytes (5).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def chunk(field: int, data: bytes | str) -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def single(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + struct.pack("<f", value)


def double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value)


def int_value(value: int, bits: int = 32) -> bytes:
    """As encoders do that extend the sign to `bits`."""
    return number(10, value % (1 << bits))


def long_value(value: int) -> bytes:
    return number(11, value % (1 << 64))


def float_value(value: float) -> bytes:
    return single(12, value)


def double_value(value: float) -> bytes:
    return double(13, value)


def bool_value(value: bool) -> bytes:
    return number(14, int(value))


def string_value(value: str) -> bytes:
    return chunk(15, value)


def bytes_value(value: bytes) -> bytes:
    return chunk(16, value)


NULL = number(7, 1)
"""In place of a value."""
HISTORICAL = number(5, 1)


def properties(**values: tuple[int, bytes]) -> bytes:
    """A metric's property set; each is (type, the field with its value)."""
    keys = b"".join(chunk(1, key) for key in values)
    return chunk(9, keys + b"".join(chunk(2, number(1, type_) + data) for type_, data in values.values()))


def quality(value: int) -> bytes:
    return properties(Quality=(3, number(3, value)))


def metric(
    name: str | None = None,
    datatype: int | None = None,
    value: bytes = b"",
    *,
    alias: int | None = None,
    time: int | None = None,
    more: bytes = b"",
) -> bytes:
    """One metric; `time` in ms."""
    return (
        (b"" if name is None else chunk(1, name))
        + (b"" if alias is None else number(2, alias))
        + (b"" if time is None else number(3, time))
        + (b"" if datatype is None else number(4, datatype))
        + more
        + value
    )


def template(*members: bytes, definition: bool = False) -> bytes:
    """A template's value."""
    return chunk(18, b"".join(chunk(2, member) for member in members) + number(5, int(definition)))


def data_set(columns: list[str], types: list[int], rows: list[list[bytes]]) -> bytes:
    head = number(1, len(columns)) + b"".join(chunk(2, c) for c in columns) + b"".join(number(3, t) for t in types)
    return chunk(17, head + b"".join(chunk(4, b"".join(chunk(1, cell) for cell in row)) for row in rows))


def payload(*metrics: bytes, time: int | None = None, seq: int | None = None) -> bytes:
    """A message; `time` in ms."""
    return (
        (b"" if time is None else number(1, time))
        + b"".join(chunk(2, one) for one in metrics)
        + (b"" if seq is None else number(3, seq))
    )


@dataclass
class Field:
    number: int
    value: int | bytes


def fields(data: bytes) -> list[Field]:
    """What is in a message, one level down."""
    at, found = 0, []
    while at < len(data):
        key, at = _read(data, at)
        if key & 7 == 0:
            value, at = _read(data, at)
            found.append(Field(key >> 3, value))
        else:
            size, at = {1: (8, at), 5: (4, at)}.get(key & 7) or _read(data, at)
            found.append(Field(key >> 3, data[at : at + size]))
            at += size
    return found


def _read(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at
