"""ISO transport over TCP (RFC 1006, class 0): how S7 messages are cut out of a stream of bytes."""

from __future__ import annotations

import struct
from typing import Final

_HEAD: Final = 4
_CONFIRM, _DISCONNECT, _DATA = 0xD0, 0x80, 0xF0
_LONGEST: Final = 8192
"""Bytes of one packet and of one message put together; an S7 message has 960 at most."""
_LOCAL: Final = 0x0100
_TPDU_1024: Final = 0x0A


class GarbageError(Exception):
    """Bytes that are no ISO transport."""


class DisconnectedError(Exception):
    """The controller ended or refused the transport connection in its own words."""


def call(remote: int) -> bytes:
    """The request to connect to the place `remote` in a controller."""
    places = struct.pack(">BBHBBHBBB", 0xC1, 2, _LOCAL, 0xC2, 2, remote, 0xC0, 1, _TPDU_1024)
    return _packet(struct.pack(">BBHHB", 6 + len(places), 0xE0, 0, 1, 0) + places)


def packed(message: bytes) -> bytes:
    """A message as one packet."""
    return _packet(b"\x02\xf0\x80" + message)


def _packet(payload: bytes) -> bytes:
    return struct.pack(">BBH", 3, 0, _HEAD + len(payload)) + payload


class Splitter:
    """Takes bytes as they come, gives whole messages; the confirmation of a call is an empty one."""

    def __init__(self) -> None:
        self._rest = b""
        self._parts = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now.

        Raises:
            GarbageError: the bytes are no protocol.
            DisconnectedError: the controller says goodbye.
        """
        self._rest += data
        messages: list[bytes] = []
        while len(self._rest) >= _HEAD:
            version, _, length = struct.unpack(">BBH", self._rest[:_HEAD])
            if version != 3 or not 7 <= length <= _LONGEST:
                raise GarbageError("the controller sent bytes that are no ISO transport")
            if len(self._rest) < length:
                break
            payload, self._rest = self._rest[_HEAD:length], self._rest[length:]
            self._take(payload, messages)
        return messages

    def _take(self, payload: bytes, messages: list[bytes]) -> None:
        kind = payload[1] & 0xF0
        if kind == _DISCONNECT:
            raise DisconnectedError("the controller refused or ended the connection")
        if kind == _CONFIRM:
            messages.append(b"")
            return
        if kind != _DATA or payload[0] != 2:
            raise GarbageError(f"the controller sent a packet of an unknown kind ({payload[1]:#04x})")
        self._parts += payload[3:]
        if len(self._parts) > _LONGEST:
            raise GarbageError("the controller sent a message without an end")
        if payload[2] & 0x80:
            messages.append(self._parts)
            self._parts = b""
