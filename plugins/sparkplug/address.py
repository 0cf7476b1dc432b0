"""Sparkplug addresses as people write them: `Plant/Press3#Inputs/Temperature`, `Plant/Press3/Dosing#Level`.

Ids cannot have `#` in them and metric names can have anything, `/` too: the first `#` parts them without doubt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hmi.drivers.api import AddressError

from .topics import NodeId

EXAMPLES: Final = "Examples: Plant/Press3#Inputs/Temperature, Plant/Press3/Dosing#Level, Plant/Press3#Values[2]."
_CELLS: Final = re.compile(r"(?P<base>.+?)(?P<cells>(?:\[[^\[\]]+\]){1,2})", re.DOTALL)
_CELL: Final = re.compile(r"\[([^\[\]]+)\]")


@dataclass(frozen=True, slots=True)
class SparkplugAddress:
    """One metric of an edge node or of a device behind it."""

    node: NodeId
    device: str
    """Empty: the edge node's own."""
    metric: str
    """Name as born; members of templates follow behind `/`, elements behind it in brackets."""
    element: tuple[str, tuple[str, ...]] | None = None
    """The metric and the element in it, for a name with brackets at its end that is no metric's own."""


def parse_address(text: str) -> SparkplugAddress:
    """The parsed address.

    Raises:
        AddressError: with an example that is right.
    """
    place, hash_, metric = text.strip().partition("#")
    ids = place.split("/")
    if not hash_ or not metric or len(ids) not in {2, 3}:
        raise AddressError(f"'{text}' is no metric: group/node#metric or group/node/device#metric.", EXAMPLES)
    for identity in ids:
        check_id(identity, text)
    if len(metric.encode("utf-8", "replace")) > 1024:
        raise AddressError(f"'{text:.60}': a metric's name has 1,024 bytes at most.", EXAMPLES)
    return SparkplugAddress(NodeId(ids[0], ids[1]), ids[2] if len(ids) == 3 else "", metric, _element(metric))


def _element(metric: str) -> tuple[str, tuple[str, ...]] | None:
    form = _CELLS.fullmatch(metric)
    return None if form is None else (form["base"], tuple(_CELL.findall(form["cells"])))


def check_id(identity: str, text: str) -> None:
    """Refuses what is no id of a group, node, device or host.

    Raises:
        AddressError: with the reason.
    """
    if not identity or any(sign in identity for sign in "+/#\0") or len(identity) > 1024:
        raise AddressError(f"'{text}': '{identity}' is no id: one has no '+', '/' or '#'.", EXAMPLES)
