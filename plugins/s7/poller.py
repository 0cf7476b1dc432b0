"""Reads the points of one controller on their scans and tells what changed.

Scans are kept on a fixed grid: a late one does not shift those after it, and missed ones are skipped and counted.
While the controller's program stands, its memory keeps looking live: then every point is Bad.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from hmi.core.batch import batch_of
from hmi.core.instants import SECOND, seconds
from hmi.core.quality import Status
from hmi.drivers.api import Clock, Point, Sink
from hmi.drivers.columns import marked
from hmi.drivers.supervisor import Link

from .blocks import Block, address_of, largest, plan, requests
from .kinds import Value, decoded
from .options import Options
from .session import STATUS, Cpu, RefusedError, Session

FASTEST: Final = 0.01
"""Shortest scan, seconds."""
REPROBE: Final = seconds(60.0)
"""What the controller refused is asked for again after this long: somebody may have loaded another program."""
STOPPED: Final = int(Status.BAD_OUT_OF_SERVICE)
_MS: Final = 1_000_000

Told = bytes | int
"""The bytes that a point was last told with, or its Bad status."""


class Poller:
    """The acquisition of one connection, from connected to lost."""

    def __init__(
        self, points: Sequence[Point], options: Options, sink: Sink, clock: Clock, session: Session, turn: asyncio.Lock
    ) -> None:
        self._options = options
        self._sink = sink
        self._clock = clock
        self._session = session
        self._turn = turn
        self.cpu = Cpu.UNKNOWN
        """The program's state when it was last looked at."""
        self._told: dict[int, Told] = {}
        self._not_before: dict[int, int] = {}
        """When a refused point may be asked for again, monotonic ns, by tag."""
        self._answered = 0
        """When the controller last answered a read, monotonic ns."""
        self._scanned: dict[float, int] = {}
        """When each scan last ended, monotonic ns."""
        self._points: dict[int, Point] = {}
        self._plan: dict[float, list[Block]] = {}
        self._changed = asyncio.Event()
        self.set_points(points)

    def set_points(self, points: Sequence[Point]) -> None:
        """Takes these points; what is known of those that stay equal is kept."""
        kept = {p.tag for p in points if self._points.get(p.tag) == p}
        self._points = {p.tag: p for p in points}
        self._told = {tag: told for tag, told in self._told.items() if tag in kept}
        self._not_before = {tag: at for tag, at in self._not_before.items() if tag in kept}
        scans: dict[float, list[Point]] = defaultdict(list)
        for point in points:
            scans[max(point.scan, FASTEST)].append(point)
        self._plan = {scan: plan(some, self._session.pdu, self._options.max_gap) for scan, some in scans.items()}
        self._changed.set()

    async def run(self, link: Link) -> None:
        """Looks until the link is lost.

        Raises:
            LinkLostError: the controller is gone.
        """
        await self._look_at_cpu()
        link.up()
        while True:
            await self._look_until_changed()

    async def _look_until_changed(self) -> None:
        self._changed.clear()
        if self.cpu is Cpu.STOP:
            self._mark([p for p in self._points.values() if p.tag not in self._told], STOPPED)
        start, watch = self._clock.now().mono, self._options.cpu_watch
        due: dict[float | None, int] = dict.fromkeys(self._plan, start)
        if self.cpu is not Cpu.UNKNOWN:
            due[None] = start + seconds(watch)  # None: the look at the program
        while not self._changed.is_set():
            await self._until(min(due.values(), default=None))
            now = self._clock.now().mono
            ready = sorted((key for key, at in due.items() if at <= now), key=lambda key: key or 0.0)
            for key in ready:
                if self._changed.is_set():
                    break
                if key is None:
                    await self._look_at_cpu()
                elif self.cpu is not Cpu.STOP:
                    await self._scan(key)
                due[key] = self._next(due[key], seconds(watch if key is None else key))

    async def _until(self, at: int | None) -> None:
        """Until this monotonic time, or until there are other points."""
        loop = asyncio.get_running_loop()
        wait = None if at is None else loop.time() + (at - self._clock.now().mono) / SECOND
        try:
            async with asyncio.timeout_at(wait):
                await self._changed.wait()
        except TimeoutError:
            return

    def _next(self, due: int, period: int) -> int:
        missed = max(0, (self._clock.now().mono - due) // period)
        if missed:
            self._sink.count("overruns", missed)
        return due + period * (missed + 1)

    async def _look_at_cpu(self) -> None:
        if not self._options.cpu_watch:
            return
        async with self._turn:
            self.seen(await self._session.cpu())
        if self.cpu is Cpu.STOP:
            self._sink.alive(np.array(sorted(self._told), np.int32))

    def seen(self, cpu: Cpu) -> None:
        """Takes what the controller says of its program; every point is told when it stands."""
        was, self.cpu = self.cpu, cpu
        if cpu is Cpu.STOP and was is not Cpu.STOP:
            self._sink.count("cpu_stops")
            self._mark(list(self._points.values()), STOPPED)
        elif was is Cpu.STOP and cpu is not Cpu.STOP:
            # The stop has covered what was refused, and the program that runs now may be another one.
            self._told = {tag: told for tag, told in self._told.items() if told != STOPPED}
            self._not_before.clear()

    async def _scan(self, scan: float) -> None:
        now = self._clock.now().mono
        if now - self._scanned.get(scan, now) > seconds(max(1.0, 2 * scan)):
            # The station may have declared these stale: what is unchanged must be told again.
            self._told = {tag: told for tag, told in self._told.items() if isinstance(told, int)}
        waiting = [block for block in self._plan[scan] if self._due(block, now)]
        while waiting:
            groups, halves = requests(waiting, self._session.pdu), list[Block]()
            for group in groups:
                halves += await self._read(group, scan)
            waiting = halves
        self._scanned[scan] = self._clock.now().mono

    def _due(self, block: Block, now: int) -> bool:
        """Whether any of its points may be asked for; where not, the refusal stands."""
        tags = [point.tag for point in block.points]
        if block.size > largest(self._session.pdu):
            if tags[0] not in self._told:
                self._mark(block.points, Status.BAD_CONFIGURATION_ERROR)
        elif any(self._not_before.get(tag, 0) <= now for tag in tags):
            return True
        if now - self._answered < seconds(2.0):
            self._sink.alive(np.array(tags, np.int32))
        return False

    async def _read(self, group: list[Block], scan: float) -> list[Block]:
        """Asks for blocks; the halves of those that were refused."""
        if self._changed.is_set() or self.cpu is Cpu.STOP:
            return []
        try:
            async with self._turn:
                found = await self._session.read(group)
        except RefusedError as fault:
            if len(group) > 1:  # it may know one block at a time only, or refuse all for one
                return [half for block in group for half in await self._read([block], scan)]
            self._sink.count("refusals")
            self._refuse(group[0], STATUS.get(fault.code, Status.BAD_DEVICE_FAILURE))
            return []
        self._answered = self._clock.now().mono
        halves: list[Block] = []
        for block, answer in zip(group, found, strict=True):
            if isinstance(answer, bytes):
                self._tell(block, answer)
                continue
            self._sink.count("refusals")
            if len(block.points) == 1:
                self._refuse(block, STATUS.get(answer, Status.BAD_DEVICE_FAILURE))
            else:
                halves += self._split(block, scan)
        return halves

    def _split(self, block: Block, scan: float) -> tuple[Block, Block]:
        parts = block.halves()
        blocks = self._plan.get(scan, [])
        at = next((number for number, known in enumerate(blocks) if known is block), None)
        if at is not None:
            blocks[at : at + 1] = parts
        return parts

    def _refuse(self, block: Block, status: int) -> None:
        if self.cpu is Cpu.STOP:
            return  # refused before the program stopped, told after
        again = self._clock.now().mono + REPROBE
        self._not_before.update((point.tag, again) for point in block.points)
        self._mark(block.points, status)

    def _tell(self, block: Block, data: bytes) -> None:
        if self.cpu is Cpu.STOP:
            return  # read before the program stopped, told after
        now = self._clock.now()
        news: list[tuple[int, Value]] = []
        quiet: list[int] = []
        for point in block.points:
            raw, tag = block.raw(point, data), point.tag
            if self._points.get(tag) is not point:
                continue
            if self._told.get(tag) == raw:
                quiet.append(tag)
                continue
            self._told[tag] = raw
            self._not_before.pop(tag, None)
            a = address_of(point)
            news.append((tag, decoded(a.kind, raw, a.bit)))
        if news:
            n, utc = len(news), now.utc - now.utc % _MS
            values, statuses = [held[0] for _, held in news], [held[1] for _, held in news]
            self._sink.deliver(batch_of([tag for tag, _ in news], [utc] * n, [now.mono] * n, values, statuses))
        if quiet:
            self._sink.alive(np.array(quiet, np.int32))

    def _mark(self, points: Sequence[Point], status: int) -> None:
        """Gives points a Bad status; those that have it already are alive."""
        known = [point for point in points if self._points.get(point.tag) is point]
        news = [point for point in known if self._told.get(point.tag) != status]
        self._told.update((point.tag, int(status)) for point in news)
        if news:
            self._sink.deliver(marked(news, status, self._clock.now()))
        if len(news) < len(known):
            self._sink.alive(np.array([point.tag for point in known], np.int32))
