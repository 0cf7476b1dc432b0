"""Whose turn it is on a line: the units take turns, one block each, so that none can starve the others.

Within a unit the block that has waited longest comes first. A unit that does not answer costs a whole time-out: after
one, who has answered since goes first for a while, and silent units are left alone for that while, so that all
of them together get at most a fifth of the line's time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

from hmi.drivers.modbus.groups import NEVER
from hmi.drivers.modbus.jobs import Job, Unit

_SHARE: Final = 4
"""After a time-out the line belongs to those who answer for so many times its length."""


@dataclass(slots=True)
class _Queue:
    """The blocks of one unit by their turn."""

    unit: Unit
    heap: list[tuple[int, int, Job]] = field(default_factory=list)

    def first(self) -> int:
        """Monotonic ns of its first turn, without blocks that were replaced or put anew."""
        while self.heap and (self.heap[0][2].replaced or self.heap[0][2].ticket != self.heap[0][1]):
            heappop(self.heap)
        return max(self.heap[0][0], self.unit.not_before) if self.heap else NEVER


class Schedule:
    """The blocks of a line in the order of their turns."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._queues: dict[int, _Queue] = {}
        self._turns: deque[_Queue] = deque()
        self._trouble = 0
        """Monotonic ns of the first of the time-outs of late."""
        self._calm = 0
        """Monotonic ns until which those who do not answer have to wait."""
        self._count = 0
        self.repoint(units)

    def repoint(self, units: Iterable[Unit]) -> None:
        """From now on these units take turns: those that stay in their order, new ones behind them.

        A unit that went and comes back is a new one: what was known of it then says nothing about now.
        """
        wanted = dict.fromkeys(units)
        stay = [queue for queue in self._turns if queue.unit in wanted]
        there = {queue.unit for queue in stay}
        self._turns = deque([*stay, *(_Queue(unit) for unit in wanted if unit not in there)])
        self._queues = {queue.unit.number: queue for queue in self._turns}

    def put(self, job: Job) -> None:
        """The block waits for its `turn`, and for no other; equal ones in the order in which they were put."""
        self._count += 1
        job.waits, job.ticket = True, self._count
        heappush(self._queues[job.unit.number].heap, (job.turn, self._count, job))

    def next(self, now: int) -> Job | None:
        """The block to ask for now; its unit goes to the end of the row. None: nobody is due."""
        job = None
        if now < self._calm:
            job = self._take(now, lambda unit: unit.answered >= self._trouble)
        return job or self._take(now, lambda unit: not unit.silent or now >= self._calm)

    def _take(self, now: int, may: Callable[[Unit], bool]) -> Job | None:
        for place, queue in enumerate(self._turns):
            if queue.first() <= now and may(queue.unit):
                del self._turns[place]
                self._turns.append(queue)
                job = heappop(queue.heap)[2]
                job.waits = False
                return job
        return None

    def first(self) -> int:
        """Monotonic ns of the next turn of anybody."""
        return min((self._first(queue) for queue in self._turns), default=NEVER)

    def _first(self, queue: _Queue) -> int:
        return max(queue.first(), self._calm) if queue.unit.silent else queue.first()

    def failed(self, began: int, now: int) -> None:
        """A unit was asked in vain from `began` to `now`."""
        if now >= self._calm:
            self._trouble = now
        self._calm = now + _SHARE * (now - began)
