"""One OPC UA connection: subscribing, reading afresh, writing and calling methods."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from asyncua.ua.attribute_ids import AttributeIds

from hmi.core.quality import Status
from hmi.drivers.api import Clock, ConnectionSpec, Point, Sample, Sink, WriteResult
from hmi.drivers.backoff import Backoff
from hmi.drivers.opcua.address import MethodAddress
from hmi.drivers.opcua.commands import Commands
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.nodes import address_of, namespaces, node_id, uses_uris, variable_of
from hmi.drivers.opcua.options import OpcUaOptions
from hmi.drivers.opcua.reading import to_sample
from hmi.drivers.opcua.session import FAULTS, Session
from hmi.drivers.opcua.subscription import UNKNOWN_NODE, Item, SilenceError, Subscription
from hmi.drivers.opcua.writing import refused
from hmi.drivers.supervisor import Link, LinkLostError, keep_connected, until_one_ends

_ASK_AGAIN: Final = 60.0
"""Seconds after which a refused node is asked for again."""


class OpcUaConnection:
    """Behaviour of one OPC UA server; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: OpcUaOptions, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._random = random
        self._session: Session | None = None
        self._commands: Commands | None = None
        self._indexes: Mapping[str, int] = {}
        self._outage = 0
        """Last sign of life before the present outage, ns UTC."""

    async def run(self) -> None:
        """Connects, subscribes and reconnects until cancelled."""
        link = Link(self._spec.name, self._sink, self._clock)
        self._outage = self._clock.now().utc

        async def attempt() -> None:
            await self._attempt(link)

        await keep_connected(link, attempt, self._clock, self._sink, Backoff(), self._random)

    async def _attempt(self, link: Link) -> None:
        session = await Session.open(self._spec.name, self._options)
        intake = Intake(self._spec.points, self._options.time, self._outage, self._clock.now().utc)
        subscription = Subscription(self._spec.name, session, self._options, intake, self._sink, self._clock)
        orderly = True
        try:
            await self._begin(session, subscription)
            await until_one_ends(
                subscription.pump(),
                subscription.watch(),
                session.keep_channel(),
                self._fill(session, subscription, link),
            )
        except SilenceError:
            orderly = False
            raise
        finally:
            self._session = self._commands = None
            if link.up_since is not None:
                self._outage = max(self._outage, subscription.heard_utc)
            await session.close(orderly=orderly)

    async def _begin(self, session: Session, subscription: Subscription) -> None:
        try:
            self._indexes = await namespaces(session) if uses_uris(self._spec.points) else {}
            await subscription.create()
        except FAULTS as fault:
            raise self._lost(fault) from fault
        self._session, self._commands = session, Commands(session, self._indexes, self._sink)

    async def _fill(self, session: Session, subscription: Subscription, link: Link) -> None:
        """Adds the items while the pump already runs, then stays until something else ends the link."""
        found, missing = self._items()
        try:
            refused_items = await subscription.add(found)
            missing += await self._methods(subscription.intake)
            link.up()
            subscription.tell_refused(missing + [(item.point, status) for item, status in refused_items])
            while refused_items:
                # A PLC that is given another program has some nodes only later, in the same session.
                await asyncio.sleep(_ASK_AGAIN)
                refused_items = await subscription.add([item for item, _ in refused_items])
        except FAULTS as fault:
            raise self._lost(fault) from fault
        await session.lost()

    def _items(self) -> tuple[list[Item], list[tuple[Point, int]]]:
        """The variables to monitor, and the points whose namespace the server does not have."""
        found: list[Item] = []
        missing: list[tuple[Point, int]] = []
        for handle, point in enumerate(self._spec.points):
            address = variable_of(point)
            node = None if address is None else node_id(address, self._indexes)
            if node is not None:
                found.append(Item(handle, point, node))
            elif address is not None:
                missing.append((point, UNKNOWN_NODE))
        return found, missing

    async def _methods(self, intake: Intake) -> list[tuple[Point, int]]:
        """Looks up the methods: those that exist show 0, ready to be called."""
        missing: list[tuple[Point, int]] = []
        ready: list[int] = []
        for handle, point in enumerate(self._spec.points):
            address = address_of(point)
            if not isinstance(address, MethodAddress) or self._commands is None:
                continue
            if await self._commands.owner(address):
                ready.append(handle)
            else:
                missing.append((point, UNKNOWN_NODE))
        if ready:
            self._sink.deliver(intake.ready(ready, self._clock.now()))
        return missing

    def _lost(self, fault: BaseException) -> LinkLostError:
        why = str(fault) or type(fault).__name__
        return LinkLostError(f"{self._spec.name}: the server does not go along ({why}).", "It is tried again.")

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Fresh values straight from the server; a method, which has none, reads 0."""
        session, now = self._session, self._clock.now()
        variables = [variable_of(p) for p in points]
        nodes = [None if v is None else node_id(v, self._indexes) for v in variables]
        samples = [_unknown(p, now.utc) for p in points]
        wanted = [(at, node) for at, node in enumerate(nodes) if node is not None]
        no_answer = Sample(float("nan"), Status.BAD_NO_COMMUNICATION, now.utc)
        try:
            values = await session.read([n for _, n in wanted], AttributeIds.Value) if session else []
        except FAULTS:
            values = []
        for place, (at, _) in enumerate(wanted):
            samples[at] = to_sample(values[place], points[at], self._clock.now()) if place < len(values) else no_answer
        return samples

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Sends one value or calls one method exactly once, or says why not."""
        if not self._spec.writes_enabled or not point.writable:
            text = f"{point.path} is not writable: enable it at the tag and its connection."
            return refused(Status.BAD_NOT_WRITABLE, text)
        commands = self._commands
        if commands is None:
            text = f"{point.path}: {self._spec.name} is not connected; nothing was sent."
            return refused(Status.BAD_NO_COMMUNICATION, text)
        return await commands.write(point, value)


def _unknown(point: Point, time: int) -> Sample:
    """What a point reads that has no variable: a method is always ready, anything else is no node."""
    if isinstance(point.address, MethodAddress):
        return Sample(0.0, Status.GOOD, time)
    return Sample(float("nan"), UNKNOWN_NODE, time)
