"""The one judgement every write passes, whichever door it came in by: the checks of the write path in their order.

Each check is a function of its own in `CHECKS`; the first that objects refuses the command with a sentence. A command
marked `to_safe` (stop, close, abort) skips the ones that could keep a person from making the plant safe.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hmi.core.instants import SECOND
from hmi.core.quality import is_bad, status_name
from hmi.core.rights import Action, Role, may
from hmi.core.scaling import EXACT
from hmi.core.tag import Tag, TagType

FRESH_FOR: Final = 10 * SECOND
"""ns a confirmed command may be under way."""

AHEAD: Final = 2 * SECOND
"""ns by which a stamp may lie in the future: stamps come from the station's own beats."""

PER_SECOND: Final = 5
"""Writes to one tag within a second."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asked for."""

    id: str
    tag: Tag
    value: float | str
    expected: float | str | None
    asked_at: int
    """Station time, ns UTC."""
    reason: str
    user: str
    role: Role


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the station knows at the moment of judgement."""

    utc: int
    writes_enabled: bool
    """The project's global write enable."""
    device_writes_enabled: bool
    """The connection's own; True for memory and manual tags."""
    device_up: bool
    stopped: str = field(default="", kw_only=True)
    """Why the device's program is known to be stopped, as a sentence; empty when it is not."""
    current: float | str | None
    current_status: int
    interlock: bool | None
    """The tag's interlock expression: None = Bad or unknown, which blocks; True when there is none."""
    blocking: str = field(default="", kw_only=True)
    """What of the interlock blocks and what to do first, in sentences."""
    recent: int
    """Writes to this tag within the last second."""
    known: bool
    """The command id was used before."""


def refuse(command: Command, at: Circumstances) -> str | None:
    """The sentence of the first check that objects; None = may be sent."""
    for check, for_safe_too in CHECKS:
        if command.tag.write is not None and command.tag.write.to_safe and not for_safe_too:
            continue
        sentence = check(command, at)
        if sentence is not None:
            return sentence
    return None


def _signed_in(command: Command, _: Circumstances) -> str | None:
    return None if command.user else "Nobody is signed in: sign in to write."


def _role_permits(command: Command, _: Circumstances) -> str | None:
    write = command.tag.write
    least = Role.named(write.role) if write is not None else Role.OPERATOR
    if may(command.role, Action.WRITE) and command.role >= least:
        return None
    return f"{command.user} may not write {command.tag.path}: it needs the role {least.name.lower()}."


def _allow_listed(command: Command, _: Circumstances) -> str | None:
    return None if command.tag.write is not None else f"{command.tag.path} is read-only: the project does not allow it."


def _enabled(command: Command, at: Circumstances) -> str | None:
    if not at.writes_enabled:
        return "Writing is switched off for the whole station (`security.writes_enabled` in project.toml)."
    if not at.device_writes_enabled:
        return f"Writing is switched off for the device of {command.tag.path} (`writes_enabled` in connections.toml)."
    return None


def _single_use(_: Command, at: Circumstances) -> str | None:
    return "This command was already carried out: nothing was sent again." if at.known else None


def _type_and_range(command: Command, _: Circumstances) -> str | None:
    tag, value = command.tag, command.value
    if isinstance(value, str):
        return None if tag.type is TagType.STRING else f"{tag.path} takes a number, not a text."
    if tag.type is TagType.STRING:
        return f"{tag.path} takes a text, not a number."
    if not math.isfinite(value):
        return f"{value} is no number that can be sent to {tag.path}."
    return discrete_objection(tag, value) or _limits(tag, value)


def discrete_objection(tag: Tag, value: float) -> str | None:
    """Why a number cannot be a value of a tag that takes whole numbers or states; None when it can."""
    if tag.type is TagType.FLOAT:
        return None
    if value != math.floor(value):
        return f"{tag.path} takes whole numbers only."
    if abs(value) > EXACT:
        return f"{tag.path} holds whole numbers up to {EXACT:.0f} exactly, no larger ones."
    if tag.type is TagType.BOOL and value not in (0, 1):
        return f"{tag.path} takes 0 or 1 only."
    if tag.type is TagType.ENUM and tag.states and str(int(value)) not in tag.states:
        return f"{value:g} is no state of {tag.path}."
    return None


def _limits(tag: Tag, value: float) -> str | None:
    write = tag.write
    low = write.low if write is not None and write.low is not None else tag.range[0] if tag.range else None
    high = write.high if write is not None and write.high is not None else tag.range[1] if tag.range else None
    if low is not None and value < low:
        return f"{value:g} {tag.unit} is below the lowest allowed value of {tag.path}, {low:g} {tag.unit}."
    if high is not None and value > high:
        return f"{value:g} {tag.unit} is above the highest allowed value of {tag.path}, {high:g} {tag.unit}."
    return None


def _target_quality(command: Command, at: Circumstances) -> str | None:
    if not at.device_up:
        return f"The device of {command.tag.path} is not connected: nothing was sent, and nothing will be sent later."
    if at.stopped:
        return f"{at.stopped} Nothing was sent to {command.tag.path}, and nothing will be sent later."
    if is_bad(at.current_status):
        return f"{command.tag.path} is {status_name(at.current_status)}: its present value is not known."
    return None


def _step(command: Command, at: Circumstances) -> str | None:
    write = command.tag.write
    if write is None or write.max_step is None or isinstance(command.value, str) or not isinstance(at.current, float):
        return None
    if abs(command.value - at.current) <= write.max_step:
        return None
    return f"A step from {at.current:g} to {command.value:g} is larger than {write.max_step:g} {command.tag.unit}."


def _interlock(command: Command, at: Circumstances) -> str | None:
    if at.interlock:
        return None
    what = "cannot be evaluated and counts as blocked" if at.interlock is None else "blocks"
    return f"The interlock of {command.tag.path} {what}{': ' if at.blocking else '.'}{at.blocking}"


def _reason_given(command: Command, _: Circumstances) -> str | None:
    write = command.tag.write
    if write is not None and write.confirm >= 3 and not command.reason.strip():
        return f"{command.tag.path} needs a reason."
    return None


def _fresh(command: Command, at: Circumstances) -> str | None:
    if -AHEAD <= at.utc - command.asked_at <= FRESH_FOR:
        return None
    return "The command is too old: look at the present value and confirm again."


def _still_as_seen(command: Command, at: Circumstances) -> str | None:
    if command.expected is None and command.tag.write is not None and command.tag.write.pulse:
        return None
    if command.expected is None:
        # A value that nobody has entered yet is shown as none.
        return None if at.current is None else "The value that was shown is missing from the command."
    if isinstance(command.expected, str) or not isinstance(at.current, float):
        same = command.expected == at.current
    else:
        # Readings that the deadband keeps from the screen must not refuse the operator.
        same = abs(command.expected - at.current) <= max(command.tag.deadband, 1e-9 * abs(at.current))
    return (
        None if same else f"{command.tag.path} has changed since it was shown: look at {at.current} and confirm again."
    )


def _rate(command: Command, at: Circumstances) -> str | None:
    return f"{command.tag.path} was written {at.recent} times within a second." if at.recent >= PER_SECOND else None


Check = Callable[[Command, Circumstances], str | None]

CHECKS: Final[tuple[tuple[Check, bool], ...]] = (
    (_signed_in, True),
    (_role_permits, True),
    (_allow_listed, True),
    (_enabled, True),
    (_single_use, True),
    (_type_and_range, True),
    (_target_quality, False),
    (_step, False),
    (_interlock, False),
    (_reason_given, False),
    (_fresh, True),
    (_still_as_seen, False),
    (_rate, False),
)
"""(check, whether it also holds for `to_safe` commands), in the order in which they are made."""
