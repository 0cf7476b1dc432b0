"""A checked expression ready to run, and the memory that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from hmi.core.expression.checking import kinds_of
from hmi.core.expression.closures import ClosureBuilder
from hmi.core.expression.fast import fast_path
from hmi.core.expression.frame import Frame, Step
from hmi.core.expression.memory import Slot
from hmi.core.expression.problem import StateError
from hmi.core.expression.reading import NAN
from hmi.core.expression.signatures import ResultType
from hmi.core.expression.stateful import SlotPlan
from hmi.core.expression.tree import Expression
from hmi.core.quality import is_bad
from hmi.core.tag import TagType


class Result(NamedTuple):
    """Outcome of one evaluation."""

    value: float | str
    """NaN, or an empty text, when the status is Bad: a computed value nobody may use is not shown as a number."""
    status: int
    deadline_mono_ns: int | None
    """When it must be evaluated again even if no input changes; None = only on change."""


class State:
    """What one derived tag's expression remembers; belongs to the tag's uid, changes with every evaluation."""

    __slots__ = ("_keys", "slots")

    def __init__(self, plans: Sequence[SlotPlan], slots: Sequence[Slot]) -> None:
        self._keys = tuple(plan.key for plan in plans)
        self.slots = tuple(slots)

    def export(self) -> dict[str, Any]:
        """JSON-able copy, keyed by the position and name of each stateful call."""
        return {key: msgspec.to_builtins(slot) for key, slot in zip(self._keys, self.slots, strict=True)}


Evaluate = Callable[[Sequence[float | str], Sequence[int], int, int, State], Result]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression.

    `evaluate(values, statuses, time_utc_ns, mono_ns, state)` takes plain Python numbers (`ndarray.tolist()`) in the
    order of `inputs`. It never raises for what they are; only a wrong number of them is the caller's mistake.
    """

    inputs: tuple[str, ...]
    """Paths of the tags it reads."""
    result_type: ResultType
    evaluate: Evaluate
    plans: tuple[SlotPlan, ...]

    @property
    def is_stateful(self) -> bool:
        """Whether it remembers anything, so that its state must be kept across restarts."""
        return bool(self.plans)

    def new_state(self) -> State:
        """The state of a tag that was never evaluated."""
        return State(self.plans, [plan.new() for plan in self.plans])

    def load_state(self, exported: Mapping[str, Any], *, restarted: bool) -> State:
        """State from `State.export()`; calls the expression no longer has are dropped, new ones begin afresh.

        `restarted`: the station was down meanwhile (that time is not counted as running or flowing); False only
        when the same run goes on, as after an edit of the project.

        Raises:
            StateError: the data are not what was exported.
        """
        slots = [_load(plan, exported[plan.key]) if plan.key in exported else plan.new() for plan in self.plans]
        if restarted:
            for slot in slots:
                slot.restarted()
        return State(self.plans, slots)


def _load(plan: SlotPlan, data: object) -> Slot:
    try:
        return msgspec.convert(data, plan.kind)
    except msgspec.ValidationError as error:
        raise StateError(
            f"The stored state of {plan.key} cannot be read ({error}).", "It must begin afresh."
        ) from error


def compile_(expression: Expression, types: Mapping[str, TagType]) -> Program:
    """Check an expression against its tags and make it ready to run.

    Raises:
        ExpressionError: as `check`.
    """
    kinds = kinds_of(expression, types)
    inputs = expression.inputs
    builder = ClosureBuilder(kinds, {path: index for index, path in enumerate(inputs)})
    step = builder.build(expression.root)
    kind = kinds[expression.root]
    evaluate = _careful(step, kind)
    if not builder.slots:
        evaluate = fast_path(expression, kinds, evaluate, Result)
    return Program(inputs, kind, evaluate, tuple(builder.slots))


def _careful(step: Step, kind: ResultType) -> Evaluate:
    unusable: float | str = "" if kind is ResultType.STRING else NAN

    def evaluate(
        values: Sequence[float | str], statuses: Sequence[int], time_utc_ns: int, mono_ns: int, state: State
    ) -> Result:
        frame = Frame(values, statuses, time_utc_ns, mono_ns, state.slots)
        value, status = step(frame)
        if is_bad(status):
            value = unusable
        elif not isinstance(value, str):
            value += 0.0  # makes -0.0 plain 0.0
        return Result(value, status, frame.deadline)

    return evaluate
