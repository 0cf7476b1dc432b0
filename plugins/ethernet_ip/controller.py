"""A Logix controller as the library sees it; every call waits for the controller, so none belongs in the event loop.

Written with messages of our own: the library's `write` repeats the whole request behind the value, and its mask for a
bit has bytes too many. Read with names, not with the library's numbers of tags: these change when a program is loaded.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from pycomm3 import LogixDriver
from pycomm3.exceptions import CommError, PycommError, ResponseError
from pycomm3.packets.ethernetip import SendUnitDataRequestPacket
from pycomm3.packets.util import tag_request_path
from pycomm3.socket_ import Socket

from hmi.core.quality import Status
from hmi.drivers.supervisor import LinkLostError

from .catalogue import Catalogue, Held
from .line import Line
from .options import Options
from .values import CODES, Kind

R = TypeVar("R")
_ODD: Final = (PycommError, struct.error, LookupError, ValueError, TypeError, AttributeError)
"""What the library raises when an answer is not what it expects."""
_LOST: Final = frozenset({0x01, 0x07})
"""The protocol's "connection failure" and "connection lost"."""
_path_to: Callable[[str, Mapping[str, Any], bool], bytes] = tag_request_path
_WRITE, _MASK = b"\x4d", b"\x4e"
STATUS: Final[Mapping[int, Status]] = MappingProxyType(
    {
        0x02: Status.BAD_DEVICE_FAILURE,
        0x04: Status.BAD_NODE_ID_UNKNOWN,
        0x05: Status.BAD_NODE_ID_UNKNOWN,
        0x08: Status.BAD_NOT_SUPPORTED,
        0x0F: Status.BAD_USER_ACCESS_DENIED,
        0x16: Status.BAD_NODE_ID_UNKNOWN,
        0xFF: Status.BAD_TYPE_MISMATCH,
    }
)
"""What the controller's refusal makes of a tag; every other one is Bad_DeviceFailure."""


class Cpu(Enum):
    """Whether the controller's program runs."""

    RUN = auto()
    STOP = auto()
    UNKNOWN = auto()
    """The controller does not tell."""


class RefusedError(Exception):
    """The controller answered that it will not; nothing changed."""

    def __init__(self, code: int) -> None:
        super().__init__(f"code {code:#04x}")
        self.code = code


class _Client(LogixDriver):
    """The library's client, which tells the protocol's status of each tag and ends with its connection."""

    def __init__(self, path: str, line: Line, program_tags: bool) -> None:
        super().__init__(path, init_program_tags=program_tags)
        self._sock = cast("Socket", line)
        self.codes: dict[int, int | None] = {}
        """Status of each tag of the last read, by its place; None: its answer could not be understood."""

    def send(self, request: Any) -> Any:
        """Called by the library for each message."""
        response = super().send(request)
        if response.command_status:
            raise CommError(f"the controller answered {response.command_status:#06x}")
        if self._target_is_connected and response.service_status in _LOST:
            raise CommError("the controller gave the connection up")
        for part in getattr(response, "responses", [response]):
            number = getattr(part.request, "request_id", None)
            if number is not None:
                self.codes[number] = None if part._error else part.service_status
        return response


class Controller:
    """One connection to one controller, from `open` to `goodbye`; one call at a time."""

    def __init__(self, name: str, options: Options) -> None:
        self.line = Line(options.timeout)
        self._name = name
        path = f"{options.host}:{options.port}/{options.slot}"
        self._client: Any = _Client(path, self.line, options.program_tags)
        self.catalogue = Catalogue({})

    def open(self) -> None:
        """Connects and takes in the list of tags.

        Raises:
            LinkLostError: nobody is there, or nobody who talks like a Logix controller.
        """
        if not self._asked(self._client.open):
            raise LinkLostError(f"{self._name}: the controller gave no session.", "It may have no free connection.")
        # By name: a number means another tag after a program was loaded, and nobody would notice.
        self._client._cfg["use_instance_ids"] = False
        self.catalogue = Catalogue(self._client.tags)

    def cpu(self) -> Cpu:
        """Whether the program runs.

        Raises:
            LinkLostError: the controller is gone.
        """
        told = str(self._asked(self._client.get_plc_info)["keyswitch"])
        return Cpu.RUN if told.endswith("RUN") else Cpu.STOP if told.endswith("PROG") else Cpu.UNKNOWN

    def read(self, paths: Sequence[str]) -> list[tuple[object, int]]:
        """For each path its value and Good, or None and a Bad status.

        Raises:
            LinkLostError: the controller is gone.
        """
        self._client.codes.clear()
        found = self._asked(lambda: self._client.read(*paths))
        tags = found if len(paths) > 1 else [found]
        return [self._value(number, tag) for number, tag in enumerate(tags)]

    def _value(self, number: int, tag: Any) -> tuple[object, int]:
        if tag.error is None:
            return tag.value, int(Status.GOOD)
        code = self._client.codes.get(number)
        status = Status.BAD_COMMUNICATION_ERROR if not code else STATUS.get(code, Status.BAD_DEVICE_FAILURE)
        return None, int(status)

    def write(self, held: Held, data: bytes) -> None:
        """Writes one value with exactly one message; a bit with a mask, which the controller applies by itself.

        Raises:
            RefusedError: the controller said no.
            LinkLostError: the controller is gone; `line.sent` tells whether the message may have left.
        """
        path = _path_to(held.target, {}, False)
        if held.bit is not None:
            service, body = _MASK, _masks(held.bit, held.mask, on=data != b"\0")
        elif held.kind is Kind.STRING:
            service, body = _WRITE, struct.pack("<HHH", 0x02A0, held.handle, 1) + data
        else:
            service, body = _WRITE, struct.pack("<HH", CODES[held.kind][0], 1) + data
        request = SendUnitDataRequestPacket(self._client._sequence).add(service, path, body)
        response = self._asked(lambda: self._client.send(request))
        if response.service_status is None or response._error:
            raise LinkLostError(f"{self._name}: the answer to a write says nothing.", "Check the controller.")
        if response.service_status:
            raise RefusedError(response.service_status)

    def goodbye(self, patience: float) -> None:
        """Gives the connection back to the controller, which has few; one that is broken is left to time out there."""
        if self.line.broken:
            return
        self.line.patience = patience
        try:
            self._client._forward_close()
            self._client._un_register_session()
        except _ODD:
            self.line.abort()

    def _asked(self, call: Callable[[], R]) -> R:
        try:
            return call()
        except _ODD as fault:
            self.line.broken = True
            what = f"{self._name}: {_reason(fault)}."
            raise LinkLostError(what, "Check the controller, its slot and the network.") from fault


def _masks(bit: int, size: int, *, on: bool) -> bytes:
    """What to set and what to keep."""
    ones = (1 << 8 * size) - 1
    set_, keep = (1 << bit, ones) if on else (0, ones & ~(1 << bit))
    return struct.pack("<H", size) + set_.to_bytes(size, "little") + keep.to_bytes(size, "little")


def _reason(fault: BaseException) -> str:
    """The first cause, which the library wraps several times; what is no word of a controller is garbage."""
    chain = [fault]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    for kind in (CommError, ResponseError):
        words = [str(link) for link in chain if isinstance(link, kind)]
        if words:
            return words[-1]
    return "the controller sent an answer that cannot be understood"
