"""Driver processes: what two take against one, and what the way into the station costs a change.

Each process decodes recorded OPC UA notifications as fast as it can, and the station takes what comes. Where there are
fewer than four cores two processes and the station share them, so the goal there is about CPU seconds.
"""

import asyncio
import os
import time
from dataclasses import dataclass
from random import Random

from benchmarks._drivers import CountingSink
from benchmarks._replay import DRIVER, ITEMS
from benchmarks.report import Goal, Report, main
from hmi.core.tag import TagType
from hmi.drivers.api import Connection, ConnectionSpec, Driver, Point
from hmi.drivers.backoff import Backoff
from hmi.drivers.conformance import SystemClock
from hmi.drivers.plugin.place import at
from hmi.drivers.process.host import DriverProcess
from hmi.drivers.process.hosted import HostedDriver

ENOUGH_CORES = 4


@dataclass(frozen=True)
class Run:
    """What some processes did."""

    rows: int
    wall: float
    cpu: float
    """Seconds of the drivers and of the station's half."""
    lost: int

    @property
    def per_wall(self) -> float:
        return self.rows / self.wall

    @property
    def per_cpu(self) -> float:
        return self.rows / self.cpu


async def run(drivers: list[Driver], responses: int) -> Run:
    """Lets every driver decode so many responses at the same time."""
    sinks = [CountingSink() for _ in drivers]
    lines = [connected(driver, sink) for driver, sink in zip(drivers, sinks, strict=True)]
    jobs = [asyncio.ensure_future(connection.run()) for connection, _ in lines]
    try:
        for sink in sinks:
            await sink.is_up.wait()
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(connection.write(point, responses) for connection, point in lines))
        wanted = responses * ITEMS
        # Rows and counters come in messages of their own.
        while any(  # noqa: ASYNC110 - a counting sink has no event for it
            sink.rows + sink.counters["dropped"] < wanted or not sink.counters["cpu_us"] for sink in sinks
        ):
            await asyncio.sleep(0.001)
        wall, own = time.perf_counter() - wall, time.process_time() - cpu
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
    elsewhere = sum(sink.counters["cpu_us"] for sink in sinks) / 1e6 if isinstance(drivers[0], HostedDriver) else 0.0
    rows = sum(sink.rows for sink in sinks)
    return Run(rows, wall, own + elsewhere, responses * ITEMS * len(drivers) - rows)


def connected(driver: Driver, sink: CountingSink) -> tuple[Connection, Point]:
    address = driver.parse_address("x", TagType.FLOAT)
    points = tuple(Point(n, f"n{n}", address, TagType.FLOAT, 0.1, writable=True) for n in range(ITEMS))
    spec = ConnectionSpec("bench", "x", driver.parse_options("x", {}), points, True)
    return driver.connect(spec, sink, SystemClock()), points[0]


def hosted(count: int) -> list[Driver]:
    """The driver in so many processes."""
    place = at("replay", "benchmarks._replay:DRIVER")
    homes = [DriverProcess(f"bench {n}", SystemClock(), Random(), Backoff()) for n in range(count)]
    return [HostedDriver(DRIVER, place, lambda _, home=home: home) for home in homes]  # type: ignore[misc]


def measure(quick: bool) -> Report:
    responses = 1000 if quick else 3000
    rounds = 3 if quick else 5
    best: dict[str, Run] = {}
    for _ in range(rounds):  # turn by turn, so that what else the machine does meets all alike
        for name, drivers in (("inside", [DRIVER]), ("one", hosted(1)), ("two", hosted(2))):
            done = asyncio.run(run(list(drivers), responses))
            if name not in best or done.per_cpu > best[name].per_cpu:
                best[name] = done
    inside, one, two = best["inside"], best["one"], best["two"]
    goals: dict[str, Goal] = {"ratio.changes_cpu_s": (">=", 0.9), "lost": ("<=", 0)}
    if (os.cpu_count() or 1) >= ENOUGH_CORES:
        goals["ratio.changes_s"] = (">=", 1.7)
    return Report(
        "processes",
        figures={"changes_s": two.per_wall, "changes_cpu_s": two.per_cpu, "lost": one.lost + two.lost},
        baseline={"changes_s": one.per_wall, "changes_cpu_s": one.per_cpu},
        ratio={"process_cpu_over_inside": inside.per_cpu / one.per_cpu},
        goals=goals,
    )


if __name__ == "__main__":
    main(measure)
