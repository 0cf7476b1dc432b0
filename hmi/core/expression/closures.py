"""The full meaning of the language: every node as a closure over readings (value with quality).

Every part is always computed, so that timers and totals in a branch that is not chosen go on; `if`, `and` and `or`
then decide by the rules of `reading`. Nothing here raises for any input.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from hmi.core.expression.frame import Frame, Step
from hmi.core.expression.kinds import Kinds
from hmi.core.expression.operations import NUMERIC, POWER, join, modulo
from hmi.core.expression.reading import (
    Reading,
    choose,
    decide,
    quality_of,
    read_bool,
    read_number,
    read_text,
    redundant,
    strict,
    strict_two,
)
from hmi.core.expression.signatures import SIGNATURES, ResultType
from hmi.core.expression.stateful import BUILDERS, SlotPlan
from hmi.core.expression.tree import Binary, Boolean, Call, Node, Number, TagRef, Text, Unary
from hmi.core.quality import is_bad, is_good

OPERATORS: Final = MappingProxyType[str, Callable[..., float | str]](
    {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "%": modulo,
        "^": POWER,
        "&": join,
        "=": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)
_READERS: Final = MappingProxyType(
    {ResultType.NUMBER: read_number, ResultType.BOOL: read_bool, ResultType.STRING: read_text}
)


class ClosureBuilder:
    """Builds a tree once; `slots` then lists the memory its stateful calls need, in the order written."""

    def __init__(self, kinds: Kinds, inputs: Mapping[str, int]) -> None:
        self._kinds = kinds
        self._inputs = inputs
        self.slots: list[SlotPlan] = []

    def build(self, node: Node) -> Step:
        """The closure of a node and all below it."""
        match node:
            case Number() | Boolean():
                return _constant((float(node.value), 0))
            case Text():
                return _constant((node.value, 0))
            case TagRef():
                return self._tag(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Call():
                return self._call(node)

    def _tag(self, node: TagRef) -> Step:
        index = self._inputs[node.path]
        read = _READERS[self._kinds[node]]
        return lambda frame: read(frame.values[index], frame.statuses[index])

    def _unary(self, node: Unary) -> Step:
        operand = self.build(node.operand)
        function = operator.neg if node.op == "-" else operator.not_
        return lambda frame: strict(function, [operand(frame)])

    def _binary(self, node: Binary) -> Step:
        left, right = self.build(node.left), self.build(node.right)
        if node.op in {"and", "or"}:
            deciding = node.op == "or"
            return lambda frame: decide(left(frame), right(frame), deciding)
        function = OPERATORS[node.op]
        return lambda frame: strict_two(function, left(frame), right(frame))

    def _call(self, node: Call) -> Step:
        if SIGNATURES[node.function].stateful:
            return self._stateful(node)
        args = [self.build(arg) for arg in node.args]
        if node.function in _CHOICES:
            return _CHOICES[node.function](*args)
        if node.function in {"min", "max", "avg"}:
            return self._redundant(node, args)
        function = NUMERIC[node.function]
        return lambda frame: strict(function, [arg(frame) for arg in args])

    def _redundant(self, node: Call, args: list[Step]) -> Step:
        function = NUMERIC[node.function]
        sources = [not self._kinds.is_constant(arg) for arg in node.args]
        return lambda frame: redundant(function, [arg(frame) for arg in args], sources)

    def _stateful(self, node: Call) -> Step:
        index = len(self.slots)
        builder = BUILDERS[node.function]
        text = node.function == "previous" and self._kinds[node] is ResultType.STRING
        # The place is taken before the arguments take theirs: slots are numbered in the order written.
        self.slots.append(builder.plan(f"{index}:{node.function}", text=text))
        return builder.build(index, [self.build(arg) for arg in node.args])


def _constant(reading: Reading) -> Step:
    return lambda _frame: reading


def _ifbad(first: Step, second: Step) -> Step:
    def step(frame: Frame) -> Reading:
        reading, otherwise = first(frame), second(frame)
        return otherwise if is_bad(reading[1]) else reading

    return step


def _if(condition: Step, then: Step, otherwise: Step) -> Step:
    return lambda frame: choose(condition(frame), then(frame), otherwise(frame))


def _quality(arg: Step) -> Step:
    return lambda frame: quality_of(arg(frame))


def _good(arg: Step) -> Step:
    return lambda frame: (float(is_good(arg(frame)[1])), 0)


_CHOICES: Final = MappingProxyType[str, Callable[..., Step]](
    {"if": _if, "ifbad": _ifbad, "quality": _quality, "good": _good}
)


def constant_fails(node: Node, kinds: Kinds) -> bool:
    """Whether a part without tags and memory cannot be computed."""
    _, status = ClosureBuilder(kinds, {}).build(node)(Frame((), (), 0, 0, ()))
    return is_bad(status)
