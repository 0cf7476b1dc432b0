"""Scene: what the symbols of one display know of the plant, frozen between two paintings.

A symbol reads values from a snapshot and not from the store: a repaint for another reason (a tooltip, a flashing
marker) must not make digits run faster than a person can read them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from hmi.core.element import AlarmSummary, Link
from hmi.core.look import Look, look
from hmi.core.trend import Tape
from hmi.link.messages import AlarmRow
from hmi.panel.painting.words import zone_of
from hmi.panel.stores import Shown, Stores


class Scene:
    """Values as they were last drawn, alarms as they stand, time as the station has it."""

    def __init__(self, stores: Stores, clock: Callable[[], int]) -> None:
        self._stores = stores
        self._clock = clock
        self._drawn: dict[str, Shown] = {}
        self.summaries: tuple[AlarmSummary, ...] = ()
        """All that the display has, so that one of them can count the rest."""
        self.why_not: Callable[[str], str] = _available
        """Why a command's interlock would refuse it now; empty when it would not."""
        self.lit = True
        """Bright half of the second of flashing markers."""
        self.tapes: dict[str, Tape] = {}
        """Samples of embedded trends by path."""
        self.notes: dict[str, str] = {}
        """How commands go, by the id of their button."""

    def refresh(self, paths: tuple[str, ...]) -> None:
        """Takes over what the store has of these paths."""
        for path in paths:
            self._drawn[path] = self._stores.values.shown(path)

    def shown(self, path: str) -> Shown:
        """What to draw of a tag."""
        drawn = self._drawn.get(path)
        if drawn is None:
            drawn = self._drawn[path] = self._stores.values.shown(path)
        return drawn

    def urgent(self, path: str) -> bool:
        """Whether a tag's trust, or whether it is known, differs from what is drawn: that waits for no pace."""
        new, old = self._stores.values.shown(path), self.shown(path)
        return look(new.status) != look(old.status) or new.unknown != old.unknown or new.info is not old.info

    def look(self, path: str) -> Look:
        """How the tag's quality is shown."""
        return look(self.shown(path).status)

    def on(self, path: str) -> bool | None:
        """A bit; None while it must not be read."""
        number = self.number(path)
        return None if number is None else number != 0

    def number(self, path: str) -> float | None:
        """A usable number; None for a Bad value, for text and for nothing yet."""
        shown = self.shown(path)
        if not path or not look(shown.status).shows_value or isinstance(shown.value, str):
            return None
        return shown.value

    def share(self, path: str) -> float | None:
        """A usable number's place in its engineering range, unclamped; None without number or range."""
        value, info = self.number(path), self.shown(path).info
        if value is None or info is None or info.low is None or info.high is None or info.high <= info.low:
            return None
        return (value - info.low) / (info.high - info.low)

    def alarm(self, path: str) -> AlarmRow | None:
        """The worst alarm of one tag."""
        rows = self._stores.alarms.for_path(path) if path else ()
        return rows[0] if rows else None

    def below(self, prefixes: Sequence[str]) -> tuple[AlarmRow, ...]:
        """The alarms below path prefixes, worst first."""
        return self._stores.alarms.below(prefixes) if prefixes else ()

    def behind(self, link: Link) -> tuple[AlarmRow, ...]:
        """The alarms at home where a link leads, or below it; of its prefixes while the station has no such display."""
        known = any(display.name == link.display for display in self._stores.atlas.displays)
        return self._stores.roll_up.of(link.display) if known else self.below(link.alarms)

    def counted_by(self, summary: AlarmSummary) -> tuple[AlarmRow, ...]:
        """The alarms that a summary counts, worst first."""
        if summary.rest:
            others = (other for other in self.summaries if not other.rest)
            told = {row.alarm for other in others for row in self.counted_by(other)}
            return tuple(row for row in self._stores.alarms.rows() if row.alarm not in told)
        if summary.display:
            return self._stores.roll_up.of(summary.display)
        return self.below([summary.alarms] if isinstance(summary.alarms, str) else summary.alarms)

    def now(self) -> int:
        """Station time, ns UTC."""
        return self._clock()

    def reckoned(self) -> int:
        """Station time for ages, ns UTC: it runs on while the link is not live."""
        return self._stores.session.reckoned_utc()

    @property
    def zone(self) -> tzinfo:
        """The station's time zone."""
        return zone_of(self._stores.session.time_zone)

    @property
    def live(self) -> bool:
        """Whether what is drawn is the plant of this moment."""
        return self._stores.session.sees_live

    @property
    def alarms_live(self) -> bool:
        """Whether the alarms are those that stand at this moment, not the last known ones."""
        return self._stores.alarms_live


def _available(_path: str) -> str:
    return ""
