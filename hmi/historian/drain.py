"""From memory to the disk: what waits is committed; what the disk does not take waits on, and a person is told once."""

from __future__ import annotations

from hmi.core.instants import Clock
from hmi.historian.api import StoreError
from hmi.historian.disk import JournalDisk
from hmi.historian.health import HealthKind, Teller
from hmi.historian.tail import Group, Tail


class Drain:
    """Empties a tail into the journal; called by the writer thread alone."""

    def __init__(self, tail: Tail, disk: JournalDisk, flush_rows: int, clock: Clock, tell: Teller) -> None:
        self._tail, self._disk, self._flush_rows, self._clock, self._tell = tail, disk, flush_rows, clock, tell
        self.alive: int | None = None
        """When (ns UTC) somebody said that the station runs, until that is on the disk; any thread may set it."""
        self.why: StoreError | None = None
        """Why the disk takes nothing now."""
        self._overflow = self._behind = False
        self._lost = 0
        """Samples lost since the disk last kept up."""

    def run(self) -> None:
        """Writes what waits now. What comes meanwhile has its own turn: a steady stream must not keep the thread from
        filing, nor cost a commit each time the disk has done one."""
        number = self._tail.next_number
        while True:
            lost = self._tail.unmarked
            if lost and not self._overflow:
                self._overflow = True
                self._tell(HealthKind.OVERFLOW, "More samples arrive than the disk takes: the oldest are lost.")
            group = self._tail.take(self._flush_rows)
            if group is None and self.alive is None:
                self._caught_up()
                return
            if not self._write(group):
                return
            self._lost += lost
            if self._tail.done(number):
                if self._tail.waiting < self._flush_rows:
                    self._caught_up()
                return

    def _write(self, group: Group | None) -> bool:
        alive = self.alive
        try:
            self._disk.write(group, self._meta())
        except StoreError as error:
            self._tail.failed()
            self.why = error
            if not self._behind:
                self._behind = True
                self._tell(HealthKind.STALLED, str(error))
            return False
        self.why = None
        if group is not None:
            self._tail.committed(group, self._clock().mono)
        if self.alive == alive:
            self.alive = None
        return True

    def _caught_up(self) -> None:
        if self._behind or self._overflow:
            text = f"The disk keeps up again; {self._lost} samples were lost and are marked Bad_DataLost."
            self._tell(HealthKind.RESUMED, text, self._lost)
        self._behind = self._overflow = False
        self._lost = 0

    def _meta(self) -> dict[str, int]:
        # Whatever is stored proves that the station ran until now, also when nobody marks it alive.
        alive = max(self.alive or 0, self._clock().utc)
        return {"alive": alive, "lost": self._tail.lost_total, "clean": 0}

    def end(self) -> None:
        """Marks that the writer ended in order; to be called when the writer thread has ended.

        Raises:
            StoreError: the disk does not take the mark.
        """
        self._disk.write(None, self._meta() | {"clean": 1})
