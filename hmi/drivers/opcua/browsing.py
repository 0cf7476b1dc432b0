"""Looks through what a server offers: a level at a time, with all that a tag made of a node would need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from hmi.core.errors import ConnectError
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, BrowseItem, BrowseKind
from hmi.drivers.opcua.address import METHOD, NodeAddress, address_text, parse_address
from hmi.drivers.opcua.content import text_of
from hmi.drivers.opcua.faults import FAULTS, why
from hmi.drivers.opcua.limits import in_parts
from hmi.drivers.opcua.nodes import make_node_id, node_id
from hmi.drivers.opcua.session import Session

_PAGE: Final = 1000
"""References in one answer; the rest is fetched page by page."""
_MOST: Final = 50_000
"""Places below one node: what a person or a panel can still look at."""
_KINDS: Final = {
    ua.NodeClass.Object: BrowseKind.FOLDER,
    ua.NodeClass.Variable: BrowseKind.VARIABLE,
    ua.NodeClass.Method: BrowseKind.METHOD,
}
_CLASSES: Final = int(ua.NodeClass.Object | ua.NodeClass.Variable | ua.NodeClass.Method)
_PROPERTIES: Final = ("EngineeringUnits", "EURange", "EnumStrings", "EnumValues")
_WRITABLE: Final = 1 << 1
_READABLE: Final = 1 << 0
_INTEGERS: Final = range(2, 10)
_NUMBERS: Final = frozenset({10, 11, 26})
_TEXTS: Final = frozenset({12, 21})
_NAMED_TYPES: Final = {
    **dict.fromkeys(_INTEGERS, TagType.INT),
    **dict.fromkeys(_NUMBERS, TagType.FLOAT),
    **dict.fromkeys(_TEXTS, TagType.STRING),
    1: TagType.BOOL,
    13: TagType.FLOAT,
    19: TagType.INT,
    27: TagType.INT,
    28: TagType.INT,
    29: TagType.ENUM,
}
"""Tag type by the standard's own data types; what is derived from them is found by its ancestors."""
_DEEPEST: Final = 16


@dataclass
class _About:
    """What is asked of one variable."""

    node: ua.NodeId
    data_type: ua.NodeId | None = None
    rank: int = -1
    access: int = 0
    description: str = ""
    properties: dict[str, object] = field(default_factory=dict)


class Browsing:
    """Browsing over one session; what it learned of data types is kept."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._uris = {index: uri for uri, index in session.indexes.items()}
        self._types: dict[ua.NodeId, TagType | None] = {}
        self._states: dict[ua.NodeId, dict[str, str]] = {}

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """The places below `node`; see `Browser`.

        Raises:
            ConnectError: the server does not answer.
            AddressError: there is no such place.
        """
        try:
            references = await self._below(self._place(node), node)
            about = await self._ask(references)
            await self._learn_types({one.data_type for one in about.values() if one.data_type is not None})
        except FAULTS as fault:
            raise ConnectError(f"The server does not let itself be browsed ({why(fault)}).", "Try it again.") from fault
        return [self._item(reference, about.get(_local(reference)), node) for reference in references]

    def _place(self, node: str) -> ua.NodeId:
        if not node:
            return make_node_id(ObjectIds.ObjectsFolder)
        address = parse_address(node, TagType.FLOAT)
        found = node_id(address, self._session.indexes) if isinstance(address, NodeAddress) else None
        if found is None:
            raise AddressError(f"There is no '{node}' in this server.", "Begin at the top again.")
        return found

    async def _below(self, place: ua.NodeId, node: str) -> list[ua.ReferenceDescription]:
        request = ua.BrowseRequest()
        request.Parameters.RequestedMaxReferencesPerNode = _PAGE
        request.Parameters.NodesToBrowse = [_downward(place, ObjectIds.HierarchicalReferences)]
        (result,) = (await self._session.call(request, ua.BrowseResponse)).Results
        if not result.StatusCode.is_good():
            raise AddressError(f"There is no '{node}' in this server.", "Begin at the top again.")
        references = list(result.References or ())
        point = result.ContinuationPoint
        while point:
            more = ua.BrowseNextRequest()
            more.Parameters.ContinuationPoints = [point]
            more.Parameters.ReleaseContinuationPoints = len(references) >= _MOST
            (result,) = (await self._session.call(more, ua.BrowseNextResponse)).Parameters.Results
            page = list(result.References or ())
            references += page
            # An empty page with another one after it may go on for ever.
            point = result.ContinuationPoint if page and result.StatusCode.is_good() else None
        seen: dict[ua.NodeId, ua.ReferenceDescription] = {}
        for reference in references:
            if _is_here(reference) and reference.NodeClass in _KINDS:
                seen.setdefault(_local(reference), reference)
        return list(seen.values())

    async def _ask(self, references: Sequence[ua.ReferenceDescription]) -> dict[ua.NodeId, _About]:
        variables = [_local(one) for one in references if one.NodeClass == ua.NodeClass.Variable]
        others = [_local(one) for one in references if one.NodeClass != ua.NodeClass.Variable]
        about = {node: _About(node) for node in [*variables, *others]}
        attributes = (
            AttributeIds.DataType,
            AttributeIds.ValueRank,
            AttributeIds.UserAccessLevel,
            AttributeIds.AccessLevel,
            AttributeIds.Description,
        )
        wanted = [ua.ReadValueId(NodeId=n, AttributeId=a) for n in variables for a in attributes]
        wanted += [ua.ReadValueId(NodeId=n, AttributeId=AttributeIds.Description) for n in others]
        values = [_content(value) for value in await self._session.read_all(wanted)]
        for at, node in enumerate(variables):
            kind, rank, user_access, access, text = values[5 * at : 5 * at + 5]
            one = about[node]
            one.data_type = kind if isinstance(kind, ua.NodeId) else None
            one.rank = rank if isinstance(rank, int) else -1
            one.access = user_access if isinstance(user_access, int) else access if isinstance(access, int) else 0
            one.description = text_of(text)
        for node, text in zip(others, values[5 * len(variables) :], strict=True):
            about[node].description = text_of(text)
        await self._ask_properties([about[node] for node in variables])
        return about

    async def _ask_properties(self, variables: Sequence[_About]) -> None:
        """Reads the properties that say something of the value."""
        owners: list[tuple[_About, str, ua.NodeId]] = []
        for one, found in zip(variables, await self._properties([each.node for each in variables]), strict=True):
            owners += [(one, name, node) for name, node in found.items() if name in _PROPERTIES]
        values = await self._session.read([node for _, _, node in owners], AttributeIds.Value)
        for (one, name, _), value in zip(owners, values, strict=True):
            one.properties[name] = _content(value)

    async def _properties(self, nodes: Sequence[ua.NodeId]) -> list[dict[str, ua.NodeId]]:
        async def one(part: Sequence[ua.NodeId]) -> list[dict[str, ua.NodeId]]:
            request = ua.BrowseRequest()
            request.Parameters.NodesToBrowse = [_downward(node, ObjectIds.HasProperty) for node in part]
            results = (await self._session.call(request, ua.BrowseResponse)).Results
            return [
                {str(each.BrowseName.Name): _local(each) for each in result.References or () if _is_here(each)}
                for result in results
            ]

        return await in_parts(nodes, self._session.limits.browse, one)

    async def _learn_types(self, kinds: set[ua.NodeId]) -> None:
        """Finds the tag type of data types by their ancestors, and the names of enumerations."""
        enumerations: list[ua.NodeId] = []
        for kind in sorted(kinds - self._types.keys(), key=str):
            self._types[kind] = await self._tag_type(kind)
            if self._types[kind] is TagType.ENUM:
                enumerations.append(kind)
        if not enumerations:
            return
        definitions = await self._session.read(enumerations, AttributeIds.DataTypeDefinition)
        for kind, definition in zip(enumerations, definitions, strict=True):
            content = _content(definition)
            if isinstance(content, ua.EnumDefinition):
                self._states[kind] = {
                    str(each.Value): text_of(each.DisplayName) or str(each.Name) for each in content.Fields
                }
        for kind, found in zip(enumerations, await self._properties(enumerations), strict=True):
            for name in ("EnumValues", "EnumStrings"):
                if not self._states.get(kind) and name in found:
                    (value,) = await self._session.read([found[name]], AttributeIds.Value)
                    self._states[kind] = _names(_content(value))

    async def _tag_type(self, kind: ua.NodeId) -> TagType | None:
        for _ in range(_DEEPEST):
            number: object = kind.Identifier
            if kind.NamespaceIndex == 0 and isinstance(number, int) and number in _NAMED_TYPES:
                return _NAMED_TYPES[number]
            above = await self._session.follow(kind, make_node_id(ObjectIds.HasSubtype), ua.BrowseDirection.Inverse)
            if not above:
                return None
            kind = above[0]
        return None

    def _item(self, reference: ua.ReferenceDescription, about: _About | None, parent: str) -> BrowseItem:
        node = _local(reference)
        kind = _KINDS[reference.NodeClass]
        place = self._address(node)
        name = text_of(reference.DisplayName) or str(reference.BrowseName.Name)
        about = about or _About(node)
        if kind is BrowseKind.METHOD:
            owner = f"{parent}|" if parent else ""
            return BrowseItem(place, name, kind, False, f"{METHOD}{owner}{place}", TagType.BOOL, writable=True)
        if kind is BrowseKind.FOLDER:
            return BrowseItem(place, name, kind, True, description=about.description)
        type_ = self._types.get(about.data_type) if about.data_type is not None else None
        states = _states(about) or (self._states.get(about.data_type, {}) if about.data_type is not None else {})
        low, high = _range(about.properties.get("EURange"))
        usable = type_ is not None and about.rank == -1 and bool(about.access & _READABLE)
        return BrowseItem(
            place,
            name,
            kind,
            below=True,
            address=place if usable else "",
            type=(TagType.ENUM if states and type_ is TagType.INT else type_) if usable else None,
            unit=_unit(about.properties.get("EngineeringUnits")),
            low=low,
            high=high,
            states=states,
            description=about.description,
            writable=bool(about.access & _WRITABLE),
        )

    def _address(self, node: ua.NodeId) -> str:
        uri = self._uris.get(node.NamespaceIndex, "") if node.NamespaceIndex else ""
        return address_text(uri, node.NamespaceIndex, node.Identifier)


def _downward(node: ua.NodeId, reference: int) -> ua.BrowseDescription:
    return ua.BrowseDescription(
        NodeId=node,
        BrowseDirection=ua.BrowseDirection.Forward,
        ReferenceTypeId=make_node_id(reference),
        IncludeSubtypes=True,
        NodeClassMask=_CLASSES,
        ResultMask=ua.BrowseResultMask.All,
    )


def _is_here(reference: ua.ReferenceDescription) -> bool:
    """Whether the node is in this server and not one that it points to elsewhere."""
    return not getattr(reference.NodeId, "ServerIndex", 0)


def _local(reference: ua.ReferenceDescription) -> ua.NodeId:
    return ua.NodeId(reference.NodeId.Identifier, reference.NodeId.NamespaceIndex)


def _content(value: ua.DataValue) -> object:
    content: object = None if value.Value is None else value.Value.Value
    return content


def _unit(value: object) -> str:
    return text_of(value.DisplayName) if isinstance(value, ua.EUInformation) else ""


def _range(value: object) -> tuple[float | None, float | None]:
    if not isinstance(value, ua.Range) or not value.Low < value.High:
        return None, None
    return float(value.Low), float(value.High)


def _states(about: _About) -> dict[str, str]:
    return _names(about.properties.get("EnumValues")) or _names(about.properties.get("EnumStrings"))


def _names(value: object) -> dict[str, str]:
    """Names by value, from EnumValues or EnumStrings."""
    if not isinstance(value, list):
        return {}
    names: dict[str, str] = {}
    for at, one in enumerate(value):
        if isinstance(one, ua.EnumValueType):
            names[str(one.Value)] = text_of(one.DisplayName)
        elif isinstance(one, ua.LocalizedText):
            names[str(at)] = text_of(one)
    return {key: name for key, name in names.items() if name}
