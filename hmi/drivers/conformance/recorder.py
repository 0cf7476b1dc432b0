"""What a check looks through: a sink that remembers, and sentences for what is wrong."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hmi.core.batch import Batch, Int32
from hmi.core.instants import Instants
from hmi.core.quality import Status, is_good
from hmi.drivers.api import DeviceCondition, LinkState

PATIENCE: Final = 30.0
"""Seconds until a check gives up waiting; not a performance goal."""


class ConformanceError(AssertionError):
    """A driver does not do what the station relies on."""


def require(fact: bool, sentence: str) -> None:
    """Fails the check with the sentence unless the fact holds."""
    if not fact:
        raise ConformanceError(sentence)


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Instants:
        """Both clocks now."""
        return Instants(time.monotonic_ns(), time.time_ns())


@dataclass
class Recorder:
    """A sink that remembers, and lets a test wait for what it needs."""

    batches: list[Batch] = field(default_factory=list)
    alive_tags: list[Int32] = field(default_factory=list)
    states: list[tuple[LinkState, str]] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)
    conditions: list[DeviceCondition] = field(default_factory=list)
    closed: bool = False
    """Set by a test: from now on a delivery is an error."""
    late: int = 0
    """Calls that came after `closed`."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def deliver(self, batch: Batch) -> None:
        """See `Sink`."""
        self.batches.append(batch)
        self._note()

    def alive(self, tags: Int32) -> None:
        """See `Sink`."""
        self.alive_tags.append(tags)
        self._note()

    def state(self, state: LinkState, text: str) -> None:
        """See `Sink`."""
        self.states.append((state, text))
        self._note()

    def count(self, name: str, amount: int = 1) -> None:
        """See `Sink`."""
        self.counters[name] += amount
        self._news.set()

    def condition(self, condition: DeviceCondition) -> None:
        """See `Sink`."""
        self.conditions.append(condition)
        self._note()

    def _note(self) -> None:
        self.late += self.closed
        self._news.set()

    async def until(self, fact: Callable[[], bool], sentence: str) -> None:
        """Waits until the fact holds; fails with the sentence when it does not."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not fact():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as fault:
            raise ConformanceError(f"{sentence} (states so far: {self.states})") from fault

    def rows(self, tag: int) -> list[tuple[float | str, int, int]]:
        """(value, status, time) of every row of a tag."""
        found: list[tuple[float | str, int, int]] = []
        for batch in self.batches:
            for row in np.flatnonzero(batch.tag == tag).tolist():
                text = batch.text_at(row)
                value = float(batch.value[row]) if text is None else text
                found.append((value, int(batch.status[row]), int(batch.time[row])))
        return found

    def last(self, tag: int) -> tuple[float | str, int]:
        """Value and status of a tag's last row; Bad_WaitingForInitialData before the first."""
        rows = self.rows(tag)
        return (rows[-1][0], rows[-1][1]) if rows else (math.nan, Status.BAD_WAITING_FOR_INITIAL_DATA)

    def is_good(self, tag: int, value: float | str) -> bool:
        """Whether the last row is Good and holds this value."""
        held, status = self.last(tag)
        return bool(is_good(status)) and held == value

    def count_of(self, state: LinkState) -> int:
        """How often a state was told."""
        return sum(1 for told, _ in self.states if told is state)
