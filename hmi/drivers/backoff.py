"""How long to wait before the next attempt to reach a device.

Ten stations that lose the same switch must not all return in the same millisecond, and a device that is off for the
weekend must not be hammered: the wait doubles up to a cap and is spread by a random part.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between attempts, seconds."""

    first: float = 0.5
    """Mean wait after the first failure: a device that restarts is back on screen within a second."""
    factor: float = 2.0
    cap: float = 5.0
    """Longest mean wait: an operator who switched a device on does not wait longer for its values."""
    spread: float = 0.25
    """Each wait is between (1 - spread) and (1 + spread) times its mean."""

    def delay(self, failures: int, random: float) -> float:
        """Seconds to wait after so many failures in a row (1 = the first); `random` is from [0, 1)."""
        if failures < 1:
            return 0.0
        # 2^60 s is beyond any cap; without the bound a year of failures overflows the float.
        mean = min(self.cap, self.first * self.factor ** min(failures - 1, 60))
        return mean * (1.0 - self.spread + 2.0 * self.spread * random)
