"""Runs the soft PLCs in real time: one line, up to three servers, one clock."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from hmi.softplc.image import Change, Image
from hmi.softplc.modbus_server import ModbusPlc
from hmi.softplc.opcua_server import OpcUaPlc
from hmi.softplc.plant.line import STEP_S, Line
from hmi.softplc.points import PACKAGING, PROCESS, UTILITIES
from hmi.softplc.ports import PLCS, Ports
from hmi.softplc.recorder import Recorder
from hmi.softplc.scenario import SCENARIOS
from hmi.softplc.words import WordOrder

__all__ = ["FREE_PORTS", "PLCS", "Bench", "Endpoints", "Ports", "serve"]

LATE_S = 1.0
_MS = 1_000_000


FREE_PORTS = Ports(0, 0, 0)
Endpoints = dict[str, str]
"""Address of each served PLC by name."""


class Plc(Protocol):
    """A served PLC."""

    image: Image

    @property
    def endpoint(self) -> str:
        """Where clients find it."""

    async def open(self) -> None:
        """Join the network."""

    async def close(self) -> None:
        """Leave the network."""

    async def scan(self, tick: int, time: int) -> None:
        """Read what is due and show it."""


class Bench:
    """The running line with its PLCs."""

    def __init__(self, scenario: str, seed: int, host: str, ports: Ports, only: Sequence[str], record: Recorder | None):
        self._scenario = SCENARIOS[scenario]
        self._line = Line(seed)
        self._record = record
        self._tick = 0
        self._steps = 0
        self.plcs: dict[str, Plc] = {name: self._plc(name, host, ports) for name in PLCS if name in only}

    async def open(self) -> Endpoints:
        """Read everything once and start every server; returns their endpoints."""
        for plc in self.plcs.values():
            await plc.scan(self._tick, _plc_clock())
            await plc.open()
        return {name: plc.endpoint for name, plc in self.plcs.items()}

    async def close(self) -> None:
        """Stop every server."""
        for plc in self.plcs.values():
            await plc.close()

    async def tick(self, steps: int) -> None:
        """One PLC scan after `steps` physics steps."""
        for _ in range(steps):
            self._scenario.apply(self._line, self._steps * STEP_S)
            self._line.step(STEP_S)
            self._steps += 1
        self._tick += 1
        now = _plc_clock()
        offline = self._scenario.offline(self._steps * STEP_S)
        for name, plc in self.plcs.items():
            await (plc.close() if name in offline else plc.open())
            await plc.scan(self._tick, now)

    def _plc(self, name: str, host: str, ports: Ports) -> Plc:
        def served(changes: Sequence[Change]) -> None:
            if self._record is not None:
                self._record.record(name, changes)

        if name == "process":
            image = Image(name, PROCESS, self._line)
            return OpcUaPlc(image, (host, ports.process), served, time.time_ns)
        if name == "packaging":
            image = Image(name, PACKAGING, self._line)
            return ModbusPlc(image, WordOrder.ABCD, (host, ports.packaging), served, time.time_ns)
        image = Image(name, UTILITIES, self._line)
        return ModbusPlc(image, WordOrder.CDAB, (host, ports.utilities), served, time.time_ns)


async def serve(
    scenario: str,
    *,
    seed: int,
    host: str = "127.0.0.1",
    ports: Ports | None = None,
    speed: float = 1.0,
    only: Sequence[str] = PLCS,
    record: Path | None = None,
    ready: Callable[[Endpoints], None],
) -> None:
    """Run the PLCs until cancelled; `ready` is called once with the endpoints when all of them listen.

    `speed` runs the physics faster than real time; scans stay at 100 ms. Without `ports` each PLC takes a free one.

    Raises:
        KeyError: there is no such scenario.
        OSError: a port is taken.
    """
    with ExitStack() as stack:
        recorder = stack.enter_context(Recorder(record)) if record else None
        bench = Bench(scenario, seed, host, ports or FREE_PORTS, only, recorder)
        try:
            ready(await bench.open())
            await _drive(bench, speed)
        finally:
            await bench.close()


def _plc_clock() -> int:
    """ns since 1970 UTC, in the ms in which PLCs count."""
    return time.time_ns() // _MS * _MS


async def _drive(bench: Bench, speed: float) -> None:
    """A scan every 100 ms; after a long stall (a sleeping laptop) the lost scans are not made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    owed = 0.0
    while True:
        due += STEP_S
        now = loop.time()
        if now > due + LATE_S:
            due = now
        await asyncio.sleep(due - now)
        owed += speed
        steps = int(owed)
        owed -= steps
        await bench.tick(steps)
