"""Modbus RTU frames: finds replies in what a serial line carries, which has neither lengths nor numbers.

A frame is known by the length its own bytes tell and by its check sum. Noise on the line before a frame is passed over;
what an adapter returns of the request itself (echo) is taken away, because the echo of a write looks like its success.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hmi.drivers.modbus.pdu import Request, data_bytes

_LONGEST: Final = 256
"""Bytes of a frame at most."""
_EXCEPTION: Final = 5
_BY_COUNT: Final = {1, 2, 3, 4}
"""Functions whose reply tells the number of its data bytes."""
_FIXED: Final = {5: 8, 6: 8, 15: 8, 16: 8, 22: 10}
"""Bytes of the replies that always have the same length."""
_TWO_BYTES_NEEDED, _THREE_BYTES_NEEDED = 2, 3


def _table() -> tuple[int, ...]:
    entries = []
    for entry in range(256):
        crc = entry
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        entries.append(crc)
    return tuple(entries)


_TABLE: Final = _table()


def crc16(data: bytes) -> bytes:
    """The check sum of a frame as its two last bytes, the lower first."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc.to_bytes(2, "little")


def rtu_bytes(request: Request) -> bytes:
    """A request ready to send."""
    body = bytes([request.unit]) + request.pdu
    return body + crc16(body)


def reply_bytes(request: Request) -> int:
    """Bytes of the whole frame of a good reply."""
    return 5 + data_bytes(request) if request.function in _BY_COUNT else _FIXED[request.function]


class RtuFrame(NamedTuple):
    """One frame with a right check sum."""

    unit: int
    pdu: bytes


class Receiver:
    """Collects what the line carries during one exchange and gives whole frames back."""

    def __init__(self) -> None:
        self._rest = b""
        self._request: Request | None = None
        self._sent = b""
        """The request whose echo has not been seen; empty when none is expected."""
        self.echoes = False
        """The line returns what is sent."""
        self.noise = 0
        """Times that bytes were passed over."""

    @property
    def is_torn(self) -> bool:
        """Whether bytes wait that are no whole frame."""
        return bool(self._rest)

    def begin(self, request: Request | None, sent: bytes) -> None:
        """Forgets what came before; frames are now expected for `request`, None = for nobody."""
        self._rest, self._request, self._sent = b"", request, sent

    def feed(self, data: bytes) -> list[RtuFrame]:
        """The frames completed by these bytes."""
        rest = self._rest + data
        frames: list[RtuFrame] = []
        while rest:
            if self._is_echo(rest):
                if len(rest) < len(self._sent):
                    break
                self.echoes = True
                rest, self._sent = rest[len(self._sent) :], b""
            elif length := _whole(rest):
                frames.append(RtuFrame(rest[0], rest[1 : length - 2]))
                rest = rest[length:]
            elif begin := self._behind_noise(rest):
                self.noise += 1
                rest = rest[begin:]
            else:
                break
        self._rest = rest[-2 * _LONGEST :]
        return frames

    def _is_echo(self, rest: bytes) -> bool:
        """Whether these bytes, or the first of them, are the request itself.

        A read shows that a line echoes, since its request is no reply; the echo of a write equals its success.
        """
        if not self._sent:
            return False
        if self.echoes:
            return self._sent.startswith(rest[: len(self._sent)])
        return self._sent[1] in _BY_COUNT and rest.startswith(self._sent)

    def _behind_noise(self, rest: bytes) -> int:
        """Where the expected reply begins behind bytes that are none; 0 when it is not there."""
        request = self._request
        if request is None:
            return 0
        for begin in range(1, len(rest) - _EXCEPTION + 1):
            if rest[begin] != request.unit or rest[begin + 1] & 0x7F != request.function:
                continue
            length = _whole(rest[begin:])
            if length in {_EXCEPTION, reply_bytes(request)}:
                return begin
        return 0


def _whole(rest: bytes) -> int:
    """Bytes of the frame that these begin with; 0 when it is no frame, or not all of it."""
    length = _length(rest)
    if not 0 < length <= len(rest) or crc16(rest[: length - 2]) != rest[length - 2 : length]:
        return 0
    return length


def _length(rest: bytes) -> int:
    if len(rest) < _TWO_BYTES_NEEDED:
        return 0
    function = rest[1]
    if function & 0x80:
        return _EXCEPTION
    if function in _BY_COUNT:
        return 0 if len(rest) < _THREE_BYTES_NEEDED else rest[2] + _EXCEPTION
    return _FIXED.get(function, 0)
