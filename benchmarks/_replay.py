"""A driver that decodes one recorded OPC UA publish response over and over: an acquisition as hungry as its CPU allows.

A live server of the same library would be the slower end. Writing N to a point of it makes it decode N responses.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_to_binary

from hmi.core.tag import TagType
from hmi.drivers.api import (
    API_VERSION,
    Clock,
    ConnectionSpec,
    LinkState,
    Point,
    Sample,
    Sink,
    WriteOutcome,
    WriteResult,
)
from hmi.drivers.opcua.decode import decode
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.options import TimePolicy

ITEMS = 1000
"""Changes in one response."""


def recorded() -> bytes:
    """A publish response as a server sends it."""
    stamp = ua.DateTime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    values = [
        ua.DataValue(ua.Variant(20.0 + n / 7, ua.VariantType.Double), ua.StatusCode(ua.UInt32(0)), stamp)
        for n in range(ITEMS)
    ]
    response = ua.PublishResponse()
    response.Parameters.NotificationMessage.NotificationData = [
        ua.DataChangeNotification([ua.MonitoredItemNotification(n, value) for n, value in enumerate(values)], [])
    ]
    return struct_to_binary(response)


class ReplayDriver:
    name = "replay"
    api_version = API_VERSION

    def parse_address(self, text: str, type_: TagType) -> str:  # noqa: ARG002 - the door's signature
        return text

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> str:  # noqa: ARG002 - as above
        return endpoint

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> "ReplayConnection":
        return ReplayConnection(spec, sink, clock)


class ReplayConnection:
    def __init__(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock
        self._body = recorded()
        self._intake = Intake(spec.points, TimePolicy.DEVICE, 0, 0)

    async def run(self) -> None:
        self._sink.state(LinkState.UP, "")
        await asyncio.get_running_loop().create_future()

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        return [Sample(0.0, 0, 0) for _ in points]

    async def write(self, point: Point, value: float | str) -> WriteResult:  # noqa: ARG002 - as above
        cpu = time.process_time_ns()
        for _ in range(int(value)):
            self._sink.deliver(self._intake.batch(decode(Buffer(self._body)), self._clock.now()))
            await asyncio.sleep(0)
        self._sink.count("cpu_us", (time.process_time_ns() - cpu) // 1000)
        return WriteResult(WriteOutcome.DONE, 0)


DRIVER = ReplayDriver()
