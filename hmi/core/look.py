"""Look: how the quality of a value appears on a screen, so that every page shows the same doubt the same way.

One table for all themes and pages: a display, a faceplate, a tag list and a trend must never disagree about whether a
value may be used.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from hmi.core.quality import Severity, Status, code, severity


class Mark(Enum):
    """What is drawn besides or instead of the number."""

    PLAIN = "plain"
    """The value alone."""
    DOUBT = "doubt"
    """`?` behind the value and a thin dotted outline."""
    STALE = "stale"
    """Secondary text, a clock and the age."""
    BAD = "bad"
    """Hatched field with the word BAD; dashes instead of the number."""
    LINK = "link"
    """Hatched field with a plug: the way to the source is cut; dashes."""
    MANUAL = "manual"
    """Badge M: a person stands behind the value."""
    SIMULATED = "simulated"
    """Badge SIM: no plant stands behind the value."""
    WAITING = "waiting"
    """Empty field with an ellipsis: nothing has arrived yet."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything a painter needs to know about a status."""

    mark: Mark
    shows_value: bool
    """False: no number, no pointer, no fill - neither the last value nor zero."""
    hatched: bool = False
    dotted: bool = False
    """A thin dotted outline around the field."""
    suffix: str = ""
    """Written directly behind the number."""
    badge: str = ""
    """Short word beside the value: M, SIM, BAD."""
    placeholder: str = ""
    """Written instead of the number."""


DASHES: Final = "-----"
"""Stands for a number that must not be read."""

LOOKS: Final[dict[Mark, Look]] = {
    Mark.PLAIN: Look(Mark.PLAIN, True),
    Mark.DOUBT: Look(Mark.DOUBT, True, dotted=True, suffix="?"),
    Mark.STALE: Look(Mark.STALE, True),
    Mark.BAD: Look(Mark.BAD, False, hatched=True, badge="BAD", placeholder=DASHES),
    Mark.LINK: Look(Mark.LINK, False, hatched=True, placeholder=DASHES),
    Mark.MANUAL: Look(Mark.MANUAL, True, badge="M"),
    Mark.SIMULATED: Look(Mark.SIMULATED, True, badge="SIM"),
    Mark.WAITING: Look(Mark.WAITING, False, placeholder="…"),
}

_SPECIAL: Final[dict[int, Mark]] = {
    Status.GOOD_LOCAL_OVERRIDE: Mark.MANUAL,
    Status.UNCERTAIN_NO_COMMUNICATION_LAST_USABLE: Mark.STALE,
    Status.UNCERTAIN_LAST_USABLE_VALUE: Mark.STALE,
    Status.UNCERTAIN_SUBSTITUTE_VALUE: Mark.MANUAL,
    Status.UNCERTAIN_INITIAL_VALUE: Mark.WAITING,
    Status.UNCERTAIN_TRANSDUCER_IN_MANUAL: Mark.MANUAL,
    Status.UNCERTAIN_SIMULATED_VALUE: Mark.SIMULATED,
    Status.BAD_COMMUNICATION_ERROR: Mark.LINK,
    Status.BAD_TIMEOUT: Mark.LINK,
    Status.BAD_NO_COMMUNICATION: Mark.LINK,
    Status.BAD_WAITING_FOR_INITIAL_DATA: Mark.WAITING,
}
_BY_SEVERITY: Final = {Severity.GOOD: Mark.PLAIN, Severity.UNCERTAIN: Mark.DOUBT, Severity.BAD: Mark.BAD}


def look(status: int) -> Look:
    """How a value of this status is shown; a code without a rule of its own looks like its severity."""
    mark = _SPECIAL.get(code(status))
    return LOOKS[_BY_SEVERITY[severity(status)] if mark is None else mark]
