"""Values in registers: which bytes make a number, and how a number becomes words to write."""

from __future__ import annotations

import math
import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64
from hmi.drivers.modbus.address import Kind, ModbusAddress, WordOrder

DTYPES: Final = {
    Kind.INT16: ">i2",
    Kind.UINT16: ">u2",
    Kind.INT32: ">i4",
    Kind.UINT32: ">u4",
    Kind.INT64: ">i8",
    Kind.UINT64: ">u8",
    Kind.FLOAT32: ">f4",
    Kind.FLOAT64: ">f8",
    Kind.BCD16: ">u2",
    Kind.BCD32: ">u4",
}
"""Numpy type of a number once its bytes are in natural order."""
_CODES: Final = {
    Kind.INT16: "h",
    Kind.UINT16: "H",
    Kind.INT32: "i",
    Kind.UINT32: "I",
    Kind.INT64: "q",
    Kind.UINT64: "Q",
    Kind.FLOAT32: "f",
    Kind.FLOAT64: "d",
    Kind.BCD16: "H",
    Kind.BCD32: "I",
}
BCD: Final = {Kind.BCD16: 4, Kind.BCD32: 8}
"""Decimal digits of the kinds that hold one in each nibble."""


def byte_order(registers: int, order: WordOrder, *, text: bool = False) -> list[int]:
    """Where each byte of a value, highest first, lies in its registers as they arrive.

    A single register is big-endian by the standard, whatever the order of longer values. In texts only the two
    characters of a register change places: registers of a text are never reversed.
    """
    words = list(range(registers))
    swap = order in {WordOrder.BADC, WordOrder.DCBA} and (registers > 1 or text)
    if order in {WordOrder.CDAB, WordOrder.DCBA} and not text:
        words.reverse()
    return [2 * word + (half ^ swap) for word in words for half in (0, 1)]


def numbers(raw: NDArray[np.unsignedinteger[Any]], kind: Kind) -> Float64:
    """Numbers as float64; `raw` holds their bytes in natural order, one number a cell.

    NaN where a nibble of a BCD number is no decimal digit.
    """
    held = raw.view(DTYPES[kind])
    digits = BCD.get(kind)
    return held.astype(np.float64) if digits is None else _decimal(held, digits)


def _decimal(held: NDArray[np.unsignedinteger[Any]], digits: int) -> Float64:
    value = np.zeros(len(held))
    for place in reversed(range(digits)):
        digit = (held >> np.uint8(4 * place)) & np.uint8(0xF)
        value = value * 10 + np.where(digit > 9, np.nan, digit)
    return value


def text(raw: bytes, length: int) -> str:
    """A string out of its bytes: up to the first NUL, without padding; bytes beyond ASCII are read as Latin-1."""
    return raw[:length].split(b"\0", 1)[0].decode("latin-1").rstrip(" ")


class ValueRefusedError(ValueError):
    """A value that does not fit its registers; nothing is sent."""


def to_words(address: ModbusAddress, order: WordOrder, value: float | str) -> tuple[list[int], float | str]:
    """The registers to write, as they go on the wire, and the value that they hold.

    A fraction is rounded (half to even) where the registers hold whole numbers, a float is cut to its precision: the
    second part of the result is what a read-back must show.

    Raises:
        ValueRefusedError: out of range, not a number, or too long a text.
    """
    is_text = address.kind is Kind.STRING
    natural = _text_bytes(address, value) if is_text else _number_bytes(address.kind, value)
    wire = bytearray(len(natural))
    for place, byte in zip(byte_order(address.count, order, text=is_text), natural, strict=True):
        wire[place] = byte
    return list(struct.unpack(f">{address.count}H", wire)), _held(address, natural)


def _held(address: ModbusAddress, natural: bytes) -> float | str:
    if address.kind is Kind.STRING:
        return text(natural, address.length)
    if address.kind in BCD:
        return float(natural.hex())
    code = "H" if address.kind is Kind.BOOL else _CODES[address.kind]
    return float(struct.unpack(f">{code}", natural)[0])


def _text_bytes(address: ModbusAddress, value: float | str) -> bytes:
    if not isinstance(value, str):
        raise ValueRefusedError("A text is needed.")
    try:
        data = value.encode("latin-1")
    except UnicodeEncodeError as fault:
        raise ValueRefusedError(f"{value[fault.start]!r} has no place in a register (Latin-1 only).") from fault
    if len(data) > address.length:
        raise ValueRefusedError(f"The text has {len(data)} characters, the device takes {address.length}.")
    return data.ljust(2 * address.count, b"\0")


def _number_bytes(kind: Kind, value: float | str) -> bytes:
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueRefusedError("A finite number is needed.")
    if kind is Kind.BOOL:
        return struct.pack(">H", as_bit(value))
    if kind in BCD:
        return _bcd_bytes(kind, value)
    code = _CODES[kind]
    try:
        return struct.pack(f">{code}", float(value) if code in "fd" else round(value))
    except (struct.error, OverflowError) as fault:
        raise ValueRefusedError(f"{value:g} does not fit {kind}.") from fault


def _bcd_bytes(kind: Kind, value: float) -> bytes:
    digits = BCD[kind]
    whole = round(value)
    if not 0 <= whole < 10**digits:
        raise ValueRefusedError(f"{value:g} does not fit {kind} (0 to {10**digits - 1}).")
    return bytes.fromhex(f"{whole:0{digits}d}")


def as_bit(value: float | str) -> bool:
    """0 or 1 as a bit.

    Raises:
        ValueRefusedError: anything else.
    """
    if value not in {0, 1}:
        raise ValueRefusedError("A bit takes 0 or 1.")
    return value == 1
