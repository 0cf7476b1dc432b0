"""Track: the history policy of one tag, sample by sample.

A sample is *sent* when it says something by exception: its quality changed, its value left the deadband around the one
sent last and the minimum interval is over, or the maximum interval is. The newest one that was not sent is *pending*:
it is sent first when a value leaves the deadband, so that a step is no ramp. What is sent goes through the swinging
door if the tag has one, and otherwise to history at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from hmi.core.deadband import CODE_MASK, is_news
from hmi.core.engine.columns import NEVER
from hmi.core.swinging_door import LONG_AGO, Sample, SwingingDoor

UNLIMITED: Final = 2**62
"""A maximum interval that never ends, in ns."""
NEVER_SENT: Final = 0xFFFF0000
"""No real status has all bits set."""


class Policy(NamedTuple):
    """How one tag is kept; spans in ns of source time."""

    deadband: float
    shortest: int
    longest: int
    deviation: float | None
    """Of the swinging door; None = there is none."""
    remembers: bool
    """Whether a sample that is not sent is pending; without that, what is not news is forgotten."""


@dataclass(slots=True)
class Track:
    """State of one tag; `door.time` is the time of the sample stored last, also without a door."""

    policy: Policy
    door: SwingingDoor
    time: int = LONG_AGO
    """Of the sample sent last, like `value` and `status`."""
    value: float = math.nan
    status: int = NEVER_SENT
    pending: Sample | None = None
    waiting: bool = False
    """The pending sample left the deadband and waits for the minimum interval to end."""
    offset: int = 0
    """From the source time of the newest sample to the monotonic instant at which it took effect."""
    due: int = NEVER
    """Monotonic ns at which something must be stored even if no sample comes."""

    def take(self, sample: Sample, at: int, stored: list[Sample], *, told: bool, entered: bool, known: bool) -> None:
        """Add what one more sample stores.

        Args:
            sample: newer or older than those before.
            at: monotonic ns at which it took effect.
            stored: what is stored is added here.
            told: live values changed by it; otherwise it was within the live deadband of the one told last.
            entered: a person or the station set it.
            known: it is not new, but known from before a restart.
        """
        policy, time, pending = self.policy, sample.time, self.pending
        if self.due < at:
            self.fire(at - 1, stored)
            pending = self.pending
        if self.waiting and time - self.time > policy.shortest:
            self._send_pending(stored)
            pending = None
        away = is_news(sample.value, sample.status, self.value, self.status, policy.deadband)
        told = told and (away or not known)
        newest = self.time if pending is None else pending.time
        if time <= newest:
            if time < newest or not told:
                if told:
                    stored.append(sample)
                self._reckon()
                return
            self.pending, self.waiting = None, False
        if told or not self.waiting:
            self._in_order(sample, at, stored, worth=told and (away or not policy.remembers), entered=entered)
        self._reckon()

    def _in_order(self, sample: Sample, at: int, stored: list[Sample], *, worth: bool, entered: bool) -> None:
        policy, time = self.policy, sample.time
        self.offset = at - time
        forced = entered or bool((sample.status ^ self.status) & CODE_MASK)
        leaves = worth and time - self.time >= policy.shortest
        overdue = time - self.door.time >= policy.longest
        if forced or leaves or overdue:
            if self.pending is not None and (forced or (leaves and not self.waiting)):
                self._send_pending(stored)
            self._send(sample, stored, whole=forced or overdue)
        elif policy.remembers:
            self.pending, self.waiting = sample, worth

    def fire(self, until: int, stored: list[Sample]) -> None:
        """Add what deadlines up to and including an instant store."""
        while (due := self.due) <= until:
            waited = self.waiting and self.time + self.policy.shortest + self.offset == due
            self._send_pending(stored)
            if not waited or self.door.time + self.policy.longest + self.offset <= due:
                stored += self.door.flush()
            self._reckon()

    def _send_pending(self, stored: list[Sample]) -> None:
        if self.pending is not None:
            self._send(self.pending, stored, whole=False)

    def _send(self, sample: Sample, stored: list[Sample], *, whole: bool) -> None:
        self.time, _, self.value, self.status = sample
        self.pending, self.waiting = None, False
        if self.policy.deviation is None:
            self.door.time = self.time
            stored.append(sample)
        else:
            stored += self.door.take(sample, self.policy.deviation, whole=whole)

    def _reckon(self) -> None:
        due = self.time + self.policy.shortest if self.waiting else NEVER
        longest = self.policy.longest
        if longest < UNLIMITED and (self.pending is not None or self.door.held is not None):
            due = min(due, self.door.time + longest)
        self.due = due if due == NEVER else due + self.offset
