"""Alarm: an abnormal condition that needs an operator's response (ISA-18.2), as an engineer configures it."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from msgspec import Struct


class AlarmKind(StrEnum):
    """Which condition of its tag's value an alarm watches."""

    HIGH_HIGH = "HH"
    HIGH = "H"
    LOW = "L"
    LOW_LOW = "LL"
    OFF_NORMAL = "off_normal"
    """Active while the value differs from `normal`."""


class Priority(IntEnum):
    """From the severity of the consequence and the time to respond, nothing else."""

    HIGHEST = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4


class OnBad(StrEnum):
    """What a Bad value does to the alarm."""

    HOLD = "hold"
    ACTIVE = "active"


class Alarm(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One alarm of one tag; its id in the station is `<tag uid>/<id>`, its name `<tag path>/<id>`."""

    id: str
    """Unique within the tag, e.g. `HH` or `jam`; stable, since journal and state refer to it."""
    kind: AlarmKind
    limit: float = 0.0
    """Limit in engineering units (HH, H, L, LL)."""
    normal: float = 0.0
    """The value that is not an alarm (off_normal)."""
    deadband: float = 0.0
    """Engineering units the value must come back beyond the limit."""
    on_delay: float = 0.0
    """Seconds the condition must be true without a break before it announces."""
    off_delay: float = 0.0
    """Seconds the condition must be false without a break before it returns."""
    priority: Priority = Priority.LOW
    on_bad: OnBad = OnBad.HOLD
    message: str = ""
    cause: str = ""
    consequence: str = ""
    response: str = ""
    """What the operator should do."""
    display: str = ""
    """Display that shows the cause; empty = the display that shows the tag."""
