"""One session with its subscription and everything that lives on it; it survives a short loss of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from asyncua.ua.attribute_ids import AttributeIds

from hmi.core.quality import Status
from hmi.drivers.api import Clock, Point, Sample, Sink
from hmi.drivers.columns import marked
from hmi.drivers.opcua.address import ElementAddress, MethodAddress
from hmi.drivers.opcua.browsing import Browsing
from hmi.drivers.opcua.commands import Commands
from hmi.drivers.opcua.faults import FAULTS
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.items import UNKNOWN_NODE, Item, plan
from hmi.drivers.opcua.nodes import address_of, node_id, variable_of
from hmi.drivers.opcua.options import OpcUaOptions
from hmi.drivers.opcua.reading import to_sample
from hmi.drivers.opcua.session import Session
from hmi.drivers.opcua.structures import Structures
from hmi.drivers.opcua.subscription import Subscription
from hmi.drivers.outcome import no_value

_ASK_AGAIN: Final = 60.0
"""Seconds after which a refused node is asked for again."""

Refusals = list[tuple[Point, int]]


class Line:
    """What is acquired over one session."""

    def __init__(
        self, name: str, session: Session, options: OpcUaOptions, sink: Sink, clock: Clock, outage: int
    ) -> None:
        """`outage`: when values stopped flowing, ns UTC."""
        self.session = session
        self.begun = clock.now().utc
        self.intake = Intake((), options.time, outage, self.begun)
        self.subscription = Subscription(name, session, options, self.intake, sink, clock)
        self.commands = Commands(session, sink)
        self.browsing = Browsing(session)
        self.structures = Structures()
        self.intake.opened = self.structures.opened
        self._options = options
        self._sink = sink
        self._clock = clock
        self._points: dict[int, Point] = {}
        self._refused: list[Item] = []
        self._lock = asyncio.Lock()
        self.is_filled = False
        """Whether it has been given its points."""

    def move(self, session: Session) -> None:
        """Goes on in another session, to which the server has given the subscription."""
        self.session = session
        self.commands = Commands(session, self._sink)
        self.browsing = Browsing(session)
        self.subscription.take_up(session)

    async def take(self, points: Sequence[Point]) -> Refusals:
        """Acquires these points instead of the present ones; returns those that the server does not have.

        Raises:
            FAULTS: the server does not answer.
        """
        async with self._lock:
            wanted = {point.tag: point for point in points}
            gone = [tag for tag, point in self._points.items() if wanted.get(tag) != point]
            new = [point for tag, point in wanted.items() if self._points.get(tag) != point]
            self._points = wanted
            if gone:
                await self._drop(gone)
            refusals = await self._add(new) if new else []
            self.is_filled = True
            return refusals

    async def _drop(self, tags: Sequence[int]) -> None:
        lost = set(tags)
        idle = self.intake.drop(tags)
        self._refused = [item for item in self._refused if not all(point.tag in lost for point in item.points)]
        await self.subscription.items.remove(idle)

    async def _add(self, points: Sequence[Point]) -> Refusals:
        now = self._clock.now()
        made = plan(points, self.session.indexes, self.intake, self._options, now.utc if self.is_filled else None)
        elements = [item.node for item in made.items if isinstance(address_of(item.points[0]), ElementAddress)]
        if elements:
            await self.structures.learn(self.session, elements)
        refused = await self.subscription.items.add(made.items)
        self._refused += [item for item, _ in refused]
        refusals = made.missing + [(point, status) for item, status in refused for point in item.points]
        return refusals + await self._methods(points)

    async def _methods(self, points: Sequence[Point]) -> Refusals:
        """Looks up the methods: those that exist show 0, ready to be called."""
        missing: Refusals = []
        ready: list[Point] = []
        for point in points:
            address = address_of(point)
            if not isinstance(address, MethodAddress):
                continue
            if await self.commands.owner(address):
                ready.append(point)
            else:
                missing.append((point, UNKNOWN_NODE))
        if ready:
            self._sink.deliver(self.intake.ready(self.intake.add(ready), self._clock.now()))
        return missing

    async def ask_again(self) -> None:
        """Asks for refused nodes again every minute, until cancelled.

        Raises:
            FAULTS: the server does not answer.
        """
        while True:
            # A PLC that is given another program has some nodes only later, in the same session.
            await asyncio.sleep(_ASK_AGAIN)
            async with self._lock:
                if self._refused:
                    self._refused = [item for item, _ in await self.subscription.items.add(self._refused)]

    def tell(self, refusals: Refusals) -> None:
        """Gives the points that the server does not have their status; the others run."""
        by_status: dict[int, list[Point]] = {}
        for point, status in refusals:
            by_status.setdefault(status, []).append(point)
        for status, points in sorted(by_status.items()):
            self._sink.count("refused_items", len(points))
            self._sink.deliver(marked(points, status, self._clock.now()))

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Fresh values straight from the server, each node once; a method, which has none, reads 0."""
        now = self._clock.now()
        variables = {point.tag: variable_of(point) for point in points}
        nodes = {variable: node_id(variable, self.session.indexes) for variable in variables.values() if variable}
        wanted = {variable: node for variable, node in nodes.items() if node is not None}
        try:
            values = await self.session.read(list(wanted.values()), AttributeIds.Value)
        except FAULTS:
            values = []
        told = dict(zip(wanted, values, strict=False))
        samples: list[Sample] = []
        for point in points:
            variable = variables[point.tag]
            if variable is None:
                samples.append(Sample(0.0, Status.GOOD, now.utc))
            elif variable in told:
                samples.append(to_sample(told[variable], point, self._clock.now(), self.structures.opened))
            else:
                status = Status.BAD_NO_COMMUNICATION if variable in wanted else UNKNOWN_NODE
                samples.append(no_value(status, now.utc))
        return samples
