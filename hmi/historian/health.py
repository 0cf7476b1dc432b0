"""What a store tells about itself: once when it changes, never a storm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hmi.core.instants import Clock


class HealthKind(StrEnum):
    """What happened to a store."""

    STALLED = "stalled"
    """The disk takes nothing; samples wait in memory."""
    OVERFLOW = "overflow"
    """The memory for waiting samples is full: from now on the oldest are lost, until RESUMED tells how many."""
    RESUMED = "resumed"
    """The disk takes data again; `lost` samples are marked Bad_DataLost."""
    DAMAGED = "damaged"
    """A stored row does not pass its checksum; the text names its time range."""
    UPKEEP_FAILED = "upkeep-failed"
    """Samples could not be filed in the data files; nothing is lost, reads are slower, the journal grows."""
    PRUNED = "pruned"
    """A month was deleted by the rules of retention."""
    STOPPED = "stopped"
    """The writer ended by a defect; nothing is stored until the station is restarted."""


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """One change of a store's health."""

    kind: HealthKind
    utc: int
    """ns since 1970 UTC."""
    text: str
    """A sentence for a person."""
    lost: int = 0
    """Samples lost since the last RESUMED."""


HealthCallback = Callable[[HealthEvent], None]
"""Called on the store's writer thread: must return at once and raise nothing."""


class Teller:
    """Tells one listener, with the time."""

    def __init__(self, clock: Clock, on_health: HealthCallback) -> None:
        self._clock, self._on_health = clock, on_health

    def __call__(self, kind: HealthKind, text: str, lost: int = 0) -> None:
        """One change of health, now."""
        self._on_health(HealthEvent(kind, self._clock().utc, text, lost))
