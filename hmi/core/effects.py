"""What one scan of the engine brings about; the shell carries it out."""

from __future__ import annotations

from dataclasses import dataclass

from hmi.core.actions import Acknowledge, ScanOff, SetValue, Substitute
from hmi.core.alarm import Priority
from hmi.core.alarm_state import AlarmEvent, AlarmState
from hmi.core.batch import EMPTY, Batch


@dataclass(frozen=True, slots=True)
class Transition:
    """One move of one alarm: a line of the alarm journal."""

    event: int
    """Number of this transition, rising without gaps over the station's life: acknowledgements name it."""
    alarm: str
    """`<tag uid>/<alarm id>`."""
    tag: int
    what: AlarmEvent
    before: AlarmState
    after: AlarmState
    time: int
    """Source time (ns UTC) of the sample or deadline that caused it."""
    received: int
    """Monotonic ns on which delays ran."""
    value: float
    status: int
    limit: float
    priority: Priority
    user: str = ""
    comment: str = ""
    seen_at_start: bool = False
    """The condition had changed while the station was down."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that the engine did not carry out, with a sentence for the person who asked."""

    action: Acknowledge | SetValue | Substitute | ScanOff
    why: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something an engineer should know; a line of the event journal."""

    kind: str
    """Stable short name, e.g. `clock-step`, `value-out-of-range`."""
    text: str
    tag: int | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """All that follows from one scan, in the order in which it happened."""

    changed: Batch = EMPTY
    """Every live sample that passed scaling, clamp and deadband, and every derived one, in order of application."""
    store: Batch = EMPTY
    """Live samples the history policies want, of each tag in order; some of them may have come with earlier scans."""
    backfill: Batch = EMPTY
    """Scaled samples for history only."""
    transitions: tuple[Transition, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()
    deadline: int | None = None
    """Monotonic ns at which the engine must run next even without samples; None = nothing pending."""
