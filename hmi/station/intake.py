"""A connection's sink: gathers what its driver delivers until the next scan drains it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from hmi.core.actions import Alive
from hmi.core.batch import Batch, Int32
from hmi.core.clock_offset import ClockOffset
from hmi.core.quality import is_good
from hmi.drivers.api import Clock, DeviceCondition, LinkState
from hmi.drivers.backlog import Backlog

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
        self._held: list[Int32] = []
        """Tags of each edit whose samples are thrown away: the device may still answer for their former address."""
        self._ended = False

    def hold(self, tags: Int32) -> None:
        """Throws away what is delivered for these tags until they are released as often as they were held."""
        self._held.append(tags)

    def release(self, tags: Int32) -> None:
        """Takes what one `hold` of these tags held; another one may hold some of them still."""
        at = next(at for at, held in enumerate(self._held) if np.array_equal(held, tags))
        del self._held[at]

    def end(self) -> None:
        """Another connection takes this one's place: what its driver still says interests nobody."""
        self._ended = True

    def continues(self, other: Intake) -> None:
        """Counts on from the connection whose place this one takes: a counter that falls looks like a fault."""
        self.counters.update(other.counters)
        self.samples += other.samples

    def deliver(self, batch: Batch) -> None:
        """Keeps a Batch for the next scan."""
        if self._held:
            batch = batch.take(~np.isin(batch.tag, np.concatenate(self._held)))
        if not len(batch) or self._ended:
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
        if self._ended:
            return
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
        if self._ended:
            return
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
