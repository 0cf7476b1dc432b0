"""Swinging doors of many tags at once: `hmi.core.swinging_door` in columns, with the same numbers to the last bit."""

from __future__ import annotations

import numpy as np

from hmi.core.batch import Float64
from hmi.core.engine.rows import Index
from hmi.core.engine.samples import Held, Samples, Stored
from hmi.core.quality import BoolArray, is_bad
from hmi.core.swinging_door import LONG_AGO, SwingingDoor


class Doors:
    """The sample stored last of every slot, and of those that have a swinging door the held one and the slopes."""

    def __init__(self, deviation: Float64) -> None:
        """`deviation`: of each slot, NaN where there is no door and every sample is stored."""
        size = len(deviation)
        self.deviation = deviation
        self.exists = ~np.isnan(deviation)
        self.time = np.full(size, LONG_AGO, np.int64)
        self.value = np.full(size, np.nan)
        self.low = np.full(size, -np.inf)
        self.high = np.full(size, np.inf)
        self.held = Held(size)

    def take(self, at: Index, samples: Samples, whole: BoolArray, stored: Stored) -> None:
        """Store or hold a sample of each of some slots, not older than those before; see `SwingingDoor.take`."""
        exists = self.exists[at]
        if not exists.all():
            direct = ~exists
            self._store(at[direct], samples.of(direct), stored)
            at, samples, whole = at[exists], samples.of(exists), whole[exists]
        if len(at):
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                self._swing(at, samples, whole, stored)

    def _swing(self, at: Index, samples: Samples, whole: BoolArray, stored: Stored) -> None:
        whole = whole | is_bad(samples.status)
        slope = (samples.value - self.value[at]) / (samples.time - self.time[at])
        passes = np.isfinite(slope) & (self.low[at] <= slope) & (slope <= self.high[at])
        leaves = self.held.there[at] & (whole | ~passes)
        if leaves.any():
            self.flush(at[leaves], stored)
        rise, span = samples.value - self.value[at], samples.time - self.time[at]
        whole |= (span == 0) | ~np.isfinite(rise)
        if whole.any():
            self._store(at[whole], samples.of(whole), stored)
            kept = ~whole
            at, samples, rise, span = at[kept], samples.of(kept), rise[kept], span[kept]
        deviation = self.deviation[at]
        self.low[at] = np.maximum(self.low[at], (rise - deviation) / span)
        self.high[at] = np.minimum(self.high[at], (rise + deviation) / span)
        self.held.put(at, samples)

    def flush(self, at: Index, stored: Stored) -> None:
        """Store what is held; slots that hold nothing are no harm."""
        at = at[self.held.there[at]]
        if len(at):
            self._store(at, self.held.take(at), stored)

    def _store(self, at: Index, samples: Samples, stored: Stored) -> None:
        self.time[at], self.value[at] = samples.time, samples.value
        self.low[at], self.high[at] = -np.inf, np.inf
        self.held.there[at] = False
        stored.add(at, samples)

    def one(self, at: int) -> SwingingDoor:
        """The door of one slot, to follow many samples of it."""
        return SwingingDoor(
            self.time.item(at), self.value.item(at), self.low.item(at), self.high.item(at), self.held.one(at)
        )

    def put_one(self, at: int, door: SwingingDoor) -> None:
        """Take a slot's door back."""
        self.time[at], self.value[at] = door.time, door.value
        self.low[at], self.high[at] = door.low, door.high
        self.held.put_one(at, door.held)
