"""Views: one tag or one alarm for people, scripts and lists; the engine itself works in columns."""

from __future__ import annotations

from dataclasses import dataclass

from hmi.core.alarm import Alarm
from hmi.core.alarm_state import AlarmState


@dataclass(frozen=True, slots=True)
class TagValue:
    """The live value of one tag."""

    tag: int
    path: str
    value: float | str
    """NaN while nothing usable was ever received."""
    status: int
    time: int
    """Source time, ns UTC; 0 before the first sample."""
    received: int
    """Monotonic ns of the last reported sample."""


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One alarm an operator must know of: not normal, or not able to tell."""

    alarm: str
    """`<tag uid>/<alarm id>`."""
    name: str
    """`<tag path>/<alarm id>`."""
    tag: int
    definition: Alarm
    state: AlarmState
    event: int
    """Event number of the annunciation: what an acknowledgement must name; 0 when there never was one."""
    last_event: int
    """Event number of the last transition."""
    since: int
    """Source time (ns UTC) of the last activation; 0 when there never was one."""
    changed: int
    """Source time (ns UTC) of the last transition."""
    value: float
    """Value at the last transition."""
    status: int
    """Status at the last transition."""
    limit: float
    can_evaluate: bool
    """False while the tag is Bad and the alarm holds its state: nobody watches."""
