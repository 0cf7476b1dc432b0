"""Modbus: CPU for a change from the socket into a sink, against a bare pymodbus client that reads the same blocks.

Every one of 1,000 registers changes between two polls: the worst case, quiet ones are not even decoded. Beside that,
the requests that a scattered map of 1,000 registers takes on the wire, against the fewest that are possible.
"""

import asyncio
import logging
import subprocess
import sys
from pathlib import Path

from pymodbus.client import AsyncModbusTcpClient

from benchmarks._drivers import Cost, CountingSink, cost_of
from benchmarks._scattered import KINDS, Place, fewest, scattered
from benchmarks.report import Goal, Report, main
from hmi.core.tag import TagType
from hmi.drivers.api import ConnectionSpec, Point
from hmi.drivers.conformance import SystemClock
from hmi.drivers.modbus import DRIVER
from tests.helpers_drivers import modbus_device
from tests.helpers_drivers.harness import free_port

TAGS, BLOCK, PERIOD, TURNS = 1000, 125, 0.02, 8
GAPS = (0, 8)
MAPS = 10
"""Scattered maps of each kind; their requests are added up."""


async def ours(port: int, seconds: float) -> tuple[Cost, int, int]:
    sink = CountingSink()
    points = tuple(
        Point(n, f"n{n}", DRIVER.parse_address(f"holding:{n}:int16", TagType.INT), TagType.INT, PERIOD)
        for n in range(TAGS)
    )
    endpoint = f"127.0.0.1:{port}"
    spec = ConnectionSpec("bench", endpoint, DRIVER.parse_options(endpoint, {}), points, False)
    job = asyncio.ensure_future(DRIVER.connect(spec, sink, SystemClock()).run())
    try:
        await sink.is_up.wait()
        rows, requests = sink.rows, sink.counters["requests"]
        cost = await cost_of(asyncio.sleep(seconds))
        return cost, sink.rows - rows, sink.counters["requests"] - requests
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def plain(port: int, seconds: float) -> tuple[Cost, int, int]:
    client = AsyncModbusTcpClient("127.0.0.1", port=port, reconnect_delay=0)
    await client.connect()
    requests = 0

    async def poll() -> None:
        nonlocal requests
        loop = asyncio.get_running_loop()
        due = loop.time()
        end = due + seconds
        while due < end:
            for start in range(0, TAGS, BLOCK):
                reply = await client.read_holding_registers(start, count=BLOCK)
                assert len(reply.registers) == BLOCK
                requests += 1
            due += PERIOD
            await asyncio.sleep(max(0.0, due - loop.time()))

    cost = await cost_of(poll())
    client.close()
    return cost, requests * BLOCK, requests


async def requests_of(port: int, places: list[Place], gap: int) -> int:
    """Requests until every tag of a map has its first value, which is one scan."""
    sink = CountingSink()
    points = tuple(
        Point(n, f"n{n}", DRIVER.parse_address(f"holding:{at}:{KINDS[size]}", TagType.FLOAT), TagType.FLOAT, 3600)
        for n, (at, size) in enumerate(places)
    )
    endpoint = f"127.0.0.1:{port}"
    options = DRIVER.parse_options(endpoint, {"max_gap": gap})
    spec = ConnectionSpec("bench", endpoint, options, points, False)
    job = asyncio.ensure_future(DRIVER.connect(spec, sink, SystemClock()).run())
    try:
        async with asyncio.timeout(30):
            while sink.rows < len(points):
                await sink.more.wait()
                sink.more.clear()
        return sink.counters["requests"]
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


def scattered_requests(port: int) -> tuple[dict[str, float], dict[str, float]]:
    """Requests that scattered maps take, and the fewest that they could."""
    maps = [scattered(TAGS, seed) for seed in range(MAPS)]
    took = {gap: sum(asyncio.run(requests_of(port, places, gap)) for places in maps) for gap in GAPS}
    least = {gap: sum(fewest(places, gap) for places in maps) for gap in GAPS}
    return (
        {f"requests_map_gap_{gap}": count / MAPS for gap, count in took.items()},
        {f"requests_map_gap_{gap}": count / MAPS for gap, count in least.items()},
    )


def measure(quick: bool) -> Report:
    logging.disable(logging.WARNING)
    seconds = 8.0 if quick else 32.0
    port = free_port()
    script = str(Path(modbus_device.__file__))
    with subprocess.Popen([sys.executable, script, str(port)], stdout=subprocess.PIPE, text=True) as device:
        assert device.stdout is not None
        device.stdout.readline()
        try:
            # In turns, so that a busy spell of the machine meets both.
            turns = [
                (asyncio.run(ours(port, seconds / TURNS)), asyncio.run(plain(port, seconds / TURNS)))
                for _ in range(TURNS)
            ]
            took, least = scattered_requests(port)
        finally:
            device.kill()
    goals: dict[str, Goal] = {"ratio.cpu_us_change": ("<=", 1.3), "ratio.cpu_us_request": ("<=", 1.3)}
    goals |= {f"ratio.{name}": ("<=", 1.1) for name in took}
    return Report(
        "modbus",
        figures=_figures([driver for driver, _ in turns]) | took,
        baseline=_figures([bare for _, bare in turns]) | least,
        goals=goals,
    )


def _figures(turns: list[tuple[Cost, int, int]]) -> dict[str, float]:
    cpu = sum(cost.cpu for cost, _, _ in turns)
    wall = sum(cost.wall for cost, _, _ in turns)
    changes = sum(count for _, count, _ in turns)
    requests = sum(count for _, _, count in turns)
    return {
        "cpu_us_change": cpu / changes * 1e6,
        "cpu_us_request": cpu / requests * 1e6,
        "changes_s": changes / wall,
        "requests_s": requests / wall,
    }


if __name__ == "__main__":
    main(measure)
