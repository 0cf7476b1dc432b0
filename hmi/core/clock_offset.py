"""Clock offset: by how much a device's clock differs from the station's, as its stamps tell."""

from __future__ import annotations

from typing import Final

import numpy as np

from hmi.core.batch import Int32, Int64
from hmi.core.instants import SECOND

WINDOW: Final = 30 * SECOND
"""ns of mono over which the least difference is taken: transport and sampling only ever add to it."""
FEWEST: Final = 5
"""Samples that a window must have: a single one may have been on its way for long."""


class ClockOffset:
    """Receive time minus source time, least of a window; positive while the device's clock is behind.

    A tag's first sample after a connect is left out: it is stamped with its last change, which may be days ago.
    """

    def __init__(self) -> None:
        self._seen = np.zeros(0, np.bool_)
        self._least: int | None = None
        self._count = 0
        self._begun = 0

    def connected(self, mono: int) -> None:
        """The device answers again."""
        self._seen[:] = False
        self._begin(mono)

    def take(self, tags: Int32, times: Int64, utc: int) -> None:
        """Good samples as they arrive; `utc`: the station's clock."""
        if not len(tags):
            return
        most = int(tags.max())
        if most >= len(self._seen):
            self._seen = np.concatenate((self._seen, np.zeros(most + 1 - len(self._seen), np.bool_)))
        changes = self._seen[tags]
        self._seen[tags] = True
        if changes.any():
            least = utc - int(times[changes].max())
            self._least = least if self._least is None else min(self._least, least)
            self._count += int(changes.sum())

    def measured(self, mono: int) -> float | None:
        """Seconds, once at the end of every window that had samples enough; otherwise None."""
        if mono - self._begun < WINDOW:
            return None
        least = self._least if self._count >= FEWEST else None
        self._begin(mono)
        return None if least is None else round(least / SECOND, 1)

    def _begin(self, mono: int) -> None:
        self._least, self._count, self._begun = None, 0, mono
