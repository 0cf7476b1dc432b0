"""A conversation with a controller: what is asked and what the answers mean. python-snap7 knows the messages.

Three of the library's own calls are avoided on purpose: its state of the CPU is always "run", its reading of several
blocks fails whole when one of them does, and a bit is not told from a byte by its own server.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final

from snap7.datatypes import S7Area, S7WordLen
from snap7.error import S7Error
from snap7.s7protocol import S7Function, S7Protocol

from hmi.core.quality import Status
from hmi.drivers.supervisor import LinkLostError

from .address import Area, S7Address
from .blocks import Block
from .kinds import Kind
from .wire import Wire

_AREAS: Final = MappingProxyType(
    {Area.DB: S7Area.DB, Area.FLAGS: S7Area.MK, Area.INPUTS: S7Area.PE, Area.OUTPUTS: S7Area.PA}
)
_WIDTHS: Final = MappingProxyType({2: S7WordLen.WORD, 4: S7WordLen.DWORD})
"""A value that is written as one element is not seen half written by the program."""
_DONE: Final = 0xFF
_BITS_LENGTH: Final = frozenset({0x04, 0x05})
"""Transport sizes whose length counts bits."""
STATUS: Final[Mapping[int, Status]] = MappingProxyType(
    {
        0x01: Status.BAD_DEVICE_FAILURE,
        0x03: Status.BAD_USER_ACCESS_DENIED,
        0x05: Status.BAD_NODE_ID_UNKNOWN,
        0x06: Status.BAD_CONFIGURATION_ERROR,
        0x07: Status.BAD_CONFIGURATION_ERROR,
        0x0A: Status.BAD_NODE_ID_UNKNOWN,
    }
)
"""What a controller's refusal of a block makes of a tag that is read; every other one is Bad_DeviceFailure."""
_MODE_LIST: Final = 0x0424
"""System status list of the operating mode."""
_RUNNING: Final = frozenset({0x8, 0x9, 0xB, 0xC})
"""Run, and what redundant CPUs do while the program goes on: run in redundancy, link up, update."""


class Cpu(Enum):
    """Whether the controller's program runs."""

    RUN = auto()
    STOP = auto()
    UNKNOWN = auto()
    """The controller does not tell."""


class RefusedError(Exception):
    """The controller answered that it will not; nothing changed."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Session:
    """Talks over a wire; one message at a time, so its user sees to the order."""

    def __init__(self, wire: Wire, timeout: float) -> None:
        self._wire = wire
        self._timeout = timeout
        self._protocol = S7Protocol()
        self.pdu = 0
        """Bytes of the largest message, once they are agreed."""

    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._wire.is_open

    async def agree(self, pdu: int) -> None:
        """Begins the conversation and agrees on the size of messages, at most `pdu` bytes.

        Raises:
            LinkLostError: the controller will not talk.
        """
        try:
            answer = await self._ask(self._protocol.build_setup_communication_request(1, 1, pdu))
        except RefusedError as fault:
            raise LinkLostError(f"The controller refused to talk: {fault}.", "Check rack, slot and role.") from fault
        agreed = (answer["parameters"] or {}).get("pdu_length", 0)
        if not 112 <= agreed <= pdu:
            raise self._wire.garbage(f"the controller offered messages of {agreed} bytes")
        self.pdu = agreed

    async def read(self, blocks: Sequence[Block]) -> list[bytes | int]:
        """For each block its bytes, or the code with which the controller refuses it.

        Raises:
            RefusedError: it refuses the request as a whole.
            LinkLostError: it is gone.
        """
        items = [(int(_AREAS[block.area]), block.db, block.start, block.size) for block in blocks]
        answer = await self._ask(self._protocol.build_multi_read_request(items))
        parameters = answer["parameters"] or {}
        if parameters.get("function_code") != S7Function.READ_AREA or parameters.get("item_count") != len(blocks):
            raise self._wire.garbage("the controller answered another question")
        return self._items(answer.get("raw_data", b""), blocks)

    def _items(self, raw: bytes, blocks: Sequence[Block]) -> list[bytes | int]:
        found: list[bytes | int] = []
        at = 0
        for block in blocks:
            if at + 4 > len(raw):
                raise self._wire.garbage("the controller's answer ends too soon")
            code, size, length = struct.unpack_from(">BBH", raw, at)
            at += 4
            if code != _DONE:
                found.append(code)
                continue
            length = length // 8 if size in _BITS_LENGTH else length
            if length != block.size or at + length > len(raw):
                raise self._wire.garbage(f"the controller gave {length} bytes for {block.size}")
            found.append(raw[at : at + length])
            at += length + length % 2
        return found

    async def write(self, a: S7Address, data: bytes) -> None:
        """Writes bytes, or one bit as the protocol does it, with exactly one message.

        Raises:
            RefusedError: the controller said no.
            LinkLostError: sent, but it is gone; it may have taken them.
        """
        if a.kind is Kind.BOOL:
            start, width = 8 * a.byte + (a.bit or 0), S7WordLen.BIT
        elif a.kind is Kind.STRING:
            start, width = a.byte + 1, S7WordLen.BYTE  # behind the declared length
        else:
            start, width = a.byte, _WIDTHS.get(len(data), S7WordLen.BYTE)
        answer = await self._ask(self._protocol.build_write_request(_AREAS[a.area], a.db, start, width, data))
        code = answer.get("raw_data", b"")
        function = (answer["parameters"] or {}).get("function_code")
        if function != S7Function.WRITE_AREA or len(code) != 1:
            raise self._wire.garbage("the controller's answer to a write says nothing")
        if code[0] != _DONE:
            raise RefusedError(code[0], f"code {code[0]:#04x}")

    async def cpu(self) -> Cpu:
        """Whether the program runs.

        Raises:
            LinkLostError: the controller is gone.
        """
        reply = await self._exchange(self._protocol.build_read_szl_request(_MODE_LIST, 0))
        mode = mode_of(reply)  # not the library's reading: it logs a warning for each controller that does not tell
        return Cpu.UNKNOWN if mode == 0 else Cpu.RUN if mode in _RUNNING else Cpu.STOP

    async def _exchange(self, message: bytes) -> bytes:
        reply = await self._wire.exchange(message, self._timeout)
        if len(reply) < 10 or reply[4:6] != message[4:6]:
            raise self._wire.garbage("the controller answered another question")
        return reply

    async def _ask(self, message: bytes) -> dict[str, Any]:
        reply = await self._exchange(message)
        try:
            answer: dict[str, Any] = self._protocol.parse_response(reply)
        except S7Error as fault:
            if fault.error_code:
                raise RefusedError(fault.error_code, f"code {fault.error_code:#06x}") from fault
            raise self._wire.garbage(f"the controller sent no S7 message ({fault})") from fault
        except (struct.error, LookupError, ValueError, TypeError) as fault:
            raise self._wire.garbage("the controller sent no S7 message") from fault
        return answer


def mode_of(reply: bytes) -> int:
    """The operating mode in an answer that lists it, e.g. 8 = run; 0: the answer does not tell it."""
    parameters, _ = struct.unpack_from(">HH", reply, 6)
    head, data = reply[10 : 10 + parameters], reply[10 + parameters :]
    # 4 bytes head of the data, 8 of the list, then its first record; the mode is in the record's fourth byte.
    if len(head) < 12 or head[10:12] != b"\0\0" or len(data) < 16 or data[0] != _DONE:
        return 0
    return data[15] & 0x0F if data[4:6] == _MODE_LIST.to_bytes(2, "big") else 0  # the upper half is the mode before
