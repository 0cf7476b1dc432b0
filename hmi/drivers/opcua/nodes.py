"""Finds the nodes that addresses mean in the server that is connected now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from asyncua import ua

from hmi.drivers.api import AddressError, Point
from hmi.drivers.opcua.address import ElementAddress, MethodAddress, NodeAddress, OpcUaAddress


def make_node_id(identifier: int | str | bytes | UUID, namespace: int = 0) -> ua.NodeId:
    """A node id; the library's own number types are plain ints and strings at run time."""
    return ua.NodeId(cast("ua.String", identifier), cast("ua.Int16", namespace))


def address_of(point: Point) -> OpcUaAddress:
    """The point's parsed address.

    Raises:
        AddressError: it was parsed by another driver.
    """
    if not isinstance(point.address, NodeAddress | ElementAddress | MethodAddress):
        raise AddressError(f"{point.path} has no OPC UA address.", "Example: ns=2;s=Mixer.Level.")
    return point.address


def variable_of(point: Point) -> NodeAddress | None:
    """The variable's node, also of an element; None for a method."""
    address = address_of(point)
    if isinstance(address, ElementAddress):
        return address.node
    return address if isinstance(address, NodeAddress) else None


def node_id(address: NodeAddress, indexes: Mapping[str, int]) -> ua.NodeId | None:
    """The node id in this server; None when it has no such namespace."""
    index = indexes.get(address.uri) if address.uri else address.namespace
    return None if index is None else make_node_id(address.identifier, index)
