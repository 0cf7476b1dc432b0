"""What an engineer may set on a connection to a Logix controller, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.options import read_fields

ENDPOINT_EXAMPLE: Final = "eip://192.168.0.30/0"
PORT: Final = 44818


@dataclass(frozen=True, slots=True)
class Options:
    """Endpoint and options of one controller."""

    host: str
    port: int
    slot: int
    """Of the controller in its chassis."""
    timeout: float
    """Seconds until an unanswered request ends the connection."""
    cpu_watch: float
    """Seconds between two looks whether the program runs; 0: nobody looks."""
    program_tags: bool
    """Takes in the tags of programs too, which takes longer at each connect."""


FIELDS: Final = (
    OptionField("timeout", "Seconds until an unanswered request ends the connection.", 2.0, 0.1, 60.0),
    OptionField("cpu_watch", "Seconds between two looks whether the program runs; 0 looks never.", 1.0, 0.0, 60.0),
    OptionField("program_tags", "Take in the tags of programs too; without them connecting is quicker.", True),
)


def parse_options(endpoint: str, options: Mapping[str, object]) -> Options:
    """Endpoint `eip://host`, `eip://host/slot` or `eip://host:port/slot` with its options.

    Raises:
        AddressError: with what is wrong.
    """
    host, port, slot = _endpoint(endpoint)
    value = read_fields(FIELDS, options)
    return Options(
        host,
        port,
        slot,
        float(value["timeout"]),
        float(value["cpu_watch"]),
        bool(value["program_tags"]),
    )


def _endpoint(endpoint: str) -> tuple[str, int, int]:
    wrong = AddressError(f"'{endpoint}' is no EtherNet/IP endpoint.", f"Example: {ENDPOINT_EXAMPLE} (slot 0).")
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as fault:
        raise wrong from fault
    slot = parts.path.removeprefix("/") or "0"
    extra = parts.query or parts.fragment or parts.username
    if parts.scheme != "eip" or not parts.hostname or ":" in parts.hostname or extra or port in {0, 65535}:
        raise wrong
    if not (slot.isascii() and slot.isdecimal() and int(slot) <= 255):
        raise wrong
    return parts.hostname, PORT if port is None else port, int(slot)
