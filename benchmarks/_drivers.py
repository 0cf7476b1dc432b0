"""What both driver benchmarks share: a sink that only counts, and the CPU of this process while something runs."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field

from hmi.core.batch import Batch, Int32
from hmi.drivers.api import DeviceCondition, LinkState


@dataclass
class CountingSink:
    """Counts rows and forgets them."""

    rows: int = 0
    is_up: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    """Rows came."""
    counters: Counter[str] = field(default_factory=Counter)

    def deliver(self, batch: Batch) -> None:
        self.rows += len(batch)
        self.more.set()

    def alive(self, tags: Int32) -> None:
        """Nothing to count."""

    def state(self, state: LinkState, text: str) -> None:  # noqa: ARG002 - the door's signature
        if state is LinkState.UP:
            self.is_up.set()

    def count(self, name: str, amount: int = 1) -> None:
        self.counters[name] += amount

    def condition(self, condition: DeviceCondition) -> None:
        """Nothing to count."""


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of this process."""

    wall: float
    cpu: float


async def cost_of(work: Awaitable[object]) -> Cost:
    """Awaits something and tells what this process spent meanwhile."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)
