"""What an engineer is told of a driver that cannot run."""

from __future__ import annotations

from hmi.core.errors import LinesideError


class DriverError(LinesideError):
    """A driver that is missing or cannot run here; it costs its own connections only."""
