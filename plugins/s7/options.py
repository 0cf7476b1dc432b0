"""What an engineer may set on an S7 connection, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.options import read_fields

ENDPOINT_EXAMPLE: Final = "s7://192.168.0.20"
PORT: Final = 102


class Role(StrEnum):
    """As what the controller counts the connection: each kind has places of its own."""

    PG = "pg"
    OP = "op"
    BASIC = "basic"


@dataclass(frozen=True, slots=True)
class Options:
    """Endpoint and options of one controller."""

    host: str
    port: int
    rack: int
    slot: int
    role: Role
    timeout: float
    """Seconds until an unanswered request ends the connection."""
    pdu: int
    """Bytes of the largest message that is asked for; the controller may allow less."""
    max_gap: int
    """Bytes without a tag that are read along, because a request more costs more than they."""
    cpu_watch: float
    """Seconds between two looks whether the program runs; 0: nobody looks."""


FIELDS: Final = (
    OptionField("rack", "Rack of the CPU.", 0, 0, 7),
    OptionField("slot", "Slot of the CPU: 1 for S7-1200 and 1500, 2 for S7-300, as configured for S7-400.", 1, 0, 31),
    OptionField("role", "As what the controller counts the connection.", "op", choices=tuple(Role)),
    OptionField("timeout", "Seconds until an unanswered request ends the connection.", 2.0, 0.1, 60.0),
    OptionField("pdu", "Bytes of the largest message asked for; the controller may allow less.", 960, 240, 960),
    OptionField("max_gap", "Bytes without a tag that are read along.", 32, 0, 200),
    OptionField("cpu_watch", "Seconds between two looks whether the program runs; 0 looks never.", 1.0, 0.0, 60.0),
)


def parse_options(endpoint: str, options: Mapping[str, object]) -> Options:
    """Endpoint `s7://host` or `s7://host:port` with its options.

    Raises:
        AddressError: with what is wrong.
    """
    host, port = _endpoint(endpoint)
    value = read_fields(FIELDS, options)
    return Options(
        host,
        port,
        int(value["rack"]),
        int(value["slot"]),
        Role(str(value["role"])),
        float(value["timeout"]),
        int(value["pdu"]),
        int(value["max_gap"]),
        float(value["cpu_watch"]),
    )


def _endpoint(endpoint: str) -> tuple[str, int]:
    wrong = AddressError(f"'{endpoint}' is no S7 endpoint.", f"Example: {ENDPOINT_EXAMPLE}.")
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as fault:
        raise wrong from fault
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme != "s7" or not parts.hostname or extra or port == 0:
        raise wrong
    return parts.hostname, PORT if port is None else port
