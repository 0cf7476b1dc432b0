"""Reads the tags of one controller on their scans and tells what changed.

Scans are kept on a fixed grid: a late one does not shift those after it, and missed ones are skipped and counted.
While the controller is in program mode its tags keep their last values, which look live: then every point is Bad.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from hmi.core.batch import batch_of
from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, Clock, Point, Sink
from hmi.drivers.supervisor import Link

from .address import TagAddress
from .catalogue import Held
from .controller import Controller, Cpu
from .options import Options
from .values import Kind, Value, shown
from .worker import Worker

FASTEST: Final = 0.01
"""Shortest scan, seconds."""
TOGETHER: Final = 200
"""Tags that are asked for in one go: a command waits for no more than these."""
STOPPED: Final = int(Status.BAD_OUT_OF_SERVICE)
_LIFE: Final = 10.0
"""Seconds between two looks whether it answers, where nobody looks at the program."""
_MS: Final = 1_000_000


def address_of(point: Point) -> TagAddress:
    """The point's parsed address.

    Raises:
        AddressError: it was parsed by another driver.
    """
    if not isinstance(point.address, TagAddress):
        raise AddressError(f"{point.path} has no address of a Logix tag.", "Example: Program:Main.Pump.Speed.")
    return point.address


def resolved(controller: Controller, point: Point) -> Held | Status:
    """What the controller has at a point's address, or what its lack makes of the point."""
    held = controller.catalogue.find(address_of(point))
    if isinstance(held, Held) and point.type is TagType.BOOL and held.kind is not Kind.BOOL:
        return Status.BAD_TYPE_MISMATCH
    return held


def nothing(point: Point) -> float | str:
    """The value of a point that has none."""
    return "" if point.type is TagType.STRING else float("nan")


async def values_of(
    controller: Controller, worker: Worker, turn: asyncio.Lock, points: Sequence[tuple[Point, Held]]
) -> list[Value]:
    """The values of so many points, in as few messages as the library makes of it.

    Raises:
        LinkLostError: the controller is gone.
    """
    paths = list(dict.fromkeys(held.path for _, held in points))
    async with turn:
        found = dict(zip(paths, await worker.do(lambda: controller.read(paths)), strict=True)) if paths else {}
    values: list[Value] = []
    for point, held in points:
        value, status = found[held.path]
        values.append(shown(held.kind, value) if status == Status.GOOD else (nothing(point), status))
    return values


class Poller:
    """The acquisition of one connection, from connected to lost."""

    def __init__(
        self,
        points: Sequence[Point],
        options: Options,
        sink: Sink,
        clock: Clock,
        controller: Controller,
        worker: Worker,
        turn: asyncio.Lock,
    ) -> None:
        self._watch = options.cpu_watch
        self._sink = sink
        self._clock = clock
        self._controller = controller
        self._worker = worker
        self._turn = turn
        self.cpu = Cpu.UNKNOWN
        """The program's state when it was last looked at."""
        self._points: dict[int, Point] = {}
        self._told: dict[int, Value] = {}
        """What each point was last told with."""
        self._absent: dict[int, Status] = {}
        """Points that the controller has nothing for, by tag."""
        self._plan: dict[float, list[tuple[Point, Held]]] = {}
        self._scanned: dict[float, int] = {}
        """When each scan last ended, monotonic ns."""
        self._counted = 0
        self._changed = asyncio.Event()
        self.set_points(points)

    def set_points(self, points: Sequence[Point]) -> None:
        """Takes these points; what is known of those that stay equal is kept."""
        kept = {p.tag for p in points if self._points.get(p.tag) == p}
        self._points = {p.tag: p for p in points}
        self._told = {tag: told for tag, told in self._told.items() if tag in kept}
        self._absent = {}
        plan: dict[float, list[tuple[Point, Held]]] = defaultdict(list)
        for point in points:
            held = resolved(self._controller, point)
            if isinstance(held, Held):
                plan[max(point.scan, FASTEST)].append((point, held))
            else:
                self._absent[point.tag] = held
        self._plan = dict(plan)
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
        self._tell_unread()
        start, watch = self._clock.now().mono, self._watch or _LIFE
        due: dict[float | None, int] = dict.fromkeys(self._plan, start)
        due[None] = start + seconds(watch)  # None: the look at the program, which also shows that it answers
        while not self._changed.is_set():
            await self._until(min(due.values()))
            now = self._clock.now().mono
            for key in sorted((key for key, at in due.items() if at <= now), key=lambda key: key or 0.0):
                if self._changed.is_set():
                    break
                if key is None:
                    await self._look_at_cpu()
                elif self.cpu is not Cpu.STOP:
                    await self._scan(key)
                self.count_requests()
                due[key] = self._next(due[key], seconds(watch if key is None else key))

    def count_requests(self) -> None:
        """Tells how many messages were sent since the last time."""
        sent = self._controller.line.sent
        self._sink.count("requests", sent - self._counted)
        self._counted = sent

    def _tell_unread(self) -> None:
        """Tells those that are not asked for: all while the program stands, else what the controller does not have."""
        stopped = self.cpu is Cpu.STOP
        tags = dict.fromkeys(self._points, STOPPED) if stopped else {t: int(s) for t, s in self._absent.items()}
        found = [(self._points[tag], (nothing(self._points[tag]), status)) for tag, status in tags.items()]
        self._tell(found, self._clock.now())

    async def _until(self, at: int) -> None:
        """Until this monotonic time, or until there are other points."""
        wait = asyncio.get_running_loop().time() + (at - self._clock.now().mono) / SECOND
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
        async with self._turn:
            cpu = await self._worker.do(self._controller.cpu)
        self.seen(cpu if self._watch else Cpu.UNKNOWN)
        self._tell_unread()

    def seen(self, cpu: Cpu) -> None:
        """Takes what the controller says of its program: all are told that it stands, the absent that it runs."""
        was, self.cpu = self.cpu, cpu
        if cpu is Cpu.STOP and was is not Cpu.STOP:
            self._sink.count("cpu_stops")
        if (cpu is Cpu.STOP) is not (was is Cpu.STOP):
            self._tell_unread()

    async def _scan(self, scan: float) -> None:
        now = self._clock.now().mono
        points = self._plan[scan]
        if now - self._scanned.get(scan, now) > seconds(max(1.0, 2 * scan)):
            # The station may have declared these stale: what is unchanged must be told again.
            for point, _ in points:
                self._told.pop(point.tag, None)
        for at in range(0, len(points), TOGETHER):
            some = points[at : at + TOGETHER]
            values = await values_of(self._controller, self._worker, self._turn, some)
            if self._changed.is_set() or self.cpu is Cpu.STOP:
                return  # asked before, answered after
            self._tell(list(zip((point for point, _ in some), values, strict=True)), self._clock.now())
        self._scanned[scan] = self._clock.now().mono

    def _tell(self, found: Sequence[tuple[Point, Value]], now: Instants) -> None:
        news: list[tuple[Point, Value]] = []
        quiet: list[int] = []
        for point, value in found:
            known = self._told.get(point.tag)
            # Bad values are NaN, which is equal to nothing: their status tells.
            if known == value or (known is not None and known[1] == value[1] and value[1] & 0x80000000):
                quiet.append(point.tag)
            else:
                self._told[point.tag] = value
                news.append((point, value))
        if news:
            n, utc = len(news), now.utc - now.utc % _MS
            values, statuses = [value for _, (value, _) in news], [status for _, (_, status) in news]
            tags = [point.tag for point, _ in news]
            self._sink.deliver(batch_of(tags, [utc] * n, [now.mono] * n, values, statuses))
        if quiet:
            self._sink.alive(np.array(quiet, np.int32))
