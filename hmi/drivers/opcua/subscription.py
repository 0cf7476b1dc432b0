"""The one subscription of a connection: created to lose nothing, pumped in order, watched for silence."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import Status, code
from hmi.drivers.api import Clock, Point, Sink
from hmi.drivers.columns import marked
from hmi.drivers.opcua.decode import DecodeError, Published, decode
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.nodes import make_node_id
from hmi.drivers.opcua.options import OpcUaOptions
from hmi.drivers.opcua.session import CHUNK, FAULTS, Session, in_parts
from hmi.drivers.supervisor import LinkLostError

KEEP_ALIVE: Final = 0.5
"""Seconds of quiet after which the server must give a sign of life: a quarter of the shortest staleness."""
SILENCE: Final = 2.0
"""Seconds without any sign of life after which the link counts as lost."""
_PAUSE: Final = seconds(1.5)
"""The station turns tags Bad after 2 s at least: after a longer pause than this all values are delivered again."""
_ALIVE_EVERY: Final = seconds(0.25)
"""Tags are reported alive at most this often: once a packet would cost more than the packets."""
_REQUESTS: Final = 2
"""Publish requests that wait at the server, so that it always has one while an answer is on its way."""
_STALL: Final = 1.0
"""Seconds of changes that an item's queue holds at least: a server that pauses shorter loses nothing."""


def queue_size(publishing: float, sampling: float) -> int:
    """Samples an item must be able to hold so that none is lost between two packets."""
    return min(10_000, max(10, 2 * math.ceil(publishing / sampling), math.ceil(_STALL / sampling)))


class SilenceError(LinkLostError):
    """The server gives no sign of life; there is nobody to say goodbye to."""


class Item(NamedTuple):
    """One node to monitor."""

    handle: int
    """The point's index in the intake."""
    point: Point
    node: ua.NodeId


class Subscription:
    """Monitored items of one session; `create`, then `pump` and `watch` side by side."""

    def __init__(
        self, name: str, session: Session, options: OpcUaOptions, intake: Intake, sink: Sink, clock: Clock
    ) -> None:
        self._name = name
        self._session = session
        self._options = options
        self._sink = sink
        self._clock = clock
        self._id = 0
        self.intake = intake
        self._next_sequence: int | None = None
        self._acknowledge: list[ua.SubscriptionAcknowledgement] = []
        self._heard = clock.now().mono
        self._alive_told = clock.now().mono
        self._catch_up: int | None = None
        """Responses that were asked for before a pause ended and are still to come; None = there was no pause."""
        self._silence = seconds(SILENCE)
        self.heard_utc = 0
        """When the server last gave a sign of life, ns UTC; 0 = never."""

    async def create(self) -> None:
        """Creates the subscription without items yet.

        Raises:
            FAULTS: the server refuses or does not answer.
        """
        keep_alive = max(1, int(KEEP_ALIVE / self._options.publishing))
        request = ua.CreateSubscriptionRequest()
        request.Parameters.RequestedPublishingInterval = self._options.publishing * 1000
        request.Parameters.RequestedMaxKeepAliveCount = keep_alive
        # The server drops a station that vanished after about ten seconds; the standard wants 3 keep-alives at least.
        request.Parameters.RequestedLifetimeCount = max(3 * keep_alive, int(10 / self._options.publishing))
        answer = (await self._session.call(request, ua.CreateSubscriptionResponse)).Parameters
        self._id = answer.SubscriptionId
        await self._insist(answer)
        self._heard = self._clock.now().mono

    async def _insist(self, answer: ua.CreateSubscriptionResult) -> None:
        """Asks for fewer quiet cycles where the server publishes more slowly than wished."""
        quiet = answer.RevisedPublishingInterval / 1000 * answer.RevisedMaxKeepAliveCount
        self._silence = seconds(max(SILENCE, 3 * answer.RevisedPublishingInterval / 1000))
        if quiet <= 1.0 or answer.RevisedMaxKeepAliveCount <= 1:
            return
        cycles = max(1, int(KEEP_ALIVE * 1000 / answer.RevisedPublishingInterval))
        request = ua.ModifySubscriptionRequest()
        request.Parameters.SubscriptionId = self._id
        request.Parameters.RequestedPublishingInterval = answer.RevisedPublishingInterval
        request.Parameters.RequestedMaxKeepAliveCount = cycles
        request.Parameters.RequestedLifetimeCount = max(3 * cycles, int(10_000 / answer.RevisedPublishingInterval))
        await self._session.call(request, ua.ModifySubscriptionResponse)

    async def add(self, nodes: Sequence[Item]) -> list[tuple[Item, int]]:
        """Monitors nodes; returns those that the server refuses, with its status.

        Raises:
            FAULTS: the server does not answer.
        """
        limit = await self._limit()

        async def one(part: Sequence[Item]) -> list[ua.MonitoredItemCreateResult]:
            request = ua.CreateMonitoredItemsRequest()
            request.Parameters.SubscriptionId = self._id
            request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
            request.Parameters.ItemsToCreate = [self._request(*node) for node in part]
            return list((await self._session.call(request, ua.CreateMonitoredItemsResponse)).Results)

        results = await in_parts(nodes, limit, one)
        codes = [(item, result.StatusCode) for item, result in zip(nodes, results, strict=True)]
        return [(item, code(status.value)) for item, status in codes if not status.is_good()]

    async def _limit(self) -> int:
        node = make_node_id(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall)
        (value,) = await self._session.read([node], AttributeIds.Value)
        limit = value.Value.Value if value.Value is not None else None
        return min(CHUNK, limit) if isinstance(limit, int) and limit > 0 else CHUNK

    def _request(self, handle: int, point: Point, node: ua.NodeId) -> ua.MonitoredItemCreateRequest:
        sampling = max(point.scan, 0.001)
        item = ua.MonitoredItemCreateRequest()
        item.ItemToMonitor = ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value)
        item.MonitoringMode = ua.MonitoringMode.Reporting
        item.RequestedParameters = ua.MonitoringParameters(
            ClientHandle=handle,
            SamplingInterval=sampling * 1000,
            QueueSize=queue_size(self._options.publishing, sampling),
            DiscardOldest=True,
        )
        return item

    async def pump(self) -> None:
        """Takes in responses in the server's order until the link is lost.

        Raises:
            LinkLostError: no more responses can come, or one is missing.
        """
        waiting: deque[asyncio.Task[Buffer]] = deque()
        wanted = _REQUESTS
        try:
            while True:
                while len(waiting) < wanted:
                    waiting.append(asyncio.ensure_future(self._publish()))
                try:
                    self._take(decode(await waiting[0]))
                except ua.uaerrors.BadTooManyPublishRequests:
                    wanted = 1
                except ua.uaerrors.BadTimeout:
                    pass  # The request grew old at the server; the next one takes its place.
                waiting.popleft()
        except DecodeError as fault:
            self._sink.count("garbage")
            raise LinkLostError(f"{self._name}: the server sent {fault}.", "It is connected anew.") from fault
        except FAULTS as fault:
            why = str(fault) or type(fault).__name__
            raise LinkLostError(f"{self._name}: connection lost ({why}).", "It is made anew by itself.") from fault
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _publish(self) -> Buffer:
        request = ua.PublishRequest()
        request.Parameters.SubscriptionAcknowledgements, self._acknowledge = self._acknowledge, []
        return await self._session.raw(request, 0)

    def _take(self, published: Published) -> None:
        now = self._clock.now()
        self._heard = now.mono
        self.heard_utc = now.utc
        self._check_sequence(published)
        if published.ended is not None:
            raise LinkLostError(f"{self._name}: the server ended the subscription.", "It is made anew by itself.")
        if published.handle:
            lost = self.intake.overflows
            self._sink.deliver(self.intake.batch(published, now))
            if self.intake.overflows > lost:
                self._sink.count("overflows", self.intake.overflows - lost)
        self._catch_up_after_pause(published, now)
        if now.mono - self._alive_told >= _ALIVE_EVERY:
            # A response of any kind proves that the server samples all items: without news they are as they were.
            self._alive_told = now.mono
            self._sink.alive(self.intake.tags)

    def _catch_up_after_pause(self, published: Published, now: Instants) -> None:
        """Delivers all values again after a pause in which the station may have declared them stale.

        Not at once: responses under way were made during the pause, and samples queued in the server come with the
        ones after; the values are sure to hold when a response to a request of after the pause has nothing to add.
        """
        if now.mono - self._alive_told >= _PAUSE:
            self._sink.count("pauses")
            self._catch_up = _REQUESTS
        elif self._catch_up is not None:
            self._catch_up -= 1
            if self._catch_up <= 0 and not published.more:
                self._catch_up = None
                self._sink.deliver(self.intake.again(now))

    def _check_sequence(self, published: Published) -> None:
        """Notices a message that never came; a keep-alive carries the number of the message to come."""
        if published.subscription != self._id:
            return
        expected = self._next_sequence
        if expected is not None and published.sequence != expected:
            self._sink.count("lost_messages")
            raise LinkLostError(f"{self._name}: a message of the server is missing.", "All values are read anew.")
        self._next_sequence = published.sequence
        if not published.empty:
            self._next_sequence = published.sequence % 0xFFFFFFFF + 1
            self._acknowledge.append(
                ua.SubscriptionAcknowledgement(SubscriptionId=self._id, SequenceNumber=published.sequence)
            )

    async def watch(self) -> None:
        """Waits until the server has been silent for too long.

        Raises:
            LinkLostError: it has.
        """
        while True:
            left = self._heard + self._silence - self._clock.now().mono
            if left <= 0:
                silence = f"{self._silence / SECOND:g} s"
                raise SilenceError(f"{self._name}: no sign of life for {silence}.", "Check server and network.")
            await asyncio.sleep(left / SECOND)

    def tell_refused(self, refused: Sequence[tuple[Point, int]]) -> None:
        """Gives the points that the server does not have their status; the others run."""
        by_status: dict[int, list[Point]] = {}
        for point, status in refused:
            by_status.setdefault(status, []).append(point)
        for status, points in sorted(by_status.items()):
            self._sink.count("refused_items", len(points))
            self._sink.deliver(marked(points, status, self._clock.now()))


UNKNOWN_NODE: Final = Status.BAD_NODE_ID_UNKNOWN
"""What the tag of a node in an unknown namespace is given."""
