"""Tags made of places in a device's directory: path, type, unit and range as the device states them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hmi.link.messages import DeviceItem

Document = dict[str, Any]

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.\- ]+")
_TOPS: Final = frozenset(("Objects", "Root"))
"""Places that every server has: in a tag's path they would tell nothing."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A variable that somebody picked, and the names on the way to it from the top, its own the last."""

    names: tuple[str, ...]
    item: DeviceItem


@dataclass(frozen=True, slots=True)
class Wishes:
    """What all new tags have in common."""

    connection: str
    area: str
    """First part of the paths, e.g. `plant/mixing`."""
    depth: int = 2
    """How many names of the way become part of the path, the last ones."""
    history: bool = True
    scan: float = 1.0
    """Seconds between samples."""
    limits: bool = False
    """Low and high alarms at 10 % and 90 % of the device's range, to be changed before saving."""


def part_of_path(name: str) -> str:
    """A name as a path may have it; `_` where nothing of it is left."""
    fit = _UNFIT.sub("_", name).strip(" ._-") or "_"
    return fit if re.match(r"[A-Za-z0-9_]", fit) else f"_{fit}"


def path_of(picked: Picked, wishes: Wishes) -> str:
    """The path a tag would have if it were the only one of that name."""
    names = [name for name in picked.names if name not in _TOPS][-max(wishes.depth, 1) :]
    area = [part for part in wishes.area.strip("/ ").split("/") if part.strip()]
    return "/".join(part_of_path(part) for part in (*area, *names))


def documents_of(
    picked: Sequence[Picked], wishes: Wishes, taken: Collection[str], new_uid: Callable[[], str]
) -> list[Document]:
    """One tag each; a path that is taken already gets a number."""
    used = set(taken)
    made = []
    for each in picked:
        path = path_of(each, wishes)
        number = 2
        while path in used:
            path = f"{path_of(each, wishes)}_{number}"
            number += 1
        used.add(path)
        made.append(_document(each, wishes, path, new_uid()))
    return made


def _document(picked: Picked, wishes: Wishes, path: str, uid: str) -> Document:
    item = picked.item
    made: Document = {
        "uid": uid,
        "path": path,
        "type": item.type or "float",
        "source": {"kind": "connection", "connection": wishes.connection, "address": item.address},
    }
    if item.unit:
        made["unit"] = item.unit
    if item.low is not None and item.high is not None and item.low < item.high:
        made["range"] = [item.low, item.high]
    if item.states:
        made["states"] = dict(item.states)
    description = item.description or " ".join(picked.names[-2:])
    if description:
        made["description"] = description
    if wishes.scan != 1.0:
        made["scan"] = wishes.scan
    if not wishes.history:
        made["history"] = {"store": False}
    if wishes.limits and "range" in made and made["type"] in ("float", "int"):
        made["alarms"] = _limits(item, *made["range"])
    return made


def _limits(item: DeviceItem, low: float, high: float) -> list[Document]:
    tenth = (high - low) / 10
    name = item.description or item.name
    return [
        {"id": "L", "kind": "L", "limit": _short(low + tenth), "priority": 4, "message": f"{name} low"},
        {"id": "H", "kind": "H", "limit": _short(high - tenth), "priority": 4, "message": f"{name} high"},
    ]


def _short(number: float) -> float:
    return float(f"{number:.6g}")
