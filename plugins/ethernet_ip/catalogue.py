"""The controller's tags and types as they were when it was connected to: what an address means, and what there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, BrowseItem, BrowseKind

from .address import Step, TagAddress, parse_address
from .values import FLOATS, Kind, width_of

Definition = Mapping[str, Any]
"""What the library tells of a tag or a member."""
SHOWN: Final = 2000
"""Elements of an array that are listed."""
_UNREADABLE: Final = "None"
_READ_ONLY: Final = "Read Only"
_BOOLS: Final = "DWORD"
"""Type of 32 neighbours in an array of bools."""


@dataclass(frozen=True, slots=True)
class Held:
    """One value that the controller has."""

    path: str
    """In the controller's own spelling, with the bit."""
    target: str
    """What a write names: the value, or the integer that has the bit."""
    kind: Kind
    writable: bool = True
    bit: int | None = None
    """Bit of an integer, written with a mask."""
    mask: int = 0
    """Bytes of the mask."""
    capacity: int = 0
    """Characters of a string."""
    size: int = 0
    """Bytes of a string's structure."""
    handle: int = 0
    """The protocol's number of a string's structure."""


class Catalogue:
    """The tags of one controller."""

    def __init__(self, tags: Mapping[str, Definition]) -> None:
        self._tags = dict(tags)
        self._spelling = {name.lower(): name for name in tags}

    def find(self, address: TagAddress) -> Held | Status:
        """The value that an address names, or what its lack makes of a tag."""
        try:
            return self._find(address)
        except _AbsentError as absent:
            return absent.status

    def _find(self, address: TagAddress) -> Held:
        first, *rest = address.steps
        base = f"{address.program}.{first.name}" if address.program else first.name
        name = self._spelling.get(base.lower())
        _require(name is not None, Status.BAD_NODE_ID_UNKNOWN)
        way, step = str(name), first
        tag = definition = self._tags[way]
        for following in rest:
            _require(_inside(definition, step), Status.BAD_NODE_ID_UNKNOWN)
            spelling = {known.lower(): known for known in _members(definition)}.get(following.name.lower())
            _require(spelling is not None, Status.BAD_NODE_ID_UNKNOWN)
            way = f"{way}{_bracket(step)}.{spelling}"
            definition, step = _members(definition)[str(spelling)], following
        access = tag.get("external_access")
        _require(access != _UNREADABLE, Status.BAD_NOT_READABLE)
        held = _of_bools if definition["data_type_name"] == _BOOLS else _of_one
        return replace(held(definition, way, step, address), writable=access != _READ_ONLY)

    def below(self, node: str) -> list[BrowseItem]:
        """The places below one; "" is the top.

        Raises:
            AddressError: there is no such place.
        """
        if not node:
            programs = sorted({name.partition(".")[0] for name in self._tags if name.startswith("Program:")})
            folders = [BrowseItem(name, name, BrowseKind.FOLDER, below=True) for name in programs]
            own = ((n, n, d, d) for n, d in self._tags.items() if not n.startswith("Program:"))
            return folders + [_item(*place) for place in own]
        if node.startswith("Program:") and "." not in node:
            inside = ((n, n.partition(".")[2], d, d) for n, d in self._tags.items() if n.startswith(f"{node}."))
            items = [_item(*place) for place in inside]
            if not items:
                raise _no_place(node)
            return items
        return [_item(*place) for place in self._parts(node)]

    def _parts(self, node: str) -> Iterator[tuple[str, str, Definition, Definition]]:
        """Elements of an array or members of a structure, as (path, name, tag, definition)."""
        try:
            address = parse_address(node, TagType.FLOAT)
        except AddressError as fault:
            raise _no_place(node) from fault
        first, *rest = address.steps
        base = f"{address.program}.{first.name}" if address.program else first.name
        if base not in self._tags:
            raise _no_place(node)
        tag = definition = self._tags[base]
        last = first
        for step in rest:
            members = _members(definition)
            if step.name not in members:
                raise _no_place(node)
            definition, last = members[step.name], step
        if _dimensions(definition) and not last.index:
            for index in itertools.islice(itertools.product(*map(range, _counts(definition))), SHOWN):
                bracket = _bracket(Step("", index))
                yield f"{node}{bracket}", f"{last.name}{bracket}", tag, {**definition, "dim": 0, "array": 0}
            return
        for name, member in _members(definition).items():
            yield f"{node}.{name}", name, tag, member


class _AbsentError(Exception):
    """There is no such value."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


def _require(fact: bool, status: Status) -> None:
    if not fact:
        raise _AbsentError(status)


def _of_one(definition: Definition, way: str, step: Step, address: TagAddress) -> Held:
    """A string, a number or a bit of one."""
    _require(_inside(definition, step), Status.BAD_NODE_ID_UNKNOWN)
    path, type_ = f"{way}{_bracket(step)}", definition["data_type"]
    if isinstance(type_, Mapping):
        _require(bool(type_.get("string")) and address.text, Status.BAD_TYPE_MISMATCH)
        shape = type_["template"]
        size, handle = shape["structure_size"], shape["structure_handle"]
        return Held(path, path, Kind.STRING, capacity=type_["string"], size=size, handle=handle)
    _require(type_ in set(Kind), Status.BAD_NOT_SUPPORTED)
    _require(not address.text, Status.BAD_TYPE_MISMATCH)
    kind = Kind(type_)
    if address.bit is None:
        return Held(path, path, kind)
    has_bit = kind not in FLOATS and kind is not Kind.BOOL and address.bit < 8 * width_of(kind)
    _require(has_bit, Status.BAD_NODE_ID_UNKNOWN)
    return Held(f"{path}.{address.bit}", path, Kind.BOOL, bit=address.bit, mask=width_of(kind))


def _of_bools(definition: Definition, way: str, step: Step, address: TagAddress) -> Held:
    """An element of an array of bools, of which the controller keeps 32 together."""
    _require(len(step.index) == 1 and address.bit is None, Status.BAD_NODE_ID_UNKNOWN)
    counts = _counts(definition)
    _require(bool(counts) and step.index[0] < counts[0], Status.BAD_NODE_ID_UNKNOWN)
    _require(not address.text, Status.BAD_TYPE_MISMATCH)
    word, bit = divmod(step.index[0], 32)
    return Held(f"{way}{_bracket(step)}", f"{way}[{word}]", Kind.BOOL, bit=bit, mask=4)


def _bracket(step: Step) -> str:
    return f"[{','.join(map(str, step.index))}]" if step.index else ""


def _members(definition: Definition) -> dict[str, Definition]:
    """Members that the controller shows; a string has none."""
    type_ = definition["data_type"]
    if not isinstance(type_, Mapping) or type_.get("string"):
        return {}
    return {name: type_["internal_tags"][name] for name in type_["attributes"]}


def _dimensions(definition: Definition) -> Sequence[int]:
    if "dimensions" in definition:
        return list(definition["dimensions"][: definition["dim"]])
    return [definition["array"]] if definition.get("array") else []


def _counts(definition: Definition) -> list[int]:
    """Elements by dimension; of bools the controller counts words of 32."""
    counts = list(_dimensions(definition))
    return [32 * counts[0]] if counts and definition["data_type_name"] == _BOOLS else counts


def _inside(definition: Definition, step: Step) -> bool:
    counts = _dimensions(definition)
    return len(step.index) == len(counts) and all(i < n for i, n in zip(step.index, counts, strict=True))


def _item(path: str, name: str, tag: Definition, definition: Definition) -> BrowseItem:
    counts, members = _dimensions(definition), _members(definition)
    type_ = definition["data_type"]
    is_string = isinstance(type_, Mapping) and bool(type_.get("string"))
    described = str(definition["data_type_name"])
    if counts or members or not (is_string or type_ == _BOOLS or type_ in set(Kind)):
        sizes = f"[{','.join(map(str, _counts(definition)))}]" if counts else ""
        return BrowseItem(path, name, BrowseKind.FOLDER, bool(counts or members), description=f"{described}{sizes}")
    shown = TagType.STRING if is_string else TagType.BOOL
    if not is_string and type_ not in {Kind.BOOL, _BOOLS}:
        shown = TagType.FLOAT if type_ in FLOATS else TagType.INT
    writable = tag.get("external_access") not in {_READ_ONLY, _UNREADABLE}
    described = "BOOL" if type_ == _BOOLS else described
    return BrowseItem(path, name, BrowseKind.VARIABLE, False, path, shown, description=described, writable=writable)


def _no_place(node: str) -> AddressError:
    return AddressError(f"The controller has no '{node}'.", "Browse again from the top.")
