"""Load-time check: every operand of the right kind, every tag known, no constant that cannot be computed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hmi.core.expression.closures import constant_fails
from hmi.core.expression.kinds import Kinds
from hmi.core.expression.parser import COMPARISONS
from hmi.core.expression.problem import ExpressionError
from hmi.core.expression.signatures import MAX_SECONDS, SIGNATURES, Param, ResultType, Signature
from hmi.core.expression.tree import (
    Binary,
    Boolean,
    Call,
    Expression,
    Node,
    Number,
    TagRef,
    Text,
    Unary,
    children,
)
from hmi.core.tag import TagType

_TAGS: Final = MappingProxyType(
    {TagType.BOOL: ResultType.BOOL, TagType.STRING: ResultType.STRING},
)
_WORDS: Final = MappingProxyType(
    {ResultType.NUMBER: "a number", ResultType.BOOL: "true/false", ResultType.STRING: "text"}
)


def check(expression: Expression, types: Mapping[str, TagType]) -> ResultType:
    """The kind of value an expression gives, when it makes sense with these tags.

    Raises:
        ExpressionError: an unknown tag, operands of the wrong kind, or a constant part that cannot be computed.
    """
    return kinds_of(expression, types)[expression.root]


def kinds_of(expression: Expression, types: Mapping[str, TagType]) -> Kinds:
    """The kind of every node; what `check` finds out on the way."""
    kinds = Kinds()
    _Checker(types, kinds).visit(expression.root)
    return kinds


class _Checker:
    """Bottom up, so that the innermost mistake is the one named."""

    def __init__(self, types: Mapping[str, TagType], kinds: Kinds) -> None:
        self._types = types
        self._kinds = kinds

    def visit(self, node: Node) -> None:
        for child in children(node):
            self.visit(child)
        constant = all(map(self._kinds.is_constant, children(node)))
        match node:
            case TagRef():
                kind, constant = self._tag(node), False
            case Call():
                kind = self._call(node)
                constant = constant and not SIGNATURES[node.function].stateful
            case Unary() | Binary():
                kind = self._operator(node)
            case Number():
                kind = ResultType.NUMBER
            case Boolean():
                kind = ResultType.BOOL
            case Text():
                kind = ResultType.STRING
        self._kinds.put(node, kind, constant=constant)
        if constant and children(node) and constant_fails(node, self._kinds):
            raise ExpressionError("this cannot be computed: too large a number, or undefined.", node.at)

    def _tag(self, node: TagRef) -> ResultType:
        tag_type = self._types.get(node.path)
        if tag_type is None:
            raise ExpressionError(f"there is no tag {node.path}.", node.at)
        return _TAGS.get(tag_type, ResultType.NUMBER)

    def _operator(self, node: Unary | Binary) -> ResultType:
        match node.op:
            case "and" | "or" | "not":
                self._each(node, ResultType.BOOL)
                return ResultType.BOOL
            case "&":
                self._each(node, ResultType.STRING)
                return ResultType.STRING
            case "=" | "!=":
                self._agree(children(node), f"{node.op} compares")
                return ResultType.BOOL
        self._each(node, ResultType.NUMBER)
        return ResultType.BOOL if node.op in COMPARISONS else ResultType.NUMBER

    def _each(self, node: Unary | Binary, wanted: ResultType) -> None:
        for operand in children(node):
            self._want(operand, wanted, node.op)

    def _want(self, node: Node, wanted: ResultType, who: str) -> None:
        kind = self._kinds[node]
        if kind is wanted or (wanted is ResultType.NUMBER and kind is ResultType.BOOL):
            return
        do = ""
        if wanted is ResultType.BOOL and kind is ResultType.NUMBER:
            do = "Compare it, for example with != 0."
        raise ExpressionError(f"{who} needs {_a(wanted)} here, this is {_a(kind)}.", node.at, do)

    def _agree(self, nodes: tuple[Node, ...], who: str) -> ResultType:
        first, *others = (self._kinds[n] for n in nodes)
        for node, kind in zip(nodes[1:], others, strict=True):
            if (kind is ResultType.STRING) is not (first is ResultType.STRING):
                raise ExpressionError(
                    f"{who} values of one kind, this is {_a(kind)} and the one before {_a(first)}.", node.at
                )
        return first if all(kind is first for kind in others) else ResultType.NUMBER

    def _call(self, node: Call) -> ResultType:
        signature = SIGNATURES[node.function]
        for index, arg in enumerate(node.args):
            self._argument(node.function, signature.param(index), arg)
        return signature.result or self._joined(node, signature)

    def _joined(self, node: Call, signature: Signature) -> ResultType:
        same = tuple(a for i, a in enumerate(node.args) if signature.param(i) is Param.SAME)
        return self._agree(same, f"{node.function} takes")

    def _argument(self, function: str, param: Param, node: Node) -> None:
        match param:
            case Param.BOOL:
                self._want(node, ResultType.BOOL, function)
            case Param.ANY | Param.SAME:
                pass
            case _:
                self._want(node, ResultType.NUMBER, function)
                _check_literal(function, param, node)


def _check_literal(function: str, param: Param, node: Node) -> None:
    value = _typed_number(node)
    match param:
        case Param.PERIOD if value is None or value <= 0:
            raise ExpressionError(f"{function} needs the seconds of its unit typed here, such as 3600.", node.at)
        case Param.DIGITS if value is None or not value.is_integer() or not 0 <= value <= 12:
            raise ExpressionError(f"{function} needs a whole number 0 to 12 typed here.", node.at)
        case Param.BIT if value is not None and (not value.is_integer() or not 0 <= value <= 52):
            raise ExpressionError("bits are numbered 0 to 52.", node.at)
        case Param.SECONDS if value is not None and not 0 <= value <= MAX_SECONDS:
            raise ExpressionError("the time is in seconds, 0 to a year.", node.at)


def _typed_number(node: Node) -> float | None:
    match node:
        case Number():
            return node.value
        case Unary(op="-", operand=Number(value=value)):
            return -value
    return None


def _a(kind: ResultType) -> str:
    return _WORDS[kind]
