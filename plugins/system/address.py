"""How a quantity of the computer is written: `cpu`, `disk:/var:free`, `net:eth0:received`, `ping:192.168.0.10:502`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError

PLAIN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "load": ("1", "5", "15"),
        "memory": ("percent", "used", "available", "total"),
        "swap": ("percent", "used", "total"),
    }
)
"""Quantities there is one of, with their fields; the first field counts when none is named."""
OF_ITEM: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "disk": ("percent", "free", "used", "total"),
        "net": ("received", "sent", "errors"),
    }
)
"""Quantities of a named item: a folder, a network interface."""
ALONE: Final = ("cpu", "uptime", "processes")
_HOST: Final = re.compile(r"\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Look:
    """Something that this computer knows of itself."""

    kind: str
    field: str = ""
    item: str = ""
    """A core's number, a folder, an interface; empty for the whole."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Another computer; a number tag has the milliseconds until it answered, a bool tag whether it did."""

    host: str
    port: int | None
    """None: asked by ICMP echo; otherwise by making a TCP connection."""


Address = Look | Ping


def parse_address(text: str, type_: TagType) -> Address:
    """A quantity of this computer, or another computer.

    Raises:
        AddressError: with an example that is right.
    """
    if type_ is TagType.STRING:
        raise AddressError(f"'{text}' is a number, the tag is a text.", "Give the tag a number's type.")
    kind, _, rest = text.strip().partition(":")
    if kind == "ping":
        return _ping(text, rest)
    if kind in PLAIN and (not rest or rest in PLAIN[kind]):
        return Look(kind, rest or PLAIN[kind][0])
    if kind in OF_ITEM and rest:
        item, _, field = rest.rpartition(":")
        if item and field in OF_ITEM[kind]:
            return Look(kind, field, item)
        return Look(kind, OF_ITEM[kind][0], rest)
    if kind in ALONE and (not rest or (kind == "cpu" and rest.isdecimal())):
        return Look(kind, item=rest)
    known = ", ".join((*ALONE, *PLAIN, *OF_ITEM, "ping"))
    raise AddressError(f"'{text}' is no quantity of this computer.", f"One of: {known}. Example: disk:/var:free.")


def _ping(text: str, rest: str) -> Ping:
    match = _HOST.match(rest)
    port = rest[match.end() :] if match else "?"
    wrong = AddressError(f"'{text}' names no computer.", "Example: ping:192.168.0.10 or ping:192.168.0.10:502.")
    if match is None or (port and not re.fullmatch(r":\d{1,5}", port)):
        raise wrong
    if port and not 0 < int(port[1:]) < 65536:
        raise wrong
    return Ping(match[1] or match[2], int(port[1:]) if port else None)
