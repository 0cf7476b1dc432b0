"""The sink of one connection in a driver process: keeps what it is given until the pipe takes it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from hmi.core.batch import Batch, Int32
from hmi.drivers.api import Clock, DeviceCondition, LinkState
from hmi.drivers.backlog import Backlog
from hmi.drivers.process import messages as m

ROWS: Final = 250_000
"""Rows of one connection that wait for a station that does not read: 8 MB, ten seconds of the busiest one."""
CONDITIONS: Final = 10_000
SLICE: Final = 32_768
"""Rows in one message."""
_ANSWERS: Final = 64
"""Signs of life that are kept apart; more are joined."""


class LineSink:
    """See `hmi.drivers.api.Sink`; for the event loop's thread alone."""

    def __init__(self, line: int, news: Callable[[], None], clock: Clock, rows: int = ROWS) -> None:
        """`news` is called after every change."""
        self._line = line
        self._news = news
        self._clock = clock
        self._rows = rows
        self._stretches: list[Backlog | m.Told] = []
        """Samples between changes of the link's state: one from before a loss must not come after it."""
        self._alive: list[Int32] = []
        self._alive_at = 0
        self._counters: Counter[str] = Counter()
        self._conditions: deque[DeviceCondition] = deque(maxlen=CONDITIONS)

    def deliver(self, batch: Batch) -> None:
        """Keeps a Batch."""
        newest = self._stretches[-1] if self._stretches else None
        if not isinstance(newest, Backlog):
            newest = Backlog(self._rows)
            self._stretches.append(newest)
        if dropped := newest.put(batch):
            self._counters["dropped"] += dropped
        self._news()

    def alive(self, tags: Int32) -> None:
        """Notes that the device answered for these tags."""
        self._alive.append(tags)
        self._alive_at = self._clock.now().mono
        if len(self._alive) > _ANSWERS:
            self._alive = [_joined(self._alive)]
        self._news()

    def state(self, state: LinkState, text: str) -> None:
        """Notes the link's state, behind the samples that came before."""
        self._stretches.append(m.Told(self._line, state, text))
        self._news()

    def count(self, name: str, amount: int = 1) -> None:
        """Adds to a counter."""
        self._counters[name] += amount
        self._news()

    def condition(self, condition: DeviceCondition) -> None:
        """Keeps a device's own alarm."""
        self._counters["dropped_conditions"] += len(self._conditions) == CONDITIONS
        self._conditions.append(condition)
        self._news()

    def take(self) -> list[m.Up]:
        """Everything since the last call, in the order in which the station must hear it."""
        out: list[m.Up] = []
        for stretch in self._stretches:
            if isinstance(stretch, Backlog):
                out += self._rows_of(stretch)
            else:
                out.append(stretch)
        if self._alive:
            out.append(m.Fresh(self._line, _joined(self._alive).tobytes(), self._alive_at))
        if +self._counters:
            out.append(m.Counted(self._line, dict(+self._counters)))
        out += [m.Condition(self._line, condition) for condition in self._conditions]
        self._stretches, self._alive = [], []
        self._counters.clear()
        self._conditions.clear()
        return out

    def _rows_of(self, backlog: Backlog) -> Iterator[m.Rows]:
        for batch in backlog.take(self._clock.now().mono):
            for start in range(0, len(batch), SLICE):
                whole = len(batch) <= SLICE
                yield m.rows_of(self._line, batch if whole else batch.take(np.arange(start, len(batch))[:SLICE]))


def _joined(tags: list[Int32]) -> Int32:
    return np.unique(np.concatenate(tags)).astype(np.int32)
