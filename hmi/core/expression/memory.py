"""What the stateful functions remember between evaluations and across restarts.

Every slot is plain data. Between two evaluations the earlier input holds (values arrive on change). Time the station
did not see - it was down, or the input was Bad - is never counted as running, and `Stopwatch` says how long it was.
"""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

SECOND: Final = 1_000_000_000
UPDATE_NS: Final = SECOND
"""How often a growing total is brought up to date."""
MAX_DOUBT: Final = 0.01
"""Share of a total's time that may be unseen or uncertain before the total itself is Uncertain."""


class Stopwatch(Struct):
    """Time since the last evaluation: `mono` for durations, `utc` only to know how long a restart took."""

    mono: int | None = None
    utc: int | None = None

    def lap(self, mono: int, utc: int) -> tuple[int, int]:
        """(seen, unseen) ns since the last lap; a monotonic clock that starts over means a restart."""
        before_mono, before_utc = self.mono, self.utc
        self.mono, self.utc = mono, utc
        if before_mono is not None and mono >= before_mono:
            return mono - before_mono, 0
        return 0, max(0, utc - before_utc) if before_utc is not None else 0


class Slot(Struct):
    """Memory of one call in an expression."""

    def restarted(self) -> None:
        """The station was down between the last evaluation and the next one."""


def _fell_or_rose(before: bool | None, now: bool) -> bool:
    return before is not None and before is not now


class Edge(Slot):
    """Last known state of a flag; a gap in quality or in running does not forget it."""

    flag: bool | None = None

    def step(self, flag: bool, *, upwards: bool) -> bool:
        """Whether the flag changed in the wanted direction since it was last known."""
        changed = _fell_or_rose(self.flag, flag) and flag is upwards
        self.flag = flag
        return changed


class Counter(Slot):
    """Number of times a flag became true since the last reset."""

    flag: Edge
    reset: Edge
    count: int = 0

    @classmethod
    def new(cls) -> Counter:
        """Nothing counted, nothing known."""
        return cls(Edge(), Edge())

    def step(self, flag: bool | None, reset: bool | None) -> float:
        """Count with the flag's new state; None = not known."""
        if reset is not None and self.reset.step(reset, upwards=True):
            self.count = 0
        if flag is not None and self.flag.step(flag, upwards=True):
            self.count += 1
        return float(self.count)


class Timer(Slot):
    """On-delay: how long a flag has been seen true without a false between."""

    watch: Stopwatch
    counting: bool = False
    elapsed: int = 0

    @classmethod
    def new(cls) -> Timer:
        """Not running."""
        return cls(Stopwatch())

    def restarted(self) -> None:
        """Time the station was down does not count; what was seen before does."""
        self.watch.mono = None

    def step(self, flag: bool | None, mono: int, utc: int) -> int:
        """Ns the flag has been seen true up to now; an unknown flag (None) holds the time."""
        seen, _ = self.watch.lap(mono, utc)
        if self.counting:
            self.elapsed += seen
        self.counting = flag is True
        if flag is False:
            self.elapsed = 0
        return self.elapsed


class Total(Slot):
    """Integral of a rate over time, exact to the last digits by a compensated sum."""

    watch: Stopwatch
    reset: Edge
    total: float = 0.0
    carry: float = 0.0
    rate: float | None = None
    """Holds since the last evaluation; None = not known."""
    certain: bool = False
    """Whether that rate is known and Good."""
    started: bool = False
    """Whether a usable rate was ever seen: time before that is not missed."""
    span: int = 0
    """Ns since the start or the last reset, and of these the doubtful ones."""
    doubtful: int = 0
    overflowed: bool = False

    @classmethod
    def new(cls) -> Total:
        """Zero."""
        return cls(Stopwatch(), Edge())

    def restarted(self) -> None:
        """Time the station was down is doubtful, not zero and not counted."""
        self.watch.mono = None

    def step(self, rate: float | None, certain: bool, reset: bool | None, per: float, mono: int, utc: int) -> float:
        """Bring the total up to now, then hold the new rate (None = not known). `per`: seconds of the unit."""
        seen, unseen = self.watch.lap(mono, utc)
        if self.started:
            self.span += seen + unseen
            self.doubtful += unseen if self.certain else seen + unseen
        if self.rate is not None:
            self._add(self.rate * (seen / SECOND) / per)
        if reset is not None and self.reset.step(reset, upwards=True):
            self._clear()
        self.rate, self.certain = rate, certain and rate is not None
        self.started = self.started or rate is not None
        return self.total + self.carry

    def doubted(self) -> bool:
        """Whether too much of the time since the last reset was unseen or uncertain."""
        return self.doubtful > MAX_DOUBT * self.span

    def _add(self, amount: float) -> None:
        total = self.total + amount
        if not math.isfinite(total):
            self.overflowed = True
            return
        larger, smaller = (self.total, amount) if abs(self.total) >= abs(amount) else (amount, self.total)
        self.carry += (larger - total) + smaller
        self.total = total

    def _clear(self) -> None:
        self.total = self.carry = 0.0
        self.span = self.doubtful = 0
        self.overflowed = False


class PreviousNumber(Slot):
    """The number before the last change of a number."""

    value: float | None = None
    certain: bool = False
    before: float | None = None
    before_certain: bool = False

    def step(self, value: float, certain: bool) -> None:
        """Take the current value; only a different one moves the earlier along."""
        if value != self.value:
            self.before, self.before_certain = self.value, self.certain
        self.value, self.certain = value, certain


class PreviousText(Slot):
    """The text before the last change of a text."""

    value: str | None = None
    certain: bool = False
    before: str | None = None
    before_certain: bool = False

    def step(self, value: str, certain: bool) -> None:
        """Take the current value; only a different one moves the earlier along."""
        if value != self.value:
            self.before, self.before_certain = self.value, self.certain
        self.value, self.certain = value, certain
