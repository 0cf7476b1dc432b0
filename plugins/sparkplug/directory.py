"""Groups, nodes, devices and metrics as the births tell them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hmi.drivers.api import AddressError, BrowseItem, BrowseKind

from .datatypes import DataType, Scalar, tag_type
from .node import Born, EdgeNode
from .topics import NodeId


def browse(node: str, nodes: Mapping[NodeId, EdgeNode]) -> list[BrowseItem]:
    """The places below: "" has groups, `Group` nodes, `Group/Node` devices and metrics, `...#Folder/` its metrics.

    Raises:
        AddressError: there is no such place.
    """
    place, hash_, prefix = node.partition("#")
    ids = place.split("/") if place else []
    if not ids:
        return [_folder(group, group) for group in sorted({identity.group for identity in nodes})]
    if len(ids) == 1:
        edges = [(i, n) for i, n in nodes.items() if i.group == ids[0]]
        return [_folder(str(i), i.edge, _said(n)) for i, n in sorted(edges, key=lambda e: e[0].edge)]
    edge = nodes.get(NodeId(ids[0], ids[1]))
    device = ids[2] if len(ids) == 3 else ""
    if edge is None or len(ids) > 3 or (device and device not in edge.devices):
        raise AddressError(f"Nothing was heard of '{node}'.", "Look at the top again.")
    items = list(_metrics(edge, device, prefix))
    if not device and not hash_:
        states = {True: "online", False: "offline"}
        items = [_folder(f"{place}/{d}", d, states[there]) for d, there in sorted(edge.devices.items())] + items
    return items


def _folder(node: str, name: str, description: str = "") -> BrowseItem:
    return BrowseItem(node, name, BrowseKind.FOLDER, below=True, description=description)


def _said(node: EdgeNode) -> str:
    return "online" if node.online else "not born yet, or offline"


def _metrics(node: EdgeNode, device: str, prefix: str) -> Iterator[BrowseItem]:
    """One level of the names; `/` in them makes folders, by convention."""
    place = f"{node.identity}{'/' if device else ''}{device}"
    folders: set[str] = set()
    for (owner, name), born in sorted(node.metrics.items()):
        if owner != device or not name.startswith(prefix):
            continue
        head, slash, _ = name[len(prefix) :].partition("/")
        if slash:
            if head not in folders:
                folders.add(head)
                yield _folder(f"{place}#{prefix}{head}/", head)
        else:
            yield _variable(f"{place}#{name}", head, born)


def _variable(address: str, name: str, born: Born) -> BrowseItem:
    said = born.birth.properties
    type_ = tag_type(born.datatype)
    shown = "a type that is not known" if born.datatype is None else born.datatype.name
    usable = type_ is not None
    return BrowseItem(
        address,
        name,
        BrowseKind.VARIABLE,
        below=False,
        address=address if usable or born.datatype in _PARTS else "",
        type=type_,
        unit=str(said.get("engUnit", "")),
        low=_number(said.get("engLow")),
        high=_number(said.get("engHigh")),
        description=str(said.get("documentation", "")) or shown,
        writable=usable and not born.of_template and not said.get("readOnly", False),
    )


_PARTS = frozenset(t for t in DataType if t >= DataType.INT8_ARRAY or t is DataType.DATA_SET)
"""Types of which an element can be a tag."""


def _number(value: Scalar | None) -> float | None:
    return float(value) if isinstance(value, int | float) else None
