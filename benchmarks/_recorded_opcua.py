"""Recorded notifications of OPC UA: a live server of the library saturates before the driver does."""

import time
from datetime import UTC, datetime
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary

from hmi.core.instants import Instants
from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.opcua.decode import decode
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.options import TimePolicy

CHANGES = 1000
"""In one message."""


def messages(nodes: int, changes: int) -> list[bytes]:
    """Publish responses with so many changes that go over all nodes again and again."""
    return [_message(number, nodes) for number in range(changes // CHANGES)]


def _message(number: int, nodes: int) -> bytes:
    now: Any = datetime.now(UTC)  # the library calls its own stamps so
    changed = ua.DataChangeNotification()
    for row in range(CHANGES):
        value = ua.DataValue(ua.Variant(float(row), ua.VariantType.Double), ua.StatusCode(), now, now)
        changed.MonitoredItems.append(ua.MonitoredItemNotification((number * CHANGES + row) % nodes, value))
    response = ua.PublishResponse()
    response.Parameters.SubscriptionId = 1
    response.Parameters.NotificationMessage.SequenceNumber = number + 1
    response.Parameters.NotificationMessage.NotificationData = [changed]
    return bytes(struct_to_binary(response))


def ours(recorded: list[bytes], nodes: int) -> float:
    """CPU microseconds a change, from bytes to Batch."""
    points = [Point(n, f"n{n}", None, TagType.FLOAT, 1.0) for n in range(nodes)]
    intake = Intake(points, TimePolicy.DEVICE, 0, 0)
    for data in messages(nodes, max(nodes, CHANGES)):
        intake.batch(decode(Buffer(data)), Instants(0, time.time_ns()))
    begin = time.process_time()
    for data in recorded:
        intake.batch(decode(Buffer(data)), Instants(0, time.time_ns()))
    return (time.process_time() - begin) / (len(recorded) * CHANGES) * 1e6


def library(recorded: list[bytes]) -> float:
    """CPU microseconds a change for the library's own decoding alone."""
    begin = time.process_time()
    for data in recorded:
        struct_from_binary(ua.PublishResponse, Buffer(data))
    return (time.process_time() - begin) / (len(recorded) * CHANGES) * 1e6
