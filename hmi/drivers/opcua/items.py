"""What is monitored in a server: an item a tag, but one a node for all tags that show elements of its value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

from hmi.core.quality import Status
from hmi.drivers.api import Point
from hmi.drivers.opcua.address import ElementAddress, NodeAddress
from hmi.drivers.opcua.elements import Path
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.nodes import address_of, node_id, variable_of
from hmi.drivers.opcua.options import OpcUaOptions

UNKNOWN_NODE: Final = Status.BAD_NODE_ID_UNKNOWN
"""What the tag of a node in an unknown namespace is given."""
DEADBAND: Final = "deadband"
"""Option of a tag: changes up to this much, in the device's unit, are not sent by the server."""
DEADBAND_PERCENT: Final = "deadband_percent"
"""The same as a part of the node's EURange."""
QUEUE: Final = "queue"
_STALL: Final = 1.0
"""Seconds of changes that an item's queue holds at least: a server that pauses shorter loses nothing."""
_LARGEST_QUEUE: Final = 10_000

Members = list[tuple[Point, Path]]
"""The tags that show elements of one node."""


def queue_size(publishing: float, sampling: float) -> int:
    """Samples an item must be able to hold so that none is lost between two packets."""
    return min(_LARGEST_QUEUE, max(10, 2 * math.ceil(publishing / sampling), math.ceil(_STALL / sampling)))


@dataclass(frozen=True, slots=True)
class Item:
    """One node to monitor."""

    handle: int
    """Its slot in the intake."""
    node: ua.NodeId
    points: tuple[Point, ...]
    """The tags that live on it."""
    sampling: float
    queue: int
    filter: ua.DataChangeFilter | None = None

    def unfiltered(self) -> Item:
        """The same for a server that has no deadband for this node."""
        return replace(self, filter=None)

    def request(self) -> ua.MonitoredItemCreateRequest:
        """The item as the service wants it."""
        made = ua.MonitoredItemCreateRequest()
        made.ItemToMonitor = ua.ReadValueId(NodeId=self.node, AttributeId=AttributeIds.Value)
        made.MonitoringMode = ua.MonitoringMode.Reporting
        made.RequestedParameters = ua.MonitoringParameters(
            ClientHandle=self.handle,
            SamplingInterval=self.sampling * 1000,
            Filter=self.filter,
            QueueSize=self.queue,
            DiscardOldest=True,
        )
        return made


@dataclass(frozen=True, slots=True)
class Plan:
    """Items to make for some points, and the points for which none can be made, with their status."""

    items: list[Item]
    missing: list[tuple[Point, int]]


def plan(
    points: Sequence[Point], indexes: Mapping[str, int], intake: Intake, options: OpcUaOptions, since: int | None = None
) -> Plan:
    """Gives points their place in the intake and finds their nodes; methods have no item. `since` as the intake's."""
    made = Plan([], [])
    elements: dict[NodeAddress, tuple[ua.NodeId, Members]] = {}
    plain: list[tuple[Point, ua.NodeId]] = []
    for point in points:
        variable = variable_of(point)
        if variable is None:
            continue
        node = node_id(variable, indexes)
        if node is None:
            made.missing.append((point, UNKNOWN_NODE))
        elif isinstance(address := address_of(point), ElementAddress):
            elements.setdefault(variable, (node, []))[1].append((point, address.path))
        else:
            plain.append((point, node))
    _add_plain(plain, made, intake, options, since)
    _add_elements(list(elements.values()), made, intake, options, since)
    return made


def _add_plain(
    points: Sequence[tuple[Point, ua.NodeId]], made: Plan, intake: Intake, options: OpcUaOptions, since: int | None
) -> None:
    slots = intake.add([point for point, _ in points], since)
    for slot, (point, node) in zip(slots, points, strict=True):
        try:
            filter_, queue = _filter(point), _queue(point, options)
        except ValueError:
            made.missing.append((point, Status.BAD_CONFIGURATION_ERROR))
        else:
            made.items.append(Item(slot, node, (point,), max(point.scan, 0.001), queue, filter_))


def _add_elements(
    nodes: Sequence[tuple[ua.NodeId, Members]], made: Plan, intake: Intake, options: OpcUaOptions, since: int | None
) -> None:
    handles = intake.add_groups([members for _, members in nodes], since)
    for handle, (node, members) in zip(handles, nodes, strict=True):
        points = tuple(point for point, _ in members)
        sampling = max(min(point.scan for point in points), 0.001)
        queue = options.queue or queue_size(options.publishing, sampling)
        made.items.append(Item(handle, node, points, sampling, queue))


def _queue(point: Point, options: OpcUaOptions) -> int:
    size = point.options.get(QUEUE, options.queue)
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= _LARGEST_QUEUE:
        raise ValueError(size)
    return size or queue_size(options.publishing, max(point.scan, 0.001))


def _filter(point: Point) -> ua.DataChangeFilter | None:
    """The server's deadband for a tag.

    Raises:
        ValueError: it is no number, or a percentage that there is not.
    """
    for name, kind, most in (
        (DEADBAND, ua.DeadbandType.Absolute, math.inf),
        (DEADBAND_PERCENT, ua.DeadbandType.Percent, 100),
    ):
        width = point.options.get(name, 0)
        if isinstance(width, bool) or not isinstance(width, int | float) or not 0 <= width <= most or math.isinf(width):
            raise ValueError(width)
        if width:
            return ua.DataChangeFilter(
                Trigger=ua.DataChangeTrigger.StatusValue, DeadbandType=int(kind), DeadbandValue=float(width)
            )
    return None
