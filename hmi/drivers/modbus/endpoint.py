"""Where a Modbus line is: a TCP socket, one that leads to a serial line, or a serial port of this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from hmi.drivers.api import AddressError

EXAMPLES: Final = "Examples: modbus://192.168.0.20:502, rtu+tcp://192.168.0.30:4001, rtu:///dev/ttyUSB0, rtu://COM3."
_TCP: Final = {"modbus", "modbus-tcp", "tcp"}
_PORT: Final = re.compile(r"(?:rtu|serial)://(?P<port>/[\w./:-]+|COM\d{1,3})", re.IGNORECASE)


class Parity(StrEnum):
    """Parity bit of a serial character."""

    EVEN = "even"
    ODD = "odd"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TcpEndpoint:
    """A device or gateway in the network."""

    host: str
    port: int
    rtu: bool = False
    """It hands serial frames through as they are (RTU over TCP)."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SerialEndpoint:
    """A serial port of the station's machine."""

    device: str
    baud: int = 19200
    parity: Parity = Parity.EVEN
    stop_bits: int = 1

    def __str__(self) -> str:
        return self.device

    @property
    def character(self) -> float:
        """Seconds of one character on the wire: start bit, eight data bits, parity, stop bits."""
        return (9 + (self.parity is not Parity.NONE) + self.stop_bits) / self.baud

    @property
    def silence(self) -> float:
        """Seconds of silence between two frames: 3.5 characters, above 19,200 baud 1.75 ms as the standard says."""
        return 0.00175 if self.baud > 19200 else 3.5 * self.character


Endpoint = TcpEndpoint | SerialEndpoint


def parse_endpoint(text: str, baud: int, parity: Parity, stop_bits: int) -> Endpoint:
    """`host`, `host:port` or `modbus://host:port`; `rtu+tcp://host:port`; `rtu:///dev/ttyUSB0` or `rtu://COM3`.

    Raises:
        AddressError: none of these.
    """
    serial = _PORT.fullmatch(text)
    if serial is not None:
        return SerialEndpoint(serial["port"], baud, parity, stop_bits)
    wrong = AddressError(f"'{text}' is no Modbus endpoint.", EXAMPLES)
    try:
        parts = urlsplit(text if "://" in text else f"modbus://{text}")
        port = parts.port
    except ValueError as fault:
        raise wrong from fault
    if parts.scheme not in {*_TCP, "rtu+tcp"} or not parts.hostname or parts.path.strip("/"):
        raise wrong
    if parts.scheme == "rtu+tcp" and port is None:
        raise AddressError(
            f"'{text}' names no port.", "RTU over TCP has no usual one, e.g. rtu+tcp://192.168.0.30:4001."
        )
    return TcpEndpoint(parts.hostname, 502 if port is None else port, parts.scheme == "rtu+tcp")
