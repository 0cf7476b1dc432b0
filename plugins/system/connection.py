"""This computer as a device: looked at on the points' scan, in a thread, since a disk may keep a look waiting."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Final

import numpy as np

from hmi.core.batch import batch_of
from hmi.core.instants import SECOND
from hmi.core.quality import Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, Clock, ConnectionSpec, Point, Sample, Sink, WriteOutcome, WriteResult
from hmi.drivers.supervisor import Link

from .address import Address, Look, Ping
from .machine import AT_ANY_TIME, Machine, Reading
from .options import Options
from .ping import ping

AT_ONCE: Final = 64
"""Pings on their way at a time: a list of a thousand computers must not take all sockets."""


class SystemConnection:
    """Behaviour of this computer; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: Options, sink: Sink, clock: Clock, machine: Machine) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._machine = machine
        self._numbers = count(1)
        self._up = False
        self._known: dict[int, Reading] = {}
        self._few = asyncio.Semaphore(AT_ONCE)
        self._turn = asyncio.Lock()
        self._thread: asyncio.Future[dict[Look, Reading]] | None = None

    async def run(self) -> None:
        """Looks until cancelled; this computer is always there."""
        link = Link(self._spec.name, self._sink, self._clock)
        link.connecting()
        self._known.clear()
        groups: defaultdict[float, list[Point]] = defaultdict(list)
        for point in self._spec.points:
            groups[point.scan].append(point)
        self._up = True
        link.up()
        try:
            async with asyncio.TaskGroup() as group:
                for scan, points in groups.items():
                    group.create_task(self._look_every(scan, points))
                await asyncio.get_running_loop().create_future()
        finally:
            self._up = False
            await self._let_go()

    async def _look_every(self, scan: float, points: list[Point]) -> None:
        """Looks on a fixed grid; what comes too late is skipped and counted."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self._tell(points, await self._readings(points, scan))
            missed = max(int((loop.time() - due) / scan), 0)
            if missed:
                self._sink.count("overruns", missed)
            due += scan * (missed + 1)
            await asyncio.sleep(due - loop.time())

    async def _readings(self, points: Sequence[Point], scan: float) -> dict[Address, Reading]:
        looks = {point.address for point in points if isinstance(point.address, Look)}
        pings = list({point.address for point in points if isinstance(point.address, Ping)})
        seen, answers = await asyncio.gather(self._look(looks, scan), asyncio.gather(*map(self._ping, pings)))
        readings: dict[Address, Reading] = dict(zip(pings, answers, strict=True))
        readings.update(seen.items())
        return readings

    async def _look(self, looks: set[Look], scan: float) -> Mapping[Look, Reading]:
        """Asks the system; one that does not answer, e.g. for a network drive that is gone, keeps nobody waiting."""
        if not looks:
            return {}
        try:
            async with asyncio.timeout(self._options.timeout), self._turn:
                if self._thread is not None:  # still stuck in the look before: threads must not pile up
                    await asyncio.wait([self._thread])
                    self._thread.exception()
                look = asyncio.to_thread(self._machine.look, looks, self._clock.now(), scan)
                self._thread = asyncio.ensure_future(look)
                await asyncio.wait([self._thread])
                thread, self._thread = self._thread, None
                return thread.result()
        except TimeoutError:
            self._sink.count("timeouts")
            return dict.fromkeys(looks, (math.nan, int(Status.BAD_TIMEOUT)))
        except OSError:
            self._sink.count("failed_looks")
            return dict.fromkeys(looks, (math.nan, int(Status.BAD_DEVICE_FAILURE)))

    async def _let_go(self) -> None:
        """A thread that the system holds ends when the system lets it; nobody waits for it any more."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.cancel()
            await asyncio.gather(thread, return_exceptions=True)

    async def _ping(self, address: Ping) -> Reading:
        async with self._few:
            self._sink.count("pings")
            number = next(self._numbers)
            return await ping(address, self._options.timeout, number, lambda: self._clock.now().mono / SECOND)

    def _tell(self, points: Sequence[Point], readings: Mapping[Address, Reading]) -> None:
        now = self._clock.now()
        news: list[tuple[int, Reading]] = []
        quiet: list[int] = []
        for point in points:
            reading = _fitted(point, readings[_address(point)])
            if self._known.get(point.tag) == reading:
                quiet.append(point.tag)
            else:
                self._known[point.tag] = reading
                news.append((point.tag, reading))
        if news:
            n = len(news)
            values, statuses = [reading[0] for _, reading in news], [reading[1] for _, reading in news]
            self._sink.deliver(batch_of([tag for tag, _ in news], [now.utc] * n, [now.mono] * n, values, statuses))
        if quiet:
            self._sink.alive(np.asarray(quiet, np.int32))

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """A look at this moment; rates are those of the last scan, since a look in between would cut theirs short."""
        now = self._clock.now().utc
        if not self._up:
            return [Sample(math.nan, Status.BAD_NO_COMMUNICATION, now) for _ in points]
        # By place and not by tag: addresses that are tried have no tag of their own yet.
        known = [self._known.get(point.tag) if _is_rate(point) else None for point in points]
        asked = [point for point, reading in zip(points, known, strict=True) if reading is None]
        fresh = await self._readings(asked, AT_ANY_TIME)
        found = [held or _fitted(p, fresh[_address(p)]) for p, held in zip(points, known, strict=True)]
        return [Sample(*reading, now) for reading in found]

    async def write(self, point: Point, value: float | str) -> WriteResult:  # noqa: ARG002 - the door's signature
        """Refused: there is nothing to set."""
        text = f"{point.path}: a quantity of the computer cannot be written."
        return WriteResult(WriteOutcome.REFUSED, Status.BAD_NOT_WRITABLE, text)


def _address(point: Point) -> Address:
    if not isinstance(point.address, Look | Ping):
        raise AddressError(f"{point.path} has an address of another driver.", "Parse it with this driver.")
    return point.address


def _is_rate(point: Point) -> bool:
    return isinstance(point.address, Look) and point.address.kind in {"cpu", "net"}


def _fitted(point: Point, reading: Reading) -> Reading:
    """A reading as the tag's type has it."""
    value, status = reading
    if point.type is TagType.BOOL:
        if isinstance(point.address, Ping) and status in {Status.BAD_TIMEOUT, Status.BAD_NO_COMMUNICATION}:
            return 0.0, int(Status.GOOD)
        return (float(value != 0 or isinstance(point.address, Ping)), status) if is_good(status) else reading
    return (float(round(value)), status) if point.type is not TagType.FLOAT and is_good(status) else reading
