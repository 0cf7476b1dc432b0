"""Exception reporting of many tags at once: `hmi.core.engine.track` in columns, with the same result.

One round holds at most one sample a slot. It costs some eighty passes over its columns, so narrow rounds are followed
sample by sample instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Int64
from hmi.core.deadband import CODE_MASK, are_news
from hmi.core.engine.columns import NEVER
from hmi.core.engine.doors import Doors
from hmi.core.engine.reshaping import Splice
from hmi.core.engine.rows import Index
from hmi.core.engine.samples import Held, Samples, Stored
from hmi.core.engine.track import NEVER_SENT, UNLIMITED, Policy, Track
from hmi.core.quality import BoolArray
from hmi.core.swinging_door import LONG_AGO, Sample

_STATE: Final = ("time", "value", "status", "waiting", "offset", "due")
_DOOR: Final = ("time", "value", "low", "high")
_SAMPLE: Final = ("there", "time", "received", "value", "status")


class Offers(NamedTuple):
    """Samples that history may want, in columns; see `Track.take`."""

    samples: Samples
    at: Int64
    told: BoolArray
    entered: BoolArray
    known: BoolArray

    def of(self, which: Index | BoolArray) -> Offers:
        """Some of them."""
        return Offers(self.samples.of(which), self.at[which], self.told[which], self.entered[which], self.known[which])


class Reporting:
    """What was sent last of every slot, what is pending, and when something is due."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        size = len(policies)
        self.policies = tuple(policies)
        self.deadband = np.array([p.deadband for p in policies], np.float64)
        self.shortest = np.array([p.shortest for p in policies], np.int64)
        self.longest = np.array([p.longest for p in policies], np.int64)
        self.remembers = np.array([p.remembers for p in policies], np.bool_)
        deviation = [np.nan if p.deviation is None else p.deviation for p in policies]
        self.doors = Doors(np.array(deviation, np.float64))
        self.time = np.full(size, LONG_AGO, np.int64)
        self.value = np.full(size, np.nan)
        self.status = np.full(size, np.uint32(NEVER_SENT), np.uint32)
        self.pending = Held(size)
        self.waiting = np.zeros(size, np.bool_)
        self.offset = np.zeros(size, np.int64)
        self.due = np.full(size, NEVER, np.int64)

    def take(self, at: Index, offers: Offers, stored: Stored) -> None:
        """One sample of each of some slots."""
        self._before(at, offers, stored)
        samples = offers.samples
        away = offers.told & are_news(samples.value, samples.status, self.value[at], self.status[at], self.deadband[at])
        told = offers.told & (away | ~offers.known)
        newest = np.where(self.pending.there[at], self.pending.time[at], self.time[at])
        late = samples.time < newest
        stray = late & told
        if stray.any():
            stored.add(at[stray], samples.of(stray))
        counts = ~late & (told | ((samples.time > newest) & ~self.waiting[at]))
        if counts.all():
            self._in_order(at, offers, away, stored)
        elif counts.any():
            self._in_order(at[counts], offers.of(counts), away[counts], stored)
        self._reckon(at)

    def _before(self, at: Index, offers: Offers, stored: Stored) -> None:
        """What deadlines store before the samples take effect, or the end of a minimum interval that they tell."""
        overdue = self.due[at] < offers.at
        if overdue.any():
            self.fire(at[overdue], offers.at[overdue] - 1, stored)
        over = self.waiting[at] & (offers.samples.time - self.time[at] > self.shortest[at])
        if over.any():
            self._send_pending(at[over], stored)

    def _in_order(self, at: Index, offers: Offers, away: BoolArray, stored: Stored) -> None:
        samples = offers.samples
        self.pending.there[at] &= self.pending.time[at] != samples.time
        self.waiting[at] &= self.pending.there[at]
        forced = ((samples.status ^ self.status[at]) & np.uint32(CODE_MASK)) != 0
        forced |= offers.entered
        leaves = (away | ~self.remembers[at]) & (samples.time - self.time[at] >= self.shortest[at])
        overdue = samples.time - self.doors.time[at] >= self.longest[at]
        goes = forced | leaves | overdue
        first = self.pending.there[at] & (forced | (leaves & ~self.waiting[at]))
        self.offset[at] = offers.at - samples.time
        if first.any():
            self._send_pending(at[first], stored)
        if goes.any():
            self._send(at[goes], samples.of(goes), (forced | overdue)[goes], stored)
        stays = ~goes & self.remembers[at]
        if stays.any():
            self.pending.put(at[stays], samples.of(stays))
            self.waiting[at[stays]] = away[stays]

    def fire(self, at: Index, until: Int64, stored: Stored) -> None:
        """What deadlines up to and including an instant of each slot store."""
        while True:
            past = self.due[at] <= until
            if not past.any():
                return
            at, until = at[past], until[past]
            due = self.due[at]
            waited = self.waiting[at] & (self.time[at] + self.shortest[at] + self.offset[at] == due)
            pending = at[self.pending.there[at]]
            if len(pending):
                self._send_pending(pending, stored)
            self.doors.flush(at[~waited | (self.doors.time[at] + self.longest[at] + self.offset[at] <= due)], stored)
            self._reckon(at)

    def flush(self, at: Index, stored: Stored) -> None:
        """Store everything that some slots have not stored yet."""
        pending = at[self.pending.there[at]]
        if len(pending):
            self._send_pending(pending, stored)
        self.doors.flush(at, stored)
        self._reckon(at)

    def _send_pending(self, at: Index, stored: Stored) -> None:
        self._send(at, self.pending.take(at), np.zeros(len(at), np.bool_), stored)

    def _send(self, at: Index, samples: Samples, whole: BoolArray, stored: Stored) -> None:
        self.time[at], self.value[at], self.status[at] = samples.time, samples.value, samples.status
        self.pending.there[at] = False
        self.waiting[at] = False
        self.doors.take(at, samples, whole, stored)

    def _reckon(self, at: Index) -> None:
        """When something is due next."""
        waits = np.where(self.waiting[at], self.time[at] + self.shortest[at], NEVER)
        unstored = (self.pending.there[at] | self.doors.held.there[at]) & (self.longest[at] < UNLIMITED)
        ends = np.minimum(waits, np.where(unstored, self.doors.time[at] + self.longest[at], NEVER))
        self.due[at] = np.where(ends == NEVER, NEVER, ends + self.offset[at])

    def put(self, fresh: Reporting, configured: Splice, carried: Splice) -> None:
        """Splice in other slots: their policies as configured, of what they remember only what is carried over."""
        self.policies = tuple(configured.spliced(list(self.policies), list(fresh.policies)))
        configured.columns(self, fresh, ("deadband", "shortest", "longest", "remembers"))
        configured.columns(self.doors, fresh.doors, ("deviation", "exists"))
        carried.columns(self, fresh, _STATE)
        carried.columns(self.doors, fresh.doors, _DOOR)
        carried.columns(self.pending, fresh.pending, _SAMPLE)
        carried.columns(self.doors.held, fresh.doors.held, _SAMPLE)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The whole state by name; changed in place by whoever restores it."""
        own = {name: getattr(self, name) for name in _STATE}
        doors = {f"door.{name}": getattr(self.doors, name) for name in _DOOR}
        held = {
            f"{place}.{name}": getattr(samples, name)
            for place, samples in (("pending", self.pending), ("held", self.doors.held))
            for name in _SAMPLE
        }
        return own | doors | held

    def follow(self, at: int, offers: Offers, stored: Stored) -> None:
        """Many samples of one slot, in their order."""
        track, kept = self._one(at), list[Sample]()
        samples = map(Sample._make, zip(*(column.tolist() for column in offers.samples), strict=True))
        flags = (column.tolist() for column in (offers.at, offers.told, offers.entered, offers.known))
        for sample, instant, told, entered, known in zip(samples, *flags, strict=True):
            track.take(sample, instant, kept, told=told, entered=entered, known=known)
        self._put_one(at, track)
        stored.add_one(at, kept)

    def _one(self, at: int) -> Track:
        return Track(
            self.policies[at],
            self.doors.one(at),
            self.time.item(at),
            self.value.item(at),
            self.status.item(at),
            self.pending.one(at),
            self.waiting.item(at),
            self.offset.item(at),
            self.due.item(at),
        )

    def _put_one(self, at: int, track: Track) -> None:
        self.doors.put_one(at, track.door)
        self.time[at], self.value[at], self.status[at] = track.time, track.value, track.status
        self.pending.put_one(at, track.pending)
        self.waiting[at], self.offset[at], self.due[at] = track.waiting, track.offset, track.due
