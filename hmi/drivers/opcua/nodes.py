"""Finds the nodes that addresses mean in the server that is connected now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast
from uuid import UUID

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from hmi.drivers.api import AddressError, Point
from hmi.drivers.opcua.address import MethodAddress, NodeAddress, OpcUaAddress
from hmi.drivers.opcua.session import Session


def make_node_id(identifier: int | str | bytes | UUID, namespace: int = 0) -> ua.NodeId:
    """A node id; the library's own number types are plain ints and strings at run time."""
    return ua.NodeId(cast("ua.String", identifier), cast("ua.Int16", namespace))


_NAMESPACES: Final = make_node_id(ObjectIds.Server_NamespaceArray)


def address_of(point: Point) -> OpcUaAddress:
    """The point's parsed address.

    Raises:
        AddressError: it was parsed by another driver.
    """
    if not isinstance(point.address, NodeAddress | MethodAddress):
        raise AddressError(f"{point.path} has no OPC UA address.", "Example: ns=2;s=Mixer.Level.")
    return point.address


def variable_of(point: Point) -> NodeAddress | None:
    """The variable's node; None for a method."""
    address = address_of(point)
    return address if isinstance(address, NodeAddress) else None


def uses_uris(points: Iterable[Point]) -> bool:
    """Whether any address names its namespace by URI."""
    nodes: list[NodeAddress | None] = []
    for point in points:
        address = address_of(point)
        nodes += [address] if isinstance(address, NodeAddress) else [address.method, address.owner]
    return any(node is not None and node.uri for node in nodes)


async def namespaces(session: Session) -> dict[str, int]:
    """Index of every namespace by its URI."""
    (array,) = await session.read([_NAMESPACES], AttributeIds.Value)
    uris = array.Value.Value if array.Value is not None else None
    return {str(uri): index for index, uri in enumerate(uris or ())}


def node_id(address: NodeAddress, indexes: Mapping[str, int]) -> ua.NodeId | None:
    """The node id in this server; None when it has no such namespace."""
    index = indexes.get(address.uri) if address.uri else address.namespace
    return None if index is None else make_node_id(address.identifier, index)


async def owner_of(session: Session, method: ua.NodeId) -> ua.NodeId | None:
    """The object that a method belongs to; None when the server knows none."""
    request = ua.BrowseRequest()
    request.Parameters.NodesToBrowse = [
        ua.BrowseDescription(
            NodeId=method,
            BrowseDirection=ua.BrowseDirection.Inverse,
            ReferenceTypeId=make_node_id(ObjectIds.HasComponent),
            IncludeSubtypes=True,
            NodeClassMask=ua.NodeClass.Object,
            ResultMask=ua.BrowseResultMask.All,
        )
    ]
    (found,) = (await session.call(request, ua.BrowseResponse)).Results
    references = found.References if found.StatusCode.is_good() else None
    if not references:
        return None
    return ua.NodeId(references[0].NodeId.Identifier, references[0].NodeId.NamespaceIndex)
