"""The history policy of one tag, told the long way: what the columns of the engine must equal.

It keeps every sample that it left out and asks each of them whether the line passes, instead of narrowing slopes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from hmi.core.instants import seconds
from hmi.core.quality import code, is_bad
from hmi.core.tag import History, Tag, TagType


class Plain(NamedTuple):
    time: int
    received: int
    value: float | str
    status: int


def differs(value: float | str, status: int, last: float | str, last_status: int, deadband: float) -> bool:
    if code(status) != code(last_status):
        return True
    if isinstance(value, str) or isinstance(last, str):
        return value != last
    if math.isnan(value) or math.isnan(last):
        return math.isnan(value) != math.isnan(last)
    return abs(value - last) > deadband


class PlainHistory:
    def __init__(self, tag: Tag) -> None:
        self.policy: History = tag.history
        self.door = tag.history.swinging_door if tag.type is TagType.FLOAT else None
        self.deadband = 0.0 if tag.type is TagType.STRING else tag.history.deadband
        self.shortest, self.longest = seconds(self.policy.min_interval), seconds(self.policy.max_interval)
        self.careful = bool(self.deadband or self.shortest or self.longest or self.door is not None)
        self.sent: Plain | None = None
        self.pending: Plain | None = None
        self.waiting = False
        self.stored: Plain | None = None
        """Stored last."""
        self.left_out: list[Plain] = []
        """Since then, by the door; the last one is held."""
        self.offset = 0
        self.out: list[Plain] = []

    def due(self) -> int | None:
        interval_over = [self.sent.time + self.shortest] if self.waiting and self.sent else []
        if self.longest and self.stored and (self.pending or self.left_out):
            interval_over.append(self.stored.time + self.longest)
        return min(interval_over) + self.offset if interval_over else None

    def fire(self, at: int) -> None:
        """One deadline: the end of the minimum interval, or of the maximum one, at which nothing stays behind."""
        wait_is_over = self.waiting and self.sent is not None and self.sent.time + self.shortest + self.offset == at
        self.send_pending()
        if self.stored is not None and self.longest and self.stored.time + self.longest + self.offset <= at:
            wait_is_over = False
        if not wait_is_over:
            self.flush()

    def unchanged(self, at: int, sample: Plain) -> None:
        """A sample that live values did not report."""
        if self.careful and self.policy.store:
            self._take(at, sample, told=False, entered=False)

    def changed(self, at: int, sample: Plain, *, entered: bool) -> None:
        if self.policy.store:
            self._take(at, sample, told=True, entered=entered)

    def _take(self, at: int, sample: Plain, *, told: bool, entered: bool) -> None:
        if not self.careful:
            self.out.append(sample)
            return
        if self.waiting and self.sent and sample.time > self.sent.time + self.shortest:
            self.send_pending()
        newest = self.pending or self.sent
        if newest and sample.time < newest.time:
            if told:
                self.out.append(sample)
            return
        if not told and ((newest and sample.time == newest.time) or self.waiting):
            return
        if self.pending and self.pending.time == sample.time:
            self.pending, self.waiting = None, False
        last, self.offset = self.sent, at - sample.time
        if last is None or entered or code(sample.status) != code(last.status):
            self.send_pending()
            self.send(sample, whole=True)
            return
        away = told and differs(sample.value, sample.status, last.value, last.status, self.deadband)
        too_long = bool(self.longest and self.stored and sample.time >= self.stored.time + self.longest)
        if away and sample.time >= last.time + self.shortest:
            if not self.waiting:
                self.send_pending()
            self.send(sample, whole=too_long)
        elif too_long:
            self.send(sample, whole=True)
        else:
            self.pending, self.waiting = sample, away

    def send_pending(self) -> None:
        if self.pending:
            self.send(self.pending, whole=False)

    def send(self, sample: Plain, *, whole: bool) -> None:
        self.sent, self.pending, self.waiting = sample, None, False
        if self.door is None:
            self.store(sample)
            return
        if self.left_out and (whole or not self.passes(sample)):
            self.flush()
        if whole or not self.is_line(sample) or (self.stored and self.stored.time == sample.time):
            self.flush()
            self.store(sample)
        else:
            self.left_out.append(sample)

    def is_line(self, sample: Plain) -> bool:
        """Whether there is a line from the stored sample to this one."""
        if self.stored is None or is_bad(sample.status):
            return False
        assert not isinstance(sample.value, str)
        assert not isinstance(self.stored.value, str)
        return math.isfinite(sample.value - self.stored.value)

    def passes(self, sample: Plain) -> bool:
        """Whether the line from the stored sample to this one misses nothing by more than the deviation."""
        if not self.is_line(sample):
            return False
        slope = self.rise(sample) / self.span(sample)
        door = self.door or 0.0
        return all(
            (self.rise(one) - door) / self.span(one) <= slope <= (self.rise(one) + door) / self.span(one)
            for one in self.left_out
        )

    def rise(self, sample: Plain) -> float:
        assert self.stored is not None
        assert not isinstance(sample.value, str)
        assert not isinstance(self.stored.value, str)
        return sample.value - self.stored.value

    def span(self, sample: Plain) -> int:
        assert self.stored is not None
        return sample.time - self.stored.time

    def flush(self) -> None:
        if self.left_out:
            self.store(self.left_out[-1])

    def store(self, sample: Plain) -> None:
        self.out.append(sample)
        self.stored, self.left_out = sample, []
