"""Writes and method calls over one session: each is sent once, in the node's own data type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

from hmi.core.quality import Status
from hmi.drivers.api import Point, Sink, WriteOutcome, WriteResult
from hmi.drivers.opcua.address import MethodAddress, NodeAddress
from hmi.drivers.opcua.nodes import address_of, node_id, owner_of
from hmi.drivers.opcua.session import FAULTS, Session
from hmi.drivers.opcua.subscription import UNKNOWN_NODE
from hmi.drivers.opcua.writing import ValueRefusedError, answered, failed, held, refused, to_variant


@dataclass(frozen=True, slots=True)
class _Order:
    """What to send, and the value that a read-back must show then (None for a call)."""

    request: ua.WriteRequest | ua.CallRequest
    sent: float | str | None


class Commands:
    """What changes something in one connected server; what it looked up is forgotten with the session."""

    def __init__(self, session: Session, indexes: Mapping[str, int], sink: Sink) -> None:
        self._session = session
        self._indexes = indexes
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

    async def _order(self, address: NodeAddress | MethodAddress, value: float | str) -> _Order | None:
        if isinstance(address, MethodAddress):
            return await self._call(address, value)
        node = node_id(address, self._indexes)
        kind = None if node is None else await self._type(address, node)
        if kind is None:
            return None
        variant = to_variant(kind, value)
        # Neither status nor stamps: many servers refuse a write that brings its own.
        data = ua.DataValue(variant, None)
        request = ua.WriteRequest()
        request.Parameters.NodesToWrite = [ua.WriteValue(NodeId=node, AttributeId=AttributeIds.Value, Value=data)]
        return _Order(request, held(variant))

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
        method = node_id(address.method, self._indexes)
        if known is not None or method is None:
            return known
        owner = node_id(address.owner, self._indexes) if address.owner else await owner_of(self._session, method)
        if owner is None:
            return None
        self._owners[address] = owner, method
        return owner, method

    async def _type(self, address: NodeAddress, node: ua.NodeId) -> ua.VariantType | None:
        """The node's data type; None when there is no such node or none that can be told."""
        if address in self._types:
            return self._types[address]
        (value,) = await self._session.read([node], AttributeIds.Value)
        variant = value.Value
        if variant is None or variant.VariantType is ua.VariantType.Null:
            return await self._declared(node)
        if variant.is_array:
            raise ValueRefusedError("Arrays cannot be written.")
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
