"""The states of an alarm and how it moves between them (ISA-18.2 state transition figure).

The condition and the acknowledgement are two small machines; their product is the state an operator sees.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class AlarmState(StrEnum):
    """What an operator sees of an alarm."""

    NORMAL = "NORM"
    UNACKNOWLEDGED = "UNACK"
    ACKNOWLEDGED = "ACKED"
    RETURNED_UNACKNOWLEDGED = "RTNUN"


class AlarmEvent(StrEnum):
    """What can happen to an alarm."""

    ACTIVATE = "activate"
    """The condition was true for the on-delay."""
    RETURN = "return"
    """The condition was false for the off-delay."""
    ACKNOWLEDGE = "acknowledge"
    REMOVE = "remove"
    """Removed by configuration: the running project has no such alarm any more."""


TRANSITIONS: Final[dict[tuple[AlarmState, AlarmEvent], AlarmState]] = {
    (AlarmState.NORMAL, AlarmEvent.ACTIVATE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmEvent.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmEvent.RETURN): AlarmState.RETURNED_UNACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, AlarmEvent.RETURN): AlarmState.NORMAL,
    (AlarmState.RETURNED_UNACKNOWLEDGED, AlarmEvent.ACKNOWLEDGE): AlarmState.NORMAL,
    (AlarmState.RETURNED_UNACKNOWLEDGED, AlarmEvent.ACTIVATE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmEvent.REMOVE): AlarmState.NORMAL,
    (AlarmState.ACKNOWLEDGED, AlarmEvent.REMOVE): AlarmState.NORMAL,
    (AlarmState.RETURNED_UNACKNOWLEDGED, AlarmEvent.REMOVE): AlarmState.NORMAL,
}
"""Every allowed move; any other pair is refused."""


def is_active(state: AlarmState) -> bool:
    """Whether the condition is true in this state."""
    return state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)


def needs_acknowledgement(state: AlarmState) -> bool:
    """Whether an operator still has to acknowledge."""
    return state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED)
