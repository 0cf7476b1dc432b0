"""The scan: every tick drains what drivers delivered into one Batch and steps the engine. Nothing else may delay it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import numpy as np

from hmi.core.actions import Action
from hmi.core.batch import EMPTY, Batch, join
from hmi.core.effects import Effects
from hmi.core.instants import Instants
from hmi.drivers.api import Clock
from hmi.station.intake import Intake

PERIOD: Final = 0.05
"""Seconds between scans."""


class Steps(Protocol):
    """The engine as the scanner sees it."""

    def step(self, now: Instants, batch: Batch, actions: Sequence[Action]) -> Effects:
        """One pure scan."""
        ...


class Scanner:
    """Pumps the engine; `apply` carries its effects out and must not wait."""

    def __init__(
        self,
        engine: Steps,
        clock: Clock,
        intakes: Callable[[], Iterable[Intake]],
        apply: Callable[[Instants, Effects], None],
    ) -> None:
        """`intakes` names the connections' sinks anew at each scan: an edit may bring others."""
        self._engine = engine
        self._clock = clock
        self._intakes = intakes
        self._apply = apply
        self._actions: list[Action] = []
        self.scans = 0
        self.late = 0
        """Scans that began more than one period late."""
        self.durations: deque[float] = deque(maxlen=1200)
        """Milliseconds of the last minute's scans."""

    def post(self, action: Action) -> None:
        """Hands an action to the next scan."""
        self._actions.append(action)

    def scan(self) -> None:
        """One scan now."""
        now = self._clock.now()
        batches: list[Batch] = []
        actions: list[Action] = []
        for intake in self._intakes():
            delivered, alive = intake.drain()
            batches += delivered
            actions += alive
        people, self._actions = self._actions, []
        actions += people
        live = [b for b in batches if not b.backfill]
        self._apply(now, self._engine.step(now, _in_order(join(live)), actions))
        late_arrivals = [b for b in batches if b.backfill]
        if late_arrivals:
            self._apply(now, self._engine.step(now, join(late_arrivals), ()))
        self.scans += 1
        self.durations.append((self._clock.now().mono - now.mono) / 1e6)

    async def run(self) -> None:
        """Scans on a fixed schedule until cancelled; a late scan is counted and never made up for in a burst."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.scan()
            due += PERIOD
            wait = due - loop.time()
            if wait < -PERIOD:
                self.late += 1
                due = loop.time()
            await asyncio.sleep(max(wait, 0.0))

    def percentiles(self) -> tuple[float, float]:
        """Median and 95th percentile of scan durations, ms."""
        if not self.durations:
            return 0.0, 0.0
        p50, p95 = np.percentile(np.fromiter(self.durations, np.float64), [50, 95])
        return float(p50), float(p95)


def _in_order(batch: Batch) -> Batch:
    """Rows of several connections in the order in which the station received them."""
    if len(batch) < 2 or bool(np.all(batch.received[1:] >= batch.received[:-1])):
        return batch if len(batch) else EMPTY
    return batch.take(np.argsort(batch.received, kind="stable"))
