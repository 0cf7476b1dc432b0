"""OPC UA addresses as people write them: `ns=2;s=Mixer.Level`, `nsu=urn:plant;s=Level`, `method:ns=2;s=Mixer.Start`.

`nsu=` names the namespace by its URI, looked up at every connect: a server that changes the order of its namespaces
after an update still gives the right node. Brackets in a string identifier belong to it (`s="DB"."Speed"[3]`); an
element of an array or structure stands behind the last `#` (see `elements`): `ns=2;s=Mixer.Values#[3]`.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError
from hmi.drivers.opcua.elements import MARK, Path, parse_path, path_text

_EXAMPLES: Final = "Examples: ns=2;s=Mixer.Level, ns=3;i=1042, nsu=urn:plant:mixer;s=Level, method:ns=2;s=Mixer.Start."
_FORM: Final = re.compile(r"(?:ns=(?P<ns>\d{1,5});|nsu=(?P<uri>[^;]+);)?(?P<kind>[isgb])=(?P<id>.+)", re.DOTALL)
METHOD: Final = "method:"


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """One node: namespace by index, or by URI when `uri` is set, and identifier."""

    namespace: int
    uri: str
    identifier: int | str | bytes | uuid.UUID


@dataclass(frozen=True, slots=True)
class MethodAddress:
    """A method without arguments; writing 1 calls it."""

    method: NodeAddress
    owner: NodeAddress | None = None
    """The object it is called on; None = looked up in the server."""


@dataclass(frozen=True, slots=True)
class ElementAddress:
    """An element of a node's array or structure."""

    node: NodeAddress
    path: Path
    """At least one step."""


OpcUaAddress = NodeAddress | ElementAddress | MethodAddress


def parse_address(text: str, type_: TagType) -> OpcUaAddress:
    """The parsed address.

    Raises:
        AddressError: with an example that is right.
    """
    text = text.strip()
    if not text.startswith(METHOD):
        return _variable(text)
    if type_ is TagType.STRING:
        raise AddressError(f"'{text}' is called by writing 1.", "Give the tag the type bool.")
    owner, bar, method = text.removeprefix(METHOD).partition("|")
    if not bar:
        return MethodAddress(_whole(owner))
    return MethodAddress(_whole(method), _whole(owner))


def _whole(text: str) -> NodeAddress:
    """A node that has no elements."""
    return _node(text.removesuffix(MARK))


def _variable(text: str) -> NodeAddress | ElementAddress:
    node, mark, rest = text.rpartition(MARK)
    if not mark:
        return _node(text)
    path = parse_path(rest.strip())
    if path is None:
        raise AddressError(
            f"'{rest}' in '{text}' is no element.",
            "Examples: #[3], #Speed, #Steps[2].Speed; an identifier that holds a # is written with another at its end.",
        )
    return ElementAddress(_node(node), path) if path else _node(node)


def address_text(uri: str, namespace: int, identifier: int | str | bytes | uuid.UUID, path: Path = ()) -> str:
    """The address of a node as people write it; a node of the standard itself has no namespace (`uri` "", index 0)."""
    by_index = f"ns={namespace};" if namespace else ""
    space = f"nsu={quote(uri, safe=':/?&=+,.-_~@!$()*')};" if uri else by_index
    if isinstance(identifier, bytes):
        name = f"b={base64.b64encode(identifier).decode()}"
    else:
        kind = "i" if isinstance(identifier, int) else "g" if isinstance(identifier, uuid.UUID) else "s"
        name = f"{kind}={identifier}"
    element = MARK + path_text(path) if path or MARK in name else ""
    return f"{space}{name}{element}"


def _node(text: str) -> NodeAddress:
    form = _FORM.fullmatch(text)
    if form is None or int(form["ns"] or 0) > 0xFFFF:
        raise AddressError(f"'{text}' is not an OPC UA node.", _EXAMPLES)
    try:
        identifier = _identifier(form["kind"], form["id"])
    except (ValueError, binascii.Error) as fault:
        raise AddressError(f"'{text}': '{form['id']}' is no {form['kind']}= identifier.", _EXAMPLES) from fault
    return NodeAddress(int(form["ns"] or 0), unquote(form["uri"] or ""), identifier)


def _identifier(kind: str, text: str) -> int | str | bytes | uuid.UUID:
    if kind == "s":
        return text
    if kind == "g":
        return uuid.UUID(text)
    if kind == "b":
        return base64.b64decode(text, validate=True)
    number = int(text)
    if not text.isdecimal() or number > 0xFFFFFFFF:
        raise ValueError(text)
    return number
