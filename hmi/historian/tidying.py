"""Upkeep between commits: a step at a time, to the end for whoever waits for it, and its trouble is told once."""

from __future__ import annotations

from threading import Condition

from hmi.core.instants import Clock
from hmi.historian.api import StoreError
from hmi.historian.health import HealthKind, Teller
from hmi.historian.upkeep import Upkeep


class Tidying:
    """Drives the upkeep of a store; `changed` is notified when what somebody waits for is over."""

    def __init__(self, upkeep: Upkeep, changed: Condition, clock: Clock, tell: Teller) -> None:
        self._upkeep, self._changed, self._clock, self._tell = upkeep, changed, clock, tell
        self._failed = False
        self.done = False
        """Whether the last hurry ended with everything done."""

    @property
    def due(self) -> bool:
        """Whether there is a step to do."""
        return self._upkeep.due

    @property
    def hurried(self) -> bool:
        """Whether somebody waits for everything to be tidied up."""
        return self._upkeep.hurry

    def hurry(self) -> None:
        """Tidies up everything, not only what is worth it; the caller holds `changed`."""
        self._upkeep.hurry = True
        self._changed.notify_all()

    def step(self) -> None:
        """One step; the samples that arrived meanwhile are written before the next. For the writer thread alone."""
        self._upkeep.look(self._clock().utc)
        if self._upkeep.due:
            self._try()
        if self._upkeep.hurry and (self._failed or not self._upkeep.due):
            with self._changed:
                self._upkeep.hurry = False
                self.done = not self._failed
                self._changed.notify_all()

    def _try(self) -> None:
        try:
            damaged = self._upkeep.step()
        except StoreError as error:
            if not self._failed:
                self._tell(HealthKind.UPKEEP_FAILED, f"History cannot be tidied up: {error.what}")
            self._failed = True
            return
        self._failed = False
        for found in damaged:
            self._tell(HealthKind.DAMAGED, found.what)

    def close(self) -> None:
        """Gives the data files back."""
        self._upkeep.close()
