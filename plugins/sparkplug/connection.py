"""One Sparkplug host application at one broker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

import aiomqtt

from hmi.core.errors import ConnectError
from hmi.core.instants import SECOND
from hmi.core.quality import Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import BrowseItem, Clock, ConnectionSpec, Point, Sample, Sink, WriteOutcome, WriteResult
from hmi.drivers.broker.link import PROBE_EVERY, BrokerLink
from hmi.drivers.broker.outbox import Outbox
from hmi.drivers.broker.session import DoubtError, NotPublishedError, Session
from hmi.drivers.supervisor import Link, until_one_ends

from .book import Book, address_of, found
from .commands import Order, build, rebirth, refused, unknown
from .directory import browse
from .host import Heard, Host
from .options import SparkplugOptions
from .payload import Codec
from .reports import Reports
from .state import HostState, parse_state, state_at
from .topics import filters, state_topic
from .values import fit

BIRTH_WAIT: Final = 0.5
"""Seconds in which nodes that were waiting for this host are born by themselves."""
ANSWER_WAIT: Final = 2.0
"""Seconds in which a node answers that was asked to be born."""
_GOODBYE: Final = 1.0
"""Seconds for the last message of a host that leaves."""
_IDLE: Final = 3600.0


class SparkplugConnection:
    """Behaviour of one host application; does nothing until `run`."""

    def __init__(
        self, spec: ConnectionSpec, options: SparkplugOptions, sink: Sink, clock: Clock, random: Random
    ) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._codec = Codec()
        self._outbox = Outbox(sink, clock)
        self._book = Book(options.time, self._outbox)
        self._book.set_points(spec.points)
        self._reports = Reports(sink, options)
        self._link = BrokerLink(spec, options.broker, sink, clock, random)
        self._host = self._new_host()
        self._session: Session | None = None
        self._state = HostState(False, 0)
        self._state_topic = state_topic(options.host_id)
        self._denied = False
        """Somebody said in our name that we are not there."""
        self._work = asyncio.Event()
        """There is something to send, or an earlier deadline."""
        self._next_look: int | None = None
        """Monotonic ns at which all nodes are looked at; None: nothing is due as far as is known."""
        self._birth = asyncio.Event()

    def _new_host(self) -> Host:
        host = Host(self._options, self._codec, self._sink.count)
        host.wanted = self._book.nodes
        return host

    async def run(self) -> None:
        """Connects, listens and reconnects until cancelled."""
        try:
            await self._link.run(self._will, self._on_message, self._serve, self._leave)
        finally:
            self._outbox.drop()

    def _will(self) -> aiomqtt.Will:
        """Said by the broker when this host vanishes; its time is that of the connect, as in the message it ends."""
        self._state = state_at(self._clock.now().utc, online=True)
        gone = replace(self._state, online=False)
        return aiomqtt.Will(self._state_topic, gone.payload(), qos=1, retain=True)

    async def _serve(self, session: Session, link: Link) -> None:
        self._host = self._new_host()
        self._book.begin()
        try:
            await until_one_ends(session.lost(), self._listen(session, link))
        finally:
            self._session = None
            self._outbox.flush()
            self._book.lost(self._clock.now())

    async def _listen(self, session: Session, link: Link) -> None:
        refused_topics = await session.subscribe([self._state_topic], 1)
        refused_topics += await session.subscribe(filters(self._options.groups), 0)
        if refused_topics:
            self._sink.count("refused_topics", len(refused_topics))
        await self._say_state(session)
        self._denied = False
        self._session = session
        await until_one_ends(self._watch(session), self._act(session), self._begin(link))

    async def _say_state(self, session: Session) -> None:
        with contextlib.suppress(NotPublishedError, DoubtError):
            await session.publish(self._state_topic, self._state.payload(), 1, retain=True)

    async def _leave(self, session: Session) -> None:
        """Says that this host goes, so that nodes which need it do not wait for the broker to notice."""
        gone = state_at(self._clock.now().utc, online=False)
        with contextlib.suppress(NotPublishedError, DoubtError, TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await session.publish(self._state_topic, gone.payload(), 1, retain=True)

    async def _watch(self, session: Session) -> None:
        while True:
            await asyncio.sleep(PROBE_EVERY)
            await session.probe()
            alive = self._book.alive(self._host.nodes)
            if len(alive):
                self._sink.alive(alive)

    async def _begin(self, link: Link) -> None:
        """Waits for the nodes: births are not kept by brokers, so those that were born before are asked for another."""
        if not await self._births(BIRTH_WAIT):
            self._host.ask_unborn(self._clock.now())
            self._work.set()
            await self._births(ANSWER_WAIT)
        link.up()
        self._book.mark(self._book.untold(), Status.BAD_NO_COMMUNICATION, self._clock.now())
        await asyncio.get_running_loop().create_future()

    async def _births(self, patience: float) -> bool:
        """Whether all nodes and devices that have tags are there, waiting for them."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not self._book.all_there(self._host.nodes):
                    self._birth.clear()
                    await self._birth.wait()
                return True
        return False

    async def _act(self, session: Session) -> None:
        """Does what is due: missing messages given up, births asked for, our own state put right."""
        while True:
            self._work.clear()
            self._next_look = None
            now = self._clock.now()
            for heard in self._host.expire(now):
                self._learn(heard)
            for node in self._host.rebirths.due(now.mono):
                self._sink.count("rebirth_requests")
                with contextlib.suppress(NotPublishedError, DoubtError):
                    await self._send(session, rebirth(node, self._codec, now.utc))
            if self._denied:
                self._denied = False
                self._sink.count("states_repeated")
                await self._say_state(session)
            await self._until_due()

    async def _until_due(self) -> None:
        deadline = self._next_look = self._host.deadline
        wait = _IDLE if deadline is None else max(0.0, (deadline - self._clock.now().mono) / SECOND)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._work.wait()

    async def _send(self, session: Session, order: Order) -> None:
        await session.publish(order.topic, order.payload, 0, retain=False)

    def _on_message(self, topic: str, payload: bytes, _retained: bool) -> None:
        if topic == self._state_topic:
            self._on_state(payload)
            return
        heard = self._host.take(topic, payload, self._clock.now())
        if heard is not None:
            self._learn(heard)
            due = self._host.due(heard.node)
            # Looking at all nodes costs: only what is due before the next such look hastens it.
            if due is not None and (self._next_look is None or due < self._next_look):
                self._work.set()

    def _on_state(self, payload: bytes) -> None:
        said = parse_state(payload)
        if said is None:
            return
        if not said.online:
            self._denied = True
            self._work.set()
        else:
            self._reports.host(said, self._state, self._clock.now().utc)

    def _learn(self, heard: Heard) -> None:
        now = self._clock.now()
        self._book.take(heard.node, heard.news, now)
        if heard.news.born:
            self._birth.set()
        if heard.node.identity in self._host.wanted:
            self._reports.node(heard, now.utc)

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """Takes these points; what is known already is told at once."""
        new = self._book.set_points(points)
        self._spec = replace(self._spec, points=points)
        self._host.wanted = self._book.nodes
        if self._session is None:
            return
        now = self._clock.now()
        self._book.tell_known(new, self._host.nodes, now)
        self._host.ask_unborn(now)
        self._work.set()

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """What each metric last said: nodes cannot be asked for single values."""
        return [self._read(point) for point in points]

    def _read(self, point: Point) -> Sample:
        entry, address, now = self._book.entry(point), address_of(point), self._clock.now()
        nothing: float | str = "" if point.type is TagType.STRING else float("nan")
        if self._session is None:
            return Sample(nothing, Status.BAD_NO_COMMUNICATION, now.utc)
        if entry is not None and entry.told:
            return entry.sample
        node = self._host.nodes.get(address.node)
        if node is None or not node.is_there(address.device):
            return Sample(nothing, Status.BAD_NO_COMMUNICATION, now.utc)
        born, element = found(address, node)
        if born is None:
            return Sample(nothing, Status.BAD_NODE_ID_UNKNOWN, now.utc)
        return Sample(*fit(born.content, born.status, point.type, element), born.time)

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Sends one command exactly once, or says why not; the node's report confirms it."""
        session = self._session
        host = None if session is None or not session.is_open else self._host
        order = build(self._spec, host, self._codec, point, value, self._clock.now().utc)
        if isinstance(order, WriteResult):
            return order
        if session is None:
            raise AssertionError("without a session nothing is built")
        entry = self._book.entry(point)
        if entry is not None:
            entry.reports.clear()
        self._sink.count("writes")
        try:
            await self._send(session, order)
        except NotPublishedError as fault:
            return refused(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: {fault}.")
        except DoubtError as fault:
            return unknown(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: {fault}.", order.sent)
        return await self._outcome(point, order)

    async def _outcome(self, point: Point, order: Order) -> WriteResult:
        done = WriteResult(WriteOutcome.DONE, Status.GOOD, sent=order.sent)
        entry = self._book.entry(point)
        if order.sent is None or entry is None:
            return done
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._options.echo):
                while not (is_good(entry.sample.status) and entry.sample.value == order.sent):
                    await entry.reports.wait()
                    entry.reports.clear()
                return done
        what = f"{point.path}: the broker has the command, the node has not reported the value within "
        return unknown(Status.BAD_TIMEOUT, f"{what}{self._options.echo:g} s.", order.sent)

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """Groups, nodes, devices and metrics by their births; nodes that were only heard are asked to be born.

        Raises:
            ConnectError: there is no connection now.
            AddressError: there is no such place.
        """
        if self._session is None:
            raise ConnectError(f"{self._spec.name} is not connected.", "Look at the connection first.")
        now = self._clock.now()
        group = node.partition("#")[0].split("/")[0]
        unborn = [i for i, n in self._host.nodes.items() if not n.online and i.group == group]
        for identity in unborn:
            self._host.rebirths.want(identity, now.mono)
        if unborn:
            self._work.set()
            # Whatever was born meanwhile is shown; the rest says that it is not.
            await asyncio.sleep(BIRTH_WAIT)
        return browse(node, self._host.nodes)
