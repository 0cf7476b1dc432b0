"""The station's connections: one sink each, gathering what drivers deliver until the next scan drains it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import structlog

from hmi.core.actions import Alive
from hmi.core.batch import Batch, Int32
from hmi.core.clock_offset import ClockOffset
from hmi.core.project import Project
from hmi.core.quality import is_good
from hmi.core.tag import ConnectionSource, TagType
from hmi.drivers.api import (
    Clock,
    Connection,
    ConnectionSpec,
    DeviceCondition,
    Driver,
    LinkState,
    Point,
)
from hmi.drivers.backlog import Backlog
from hmi.station.hosting import Hosting
from hmi.station.tag_table import TagTable

_log = structlog.get_logger()

MOST_ROWS: Final = 500_000
"""Samples of one connection that wait for a scan; the oldest of more are dropped, counted and marked in history."""

Report = Callable[[str, str, str], None]
"""(kind, source, sentence) of an event for the journal."""


class Ages(NamedTuple):
    """Percentiles of how old a connection's samples are when they come, ms; None before the first."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Intake:
    """A connection's sink: everything is kept until drained, in the order in which it came."""

    def __init__(self, name: str, clock: Clock, report: Report) -> None:
        self.name = name
        self.link = LinkState.OFF
        self._told: LinkState | None = None
        """None: nothing was told, so that a driver that fails at its first step is told too."""
        self.text = ""
        self.counters: Counter[str] = Counter()
        self.ages: deque[float] = deque(maxlen=2000)
        """Receive time minus source time of recent Good samples, ms."""
        self.clock_offset = ClockOffset()
        self.samples = 0
        self._clock = clock
        self._report = report
        self._backlog = Backlog(MOST_ROWS)
        self._alive: list[Alive] = []

    def deliver(self, batch: Batch) -> None:
        """Keeps a Batch for the next scan."""
        if not len(batch):
            return
        if dropped := self._backlog.put(batch):
            self.counters["dropped"] += dropped
        self.samples += len(batch)
        if not batch.backfill:
            good = is_good(batch.status)
            times, utc = batch.time[good], self._clock.now().utc
            self.clock_offset.take(batch.tag[good], times, utc)
            sample = times[-20:]
            self.ages.extend(((utc - sample) / 1e6).tolist())

    def alive(self, tags: Int32) -> None:
        """Notes that the device answered for these tags."""
        self._alive.append(Alive(tags, self._clock.now().mono))

    def state(self, state: LinkState, text: str) -> None:
        """Notes the link's state; coming and going are events, another attempt is none."""
        if state is LinkState.UP and self.link is not state:
            self.clock_offset.connected(self._clock.now().mono)
        if state is not self._told and state is not LinkState.CONNECTING:
            self._told = state
            self._report(f"connection-{state.value}", self.name, text)
        self.link, self.text = state, text

    def count(self, name: str, amount: int = 1) -> None:
        """Adds to a diagnostic counter."""
        self.counters[name] += amount

    def condition(self, condition: DeviceCondition) -> None:
        """Journals what the device says of its own alarms."""
        state = "active" if condition.active else "returned"
        text = f"{condition.source} {condition.name} {state}: {condition.message}"
        self._report(f"device-alarm-{state}", self.name, text)

    def drain(self) -> tuple[list[Batch], list[Alive]]:
        """What came since the last call."""
        alive, self._alive = self._alive, []
        return self._backlog.take(self._clock.now().mono), alive

    def age_percentiles(self) -> Ages:
        """How old the recent samples were when they came."""
        if not self.ages:
            return Ages()
        found = np.percentile(np.fromiter(self.ages, np.float64), [50, 95, 99])
        return Ages(*(round(float(age), 1) for age in found))


@dataclass
class Link:
    """One configured connection at run time."""

    name: str
    driver: str
    endpoint: str
    intake: Intake
    connection: Connection | None
    parse_address: Callable[[str, TagType], object]
    """As the driver reads addresses.

    Raises:
        AddressError: the driver does not understand it.
    """
    points: dict[int, Point] = field(default_factory=dict)

    async def run(self) -> None:
        """Runs the driver; a fault in the driver itself switches this connection off and leaves the others alone."""
        if self.connection is None:
            return
        try:
            await self.connection.run()
        except Exception as error:  # noqa: BLE001 - a driver is foreign code: whatever it raises must stay its own
            _log.error("driver failed", connection=self.name, error=repr(error))
            what = f"The driver of {self.name} failed ({type(error).__name__}: {error})."
            self.intake.state(LinkState.OFF, f"{what} Restart the station and report the fault.")
        else:
            self.intake.state(LinkState.OFF, f"The connection {self.name} ended.")


def build_links(
    project: Project,
    table: TagTable,
    drivers: Mapping[str, Driver],
    clock: Clock,
    report: Report,
    hosting: Hosting | None = None,
) -> dict[str, Link]:
    """Every connection of a checked project, not yet running; without `hosting` all run in this process."""
    hosted = {
        name: drivers[config.driver] if hosting is None else hosting.driver_of(name, config, drivers[config.driver])
        for name, config in project.connections.items()
    }
    points: dict[str, dict[int, Point]] = {name: {} for name in project.connections}
    writes = project.file.security.writes_enabled
    for id_, tag in table.tags.items():
        if isinstance(tag.source, ConnectionSource):
            config = project.connections[tag.source.connection]
            address = hosted[tag.source.connection].parse_address(tag.source.address, tag.type)
            writable = writes and config.writes_enabled and tag.write is not None
            point = Point(id_, tag.path, address, tag.type, tag.scan, writable, tag.driver)
            points[tag.source.connection][id_] = point
    links: dict[str, Link] = {}
    for name, config in project.connections.items():
        driver = hosted[name]
        intake = Intake(name, clock, report)
        options_ = driver.parse_options(config.endpoint, config.options)
        spec = ConnectionSpec(
            name, config.endpoint, options_, tuple(points[name].values()), writes and config.writes_enabled
        )
        links[name] = Link(
            name,
            config.driver,
            config.endpoint,
            intake,
            driver.connect(spec, intake, clock),
            driver.parse_address,
            points[name],
        )
    return links


async def run_links(links: Mapping[str, Link]) -> None:
    """Runs all connections until cancelled; a station that has none, or whose drivers all failed, goes on without."""
    async with asyncio.TaskGroup() as group:
        for link in links.values():
            group.create_task(link.run(), name=f"connection {link.name}")
        await asyncio.get_running_loop().create_future()
