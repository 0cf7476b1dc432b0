"""Whether the station keeps up with what comes; when it does not, people are told while it still runs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from hmi.core.instants import seconds

SPAN: Final = seconds(10.0)
"""ns that are looked back on."""
FEWEST: Final = 10
"""Late scans in the span below which it is no overload, whatever their share: a disk hiccups now and then."""
SHARE: Final = 0.5
"""Share of scans that may be late."""


@dataclass(frozen=True, slots=True)
class Load:
    """Counters since the start."""

    scans: int
    late: int
    """Scans that began more than a period late."""
    dropped: int
    """Samples that found no room on their way."""


class Overload:
    """Looks at the counters now and then."""

    def __init__(self) -> None:
        self._marks: deque[tuple[int, Load]] = deque()
        self.why = ""
        """One sentence while the station does not keep up; empty while it does."""

    def note(self, mono: int, load: Load) -> bool:
        """Notes the counters at a monotonic moment, once a second or so; whether `why` is another one now."""
        self._marks.append((mono, load))
        while len(self._marks) > 2 and mono - self._marks[1][0] >= SPAN:
            self._marks.popleft()
        before, self.why = self.why, self._judged(self._marks[0][1], load)
        return bool(before) is not bool(self.why)

    def _judged(self, then: Load, now: Load) -> str:
        dropped, late, scans = now.dropped - then.dropped, now.late - then.late, now.scans - then.scans
        if dropped > 0:
            return f"{dropped} samples were dropped in the last seconds: more come than can be taken."
        if late >= FEWEST and late > SHARE * scans:
            return f"{late} of {scans} scans were late in the last seconds: the computer is too busy."
        return ""
