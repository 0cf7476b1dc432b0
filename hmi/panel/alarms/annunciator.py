"""Annunciator: which sound the alarms and the link deserve now. It knows no loudspeaker, so tables can test it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hmi.core.alarm_state import AlarmState
from hmi.link.messages import AlarmRow


@dataclass(frozen=True, slots=True)
class Tone:
    """A sound and how often it comes again until it is silenced or the reason is gone."""

    name: str
    """File below `assets/sounds`, without `.wav`."""
    repeat_ms: int


LINK_TONE: Final = Tone("link", 5_000)
TONES: Final = {1: Tone("priority1", 5_000), 2: Tone("priority2", 10_000), 3: Tone("priority3", 20_000)}
"""By priority; 4 flashes without a sound."""


class Annunciator:
    """Remembers what was silenced: silence stops the sound of what stands now, it acknowledges nothing."""

    def __init__(self) -> None:
        self._sounding: dict[tuple[str, int], int] = {}
        self._silenced: set[tuple[str, int]] = set()
        self._link_down = False
        self._link_silenced = False

    def alarms(self, rows: Iterable[AlarmRow]) -> None:
        """The alarms that stand; an annunciation is one (alarm, event)."""
        unacknowledged = AlarmState.UNACKNOWLEDGED.value
        self._sounding = {(r.alarm, r.event): r.priority for r in rows if r.state == unacknowledged}
        self._silenced &= self._sounding.keys()

    def link(self, *, down: bool) -> None:
        """Whether what the panel shows is live; every loss sounds anew."""
        if down and not self._link_down:
            self._link_silenced = False
        self._link_down = down

    def silence(self) -> None:
        """The operator has heard: quiet until something new happens."""
        self._silenced.update(self._sounding)
        self._link_silenced = True

    @property
    def tone(self) -> Tone | None:
        """What should sound now: the lost link first, then the highest priority that was not silenced."""
        if self._link_down and not self._link_silenced:
            return LINK_TONE
        loud = [priority for key, priority in self._sounding.items() if key not in self._silenced]
        return TONES.get(min(loud, default=0))
