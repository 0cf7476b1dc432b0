"""Numbers into 16-bit registers and back; the order of the two words of a long value differs between makers."""

import struct
from enum import Enum

from hmi.softplc.points import Kind, Point, Value, Wire

FORMATS = {Wire.INT16: ">h", Wire.UINT16: ">H", Wire.INT32: ">i", Wire.UINT32: ">I", Wire.FLOAT32: ">f"}
LIMITS = {
    Wire.INT16: (-32_768, 32_767),
    Wire.UINT16: (0, 65_535),
    Wire.INT32: (-(2**31), 2**31 - 1),
    Wire.UINT32: (0, 2**32 - 1),
}


class WordOrder(Enum):
    """Which word of a 32-bit value comes first."""

    ABCD = "ABCD"
    CDAB = "CDAB"


def encode(point: Point, value: Value, order: WordOrder) -> list[int]:
    """The registers of a value; a whole number beyond its register stops at the register's end."""
    raw = float(value) * point.factor
    if point.wire is Wire.FLOAT32:
        data = struct.pack(">f", raw)
    else:
        low, high = LIMITS[point.wire]
        data = struct.pack(FORMATS[point.wire], min(max(round(raw), low), high))
    words = list(struct.unpack(f">{point.wire.words}H", data))
    return words[::-1] if order is WordOrder.CDAB else words


def decode(point: Point, registers: list[int], order: WordOrder) -> Value:
    """The value that registers stand for."""
    words = registers[::-1] if order is WordOrder.CDAB else registers
    raw: float = struct.unpack(FORMATS[point.wire], struct.pack(f">{len(words)}H", *words))[0]
    if point.kind in (Kind.ENUM, Kind.INT):
        return round(raw / point.factor)
    return raw / point.factor
