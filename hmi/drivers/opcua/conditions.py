"""The server's own alarms: its condition events as the station's, and an acknowledgement back to the server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from hmi.core.quality import Status
from hmi.drivers.api import DeviceCondition, Sink, WriteResult
from hmi.drivers.opcua.content import nanoseconds, text_of
from hmi.drivers.opcua.decode import EventFields
from hmi.drivers.opcua.faults import FAULTS
from hmi.drivers.opcua.nodes import make_node_id
from hmi.drivers.opcua.session import Session
from hmi.drivers.opcua.subscription import Subscription
from hmi.drivers.opcua.writing import answered, failed
from hmi.drivers.outcome import refused

HANDLE: Final = 0xFFFFFFF0
"""Client handle of the one item for events: far from those of tags."""
_QUEUE: Final = 10_000
_MOST: Final = 10_000
"""Conditions remembered: a server that makes a new one for every event must not fill the memory."""


class _Field(NamedTuple):
    """One field of an event: the type that has it, and the way to it. No way: the condition's own node id."""

    type: int
    way: tuple[str, ...]


_FIELDS: Final = (
    _Field(ObjectIds.BaseEventType, ("EventId",)),
    _Field(ObjectIds.BaseEventType, ("EventType",)),
    _Field(ObjectIds.BaseEventType, ("SourceName",)),
    _Field(ObjectIds.BaseEventType, ("Time",)),
    _Field(ObjectIds.BaseEventType, ("Message",)),
    _Field(ObjectIds.BaseEventType, ("Severity",)),
    _Field(ObjectIds.ConditionType, ()),
    _Field(ObjectIds.ConditionType, ("ConditionName",)),
    _Field(ObjectIds.ConditionType, ("BranchId",)),
    _Field(ObjectIds.ConditionType, ("Retain",)),
    _Field(ObjectIds.AcknowledgeableConditionType, ("AckedState", "Id")),
    _Field(ObjectIds.AlarmConditionType, ("ActiveState", "Id")),
)


class Conditions:
    """The conditions of one server, also over several sessions: a refresh after a loss tells only what has changed."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._known: dict[str, DeviceCondition] = {}
        self._refreshed: set[str] | None = None
        """Conditions told since a refresh began; None: none is going on."""

    async def begin(self, session: Session, subscription: Subscription) -> None:
        """Subscribes to the server's events and has it tell what is present now.

        A server without alarms and conditions is counted, nothing else.

        Raises:
            FAULTS: the server does not answer.
        """
        subscription.on_events = self.take
        if await subscription.items.add_events(_item()) & 0x80000000:
            self._sink.count("refused_events")
            return
        await self.refresh(session, subscription)

    async def refresh(self, session: Session, subscription: Subscription) -> None:
        """Has the server tell every condition that is present.

        Raises:
            FAULTS: the server does not answer.
        """
        request = ua.CallRequest()
        request.Parameters.MethodsToCall = [
            ua.CallMethodRequest(
                ObjectId=make_node_id(ObjectIds.ConditionType),
                MethodId=make_node_id(ObjectIds.ConditionType_ConditionRefresh),
                InputArguments=[ua.Variant(subscription.id, ua.VariantType.UInt32)],
            )
        ]
        (result,) = (await session.call(request, ua.CallResponse)).Results
        if not result.StatusCode.is_good():
            self._sink.count("refused_refreshes")

    def take(self, events: Sequence[EventFields]) -> None:
        """Tells the station of events in the server's order."""
        for handle, values in events:
            if handle != HANDLE or len(values) != len(_FIELDS):
                continue
            kind = values[1]
            if kind == make_node_id(ObjectIds.RefreshStartEventType):
                self._refreshed = set()
            elif kind == make_node_id(ObjectIds.RefreshEndEventType):
                self._end_refresh()
            else:
                self._take(values)

    def _take(self, values: list[object]) -> None:
        condition = _condition(values)
        if condition is None:
            return
        if self._refreshed is not None:
            self._refreshed.add(condition.key)
        if self._known.get(condition.key) == condition:
            return
        if condition.retain:
            if condition.key not in self._known and len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[condition.key] = condition
        else:
            self._known.pop(condition.key, None)
        self._sink.condition(condition)

    def _end_refresh(self) -> None:
        """What the server does not tell of any more has gone meanwhile."""
        told, self._refreshed = self._refreshed, None
        for key in [key for key in self._known if told is not None and key not in told]:
            was = self._known.pop(key)
            self._sink.condition(
                DeviceCondition(key, "", was.source, was.name, was.message, was.severity, False, True, False, was.time)
            )

    async def acknowledge(self, session: Session, key: str, event: str, user: str, comment: str) -> WriteResult:
        """Calls the condition's own Acknowledge once."""
        name = self._known[key].name if key in self._known else key
        try:
            condition = ua.NodeId.from_string(key.partition("|")[0])
            event_id = bytes.fromhex(event)
        except (ValueError, ua.UaError):
            return refused(Status.BAD_NODE_ID_UNKNOWN, f"{name}: this alarm is not the server's.")
        if not event_id:
            return refused(Status.BAD_NODE_ID_UNKNOWN, f"{name}: the server takes no acknowledgement of this alarm.")
        text = f"{comment} ({user})" if comment else user
        request = ua.CallRequest()
        request.Parameters.MethodsToCall = [
            ua.CallMethodRequest(
                ObjectId=condition,
                MethodId=make_node_id(ObjectIds.AcknowledgeableConditionType_Acknowledge),
                InputArguments=[
                    ua.Variant(event_id, ua.VariantType.ByteString),
                    ua.Variant(ua.LocalizedText(text), ua.VariantType.LocalizedText),
                ],
            )
        ]
        try:
            (result,) = (await session.call(request, ua.CallResponse)).Results
        except FAULTS as fault:
            return failed(name, fault)
        return answered(name, result.StatusCode.value)


def _condition(values: list[object]) -> DeviceCondition | None:
    """The event as a condition; None for one that is none."""
    event, _, source, time, message, severity, node, name, branch, retain, acked, active = values
    if not isinstance(node, ua.NodeId) or node.is_null():
        return None
    is_branch = isinstance(branch, ua.NodeId) and not branch.is_null()
    key = node.to_string() + (f"|{branch.to_string()}" if is_branch and isinstance(branch, ua.NodeId) else "")
    acknowledgeable = isinstance(acked, bool) and isinstance(event, bytes)
    return DeviceCondition(
        key,
        event.hex() if acknowledgeable and isinstance(event, bytes) else "",
        text_of(source),
        text_of(name),
        text_of(message),
        severity if isinstance(severity, int) else 1,
        active if isinstance(active, bool) else bool(retain),
        acked if isinstance(acked, bool) else True,
        bool(retain),
        nanoseconds(time) if isinstance(time, datetime) else 0,
    )


def _item() -> ua.MonitoredItemCreateRequest:
    made = ua.MonitoredItemCreateRequest()
    made.ItemToMonitor = ua.ReadValueId(NodeId=make_node_id(ObjectIds.Server), AttributeId=AttributeIds.EventNotifier)
    made.MonitoringMode = ua.MonitoringMode.Reporting
    made.RequestedParameters = ua.MonitoringParameters(
        ClientHandle=HANDLE,
        SamplingInterval=0,
        Filter=ua.EventFilter(SelectClauses=[_clause(each) for each in _FIELDS]),
        QueueSize=_QUEUE,
        DiscardOldest=True,
    )
    return made


def _clause(wanted: _Field) -> ua.SimpleAttributeOperand:
    return ua.SimpleAttributeOperand(
        TypeDefinitionId=make_node_id(wanted.type),
        BrowsePath=[ua.QualifiedName(name, 0) for name in wanted.way],
        AttributeId=AttributeIds.Value if wanted.way else AttributeIds.NodeId,
    )
