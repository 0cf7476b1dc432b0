"""Setpoint entry: the two steps between a person's idea of a value and one single write.

Select, enter, check, confirm, send, read back. The machine is a table; what it may do is decided here and not in a
widget, so that no key, double click or late answer can send a value twice or make an unconfirmed one look real.
Time is passed in: `now` is monotonic nanoseconds.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from hmi.core.instants import SECOND
from hmi.core.quality import is_bad, status_name

ANSWER_TIMEOUT: Final = 60 * SECOND
"""ns a panel waits for the station's final answer. The tag's own time-out passes once for sending and once for the
read-back, and engineers choose it; a lost link is told at once and does not wait for this."""


class EntryState(Enum):
    """Where an entry stands; the value field always shows the read value, whatever this says."""

    READING = "reading"
    """Nothing is being entered."""
    EDITING = "editing"
    REVIEW = "review"
    """Checked; shown as `path: old -> new unit`, waiting for the separate confirmation."""
    PENDING = "pending"
    """Sent once; no answer yet."""
    DONE = "done"
    """The read-back matched."""
    NOT_CONFIRMED = "not confirmed"
    """Sent, but nobody knows whether it works; the read value tells."""
    REFUSED = "refused"
    """Not carried out."""


class EntryEvent(Enum):
    """What can happen to an entry."""

    EDIT = "edit"
    PASS = "pass"  # noqa: S105 - a check that passed, no password
    FAIL = "fail"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    SUCCEED = "succeed"
    MISS = "miss"
    """Read-back mismatch, timeout or a lost link after sending."""
    REFUSE = "refuse"
    RESET = "reset"


_S, _E = EntryState, EntryEvent
_EDITABLE: Final = (_S.READING, _S.EDITING, _S.DONE, _S.NOT_CONFIRMED, _S.REFUSED)

TRANSITIONS: Final[dict[tuple[EntryState, EntryEvent], EntryState]] = {
    **{(state, _E.EDIT): _S.EDITING for state in _EDITABLE},
    (_S.REVIEW, _E.EDIT): _S.EDITING,
    (_S.EDITING, _E.PASS): _S.REVIEW,
    (_S.EDITING, _E.FAIL): _S.EDITING,
    (_S.EDITING, _E.CANCEL): _S.READING,
    (_S.REVIEW, _E.CONFIRM): _S.PENDING,
    (_S.REVIEW, _E.CANCEL): _S.READING,
    (_S.REVIEW, _E.FAIL): _S.EDITING,
    (_S.PENDING, _E.SUCCEED): _S.DONE,
    (_S.PENDING, _E.MISS): _S.NOT_CONFIRMED,
    (_S.PENDING, _E.REFUSE): _S.REFUSED,
    (_S.DONE, _E.RESET): _S.READING,
    (_S.DONE, _E.CANCEL): _S.READING,
    (_S.NOT_CONFIRMED, _E.CANCEL): _S.READING,
    (_S.REFUSED, _E.CANCEL): _S.READING,
}
"""Every allowed move; any other pair changes nothing. Only REVIEW leads to PENDING: there is one door to the plant."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be written, as the panel sees it at this moment."""

    path: str
    type: str
    """`float`, `int`, `bool`, `enum` or `string`."""
    current: float | str | None
    """The read value; None when there is none."""
    status: int
    unit: str = ""
    decimals: int = 1
    low: float | None = None
    high: float | None = None
    """Accepted range in engineering units."""
    max_step: float | None = None
    states: tuple[tuple[float, str], ...] = ()
    confirm: int = 2
    """Confirm class: 2 two steps, 3 two steps and a reason."""
    pulse: bool = False
    """A command: there is no old value to compare."""
    to_safe: bool = False
    linked: bool = True
    """Whether the station answers; nothing is sent otherwise."""
    refusal: str = ""
    """Why this person may not write this tag; empty when they may."""

    def words(self, value: float | str | None) -> str:
        """A value as a person reads it."""
        if value is None:
            return "-----"
        if isinstance(value, str):
            return value
        named = dict(self.states).get(value)
        return named if named is not None else f"{value:.{self.decimals}f} {self.unit}".rstrip()

    def exact(self, value: float | str | None) -> str:
        """The same with every digit that was entered: what is confirmed is what is sent."""
        if isinstance(value, float) and value not in dict(self.states) and round(value, self.decimals) != value:
            return f"{value:.12g} {self.unit}".rstrip()
        return self.words(value)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one person into one tag."""

    state: EntryState = EntryState.READING
    text: str = ""
    """What was typed."""
    value: float | str | None = None
    """The checked value."""
    expected: float | str | None = None
    """The read value the person saw while checking."""
    reason: str = ""
    message: str = ""
    """One sentence for the person: a refusal, the question to confirm, how it ended."""
    deadline: int | None = None
    """Monotonic ns at which an unanswered entry counts as not confirmed."""


@dataclass(frozen=True, slots=True)
class Send:
    """The one write to carry out."""

    path: str
    value: float | str
    expected: float | str | None
    reason: str


def _move(entry: Entry, event: EntryEvent) -> EntryState | None:
    return TRANSITIONS.get((entry.state, event))


def edit(entry: Entry, text: str) -> Entry:
    """The person types; whatever was checked before is void. While a write is pending nothing can be typed."""
    state = _move(entry, EntryEvent.EDIT)
    return entry if state is None else Entry(state, text, reason=entry.reason)


def cancel(entry: Entry) -> Entry:
    """Esc: back to the read value. A write under way cannot be taken back and stays visible."""
    state = _move(entry, EntryEvent.CANCEL)
    return entry if state is None else Entry(state)


def check(entry: Entry, target: Target, reason: str = "") -> Entry:
    """Step 3: the checked entry with its question, or the same entry with a sentence saying what is wrong."""
    value, wrong = parse(entry.text, target)
    wrong = wrong or _allowed(target, value) or _reason_missing(target, reason)
    state = _move(entry, EntryEvent.FAIL if wrong else EntryEvent.PASS)
    if state is None:
        return entry
    if wrong:
        return replace(entry, state=state, message=wrong, value=None, reason=reason)
    expected = None if target.pulse else target.current
    return replace(entry, state=state, value=value, expected=expected, reason=reason, message=question(target, value))


def confirm(entry: Entry, target: Target, now: int) -> tuple[Entry, Send | None]:
    """Step 5: the one write, if everything that was checked is still so; a second confirmation sends nothing."""
    state = _move(entry, EntryEvent.CONFIRM)
    if state is None or entry.value is None:
        return entry, None
    wrong = _allowed(target, entry.value) or _moved(entry, target)
    if wrong:
        return replace(entry, state=TRANSITIONS[entry.state, EntryEvent.FAIL], value=None, message=wrong), None
    sent = replace(entry, state=state, deadline=now + ANSWER_TIMEOUT, message="Sent, waiting for the read-back.")
    return sent, Send(target.path, entry.value, entry.expected, entry.reason)


_ANSWERS: Final = {
    "done": EntryEvent.SUCCEED,
    "not confirmed": EntryEvent.MISS,
    "unknown": EntryEvent.MISS,
    "refused": EntryEvent.REFUSE,
}


def answer(entry: Entry, result: str, text: str) -> Entry:
    """Step 6: the station's answer (`done`, `not confirmed`, `unknown`, `refused`; `sent` is only a notice)."""
    event = _ANSWERS.get(result)
    state = None if event is None else _move(entry, event)
    if state is None:
        return entry
    message = f"NOT CONFIRMED: {text}" if state is EntryState.NOT_CONFIRMED else text
    return replace(entry, state=state, message=message, deadline=None)


def lost(entry: Entry) -> Entry:
    """The link broke: a pending write is not confirmed, and nothing is sent again."""
    return answer(entry, "unknown", "the connection was lost before the read-back; check the value when it is back.")


def expire(entry: Entry, now: int) -> Entry:
    """The deadline passed without an answer."""
    if entry.deadline is None or now < entry.deadline:
        return entry
    return answer(entry, "unknown", "the station did not answer in time; check the read value.")


def question(target: Target, value: float | str | None) -> str:
    """What the person confirms, e.g. `plant/mixer/level_sp: 65.0 % -> 70.0 %`."""
    if target.pulse:
        return f"{target.path}: send the command"
    return f"{target.path}: {target.exact(target.current)} -> {target.exact(value)}"


def _allowed(target: Target, value: float | str | None) -> str:
    """Why the target cannot be written now; empty if it can."""
    if not target.linked:
        return "Not sent: there is no connection to the station."
    if target.refusal:
        return target.refusal
    if is_bad(target.status) and not target.to_safe:
        return f"Not sent: the present value is not readable ({status_name(target.status)})."
    step = _step(target, value)
    if target.max_step is not None and step > target.max_step and not target.to_safe:
        return f"The change of {step:g} {target.unit} is larger than the allowed {target.max_step:g} {target.unit}."
    return ""


def _step(target: Target, value: float | str | None) -> float:
    if isinstance(value, str) or isinstance(target.current, str) or value is None or target.current is None:
        return 0.0
    return abs(value - target.current)


def _reason_missing(target: Target, reason: str) -> str:
    return "Give a reason: this setting needs one." if target.confirm >= 3 and not reason.strip() else ""


def _moved(entry: Entry, target: Target) -> str:
    """Whether the plant's value changed under the person's eyes."""
    if target.pulse or target.to_safe or entry.expected == target.current:
        return ""
    before, after = target.exact(entry.expected), target.exact(target.current)
    return f"Not sent: the value changed from {before} to {after} meanwhile; check again."


_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def parse(text: str, target: Target) -> tuple[float | str | None, str]:
    """The value a text means to this target, or a sentence saying why it means none."""
    text = text.strip()
    if target.type == "string":
        return text, ""
    number, wrong = parse_number(text)
    if number is None:
        return None, wrong
    return (None, wrong) if (wrong := _outside(number, target)) else (number, "")


def parse_number(text: str) -> tuple[float | None, str]:
    """A plain decimal number with a point, the same in every locale, or a sentence saying what is wrong."""
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if not text:
        return None, "Enter a number."
    if "," in text:
        return None, f"Write decimals with a point: {text} could be read in two ways."
    if not _NUMBER.fullmatch(text):
        return None, f"{text[:20]} is not a plain number such as 72.5."
    number = float(text)
    return (number, "") if math.isfinite(number) else (None, f"{text[:20]} is too large.")


def _outside(number: float, target: Target) -> str:
    if target.states and number not in dict(target.states):
        return f"{number:g} is not one of the states."
    if target.type == "int" and number != int(number):
        return "Enter a whole number."
    if target.low is not None and number < target.low:
        return f"{target.exact(number)} is below the lowest allowed {target.exact(target.low)}."
    if target.high is not None and number > target.high:
        return f"{target.exact(number)} is above the highest allowed {target.exact(target.high)}."
    return ""
