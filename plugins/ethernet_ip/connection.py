"""One Logix controller: acquisition, reading afresh, writing and browsing over one session."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from hmi.core.errors import ConnectError
from hmi.core.quality import Status
from hmi.drivers.api import BrowseItem, Clock, ConnectionSpec, Point, Sample, Sink, WriteResult
from hmi.drivers.backoff import Backoff
from hmi.drivers.supervisor import Link, LinkLostError, keep_connected

from .catalogue import Held
from .controller import Controller, Cpu
from .options import Options
from .poller import STOPPED, TOGETHER, Poller, nothing, resolved, values_of
from .worker import Worker
from .writing import prepared, program, refused, send

_GOODBYE: Final = 0.5
"""Seconds that a controller is given to say goodbye."""


@dataclass(frozen=True, slots=True)
class _Session:
    """What there is while the controller is connected."""

    controller: Controller
    worker: Worker
    poller: Poller


class LogixConnection:
    """Behaviour of one controller; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: Options, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._random = random
        self._session: _Session | None = None
        self._turn = asyncio.Lock()
        """Held for one call of the controller; by a writer over its checks too."""

    async def run(self) -> None:
        """Connects, looks and reconnects until cancelled."""
        link = Link(self._spec.name, self._sink, self._clock)

        async def attempt() -> None:
            await self._attempt(link)

        await keep_connected(link, attempt, self._clock, self._sink, Backoff(), self._random)

    async def _attempt(self, link: Link) -> None:
        controller = Controller(self._spec.name, self._options)
        worker = Worker(f"eip-{self._spec.name}", controller.line.abort)
        try:
            await worker.do(controller.open)
            o = self._options
            poller = Poller(self._spec.points, o, self._sink, self._clock, controller, worker, self._turn)
            self._session = _Session(controller, worker, poller)
            await poller.run(link)
        finally:
            if self._session is not None:
                self._session.poller.count_requests()
            self._session = None
            try:
                if not controller.line.broken:
                    await worker.do(lambda: controller.goodbye(min(_GOODBYE, self._options.timeout)))
            finally:
                await worker.close()
                controller.line.close()

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """Takes these points; those that stay equal go on undisturbed."""
        self._spec = replace(self._spec, points=points)
        if self._session is not None:
            self._session.poller.set_points(points)

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Fresh values straight from the controller."""
        session, now = self._session, self._clock.now().utc
        samples = [Sample(nothing(p), int(Status.BAD_NO_COMMUNICATION), now) for p in points]
        if session is None:
            return samples
        if session.poller.cpu is Cpu.STOP:
            return [replace(sample, status=STOPPED) for sample in samples]
        asked: list[tuple[int, Point, Held]] = []
        for number, point in enumerate(points):
            held = resolved(session.controller, point)
            if isinstance(held, Held):
                asked.append((number, point, held))
            else:
                samples[number] = replace(samples[number], status=int(held))
        try:
            for at in range(0, len(asked), TOGETHER):
                some = asked[at : at + TOGETHER]
                values = await values_of(session.controller, session.worker, self._turn, [(p, h) for _, p, h in some])
                for (number, _, _), value in zip(some, values, strict=True):
                    samples[number] = Sample(*value, self._clock.now().utc)
        except LinkLostError:
            return samples  # those that were not reached keep saying so
        return samples

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Sends one value exactly once, or says why not."""
        session, name = self._session, self._spec.name
        if session is None or session.controller.line.broken:
            return refused(Status.BAD_NO_COMMUNICATION, f"{point.path}: {name} is not connected; nothing was sent.")
        order = prepared(self._spec, session.controller, point, value)
        if isinstance(order, WriteResult):
            return order
        try:
            # One call of the poller may be on its way; behind more than that the command would come late.
            async with asyncio.timeout(2 * self._options.timeout):
                await self._turn.acquire()
        except TimeoutError:
            return refused(Status.BAD_TIMEOUT, f"{point.path}: {name} is busy; nothing was sent.")
        try:
            return await self._write(session, point, order, value)
        finally:
            self._turn.release()

    async def _write(
        self, session: _Session, point: Point, order: tuple[Held, bytes], value: float | str
    ) -> WriteResult:
        if session is not self._session:
            text = f"{point.path}: the connection was lost; nothing was sent."
            return refused(Status.BAD_NO_COMMUNICATION, text)
        if session.poller.cpu is not Cpu.UNKNOWN:
            cpu = await program(session.controller, session.worker)
            if isinstance(cpu, str):
                return refused(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: {cpu} Nothing was sent.")
            session.poller.seen(cpu)
            if cpu is Cpu.STOP:
                text = f"{point.path}: the controller is in program mode; nothing was sent."
                return refused(Status.BAD_OUT_OF_SERVICE, text)
        self._sink.count("writes")
        return await send(session.controller, session.worker, point, *order, value)

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """The controller's tags, programs, members and elements, as they were when it was connected to."""
        if self._session is None:
            raise ConnectError(f"{self._spec.name} is not connected.", "Browse when it is.")
        return self._session.controller.catalogue.below(node)
