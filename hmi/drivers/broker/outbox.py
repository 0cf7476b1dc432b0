"""Samples of single messages, gathered for a moment and delivered as columns."""

from __future__ import annotations

import asyncio
from typing import Final

from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.drivers.api import Clock, Sink
from hmi.drivers.columns import distrust

GATHER: Final = 0.02
"""Seconds: below the station's tick, so that nothing comes later for it."""


class Outbox:
    """The way of one connection's samples to its sink, in their order."""

    def __init__(self, sink: Sink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock
        self._rows: list[tuple[int, int, int, float | str, int]] = []
        self._old: list[tuple[int, int, int, float | str, int]] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, tag: int, time: int, value: float | str, status: int, now: Instants) -> None:
        """One live sample; `time` is its source time, ns UTC."""
        self._rows.append((tag, time, now.mono, value, status))
        self._wake()

    def add_old(self, tag: int, time: int, value: float | str, status: int, now: Instants) -> None:
        """One sample for history only."""
        self._old.append((tag, time, now.mono, value, status))
        self._wake()

    def _wake(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER, self.flush)

    def flush(self) -> None:
        """Delivers what is gathered now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rows, self._rows = self._rows, []
        old, self._old = self._old, []
        if old:
            self._deliver(old, backfill=True)
        if rows:
            self._deliver(rows, backfill=False)

    def _deliver(self, rows: list[tuple[int, int, int, float | str, int]], *, backfill: bool) -> None:
        tag, time, received, value, status = zip(*rows, strict=True)
        batch = batch_of(tag, time, received, value, status, backfill=backfill)
        batch.status[:] = distrust(batch.value, batch.status)
        self._sink.deliver(batch)

    def drop(self) -> None:
        """Forgets what is gathered: its link is gone, and the station has been told."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._rows, self._old = [], []
