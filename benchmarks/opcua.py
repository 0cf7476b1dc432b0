"""OPC UA: CPU for a change from the socket into a sink, against a bare client of the library with an empty handler.

The server is a process of its own and, being of the same library, slower than the driver: changes a second show what
it gives, the capacity what one core of the station could take.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from asyncua.client.client import Client

from benchmarks._drivers import Cost, CountingSink, cost_of
from benchmarks._recorded_opcua import library, messages
from benchmarks._recorded_opcua import ours as ours_recorded
from benchmarks.report import Report, main
from hmi.core.tag import TagType
from hmi.drivers.api import ConnectionSpec, Point
from hmi.drivers.conformance import SystemClock
from hmi.drivers.opcua import DRIVER
from tests.helpers_drivers.harness import OpcUaProcess

TAGS, PERIOD = 300, 0.1
MANY = 10_000


class Handler:
    """The least that the library's user can do with a change."""

    def __init__(self) -> None:
        self.rows = 0

    def datachange_notification(self, _node: object, _value: object, _data: object) -> None:
        self.rows += 1


def points_of(count: int) -> tuple[Point, ...]:
    return tuple(
        Point(n, f"n{n}", DRIVER.parse_address(f"ns=2;s=Mixer.N{n}", TagType.FLOAT), TagType.FLOAT, PERIOD)
        for n in range(count)
    )


async def ours(server: OpcUaProcess, rounds: int) -> tuple[Cost, int]:
    sink = CountingSink()
    points = points_of(TAGS)
    spec = ConnectionSpec("bench", server.url, DRIVER.parse_options(server.url, {}), points, False)
    job = asyncio.ensure_future(DRIVER.connect(spec, sink, SystemClock()).run())
    try:
        await sink.is_up.wait()
        await settled(lambda: sink.rows, TAGS)
        cost = await cost_of(flooded(server, rounds, lambda: sink.rows, TAGS * (rounds + 1)))
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
    return cost, sink.rows - TAGS


async def plain(server: OpcUaProcess, rounds: int) -> tuple[Cost, int]:
    handler = Handler()
    async with Client(server.url) as client:
        subscription = await client.create_subscription(100, handler)
        nodes = [client.get_node(f"ns=2;s=Mixer.N{n}") for n in range(TAGS)]
        await subscription.subscribe_data_change(nodes, queuesize=20)
        await settled(lambda: handler.rows, TAGS)
        cost = await cost_of(flooded(server, rounds, lambda: handler.rows, TAGS * (rounds + 1)))
    return cost, handler.rows - TAGS


async def settled(count: Callable[[], int], wanted: int) -> None:
    async with asyncio.timeout(30):
        while count() < wanted:  # noqa: ASYNC110 - the bare client has no event to wait for
            await asyncio.sleep(0.05)


async def flooded(server: OpcUaProcess, rounds: int, count: Callable[[], int], wanted: int) -> None:
    await server.ask(flood=[TAGS, rounds, PERIOD])
    await settled(count, wanted)


async def connected(server: OpcUaProcess) -> float:
    """Seconds until every node has told its first value."""
    sink = CountingSink()
    points = points_of(MANY)
    spec = ConnectionSpec("bench", server.url, DRIVER.parse_options(server.url, {"timeout": 10}), points, False)
    begin = time.perf_counter()
    job = asyncio.ensure_future(DRIVER.connect(spec, sink, SystemClock()).run())
    try:
        await settled(lambda: sink.rows, MANY)
        return time.perf_counter() - begin
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def connected_plain(server: OpcUaProcess) -> float:
    handler = Handler()
    begin = time.perf_counter()
    async with Client(server.url, timeout=10) as client:
        subscription = await client.create_subscription(100, handler)
        nodes = [client.get_node(f"ns=2;s=Mixer.N{n}") for n in range(MANY)]
        for at in range(0, MANY, 1000):
            await subscription.subscribe_data_change(nodes[at : at + 1000], queuesize=20)
        await settled(lambda: handler.rows, MANY)
        return time.perf_counter() - begin


def recorded(quick: bool) -> tuple[float, float, float]:
    """CPU microseconds a change of 1,000 nodes, of 50,000, and of the library's decoding alone."""
    rounds = 2 if quick else 5
    changes = 50_000 if quick else 200_000
    few, many = messages(1000, changes), messages(50_000, changes)
    ours_few = min(ours_recorded(few, 1000) for _ in range(rounds))
    ours_many = min(ours_recorded(many, 50_000) for _ in range(rounds))
    return ours_few, ours_many, library(few[:20])


def measure(quick: bool) -> Report:
    logging.disable(logging.WARNING)
    rounds = 40 if quick else 300
    large = OpcUaProcess(many=MANY)
    large.start()
    try:
        ready, ready_plain = asyncio.run(connected(large)), asyncio.run(connected_plain(large))
    finally:
        large.kill()
    few, many, decoded = recorded(quick)
    server = OpcUaProcess(many=TAGS)
    server.start()
    try:
        driver, driver_rows = asyncio.run(ours(server, rounds))
        bare, bare_rows = asyncio.run(plain(server, rounds))
    finally:
        server.kill()
    figures = {
        "cpu_us_change": driver.cpu / driver_rows * 1e6,
        "changes_s": driver_rows / driver.wall,
        "recorded_us_change": few,
        "recorded_50k_us_change": many,
        "connect_10k_s": ready,
    }
    return Report(
        "opcua",
        figures={**figures, "capacity_changes_s": driver_rows / driver.cpu, "lost": TAGS * rounds - driver_rows},
        baseline={
            "cpu_us_change": bare.cpu / bare_rows * 1e6,
            "changes_s": bare_rows / bare.wall,
            "recorded_us_change": decoded,
            "connect_10k_s": ready_plain,
        },
        ratio={"many_nodes": many / few},
        goals={
            "ratio.cpu_us_change": ("<=", 1.3),
            "capacity_changes_s": (">=", 20_000),
            "lost": ("<=", 0),
            "connect_10k_s": ("<=", 10),
            "many_nodes": ("<=", 1.3),
        },
    )


if __name__ == "__main__":
    main(measure)
