"""Modbus TCP frames: cuts what arrives into replies, and knows garbage when it sees it.

A stream that is out of step cannot be put back: a length that no frame can have ends the connection.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_HEAD: Final = struct.Struct(">HHHB")
_MIN_LENGTH: Final = 3
"""Unit id and at least two bytes of PDU (an exception)."""
_MAX_LENGTH: Final = 254
"""Unit id and 253 bytes of PDU."""


class GarbageError(Exception):
    """Bytes that cannot be a Modbus frame."""


class Frame(NamedTuple):
    """One reply as it came."""

    transaction: int
    unit: int
    pdu: bytes


def frame_bytes(transaction: int, unit: int, pdu: bytes) -> bytes:
    """A request ready to send."""
    return _HEAD.pack(transaction, 0, len(pdu) + 1, unit) + pdu


@dataclass(slots=True)
class Splitter:
    """Collects bytes and gives whole frames back."""

    _rest: bytes = field(default=b"")

    @property
    def is_torn(self) -> bool:
        """Whether part of a frame is waiting for its end."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames completed by these bytes.

        Raises:
            GarbageError: the stream is no Modbus TCP, or out of step.
        """
        data = self._rest + data
        frames: list[Frame] = []
        at = 0
        while len(data) - at >= _HEAD.size:
            transaction, protocol, length, unit = _HEAD.unpack_from(data, at)
            if protocol != 0 or not _MIN_LENGTH <= length <= _MAX_LENGTH:
                raise GarbageError("the device sent bytes that are no Modbus TCP frame")
            end = at + 6 + length
            if len(data) < end:
                break
            frames.append(Frame(transaction, unit, data[at + _HEAD.size : end]))
            at = end
        self._rest = data[at:]
        return frames
