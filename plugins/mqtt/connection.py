"""One connection to a broker: listening to topics, reading what they last said, and publishing commands."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from hmi.core.quality import Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import BrowseItem, Clock, ConnectionSpec, Point, Sample, Sink, WriteOutcome, WriteResult
from hmi.drivers.broker.link import PROBE_EVERY, BrokerLink
from hmi.drivers.broker.outbox import Outbox
from hmi.drivers.broker.session import DoubtError, NotPublishedError, Session
from hmi.drivers.supervisor import Link, LinkLostError, until_one_ends

from .book import STATUS_QOS, Book, Entry, entry_of
from .directory import Directory
from .options import MqttOptions
from .writing import Order, build, refused, unknown

_PATIENCE: Final = 1.0
"""Seconds to wait for the first message of a topic that is tried."""


class MqttConnection:
    """Behaviour of one broker; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: MqttOptions, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._outbox = Outbox(sink, clock)
        self._book = Book(options, sink, self._outbox)
        self._book.set_points(spec.points)
        self._directory = Directory(spec, options)
        self._link = BrokerLink(spec, options.broker, sink, clock, random)
        self._session: Session | None = None

    async def run(self) -> None:
        """Connects, listens and reconnects until cancelled."""
        try:
            await self._link.run(lambda: None, self._on_message, self._serve)
        finally:
            self._outbox.drop()

    def _on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        self._book.take(topic, payload, retained, self._clock.now())

    async def _serve(self, session: Session, link: Link) -> None:
        self._book.begin()
        try:
            await until_one_ends(session.lost(), self._listen(session, link))
        finally:
            self._session = None
            self._outbox.flush()
            self._book.lost(self._clock.now())

    async def _listen(self, session: Session, link: Link) -> None:
        """Publishers' presence comes first, since it decides what retained values are worth."""
        refused_topics = await session.subscribe(self._book.status_topics, STATUS_QOS)
        await session.probe()
        refused_topics += await self._subscribe(session, self._book.topics())
        link.up()
        self._session = session
        # What the broker keeps has arrived when it answers the probe.
        await session.probe()
        self._tell_absent(refused_topics, self._book.untold())
        while True:
            await asyncio.sleep(PROBE_EVERY)
            await session.probe()
            alive = self._book.alive(self._clock.now())
            if len(alive):
                self._sink.alive(alive)

    async def _subscribe(self, session: Session, topics: dict[str, int]) -> list[str]:
        by_qos: dict[int, list[str]] = defaultdict(list)
        for topic, qos in topics.items():
            by_qos[qos].append(topic)
        refused_topics: list[str] = []
        for qos, some in by_qos.items():
            refused_topics += await session.subscribe(some, qos)
        return refused_topics

    def _tell_absent(self, refused_topics: Sequence[str], untold: list[Entry]) -> None:
        now = self._clock.now()
        if refused_topics:
            self._sink.count("refused_topics", len(refused_topics))
            self._book.mark(self._book.on_topics(refused_topics), Status.BAD_USER_ACCESS_DENIED, now)
        self._book.mark([entry for entry in untold if not entry.told], Status.BAD_WAITING_FOR_INITIAL_DATA, now)

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """Takes these points; only topics that are new or no longer needed are asked for and given up."""
        before = {*self._book.topics(), *self._book.status_topics}
        new = self._book.set_points(points)
        self._spec = replace(self._spec, points=points)
        session = self._session
        if session is None:
            return
        topics, statuses = self._book.topics(), self._book.status_topics
        # A topic is asked for again when a tag is new on it: the broker then repeats what it keeps.
        fresh = {entry.address.place.topic for entry in new}
        try:
            gone = before - {*topics, *statuses}
            if gone:
                await session.unsubscribe(sorted(gone))
            refused_topics = await session.subscribe([topic for topic in statuses if topic not in before], STATUS_QOS)
            await session.probe()
            refused_topics += await self._subscribe(session, {t: qos for t, qos in topics.items() if t in fresh})
            await session.probe()
        except LinkLostError:
            return  # The next session begins with these points.
        self._tell_absent(refused_topics, new)

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """What each topic last said; a topic that is no tag yet is listened to for a moment."""
        session, now = self._session, self._clock.now().utc
        if session is None:
            return [Sample(_nothing(p), Status.BAD_NO_COMMUNICATION, now) for p in points]
        found = [self._book.entry(point) for point in points]
        tried = {at: entry_of(points[at], {}, self._options) for at, known in enumerate(found) if known is None}
        if tried:
            await self._try(session, list(tried.values()))
        return [(known or tried[at]).sample for at, known in enumerate(found)]

    async def _try(self, session: Session, entries: list[Entry]) -> None:
        now = self._clock.now().utc
        for entry in entries:
            entry.sample = entry.blank(Status.BAD_NO_DATA, now)
            entry.trial = True
            self._book.add(entry)
        tried = {entry.address.place.topic for entry in entries}
        asked = {topic: qos for topic, qos in self._wanted().items() if topic in tried}
        # A link that is lost leaves them the sample that says so.
        try:
            with contextlib.suppress(LinkLostError):
                await self._subscribe(session, asked)
                await session.probe()
                await _reported(entries)
        finally:
            for entry in entries:
                self._book.remove(entry)
            with contextlib.suppress(LinkLostError):
                await self._give_up(session, asked)

    async def _give_up(self, session: Session, asked: dict[str, int]) -> None:
        """Asks no longer for topics of a trial; those that tags need too are asked for as the tags want them."""
        wanted = self._wanted()
        unneeded = [topic for topic in asked if topic not in wanted]
        if unneeded:
            await session.unsubscribe(unneeded)
        await self._subscribe(session, {t: wanted[t] for t, qos in asked.items() if wanted.get(t, qos) != qos})

    def _wanted(self) -> dict[str, int]:
        """All topics with the quality of service to ask for."""
        return dict.fromkeys(self._book.status_topics, STATUS_QOS) | self._book.topics()

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Publishes one value exactly once, or says why not."""
        order = build(self._spec, self._options, point, value)
        if isinstance(order, WriteResult):
            return order
        session = self._session
        if session is None or not session.is_open:
            text = f"{point.path}: {self._spec.name} is not connected; nothing was sent."
            return refused(Status.BAD_NO_COMMUNICATION, text)
        entry = self._book.entry(point)
        if entry is not None:
            entry.reports.clear()
        self._sink.count("writes")
        try:
            await session.publish(order.topic, order.payload, order.qos, retain=order.retain)
        except NotPublishedError as fault:
            return refused(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: {fault}.")
        except DoubtError as fault:
            return unknown(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: {fault}.", order.sent)
        return await self._outcome(point, order, entry)

    async def _outcome(self, point: Point, order: Order, entry: Entry | None) -> WriteResult:
        """The broker has it. Where the device reports in another topic, its report is the confirmation."""
        done = WriteResult(WriteOutcome.DONE, Status.GOOD, sent=order.sent)
        if entry is None or order.topic == entry.address.place.topic:
            return done
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._options.echo):
                while not (is_good(entry.sample.status) and entry.sample.value == order.sent):
                    await entry.reports.wait()
                    entry.reports.clear()
                return done
        what = f"{point.path}: the broker has the command, the device has not reported the value within "
        return unknown(Status.BAD_TIMEOUT, f"{what}{self._options.echo:g} s.", order.sent)

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """The topics that were heard in a moment of listening, level by level, and the JSON in them."""
        return await self._directory.browse(node)


async def _reported(entries: Sequence[Entry]) -> None:
    """Returns when something was heard of each, or when that takes too long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            for entry in entries:
                await entry.reports.wait()


def _nothing(point: Point) -> float | str:
    return "" if point.type is TagType.STRING else float("nan")
