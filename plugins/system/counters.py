"""What the system tells of itself, as psutil reads it."""

from __future__ import annotations

import os
from typing import NamedTuple, Protocol

import psutil


class Cpu(NamedTuple):
    """Seconds of one core, or of all, since the computer was started."""

    busy: float
    whole: float


class Traffic(NamedTuple):
    """What crossed an interface since the computer was started."""

    received: int
    sent: int
    errors: int


class Counters(Protocol):
    """The system's counters; each call may wait for the system."""

    def cores(self) -> list[Cpu]:
        """Each core."""
        ...

    def load(self) -> tuple[float, float, float]:
        """Mean number of waiting or running tasks in 1, 5 and 15 minutes."""
        ...

    def memory(self) -> dict[str, float]:
        """`percent used available total`, bytes."""
        ...

    def swap(self) -> dict[str, float]:
        """`percent used total`, bytes."""
        ...

    def disk(self, folder: str) -> dict[str, float]:
        """`percent free used total` of the disk a folder is on, bytes. Raises OSError: there is no such folder."""
        ...

    def traffic(self) -> dict[str, Traffic]:
        """Each interface."""
        ...

    def uptime(self, utc: float) -> float:
        """Seconds since the computer was started."""
        ...

    def processes(self) -> int:
        """How many processes there are."""
        ...


class PsutilCounters:
    """See `Counters`."""

    def cores(self) -> list[Cpu]:
        """Waiting for a disk is not being busy."""
        found = []
        for times in psutil.cpu_times(percpu=True):
            idle = times.idle + getattr(times, "iowait", 0.0)
            # Guests are counted in user and nice already.
            whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
            found.append(Cpu(whole - idle, whole))
        return found

    def load(self) -> tuple[float, float, float]:
        """Windows has no such mean: psutil makes one."""
        return psutil.getloadavg()

    def memory(self) -> dict[str, float]:
        """See `Counters`."""
        m = psutil.virtual_memory()
        return {"percent": m.percent, "used": m.used, "available": m.available, "total": m.total}

    def swap(self) -> dict[str, float]:
        """See `Counters`."""
        s = psutil.swap_memory()
        return {"percent": s.percent, "used": s.used, "total": s.total}

    def disk(self, folder: str) -> dict[str, float]:
        """See `Counters`."""
        d = psutil.disk_usage(os.fspath(folder))
        return {"percent": d.percent, "free": d.free, "used": d.used, "total": d.total}

    def traffic(self) -> dict[str, Traffic]:
        """See `Counters`."""
        found = psutil.net_io_counters(pernic=True)
        return {name: Traffic(n.bytes_recv, n.bytes_sent, n.errin + n.errout) for name, n in found.items()}

    def uptime(self, utc: float) -> float:
        """See `Counters`."""
        return utc - psutil.boot_time()

    def processes(self) -> int:
        """See `Counters`."""
        return len(psutil.pids())
