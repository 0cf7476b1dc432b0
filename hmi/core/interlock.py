"""Interlock: whether a command's condition holds now, and if not, which part of it stands against, in words.

The station judges with it before it writes, the panel shows with it what is not available; both give the same sentence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hmi.core.expression import Expression, Program, compile_, parse, print_tree
from hmi.core.expression.tree import Binary, Boolean, Node, Number, TagRef, Unary
from hmi.core.instants import Instants
from hmi.core.packml import command_of, steps_before
from hmi.core.quality import is_good, status_name
from hmi.core.tag import TagType

_MUST_BE: Final = {"=": "", "!=": "not ", "<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}
_MIRRORED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of a tag that an interlock reads."""

    value: float | str | None
    """None: nothing was ever received."""
    status: int
    name: str
    """The tag's description, its path without one."""
    unit: str = ""
    states: Mapping[str, str] | None = None

    def words(self, value: float | str | None) -> str:
        """A value as a person reads it."""
        if value is None or isinstance(value, str):
            return value or "nothing"
        if not math.isfinite(value):
            return "no number"
        named = (self.states or {}).get(f"{value:.0f}") if value == int(value) else None
        return named if named is not None else f"{value:g} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Verdict:
    """An interlock's answer."""

    free: bool | None
    """True lets the write through; None = it cannot be told, which blocks."""
    why: str = ""
    """What blocks and what to do first, in sentences; empty when free."""


FREE: Final = Verdict(True)


class Interlock:
    """One command's condition, ready to be asked."""

    def __init__(self, path: str, text: str, types: Mapping[str, TagType]) -> None:
        """`path` is the command's tag, `types` the types of all tags the condition may read.

        Raises:
            ExpressionError: the text is no condition on these tags.
        """
        parsed = parse(text)
        self.inputs = parsed.inputs
        self._path = path
        self._whole = compile_(parsed, types)
        self._parts = [(node, compile_(Expression(print_tree(node), node), types)) for node in _conjuncts(parsed.root)]

    def judge(self, readings: Mapping[str, Reading], now: Instants) -> Verdict:
        """Whether the write is let through. Only Good counts as known.

        Raises:
            KeyError: one of `inputs` has no reading.
        """
        free = _holds(self._whole, readings, now)
        if free:
            return FREE
        sentences = [self._against(node, part, readings, now) for node, part in self._parts]
        return Verdict(free, " ".join((*filter(None, dict.fromkeys(sentences)), *self._remedy(readings))))

    def _against(self, node: Node, part: Program, readings: Mapping[str, Reading], now: Instants) -> str:
        holds = _holds(part, readings, now)
        if holds is None:
            unknown = [r for r in (readings[path] for path in part.inputs) if not is_good(r.status)]
            told = ", ".join(f"{reading.name} is {status_name(reading.status)}" for reading in unknown)
            return f"{told or print_tree(node) + ' cannot be computed'}."
        return "" if holds else f"{_demand(node, readings)}."

    def _remedy(self, readings: Mapping[str, Reading]) -> list[str]:
        """`Reset first.` where PackML knows the way to a state in which the machine obeys."""
        state = readings.get(f"{self._path.rpartition('/')[0]}/state")
        if state is None or state.value is None or not is_good(state.status):
            return []
        steps = steps_before(state.words(state.value), command_of(self._path))
        return [f"{', then '.join(step.capitalize() for step in steps)} first."] if steps else []


def _conjuncts(node: Node) -> list[Node]:
    """The parts that all must hold."""
    if isinstance(node, Binary) and node.op == "and":
        return [*_conjuncts(node.left), *_conjuncts(node.right)]
    return [node]


def _alternatives(node: Node) -> list[Node]:
    if isinstance(node, Binary) and node.op == "or":
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def _holds(program: Program, readings: Mapping[str, Reading], now: Instants) -> bool | None:
    known = [readings[path] for path in program.inputs]
    values = [math.nan if reading.value is None else reading.value for reading in known]
    result = program.evaluate(values, [r.status for r in known], now.utc, now.mono, program.new_state())
    return bool(result.value) if is_good(result.status) else None


def _demand(node: Node, readings: Mapping[str, Reading]) -> str:
    """`Capper: PackML state is Stopped, must be Idle`; the condition as configured where it is more than that."""
    wanted = [_wanted(part, readings) for part in _alternatives(node)]
    paths = {path for path, _ in wanted}
    path = wanted[0][0]
    if len(paths) == 1 and path:
        reading = readings[path]
        return f"{reading.name} is {reading.words(reading.value)}, must be {' or '.join(words for _, words in wanted)}"
    return f"{print_tree(node)} does not hold"


def _wanted(node: Node, readings: Mapping[str, Reading]) -> tuple[str, str]:
    """(path, words for what it must be) of a condition on one tag; no path for another one."""
    match node:
        case TagRef(path=path):
            return path, readings[path].words(1.0)
        case Unary(op="not", operand=TagRef(path=path)):
            return path, readings[path].words(0.0)
        case Binary(op=op, left=TagRef(path=path), right=Number() | Boolean() as right) if op in _MUST_BE:
            return path, _MUST_BE[op] + readings[path].words(float(right.value))
        case Binary(op=op, left=Number() | Boolean() as left, right=TagRef(path=path)) if op in _MUST_BE:
            return path, _MUST_BE[_MIRRORED[op]] + readings[path].words(float(left.value))
        case _:
            return "", ""
