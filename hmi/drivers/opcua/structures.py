"""Opens a server's own structures by what the server tells of them (DataTypeDefinition).

The library's way, making Python classes from the server's names and keeping them for the whole process, would let two
servers that give the same id to different structures spoil each other, and would run code that a server has written.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import unpack_uatype
from asyncua.ua.uaerrors import UaError

from hmi.drivers.opcua.nodes import make_node_id
from hmi.drivers.opcua.session import Session

_DEEPEST: Final = 20
_LONGEST: Final = 1_000_000
"""Elements of one array: what a server may make the station allocate."""
_BUILT_IN: Final = 25
_FAULTS: Final = (struct.error, UaError, ValueError, TypeError, LookupError, RecursionError)


class Structures:
    """The structures of one connected server, as far as they were asked for."""

    def __init__(self) -> None:
        self._definitions: dict[ua.NodeId, ua.StructureDefinition] = {}
        """By data type."""
        self._encodings: dict[ua.NodeId, ua.NodeId] = {}
        """Data type by the id that stands in front of encoded values."""
        self._plain: dict[ua.NodeId, ua.VariantType] = {}
        """Built-in type of data types that are no structures."""

    async def learn(self, session: Session, nodes: Iterable[ua.NodeId]) -> None:
        """Asks for the data types of nodes, and for those inside them.

        Raises:
            FAULTS: the server does not answer.
        """
        told = await session.read(list(nodes), AttributeIds.DataType)
        kinds: list[object] = [value.Value.Value for value in told if value.Value is not None]
        wanted = {kind for kind in kinds if isinstance(kind, ua.NodeId)}
        for _ in range(_DEEPEST):
            wanted = {kind for kind in wanted if not self._knows(kind)}
            if not wanted:
                return
            wanted = await self._ask(session, sorted(wanted, key=str))

    def _knows(self, kind: ua.NodeId) -> bool:
        return kind in self._definitions or kind in self._plain or _built_in(kind) is not None

    async def _ask(self, session: Session, kinds: list[ua.NodeId]) -> set[ua.NodeId]:
        """Takes in the definitions; returns the data types that they mention."""
        inside: set[ua.NodeId] = set()
        simple: list[ua.NodeId] = []
        for kind, value in zip(kinds, await session.read(kinds, AttributeIds.DataTypeDefinition), strict=True):
            definition: object = None if value.Value is None else value.Value.Value
            if isinstance(definition, ua.StructureDefinition):
                self._definitions[kind] = definition
                self._encodings[definition.DefaultEncodingId] = kind
                inside |= {part.DataType for part in definition.Fields}
            elif isinstance(definition, ua.EnumDefinition):
                self._plain[kind] = ua.VariantType.Int32
            else:
                simple.append(kind)
        for kind in simple:
            self._plain[kind] = await _base(session, kind)
        return inside

    def opened(self, value: object, depth: int = 0) -> object:
        """A value whose structures are dictionaries by field name; what cannot be opened stays as it is."""
        if isinstance(value, list):
            return [self.opened(item, depth) for item in value]
        if not isinstance(value, ua.ExtensionObject) or depth > _DEEPEST:
            return value
        kind, body = self._encodings.get(value.TypeId), value.Body
        if kind is None or body is None:
            return value
        try:
            return self._structure(self._definitions[kind], Buffer(body), depth)
        except _FAULTS:
            return value

    def _structure(self, definition: ua.StructureDefinition, body: Buffer, depth: int) -> dict[str, object]:
        if depth > _DEEPEST:
            raise ValueError("structures in structures without an end")
        kind = definition.StructureType
        fields = list(definition.Fields)
        if kind in {ua.StructureType.Union, ua.StructureType.UnionWithSubtypedValues}:
            (chosen,) = struct.unpack("<I", body.read(4))
            fields = fields[chosen - 1 : chosen] if chosen else []
        elif kind == ua.StructureType.StructureWithOptionalFields:
            (mask,) = struct.unpack("<I", body.read(4))
            optional = [part for part in fields if part.IsOptional]
            absent = {id(part) for bit, part in enumerate(optional) if not mask >> bit & 1}
            fields = [part for part in fields if id(part) not in absent]
        subtyped = kind in {ua.StructureType.StructureWithSubtypedValues, ua.StructureType.UnionWithSubtypedValues}
        return {str(part.Name): self._field(part, body, depth, boxed=subtyped and part.IsOptional) for part in fields}

    def _field(self, part: ua.StructureField, body: Buffer, depth: int, *, boxed: bool) -> object:
        if part.ValueRank > 1 or part.ValueRank == 0:
            raise ValueError("arrays of more than one dimension inside a structure")
        if part.ValueRank < 0:
            return self._one(part.DataType, body, depth, boxed=boxed)
        (count,) = struct.unpack("<i", body.read(4))
        if count > min(_LONGEST, len(body)):
            raise ValueError("an array longer than its message")
        return [self._one(part.DataType, body, depth, boxed=boxed) for _ in range(max(0, count))]

    def _one(self, kind: ua.NodeId, body: Buffer, depth: int, *, boxed: bool) -> object:
        definition = self._definitions.get(kind)
        if definition is not None and not boxed:
            return self._structure(definition, body, depth + 1)
        plain = ua.VariantType.ExtensionObject if boxed else _built_in(kind) or self._plain[kind]
        value: object = unpack_uatype(plain, body)
        if isinstance(value, ua.Variant):
            value = value.Value
        return self.opened(value, depth + 1)


def _built_in(kind: ua.NodeId) -> ua.VariantType | None:
    number: object = kind.Identifier
    if kind.NamespaceIndex != 0 or not isinstance(number, int):
        return None
    if number == ObjectIds.Enumeration:
        return ua.VariantType.Int32
    return ua.VariantType(number) if 1 <= number <= _BUILT_IN else None


async def _base(session: Session, kind: ua.NodeId) -> ua.VariantType:
    """The built-in type from which a data type is derived; an ExtensionObject where none can be told."""
    for _ in range(_DEEPEST):
        found = _built_in(kind)
        if found is not None:
            return found
        above = await session.follow(kind, make_node_id(ObjectIds.HasSubtype), ua.BrowseDirection.Inverse)
        if not above:
            break
        kind = above[0]
    return ua.VariantType.ExtensionObject
