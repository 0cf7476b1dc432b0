"""The system's counters at one look: each is read when it is first needed, and only then."""

from __future__ import annotations

from functools import cached_property

from .counters import Counters, Cpu, Traffic


class Glance:
    """One look; whatever is asked of it may wait for the system."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._disks: dict[str, dict[str, float] | None] = {}

    @cached_property
    def cores(self) -> list[Cpu]:
        """Each core."""
        return self._counters.cores()

    @cached_property
    def load(self) -> dict[str, float]:
        """Mean number of waiting or running tasks by the minutes of the mean, `1 5 15`."""
        return dict(zip(("1", "5", "15"), self._counters.load(), strict=True))

    @cached_property
    def memory(self) -> dict[str, float]:
        """`percent used available total`, bytes."""
        return self._counters.memory()

    @cached_property
    def swap(self) -> dict[str, float]:
        """`percent used total`, bytes."""
        return self._counters.swap()

    @cached_property
    def traffic(self) -> dict[str, Traffic]:
        """Each interface."""
        return self._counters.traffic()

    def disk(self, folder: str) -> dict[str, float] | None:
        """`percent free used total` of the disk a folder is on, bytes; None: there is no such folder."""
        if folder not in self._disks:
            try:
                self._disks[folder] = self._counters.disk(folder)
            except OSError:
                self._disks[folder] = None
        return self._disks[folder]
