"""Runs the soft PLCs in real time: one line, up to three servers, one clock."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hmi.softplc.image import Change, Image
from hmi.softplc.modbus_server import ModbusPlc
from hmi.softplc.opcua_server import OpcUaPlc
from hmi.softplc.plant.line import STEP_S, Line
from hmi.softplc.points import PACKAGING, PROCESS, UTILITIES
from hmi.softplc.recorder import Recorder
from hmi.softplc.scenario import SCENARIOS
from hmi.softplc.words import WordOrder

PLCS = ("process", "packaging", "utilities")
LATE_S = 1.0


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports of the three PLCs; 0 takes a free one. The defaults are those of the demo project."""

    process: int = 48400
    packaging: int = 15020
    utilities: int = 15021


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

    async def publish(self, changes: Sequence[Change]) -> None:
        """Show new values."""


class Bench:
    """The running line with its PLCs; `written` and `tick` feed the recorder the same way."""

    def __init__(self, scenario: str, seed: int, host: str, ports: Ports, only: Sequence[str], record: Recorder | None):
        self._scenario = SCENARIOS[scenario]
        self._line = Line(seed)
        self._record = record
        self._tick = 0
        self._steps = 0
        self.plcs: dict[str, Plc] = {name: self._plc(name, host, ports) for name in PLCS if name in only}
        self._scan()

    async def open(self) -> Endpoints:
        """Start every server; returns their endpoints."""
        for plc in self.plcs.values():
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
        changes = self._scan()
        offline = self._scenario.offline(self._steps * STEP_S)
        for name, plc in self.plcs.items():
            await (plc.close() if name in offline else plc.open())
            await plc.publish(changes[name])

    def _scan(self) -> dict[str, list[Change]]:
        now = time.time_ns()
        found = {name: plc.image.scan(self._tick, now) for name, plc in self.plcs.items()}
        if self._record is not None:
            for name, changes in found.items():
                self._record.record(name, changes)
        return found

    def _plc(self, name: str, host: str, ports: Ports) -> Plc:
        def written(change: Change) -> None:
            if self._record is not None:
                self._record.record(name, [change])

        if name == "process":
            image = Image(name, PROCESS, self._line)
            return OpcUaPlc(image, (host, ports.process), written, time.time_ns)
        if name == "packaging":
            image = Image(name, PACKAGING, self._line)
            return ModbusPlc(image, WordOrder.ABCD, (host, ports.packaging), written, time.time_ns)
        image = Image(name, UTILITIES, self._line)
        return ModbusPlc(image, WordOrder.CDAB, (host, ports.utilities), written, time.time_ns)


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
