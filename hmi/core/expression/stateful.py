"""The functions with a memory, each as a closure that steps its slot by the readings of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

from hmi.core.expression.frame import Frame, Step
from hmi.core.expression.memory import (
    SECOND,
    UPDATE_NS,
    Counter,
    Edge,
    PreviousNumber,
    PreviousText,
    Slot,
    Timer,
    Total,
)
from hmi.core.expression.reading import FAILED, Reading, bad, worst, worst_of
from hmi.core.expression.signatures import MAX_SECONDS
from hmi.core.quality import Status, is_bad, is_good

_FALSE: Final[Reading] = (0.0, 0)
_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """Memory a call needs: the key it is stored under and how it begins."""

    key: str
    kind: type[Slot]
    new: Callable[[], Slot]


@dataclass(frozen=True, slots=True)
class Builder:
    """How a stateful function remembers and steps."""

    kind: type[Slot]
    new: Callable[[], Slot]
    build: Callable[[int, list[Step]], Step]

    def plan(self, key: str, *, text: bool) -> SlotPlan:
        """The slot of a call; `text` for a `previous` of text, which must never read back a number."""
        if text:
            return SlotPlan(f"{key}:text", PreviousText, PreviousText)
        return SlotPlan(key, self.kind, self.new)


def _flag(reading: Reading) -> bool | None:
    return None if is_bad(reading[1]) else bool(reading[0])


def _edge(*, upwards: bool) -> Callable[[int, list[Step]], Step]:
    def build(index: int, args: list[Step]) -> Step:
        (flag,) = args

        def step(frame: Frame) -> Reading:
            reading = flag(frame)
            if is_bad(reading[1]):
                return reading
            changed = cast(Edge, frame.slots[index]).step(bool(reading[0]), upwards=upwards)
            if changed:  # the pulse ends by itself, even if no value ever changes again
                frame.wake(frame.mono + 1)
            return (float(changed), reading[1])

        return step

    return build


def _start_count(index: int, args: list[Step]) -> Step:
    def step(frame: Frame) -> Reading:
        readings = [arg(frame) for arg in args]
        reset = _flag(readings[1]) if len(readings) > 1 else False
        count = cast(Counter, frame.slots[index]).step(_flag(readings[0]), reset)
        status = worst_of(readings)
        return bad(status) if is_bad(status) else (count, status)

    return step


def _timer(index: int, args: list[Step]) -> Step:
    flag, seconds = args

    def step(frame: Frame) -> Reading:
        running, limit = flag(frame), seconds(frame)
        elapsed = cast(Timer, frame.slots[index]).step(_flag(running), frame.mono, frame.utc)
        status = worst_of([running, limit])
        if is_bad(status):
            return bad(status)
        wanted = float(limit[0])
        if not 0 <= wanted <= MAX_SECONDS:
            return FAILED
        left = round(wanted * SECOND) - elapsed
        if running[0] and left > 0:
            frame.wake(frame.mono + left)
        return (float(bool(running[0]) and left <= 0), status)

    return step


def _totaliser(index: int, args: list[Step]) -> Step:
    rate, per, *reset = args
    return _total(index, rate, lambda frame: float(per(frame)[0]), reset)


def _run_hours(index: int, args: list[Step]) -> Step:
    flag, *reset = args
    return _total(index, flag, lambda _frame: _HOUR, reset)


def _total(index: int, rate: Step, per: Callable[[Frame], float], reset: list[Step]) -> Step:
    def step(frame: Frame) -> Reading:
        flow, cleared = rate(frame), reset[0](frame) if reset else _FALSE
        slot = cast(Total, frame.slots[index])
        known = None if is_bad(flow[1]) else float(flow[0])
        value = slot.step(known, is_good(flow[1]), _flag(cleared), per(frame), frame.mono, frame.utc)
        if known:
            frame.wake(frame.mono + UPDATE_NS)
        status = worst_of([flow, cleared])
        if is_bad(status):
            return bad(status)
        if slot.overflowed:
            return FAILED
        return (value, worst(status, int(Status.UNCERTAIN_DATA_SUB_NORMAL)) if slot.doubted() else status)

    return step


def _previous(index: int, args: list[Step]) -> Step:
    (current,) = args

    def step(frame: Frame) -> Reading:
        reading = value, status = current(frame)
        if is_bad(status):
            return reading
        slot = cast("PreviousNumber | PreviousText", frame.slots[index])
        slot.step(value, is_good(status))  # type: ignore[arg-type]  # the check keeps numbers and texts apart
        if slot.before is None:
            return bad(int(Status.BAD_NO_DATA))
        doubt = 0 if slot.before_certain else int(Status.UNCERTAIN_SUB_NORMAL)
        return (slot.before, worst(status, doubt))

    return step


BUILDERS: Final = MappingProxyType(
    {
        "totaliser": Builder(Total, Total.new, _totaliser),
        "run_hours": Builder(Total, Total.new, _run_hours),
        "start_count": Builder(Counter, Counter.new, _start_count),
        "edge": Builder(Edge, Edge, _edge(upwards=True)),
        "rising": Builder(Edge, Edge, _edge(upwards=True)),
        "falling": Builder(Edge, Edge, _edge(upwards=False)),
        "timer": Builder(Timer, Timer.new, _timer),
        "previous": Builder(PreviousNumber, PreviousNumber, _previous),
    }
)
"""Every stateful function of `signatures`."""
