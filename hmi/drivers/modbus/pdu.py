"""Modbus requests and replies as bytes, checked to the last one.

A reply is believed only if its function, its length and its echo fit the request: some devices answer an address they
do not have with an empty success, and a gateway may hand over somebody else's answer.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hmi.drivers.modbus.address import Table

READ: Final = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}
"""Function code that reads a table."""

READS_OF_BITS: Final = {1, 2}
"""Function codes whose replies hold bits."""
_MASK: Final = 22

NAMES: Final = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledge, still working",
    6: "device busy",
    8: "memory parity error",
    0x0A: "gateway path unavailable",
    0x0B: "gateway target does not respond",
}
"""The exception codes of the standard."""


class DeviceError(Exception):
    """The device answered with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code:02X} ({NAMES.get(code, 'unknown')})")
        self.code = code


class BadReplyError(Exception):
    """A reply that does not fit its request; nothing in it is believed."""


class EmptyReplyError(BadReplyError):
    """A success with no or with fewer data than were asked for: how some devices refuse an address."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to one device, without frame."""

    unit: int
    pdu: bytes

    @property
    def function(self) -> int:
        """Function code."""
        return self.pdu[0]


def read_request(unit: int, table: Table, address: int, count: int) -> Request:
    """Reads coils or registers."""
    return Request(unit, struct.pack(">BHH", READ[table], address, count))


def write_coil(unit: int, address: int, on: bool) -> Request:
    """Sets one coil (FC05)."""
    return Request(unit, struct.pack(">BHH", 5, address, 0xFF00 if on else 0))


def write_coils(unit: int, address: int, states: Sequence[bool]) -> Request:
    """Sets several coils, exactly those given (FC15).

    Raises:
        ValueError: none, or more than the 1,968 that one request can carry.
    """
    if not 1 <= len(states) <= 1968:
        raise ValueError("a write has 1 to 1968 coils")
    data = sum(1 << place for place, on in enumerate(states) if on).to_bytes((len(states) + 7) // 8, "little")
    return Request(unit, struct.pack(">BHHB", 15, address, len(states), len(data)) + data)


def write_mask(unit: int, address: int, keep: int, change: int) -> Request:
    """Changes some bits of a register inside the device (FC22): `keep` marks those that stay, `change` the new ones."""
    return Request(unit, struct.pack(">BHHH", 22, address, keep, change & ~keep & 0xFFFF))


def write_registers(unit: int, address: int, words: Sequence[int], *, single: bool = True) -> Request:
    """Writes one register (FC06, or FC16 where not `single`) or several (FC16), exactly those given.

    Raises:
        ValueError: none, or more than the 123 that one request can carry.
    """
    if not 1 <= len(words) <= 123:
        raise ValueError("a write has 1 to 123 registers")
    if len(words) == 1 and single:
        return Request(unit, struct.pack(">BHH", 6, address, words[0]))
    head = struct.pack(">BHHB", 16, address, len(words), 2 * len(words))
    return Request(unit, head + struct.pack(f">{len(words)}H", *words))


def read_data(request: Request, reply: bytes) -> bytes:
    """The data bytes of a read's reply.

    Raises:
        DeviceError: the device refused.
        EmptyReplyError: success with too few data.
        BadReplyError: another function, or not as many bytes as were asked for.
    """
    _raise_exception(request, reply)
    expected = data_bytes(request)
    if len(reply) < 2 or reply[1] == 0:
        raise EmptyReplyError("the reply holds no data")
    if len(reply) == reply[1] + 2 < expected + 2:
        raise EmptyReplyError(f"the reply holds only {reply[1]} bytes of {expected}")
    if reply[1] != expected or len(reply) != expected + 2:
        raise BadReplyError(f"the reply holds {len(reply) - 2} bytes instead of {expected}")
    return reply[2:]


def data_bytes(request: Request) -> int:
    """Bytes of data that the reply to a read must hold."""
    count = int.from_bytes(request.pdu[3:5], "big")
    return (count + 7) // 8 if request.function in READS_OF_BITS else 2 * count


def check_write(request: Request, reply: bytes) -> None:
    """Makes sure that a write was confirmed as sent.

    Raises:
        DeviceError: the device refused.
        BadReplyError: the echo differs from what was sent.
    """
    _raise_exception(request, reply)
    if reply != (request.pdu if request.function == _MASK else request.pdu[:5]):
        raise BadReplyError("the device confirmed something else than was sent")


def _raise_exception(request: Request, reply: bytes) -> None:
    if len(reply) == 2 and reply[0] == request.function | 0x80:
        raise DeviceError(reply[1])
    if not reply or reply[0] != request.function:
        raise BadReplyError("the reply belongs to another function")
