"""The one subscription of a connection: created to lose nothing, pumped in order, watched for silence."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from asyncua import ua
from asyncua.common.utils import Buffer

from hmi.core.instants import SECOND, Instants, seconds
from hmi.drivers.api import Clock, Sink
from hmi.drivers.opcua.decode import DecodeError, EventFields, Published, decode, decode_again
from hmi.drivers.opcua.faults import FAULTS, why
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.monitored import MonitoredItems
from hmi.drivers.opcua.options import OpcUaOptions
from hmi.drivers.opcua.session import Session
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
_MOST_REPEATED: Final = 1000
"""Messages that are asked for again; where more are missing everything is read anew."""
_LIFE: Final = 10.0
"""Seconds for which the server keeps the subscription of a station that vanished: what a short loss is."""


class SilenceError(LinkLostError):
    """The server gives no sign of life; there is nobody to say goodbye to."""


class Subscription:
    """Monitored items of one session; `create`, then `pump` and `watch` side by side."""

    def __init__(
        self, name: str, session: Session, options: OpcUaOptions, intake: Intake, sink: Sink, clock: Clock
    ) -> None:
        self._name = name
        self._session = session
        self.items = MonitoredItems(session, sink)
        self._options = options
        self._sink = sink
        self._clock = clock
        self.id = 0
        self.intake = intake
        self.on_events: Callable[[Sequence[EventFields]], None] | None = None
        """Takes the server's events in, in its order."""
        self._news = asyncio.Event()
        self._next_sequence: int | None = None
        self._acknowledge: list[ua.SubscriptionAcknowledgement] = []
        self._heard = clock.now().mono
        self._alive_told = clock.now().mono
        self._catch_up: int | None = None
        """Responses that were asked for before a pause ended and are still to come; None = there was no pause."""
        self._silence = seconds(SILENCE)
        self.heard_utc = 0
        """When the server last gave a sign of life, ns UTC; 0 = never."""
        self.usable = True
        """False: the server has ended it, or samples of it are lost; it cannot be taken up again."""

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
        request.Parameters.RequestedLifetimeCount = max(3 * keep_alive, int(_LIFE / self._options.publishing))
        answer = (await self._session.call(request, ua.CreateSubscriptionResponse)).Parameters
        self.id = self.items.subscription = answer.SubscriptionId
        await self._insist(answer)
        self._heard = self._clock.now().mono

    async def _insist(self, answer: ua.CreateSubscriptionResult) -> None:
        """Asks for fewer quiet cycles where the server publishes more slowly than wished."""
        quiet = answer.RevisedPublishingInterval / 1000 * answer.RevisedMaxKeepAliveCount
        self._silence = seconds(max(SILENCE, self._options.timeout, 3 * answer.RevisedPublishingInterval / 1000))
        if quiet <= 1.0 or answer.RevisedMaxKeepAliveCount <= 1:
            return
        cycles = max(1, int(KEEP_ALIVE * 1000 / answer.RevisedPublishingInterval))
        request = ua.ModifySubscriptionRequest()
        request.Parameters.SubscriptionId = self.id
        request.Parameters.RequestedPublishingInterval = answer.RevisedPublishingInterval
        request.Parameters.RequestedMaxKeepAliveCount = cycles
        request.Parameters.RequestedLifetimeCount = max(
            3 * cycles, int(_LIFE * 1000 / answer.RevisedPublishingInterval)
        )
        await self._session.call(request, ua.ModifySubscriptionResponse)

    def take_up(self, session: Session) -> None:
        """Goes on after a short loss: the server has kept what happened meanwhile, and all values are told again."""
        self._session = self.items.session = session
        now = self._clock.now()
        self._heard = self._alive_told = now.mono
        self._catch_up = _REQUESTS

    async def first_values(self, patience: float) -> None:
        """Returns when every item has told its first value, or after so many seconds."""
        try:
            async with asyncio.timeout(patience):
                while not self.intake.is_complete:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass  # Refused nodes never tell one.

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
                    published = decode(await waiting[0])
                    await self._ask_for_missing(published)
                    self._take(published)
                except ua.uaerrors.BadTooManyPublishRequests:
                    wanted = 1
                except ua.uaerrors.BadTimeout:
                    pass  # The request grew old at the server; the next one takes its place.
                waiting.popleft()
        except DecodeError as fault:
            self.usable = False
            self._sink.count("garbage")
            raise LinkLostError(f"{self._name}: the server sent {fault}.", "It is connected anew.") from fault
        except FAULTS as fault:
            self.usable = self.usable and isinstance(fault, OSError)
            raise LinkLostError(
                f"{self._name}: connection lost ({why(fault)}).", "It is made anew by itself."
            ) from fault
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
        self._note_sequence(published)
        if published.ended is not None:
            self.usable = False
            raise LinkLostError(f"{self._name}: the server ended the subscription.", "It is made anew by itself.")
        if published.events and self.on_events is not None:
            self.on_events(published.events)
        if published.handle:
            lost = self.intake.overflows
            self._sink.deliver(self.intake.batch(published, now))
            self._news.set()
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

    async def _ask_for_missing(self, published: Published) -> None:
        """Has messages repeated that were lost on their way; a keep-alive carries the number of the one to come.

        Raises:
            LinkLostError: the server does not have them any more.
        """
        expected = self._next_sequence
        if published.subscription != self.id or expected is None or published.sequence == expected:
            return
        for sequence in range(expected, min(published.sequence, expected + _MOST_REPEATED)):
            repeated = await self._repeated(sequence)
            if repeated is None:
                break
            self._sink.count("repeated_messages")
            self._take(repeated)
        if self._next_sequence != published.sequence:
            self.usable = False
            self._sink.count("lost_messages")
            raise LinkLostError(f"{self._name}: a message of the server is missing.", "All values are read anew.")

    async def _repeated(self, sequence: int) -> Published | None:
        request = ua.RepublishRequest()
        request.Parameters.SubscriptionId = self.id
        request.Parameters.RetransmitSequenceNumber = sequence
        try:
            published = decode_again(await self._session.raw(request), self.id)
        except ua.uaerrors.UaStatusCodeError:
            return None
        return published if published.sequence == sequence and not published.empty else None

    def _note_sequence(self, published: Published) -> None:
        if published.subscription != self.id:
            return
        self._next_sequence = published.sequence
        if not published.empty:
            self._next_sequence = published.sequence % 0xFFFFFFFF + 1
            self._acknowledge.append(
                ua.SubscriptionAcknowledgement(SubscriptionId=self.id, SequenceNumber=published.sequence)
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
