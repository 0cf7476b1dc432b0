"""Writes and method calls over one session: each is sent once, in the node's own data type."""

from __future__ import annotations

from dataclasses import dataclass, replace

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from hmi.core.quality import Status
from hmi.drivers.api import Point, Sink, WriteOutcome, WriteResult
from hmi.drivers.opcua.address import ElementAddress, MethodAddress, NodeAddress, OpcUaAddress
from hmi.drivers.opcua.faults import FAULTS
from hmi.drivers.opcua.items import UNKNOWN_NODE
from hmi.drivers.opcua.nodes import address_of, make_node_id, node_id
from hmi.drivers.opcua.session import Session
from hmi.drivers.opcua.writing import ValueRefusedError, answered, failed, held, to_variant
from hmi.drivers.outcome import refused


@dataclass(frozen=True, slots=True)
class _Order:
    """What to send, and the value that a read-back must show then (None for a call)."""

    request: ua.WriteRequest | ua.CallRequest
    sent: float | str | None


class Commands:
    """What changes something in one connected server; what it looked up is forgotten with the session."""

    def __init__(self, session: Session, sink: Sink) -> None:
        self._session = session
        self._sink = sink
        self._types: dict[NodeAddress, ua.VariantType] = {}
        self._owners: dict[MethodAddress, tuple[ua.NodeId, ua.NodeId]] = {}

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Writes or calls; everything up to the sending is a refusal when it fails, never a doubt."""
        try:
            order = await self._order(address_of(point), value)
        except ValueRefusedError as fault:
            return refused(Status.BAD_OUT_OF_RANGE, f"{point.path}: {fault}")
        except FAULTS as fault:
            return refused(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: nothing was sent ({fault}).")
        if order is None:
            return refused(UNKNOWN_NODE, f"{point.path}: the server has no such node.")
        if not self._session.is_open:
            return refused(Status.BAD_NO_COMMUNICATION, f"{point.path}: the connection was lost; nothing was sent.")
        result = await self._send(point, order.request)
        return result if result.outcome is WriteOutcome.REFUSED else replace(result, sent=order.sent)

    async def _send(self, point: Point, request: ua.WriteRequest | ua.CallRequest) -> WriteResult:
        self._sink.count("writes")
        try:
            if isinstance(request, ua.CallRequest):
                (result,) = (await self._session.call(request, ua.CallResponse)).Results
                return answered(point.path, result.StatusCode.value)
            (status,) = (await self._session.call(request, ua.WriteResponse)).Results
            return answered(point.path, status.value)
        except FAULTS as fault:
            return failed(point.path, fault)

    async def _order(self, address: OpcUaAddress, value: float | str) -> _Order | None:
        if isinstance(address, MethodAddress):
            return await self._call(address, value)
        if isinstance(address, ElementAddress):
            return await self._element(address, value)
        node = node_id(address, self._session.indexes)
        kind = None if node is None else await self._type(address, node)
        if kind is None:
            return None
        variant = to_variant(kind, value)
        # Neither status nor stamps: many servers refuse a write that brings its own.
        data = ua.DataValue(variant, None)
        request = ua.WriteRequest()
        request.Parameters.NodesToWrite = [ua.WriteValue(NodeId=node, AttributeId=AttributeIds.Value, Value=data)]
        return _Order(request, held(variant))

    async def _element(self, address: ElementAddress, value: float | str) -> _Order | None:
        """One element of an array, by itself: writing all of it would undo what others changed meanwhile."""
        node = node_id(address.node, self._session.indexes)
        if node is None:
            return None
        if len(address.path) != 1 or not isinstance(address.path[0], int):
            raise ValueRefusedError(
                "A field of a structure cannot be written by itself; let the PLC offer a node for it."
            )
        index = str(address.path[0])
        probe, whole = await self._session.read_all(
            [
                ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value, IndexRange=index),
                ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value),
            ]
        )
        variant = probe.Value
        # A server that overlooks the index range would replace the whole array.
        if variant is None or _length(probe) != 1 or _length(whole) <= address.path[0]:
            raise ValueRefusedError("The server does not write single elements of this node.")
        one = to_variant(variant.VariantType, value)
        data = ua.DataValue(ua.Variant([one.Value], one.VariantType, is_array=True), None)
        request = ua.WriteRequest()
        request.Parameters.NodesToWrite = [
            ua.WriteValue(NodeId=node, AttributeId=AttributeIds.Value, IndexRange=index, Value=data)
        ]
        return _Order(request, held(one))

    async def _call(self, address: MethodAddress, value: float | str) -> _Order | None:
        if value != 1:
            raise ValueRefusedError("A method is called by writing 1.")
        found = await self.owner(address)
        if found is None:
            return None
        request = ua.CallRequest()
        request.Parameters.MethodsToCall = [ua.CallMethodRequest(ObjectId=found[0], MethodId=found[1])]
        return _Order(request, None)

    async def owner(self, address: MethodAddress) -> tuple[ua.NodeId, ua.NodeId] | None:
        """Object and method of a call; None when the server does not have them.

        Raises:
            FAULTS: the server does not answer.
        """
        known = self._owners.get(address)
        method = node_id(address.method, self._session.indexes)
        if known is not None or method is None:
            return known
        owner = node_id(address.owner, self._session.indexes) if address.owner else await self._owner_of(method)
        if owner is None:
            return None
        self._owners[address] = owner, method
        return owner, method

    async def _owner_of(self, method: ua.NodeId) -> ua.NodeId | None:
        """The object that a method belongs to; None when the server knows none."""
        component = make_node_id(ObjectIds.HasComponent)
        owners = await self._session.follow(method, component, ua.BrowseDirection.Inverse, int(ua.NodeClass.Object))
        return owners[0] if owners else None

    async def _type(self, address: NodeAddress, node: ua.NodeId) -> ua.VariantType | None:
        """The node's data type; None when there is no such node or none that can be told."""
        if address in self._types:
            return self._types[address]
        (value,) = await self._session.read([node], AttributeIds.Value)
        variant = value.Value
        if variant is None or variant.VariantType is ua.VariantType.Null:
            return await self._declared(node)
        if variant.is_array:
            raise ValueRefusedError("A whole array cannot be written; address an element, e.g. #[3].")
        self._types[address] = variant.VariantType
        return variant.VariantType

    async def _declared(self, node: ua.NodeId) -> ua.VariantType | None:
        """The declared type of a node that has no value yet; built-in types only."""
        (declared,) = await self._session.read([node], AttributeIds.DataType)
        kind: object = declared.Value.Value if declared.Value is not None else None
        if not isinstance(kind, ua.NodeId) or kind.NamespaceIndex != 0:
            return None
        number: object = kind.Identifier
        return ua.VariantType(number) if isinstance(number, int) and 1 <= number <= 25 else None


def _length(value: ua.DataValue) -> int:
    variant = value.Value
    return len(variant.Value or ()) if variant is not None and variant.is_array else 0
