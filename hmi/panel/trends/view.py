"""View: the stretch of time a trend shows, and how scrolling, zooming and following the clock change it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from hmi.core.instants import SECOND

SHORTEST: Final = 10 * SECOND
LONGEST: Final = 366 * 86_400 * SECOND
PRESETS: Final = (("5 min", 300 * SECOND), ("1 h", 3600 * SECOND), ("8 h", 28_800 * SECOND), ("24 h", 86_400 * SECOND))
"""Label and length (ns) of the windows one click away."""


@dataclass(frozen=True, slots=True)
class View:
    """A window in time, ns UTC; a live one ends now and moves on."""

    start: int
    end: int
    live: bool = True

    @property
    def length(self) -> int:
        """ns."""
        return self.end - self.start

    def follow(self, now: int) -> View:
        """Moves a live window to the present."""
        return View(now - self.length, now, True) if self.live and now else self

    def preset(self, length: int, now: int) -> View:
        """Another length with the same end; a live window stays live."""
        end = now if self.live else self.end
        return replace(self, start=end - length, end=end)

    def scrolled(self, share: float, now: int) -> View:
        """Moved by a share of its length; forwards beyond the present means live again."""
        move = round(self.length * share)
        if self.end + move >= now:
            return View(now - self.length, now, True)
        return View(self.start + move, self.end + move, False)

    def zoomed(self, factor: float, at: float, now: int) -> View:
        """`factor` times as long around a share of the plot; a live window keeps its end at the present."""
        length = min(max(round(self.length * factor), SHORTEST), LONGEST)
        if self.live:
            return View(now - length, now, True)
        fixed = self.start + round(self.length * at)
        start = fixed - round(length * at)
        return View(start, start + length, False) if start + length < now else View(now - length, now, True)

    def paused(self) -> View:
        """Stands still."""
        return replace(self, live=False)

    def time_at(self, share: float) -> int:
        """ns UTC of a place in the plot."""
        return self.start + round(self.length * share)
