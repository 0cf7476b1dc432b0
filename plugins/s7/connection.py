"""One S7 controller: acquisition, reading afresh and writing over the same wire."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from types import MappingProxyType
from typing import Final

from hmi.core.quality import Status
from hmi.drivers.api import Clock, ConnectionSpec, Point, Sample, Sink, WriteResult
from hmi.drivers.backoff import Backoff
from hmi.drivers.supervisor import Link, keep_connected, until_one_ends

from .afresh import read_afresh, without
from .options import Options, Role
from .poller import STOPPED, Poller
from .session import Cpu, Session
from .wire import Wire
from .writing import prepared, refused, send

_ROLES: Final = MappingProxyType({Role.PG: 1, Role.OP: 2, Role.BASIC: 3})


class S7Connection:
    """Behaviour of one controller; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: Options, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._random = random
        self._session: Session | None = None
        self._poller: Poller | None = None
        self._turn = asyncio.Lock()
        """Held for one message and its answer; by a writer over its checks too."""

    async def run(self) -> None:
        """Connects, looks and reconnects until cancelled."""
        link = Link(self._spec.name, self._sink, self._clock)

        async def attempt() -> None:
            await self._attempt(link)

        await keep_connected(link, attempt, self._clock, self._sink, Backoff(), self._random)

    async def _attempt(self, link: Link) -> None:
        o = self._options
        remote = _ROLES[o.role] << 8 | o.rack << 5 | o.slot
        wire = await Wire.open(self._spec.name, o.host, o.port, remote, o.timeout, self._sink)
        try:
            session = Session(wire, o.timeout)
            await session.agree(o.pdu)
            self._poller = Poller(self._spec.points, o, self._sink, self._clock, session, self._turn)
            self._session = session
            await until_one_ends(self._poller.run(link), wire.gone())
        finally:
            self._session = self._poller = None
            await wire.close()

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """Takes these points; those that stay equal go on undisturbed."""
        self._spec = replace(self._spec, points=points)
        if self._poller is not None:
            self._poller.set_points(points)

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Fresh values straight from the controller, in few requests."""
        session, poller = self._session, self._poller
        if session is None or poller is None:
            return without(points, Status.BAD_NO_COMMUNICATION, self._clock)
        if poller.cpu is Cpu.STOP:
            return without(points, STOPPED, self._clock)
        return await read_afresh(session, self._turn, points, self._options.max_gap, self._clock)

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Sends one value exactly once, or says why not."""
        data = prepared(self._spec, point, value)
        if isinstance(data, WriteResult):
            return data
        session, poller = self._session, self._poller
        name = self._spec.name
        if session is None or poller is None or not session.is_open():
            return refused(Status.BAD_NO_COMMUNICATION, f"{point.path}: {name} is not connected; nothing was sent.")
        try:
            # One message of the poller may be on its way; behind more than that the command would come late.
            async with asyncio.timeout(2 * self._options.timeout):
                await self._turn.acquire()
        except TimeoutError:
            return refused(Status.BAD_TIMEOUT, f"{point.path}: {name} is busy; nothing was sent.")
        try:
            if not session.is_open():
                text = f"{point.path}: the connection was lost; nothing was sent."
                return refused(Status.BAD_NO_COMMUNICATION, text)
            self._sink.count("writes")
            watch = poller.cpu is not Cpu.UNKNOWN
            return await send(session, point, data, value, watch, poller.seen)
        finally:
            self._turn.release()
