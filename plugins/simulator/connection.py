"""One simulated device: looks at its points on their scan and tells what changed."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from random import Random

import numpy as np

from hmi.core.batch import batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import (
    AddressError,
    BrowseItem,
    BrowseKind,
    Clock,
    ConnectionSpec,
    Point,
    Sample,
    Sink,
    WriteOutcome,
    WriteResult,
)
from hmi.drivers.backoff import Backoff
from hmi.drivers.columns import clean
from hmi.drivers.supervisor import Link, keep_connected

from .address import SIGNALS, Column, Memory, Signal
from .memory import FileMemory, OwnMemory
from .options import Options, Quality
from .recording import Recording
from .signals import Walk, value_at

Value = tuple[float | str, int]
"""What a point holds and its status."""


class SimulatorConnection:
    """Behaviour of one simulated device; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: Options, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._random = random
        self._points = spec.points
        self._up = False
        self._memory = OwnMemory() if options.memory is None else FileMemory(options.memory)
        self._recording: Recording | None = None
        self._began = 0
        self._walks: dict[int, Walk] = {}
        self._known: dict[int, Value] = {}
        self._changed = asyncio.Event()
        """Set when there are other points."""

    async def run(self) -> None:
        """Connects, looks and connects again until cancelled."""
        link = Link(self._spec.name, self._sink, self._clock)

        async def attempt() -> None:
            try:
                await self._attempt(link)
            finally:
                self._up = False

        await keep_connected(link, attempt, self._clock, self._sink, Backoff(), self._random)

    async def _attempt(self, link: Link) -> None:
        self._known.clear()
        self._memory.refresh()
        if self._options.recording is not None:
            self._recording = Recording(self._options.recording, loop=self._options.loop)
        self._began = self._clock.now().utc
        self._up = True
        link.up()
        while True:
            await self._look_until_changed()

    async def _look_until_changed(self) -> None:
        """Looks at each point on its scan's grid; one that comes too late is skipped and counted."""
        self._changed.clear()
        groups: defaultdict[float, list[Point]] = defaultdict(list)
        for point in self._points:
            groups[point.scan].append(point)
        loop = asyncio.get_running_loop()
        due = dict.fromkeys(groups, loop.time())
        while not self._changed.is_set():
            now = loop.time()
            ready = [scan for scan, at in due.items() if at <= now]
            self._memory.refresh()
            self._tell([point for scan in ready for point in groups[scan]])
            for scan in ready:
                missed = int((now - due[scan]) / scan)
                if missed:
                    self._sink.count("overruns", missed)
                due[scan] += scan * (missed + 1)
            try:
                async with asyncio.timeout_at(min(due.values(), default=None)):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _tell(self, points: Sequence[Point]) -> None:
        now = self._clock.now()
        news: list[tuple[int, Value]] = []
        quiet: list[int] = []
        for point in points:
            held = self._value(point, now)
            if self._known.get(point.tag) == held:
                quiet.append(point.tag)
            else:
                self._known[point.tag] = held
                news.append((point.tag, held))
        if news:
            n = len(news)
            values, statuses = [held[0] for _, held in news], [held[1] for _, held in news]
            tags = [tag for tag, _ in news]
            self._sink.deliver(batch_of(tags, [now.utc] * n, [now.mono] * n, values, statuses))
        if quiet:
            self._sink.alive(np.asarray(quiet, np.int32))

    def _value(self, point: Point, now: Instants) -> Value:
        address = point.address
        if isinstance(address, Memory):
            return self._read(point, self._memory.get(address.name))
        if isinstance(address, Column):
            seconds = (now.utc - self._began) / SECOND
            return self._read(point, self._recording.cell(address.name, seconds) if self._recording else None)
        if not isinstance(address, Signal):
            raise AddressError(f"{point.path} has an address of another driver.", "Parse it with this driver.")
        if address.kind == "walk":
            if point.tag not in self._walks:
                self._walks[point.tag] = self._new_walk(point, address)
            return self._number(point, self._walks[point.tag].step())
        return self._number(point, value_at(address, now.utc / SECOND), (address["low"] + address["high"]) / 2)

    def _read(self, point: Point, text: str | None) -> Value:
        """A cell or a memory as the tag's type has it."""
        is_text = point.type is TagType.STRING
        if text is None:
            return ("" if is_text else math.nan), Status.BAD_NODE_ID_UNKNOWN
        if is_text:
            return clean(text), self._status
        if not text and isinstance(point.address, Column):
            return math.nan, Status.BAD_NO_DATA
        try:
            number = float(text or 0)
        except ValueError:
            return math.nan, Status.BAD_TYPE_MISMATCH
        return self._number(point, number) if math.isfinite(number) else (math.nan, Status.BAD_OUT_OF_RANGE)

    def _number(self, point: Point, number: float, middle: float = 0.5) -> Value:
        if point.type is TagType.BOOL:
            return float(number >= middle), self._status
        if point.type in {TagType.INT, TagType.ENUM}:
            return float(round(number)), self._status
        return number, self._status

    @property
    def _status(self) -> int:
        good = self._options.quality is Quality.GOOD
        return int(Status.GOOD if good else Status.UNCERTAIN_SIMULATED_VALUE)

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """The values at this moment; a walk is not moved on by being looked at."""
        now = self._clock.now()
        if not self._up:
            return [Sample(math.nan, Status.BAD_NO_COMMUNICATION, now.utc) for _ in points]
        return [Sample(*self._fresh(point, now), now.utc) for point in points]

    def _fresh(self, point: Point, now: Instants) -> Value:
        address = point.address
        if not isinstance(address, Signal) or address.kind != "walk":
            return self._value(point, now)
        # One that is only tried is at its first step, and nobody keeps it.
        known = self._known.get(point.tag)
        return self._number(point, self._new_walk(point, address).step()) if known is None else known

    def _new_walk(self, point: Point, address: Signal) -> Walk:
        return Walk(address, self._options.seed, point.path)

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Keeps a value in the memory; signals and recordings take none."""
        refusal = self._refusal(point, value)
        if refusal:
            return WriteResult(WriteOutcome.REFUSED, Status.BAD_NOT_WRITABLE, f"{point.path}: {refusal}.")
        text = value if isinstance(value, str) else repr(float(value))
        self._sink.count("writes")
        try:
            self._memory.put(point.address.name if isinstance(point.address, Memory) else "", text)
        except (FileNotFoundError, PermissionError) as fault:
            text = f"{point.path}: {fault.strerror}; nothing was written."
            return WriteResult(WriteOutcome.REFUSED, Status.BAD_NOT_WRITABLE, text)
        except OSError as fault:
            why = fault.strerror or str(fault)
            return WriteResult(WriteOutcome.UNKNOWN, Status.BAD_DEVICE_FAILURE, f"{point.path}: {why}.")
        return WriteResult(WriteOutcome.DONE, Status.GOOD)

    def _refusal(self, point: Point, value: float | str) -> str:
        """Why a value is not taken; empty: it is."""
        if not (self._spec.writes_enabled and point.writable):
            return "writing is not allowed"
        if not self._up:
            return f"{self._spec.name} is not connected; nothing was sent"
        if not isinstance(point.address, Memory):
            return "only memory can be written"
        if isinstance(value, str) != (point.type is TagType.STRING):
            return f"{value!r} does not fit its type"
        if isinstance(value, str):
            return "a comma or a new line cannot be kept" if set(value) & {",", "\n", "\r"} else ""
        return "" if math.isfinite(value) else f"{value} is no value"

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """Signals, the columns of the recording and the memory's names."""
        below: dict[str, Iterable[str]] = {
            "signals": SIGNALS,
            "csv": self._recording.names if self._recording else [],
            "memory": self._memory.names(),
        }
        if not node:
            return [BrowseItem(name, name, BrowseKind.FOLDER, below=True) for name in below]
        if node not in below:
            raise AddressError(f"There is no '{node}' here.", f"There is: {', '.join(below)}.")
        prefix = "" if node == "signals" else f"{node}:"
        writable = node == "memory"
        return [
            BrowseItem(f"{prefix}{n}", n, BrowseKind.VARIABLE, False, f"{prefix}{n}", TagType.FLOAT, writable=writable)
            for n in below[node]
        ]

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """Takes other points; those that stay go on with what was last told of them."""
        stay = {tag for tag, _, _ in _facts(self._points) & _facts(points)}
        self._known = {tag: held for tag, held in self._known.items() if tag in stay}
        self._walks = {tag: walk for tag, walk in self._walks.items() if tag in stay}
        self._points = points
        self._changed.set()


def _facts(points: Iterable[Point]) -> set[tuple[int, object, TagType]]:
    """What decides the value of each point."""
    return {(point.tag, point.address, point.type) for point in points}
