"""Whom the station turned away, in the event journal: seen by the operator, and no way to flood it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hmi.core.instants import SECOND
from hmi.drivers.api import Clock

EVERY: Final = 60 * SECOND
"""ns between two events of one kind about one source; what comes between them is counted."""

MOST_SOURCES: Final = 20
"""Sources of one kind that have events of their own; a client that names itself anew each time makes no more."""

OTHERS: Final = "others"

Note = Callable[[str, str, str], None]
"""(kind, source, text) of an event."""


@dataclass(slots=True)
class _Told:
    at: int
    more: int = 0
    text: str = ""
    """The newest sentence that was only counted."""


class TurnedAway:
    """Notes refusals: the first of a source at once, the following once a minute with their number."""

    def __init__(self, clock: Clock, note: Note) -> None:
        self._clock = clock
        self._note = note
        self._told: dict[tuple[str, str], _Told] = {}

    def tell(self, kind: str, source: str, text: str) -> bool:
        """Notes or counts one refusal; whether it was noted."""
        self.settle()
        if (kind, source) not in self._told and sum(known == kind for known, _ in self._told) >= MOST_SOURCES:
            source = OTHERS
        told = self._told.get((kind, source))
        if told is not None:
            told.more, told.text = told.more + 1, text
            return False
        self._told[kind, source] = _Told(self._clock.now().mono)
        self._note(kind, source, text)
        return True

    def settle(self) -> None:
        """Notes what was counted, where its minute is over; a source that was quiet for a minute is forgotten."""
        now = self._clock.now().mono
        for (kind, source), told in list(self._told.items()):
            if now - told.at < EVERY:
                continue
            if not told.more:
                del self._told[kind, source]
                continue
            times = "once" if told.more == 1 else f"{told.more} times"
            self._note(kind, source, f"{told.text} ({times} in the last minute)")
            self._told[kind, source] = _Told(now)
