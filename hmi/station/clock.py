"""The only place in the station that reads a clock."""

from __future__ import annotations

import time

from hmi.core.instants import Instants


class SystemClock:
    """Both clocks of this computer."""

    def now(self) -> Instants:
        """Monotonic and UTC nanoseconds, read together."""
        return Instants(time.monotonic_ns(), time.time_ns())
