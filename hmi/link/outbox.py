"""What one client is still owed: subscriptions with their unsent changes, and alarms that are never conflated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Batch, Int32, join
from hmi.link.codec import encode, encode_rows, split, values_message
from hmi.link.messages import AlarmRow, Alarms

SAMPLES_KEPT: Final = 50_000
"""Rows of a `samples` subscription kept for a slow client; beyond, the client refetches from history."""

ALARMS_KEPT: Final = 50_000
"""Rows of alarms kept for a slow client; beyond, the session ends, since none may be left out."""

Latest = Callable[[Int32], Batch]
"""The present row of each given tag."""


@dataclass
class _Latest:
    """Conflates: remembers only which tags changed."""

    member: NDArray[np.bool_]
    changed: NDArray[np.bool_]

    last: list[Batch] = field(default_factory=list)
    """Of tags that are gone."""

    def offer(self, batch: Batch) -> None:
        tags = batch.tag[self.member[batch.tag]]
        self.changed[tags] = True

    def grow(self, size: int) -> None:
        self.member, self.changed = _grown(self.member, size), _grown(self.changed, size)

    def retire(self, last: Batch) -> None:
        mine = last.take(self.member[last.tag])
        self.member[last.tag] = self.changed[last.tag] = False
        if len(mine):
            self.last.append(mine)

    def take(self, latest: Latest) -> tuple[Batch, bool]:
        tags = np.flatnonzero(self.changed).astype(np.int32)
        self.changed[tags] = False
        last, self.last = self.last, []
        return (join([latest(tags), *last]) if last else latest(tags)), False

    @property
    def pending(self) -> bool:
        return bool(self.last) or bool(self.changed.any())


@dataclass
class _Samples:
    """Complete and bounded: every sample, or an honest `lost`."""

    member: NDArray[np.bool_]
    first: Int32
    """Tags of which nothing was sent yet: the present value opens those that do not move before the first frame."""
    batches: list[Batch] = field(default_factory=list)
    rows: int = 0
    lost: bool = False

    def offer(self, batch: Batch) -> None:
        mine = batch.take(self.member[batch.tag])
        if not len(mine):
            return
        if self.rows + len(mine) > SAMPLES_KEPT:
            self.batches, self.rows, self.lost = [], 0, True
            return
        self.batches.append(mine)
        self.rows += len(mine)

    def grow(self, size: int) -> None:
        self.member = _grown(self.member, size)

    def retire(self, last: Batch) -> None:
        """The last rows came as samples like all others."""
        self.member[last.tag] = False
        self.first = self.first[~np.isin(self.first, last.tag)]

    def take(self, latest: Latest) -> tuple[Batch, bool]:
        opening, self.first = self.first, self.first[:0]
        batch = join(self.batches)
        still = opening[~np.isin(opening, batch.tag)]
        if len(still):
            batch = join([latest(still), *self.batches])
        lost, self.lost = self.lost, False
        self.batches, self.rows = [], 0
        return batch, lost

    @property
    def pending(self) -> bool:
        return bool(self.batches) or self.lost or len(self.first) > 0


def _grown(flags: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    return flags if len(flags) >= size else np.pad(flags, (0, size - len(flags)))


class Outbox:
    """Everything under way to one client, ready to be cut into frames."""

    def __init__(self, size: int) -> None:
        self._size = size
        """Highest catalogue id + 1."""
        self._subscriptions: dict[int, _Latest | _Samples] = {}
        self._alarms: list[AlarmRow] = []
        self._snapshot: list[AlarmRow] | None = None
        self._not_evaluated = 0
        self._told_not_evaluated = -1
        self._alarms_anew = False

    def subscribe(self, subscription: int, tags: list[int], *, samples: bool) -> None:
        """Opens or replaces a subscription; unknown ids are left out. The present values are sent first."""
        ids = np.unique(np.asarray([t for t in tags if 0 <= t < self._size], np.int32))
        member = np.zeros(self._size, np.bool_)
        member[ids] = True
        self._subscriptions[subscription] = _Samples(member, ids) if samples else _Latest(member, member.copy())

    def unsubscribe(self, subscription: int) -> None:
        """Forgets a subscription; an unknown one is no error (it may have crossed on the wire)."""
        self._subscriptions.pop(subscription, None)

    def __len__(self) -> int:
        return len(self._subscriptions)

    def __contains__(self, subscription: int) -> bool:
        return subscription in self._subscriptions

    def grow(self, size: int) -> None:
        """There may be tags with higher ids from now on."""
        self._size = max(self._size, size)
        for subscription in self._subscriptions.values():
            subscription.grow(self._size)

    def retire(self, last: Batch) -> None:
        """Ends the subscriptions to tags that are gone with these rows, after they were offered like all others."""
        for subscription in self._subscriptions.values():
            subscription.retire(last)

    def offer(self, changed: Batch) -> None:
        """Notes what one scan changed."""
        if len(changed):
            for subscription in self._subscriptions.values():
                subscription.offer(changed)

    def offer_alarms(self, rows: list[AlarmRow], not_evaluated: int) -> bool:
        """Notes alarms that moved; False when the client is too far behind to be told everything."""
        self._alarms.extend(rows)
        self._not_evaluated = not_evaluated
        return len(self._alarms) <= ALARMS_KEPT

    def offer_alarm_snapshot(self, rows: list[AlarmRow], not_evaluated: int) -> None:
        """Begins the client's alarm list anew."""
        self._snapshot, self._alarms, self._not_evaluated = rows, [], not_evaluated
        self._alarms_anew = False

    def forget_alarms(self) -> None:
        """Drops what is still owed: the client may not see it, and what it saw before is out of date once it may."""
        self._snapshot, self._alarms, self._alarms_anew = None, [], True

    @property
    def wants_alarm_snapshot(self) -> bool:
        """Whether alarms were forgotten, so that only a whole list can be told next."""
        return self._alarms_anew

    @property
    def pending(self) -> bool:
        """Whether a frame would carry anything but a beat."""
        return (
            self._snapshot is not None
            or bool(self._alarms)
            or self._not_evaluated != self._told_not_evaluated
            or any(s.pending for s in self._subscriptions.values())
        )

    def take(self, latest: Latest) -> list[bytes]:
        """The messages of one frame: alarms before bulk."""
        out = self._take_alarms()
        for number, subscription in self._subscriptions.items():
            if subscription.pending:
                batch, lost = subscription.take(latest)
                for at, part in enumerate(split(batch)):
                    out.append(encode(values_message(number, part, lost=lost and at == 0)))
        return out

    def _take_alarms(self) -> list[bytes]:
        out: list[bytes] = []
        if self._snapshot is not None:
            out += _cut(self._snapshot, True, self._not_evaluated)
            self._snapshot, self._told_not_evaluated = None, self._not_evaluated
        if self._alarms or self._not_evaluated != self._told_not_evaluated:
            out += _cut(self._alarms, False, self._not_evaluated)
            self._alarms = []
        self._told_not_evaluated = self._not_evaluated
        return out


def _cut(rows: list[AlarmRow], snapshot: bool, not_evaluated: int) -> list[bytes]:
    """Alarms in as many messages as their texts need: a flood with long comments must reach everybody."""
    return encode_rows(rows, lambda part, first: Alarms(list(part), snapshot and first, not_evaluated))
