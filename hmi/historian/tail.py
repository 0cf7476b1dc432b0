"""The end of history that is still in memory: what waits for the disk and what the data files do not have yet.

Every appended Batch gets a number. A stored row carries the numbers it covers, so a reader that sees the same samples
in memory and on disk knows which came later, and neither misses nor doubles one.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hmi.core.batch import Batch, join
from hmi.historian.lost import Lost

_ROW_BYTES = 32
_WAITS_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class Group:
    """Samples with the append numbers they cover and their time span."""

    first: int
    last: int
    batch: Batch
    time_min: int
    """ns UTC."""
    time_max: int
    size: int
    """Bytes in memory, roughly."""
    since: int = 0
    """When it was appended, monotonic ns; 0 for marks and for groups of several appends."""


def _group(first: int, last: int, batch: Batch, since: int = 0) -> Group:
    size = len(batch) * _ROW_BYTES + sum(map(len, batch.text))
    return Group(first, last, batch, int(batch.time.min()), int(batch.time.max()), size, since)


class Tail:
    """Bounded memory between whoever appends, the writer thread and readers; any thread may call any method."""

    def __init__(self, number: int, *, max_rows: int, max_bytes: int, keep_rows: int, wake_rows: int) -> None:
        """`number` is the first append number to give; `keep_rows` bounds what stays for reads after its commit."""
        self.changed = threading.Condition()
        """Notified when samples left, or `wake_rows` wait: not for each append, or the writer would wake every scan."""
        self.lost_total = 0
        """Samples lost since the store was opened."""
        self._number = number
        self._max_rows, self._max_bytes, self._keep_rows = max_rows, max_bytes, keep_rows
        self._wake_rows = wake_rows
        self._rows = self._bytes = self._kept_rows = 0
        self._pending: deque[Group] = deque()
        self._writing: list[Group] = []
        self._kept: deque[Group] = deque()
        self._lost = Lost()
        self._lost_span = (number, number)
        self._writing_lost = Lost()
        self._writing_marks: list[Group] = []
        self._waits: deque[int] = deque(maxlen=_WAITS_KEPT)
        """ns from append to commit of the last Batches."""

    def append(self, batch: Batch, mono: int = 0) -> None:
        """Takes samples at `mono` (monotonic ns); drops the oldest waiting ones when there is no room."""
        if not len(batch):
            return
        if batch.backfill:
            batch = replace(batch, backfill=False)
        with self.changed:
            number = self._number
            self._number += 1
            if len(batch) > self._max_rows:
                at = len(batch) - self._max_rows
                self._lose(number, number, batch.take(np.arange(at)))
                batch = batch.take(np.arange(at, len(batch)))
            self._pending.append(self._counted(_group(number, number, batch, mono)))
            self._make_room()
            if self._rows >= self._wake_rows:
                self.changed.notify_all()

    def _make_room(self) -> None:
        # What is being written just now does not count: its outcome is open, and newer samples must not go for it.
        while len(self._pending) > 1 and (self._rows > self._max_rows or self._bytes > self._max_bytes):
            group = self._pending.popleft()
            self._discount(group)
            self._lose(group.first, group.last, group.batch)

    def _counted(self, group: Group) -> Group:
        self._rows += len(group.batch)
        self._bytes += group.size
        return group

    def _discount(self, group: Group) -> None:
        self._rows -= len(group.batch)
        self._bytes -= group.size

    def _lose(self, first: int, last: int, batch: Batch) -> None:
        span = self._lost_span if self._lost else (first, last)
        self._lost_span = (min(first, span[0]), max(last, span[1]))
        self._lost.add(batch)
        self.lost_total += len(batch)

    def take(self, max_rows: int) -> Group | None:
        """The oldest waiting samples, up to about `max_rows`, as one group to write, with the marks of what was lost
        before them; None when nothing waits. Must be followed by `committed` or `failed`."""
        with self.changed:
            if not self._pending and not self._lost:
                return None
            self._writing_marks, self._writing_lost, self._lost = self._marks(), self._lost, Lost()
            rows = 0
            while self._pending and (not self._writing or rows + len(self._pending[0].batch) <= max_rows):
                group = self._pending.popleft()
                self._discount(group)
                rows += len(group.batch)
                self._writing.append(group)
            groups = [*self._writing_marks, *self._writing]
        return _joined(groups)

    def _marks(self) -> list[Group]:
        if not self._lost:
            return []
        # What waits may be older than what was lost. No row may cover a number above that of a row after it: filing
        # would take the later one for filed already.
        highest = self._pending[0].first if self._pending else self._number
        first, last = (min(number, highest) for number in self._lost_span)
        return [_group(first, last, self._lost.marks())]

    def committed(self, group: Group, mono: int = 0) -> None:
        """The group is on the disk at `mono` (monotonic ns); it stays readable here until it is filed."""
        with self.changed:
            self._waits.extend(mono - written.since for written in self._writing)
            self._end_writing()
            self._kept.append(group)
            self._kept_rows += len(group.batch)
            while self._kept_rows > self._keep_rows and len(self._kept) > 1:
                self._kept_rows -= len(self._kept.popleft().batch)
            self.changed.notify_all()

    def failed(self) -> None:
        """The disk did not take the group: its samples wait again, before all others."""
        with self.changed:
            for group in reversed(self._writing):
                self._pending.appendleft(self._counted(group))
            for marks in self._writing_marks:
                # They stay before what waits: a sample that follows a hole at the same time must win over its mark.
                self._lost_span = (marks.first, marks.last)
                self._lost.merge(self._writing_lost)
            self._end_writing()
            self._make_room()
            self.changed.notify_all()

    def _end_writing(self) -> None:
        self._writing, self._writing_lost, self._writing_marks = [], Lost(), []

    def filed(self, last: int) -> None:
        """Everything up to append number `last` is in the data files: reads find it there quickly."""
        with self.changed:
            while self._kept and self._kept[0].last <= last:
                self._kept_rows -= len(self._kept.popleft().batch)

    def snapshot(self) -> tuple[list[Group], int]:
        """All samples in memory at this moment, oldest append first, holes marked as they will be stored; and the
        append number from which on nothing is missing here."""
        with self.changed:
            groups = [*self._kept, *self._writing_marks, *self._writing, *self._marks(), *self._pending]
            return groups, min((g.first for g in groups), default=self._number)

    @property
    def waiting(self) -> int:
        """Rows accepted and not yet committed."""
        with self.changed:
            return self._rows + sum(len(group.batch) for group in self._writing)

    def store_p95_ms(self) -> float | None:
        """The slow end of the time from append to commit; None before the first commit."""
        with self.changed:
            waits = list(self._waits)
        return round(float(np.percentile(waits, 95)) / 1e6, 1) if waits else None

    def oldest_waiting_ms(self, mono: int) -> float:
        """How long at `mono` (monotonic ns) the oldest sample has waited for the disk; 0 when none waits."""
        with self.changed:
            oldest = self._writing[0] if self._writing else self._pending[0] if self._pending else None
        return 0.0 if oldest is None else round((mono - oldest.since) / 1e6, 1)

    @property
    def unmarked(self) -> int:
        """Samples lost whose marks are not yet stored."""
        with self.changed:
            return self._lost.samples + self._writing_lost.samples

    def uncommitted(self) -> list[Group]:
        """The groups that are not on the disk."""
        with self.changed:
            return [*self._writing, *self._pending]

    @property
    def next_number(self) -> int:
        """The number the next Batch will get: everything below was appended before."""
        with self.changed:
            return self._number

    def done(self, number: int) -> bool:
        """Whether everything below append number `number` is on the disk, or lost and marked there."""
        with self.changed:
            heads = [*self._writing_marks[:1], *self._writing[:1]]
            if self._pending:
                heads.append(self._pending[0])
            lost_before = bool(self._lost) and self._lost_span[0] < number
            return not lost_before and all(group.first >= number for group in heads)


def _joined(groups: list[Group]) -> Group:
    if len(groups) == 1:
        return groups[0]
    first, last = min(g.first for g in groups), max(g.last for g in groups)
    return _group(first, last, join([g.batch for g in groups]))
