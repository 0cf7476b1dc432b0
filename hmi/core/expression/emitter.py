"""Python AST for a checked tree whose inputs are all Good and finite numbers.

Python's floats overflow to infinity without a word and a comparison with NaN is simply false; so whatever consumes the
outcome of + - * / other than + - * / itself first sees that it is finite (`_guarded`), else the plain way is given up.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from hmi.core.expression.kinds import Kinds
from hmi.core.expression.nodes import binary, call, choose, compare, constant, is_finite, logic, name, unary
from hmi.core.expression.operations import NUMERIC, POWER, fail, join
from hmi.core.expression.signatures import ResultType
from hmi.core.expression.tree import Binary, Boolean, Call, Node, Number, TagRef, Text, Unary

_ARITHMETIC: Final = MappingProxyType({"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div})
_COMPARISON: Final = MappingProxyType(
    {"=": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
)


class NotPlainError(Exception):
    """This tree is left to the careful evaluation."""


class Emitter:
    """Emits one tree; `bound` then holds what its generated names stand for."""

    def __init__(self, kinds: Kinds, inputs: Mapping[str, int]) -> None:
        self._kinds = kinds
        self._inputs = inputs
        self._temporaries = 0
        self.bound: dict[str, Callable[..., object] | str] = {"fail": fail}

    def number(self, node: Node) -> ast.expr:
        """A float; may be infinite or NaN only where `_may_overflow` says so."""
        if self._kinds[node] is ResultType.BOOL:
            return choose(self.condition(node), constant(1.0), constant(0.0))
        match node:
            case Number():
                return constant(node.value)
            case TagRef():
                return self._tag(node)
            case Unary():
                return unary(ast.USub(), self.number(node.operand))
            case Binary():
                return self._arithmetic(node)
            case Call():
                return self._number_call(node)
        raise NotPlainError

    def condition(self, node: Node) -> ast.expr:
        """Something true or false to Python."""
        match node:
            case Boolean():
                return constant(node.value)
            case TagRef():
                return self._tag(node)
            case Unary():
                return unary(ast.Not(), self.condition(node.operand))
            case Binary() if node.op in {"and", "or"}:
                operator = ast.And() if node.op == "and" else ast.Or()
                return logic(operator, [self.condition(node.left), self.condition(node.right)])
            case Binary():
                return self._comparison(node)
            case Call():
                return self._condition_call(node)
        raise NotPlainError

    def text(self, node: Node) -> ast.expr:
        """A string."""
        match node:
            case Text():
                return self._bind(f"k{len(self.bound)}", node.value)
            case TagRef():
                return self._tag(node)
            case Binary():
                self._bind("join", join)
                return call("join", self.text(node.left), self.text(node.right))
            case Call():
                return self._choice(node, self.text)
        raise NotPlainError

    def finite(self, node: Node) -> ast.expr:
        """Whether a number's computation gives a finite one."""
        test, _ = self._finite(self.number(node))
        return test

    def may_overflow(self, node: Node) -> bool:
        """Whether the emitted number can be infinite or NaN (everything else raises instead)."""
        if self._kinds[node] is ResultType.BOOL:
            return False
        match node:
            case Unary():
                return self.may_overflow(node.operand)
            case Binary():
                return node.op in _ARITHMETIC
            case Call(function="if"):
                return any(map(self.may_overflow, node.args[1:]))
        return False

    def _tag(self, node: TagRef) -> ast.Name:
        return name(f"v{self._inputs[node.path]}")

    def _bind(self, identifier: str, what: Callable[..., object] | str) -> ast.Name:
        self.bound[identifier] = what
        return name(identifier)

    def _finite(self, number: ast.expr) -> tuple[ast.expr, str]:
        """Whether a number is finite, and the name it is then kept under."""
        temporary = f"t{self._temporaries}"
        self._temporaries += 1
        return is_finite(number, temporary), temporary

    def _guarded(self, node: Node) -> ast.expr:
        number = self.number(node)
        if not self.may_overflow(node):
            return number
        test, temporary = self._finite(number)
        return choose(test, name(temporary), call("fail"))

    def _arithmetic(self, node: Binary) -> ast.expr:
        if node.op == "^":
            self._bind("power", POWER)
            return call("power", self._guarded(node.left), self._guarded(node.right))
        if node.op == "%":
            return binary(self._guarded(node.left), ast.Mod(), self._guarded(node.right))
        # infinity stays visible through + - * and as a dividend; as a divisor it would turn into an innocent 0
        right = self._guarded(node.right) if node.op == "/" else self.number(node.right)
        return binary(self.number(node.left), _ARITHMETIC[node.op](), right)

    def _comparison(self, node: Binary) -> ast.expr:
        text = self._kinds[node.left] is ResultType.STRING
        emit = self.text if text else self._guarded
        return compare(emit(node.left), _COMPARISON[node.op](), emit(node.right))

    def _number_call(self, node: Call) -> ast.expr:
        match node.function:
            case "if":
                return self._choice(node, self.number)
            case "ifbad":
                return self._guarded(node.args[0])
            case "quality":
                return choose(self._good(node.args[0]), constant(0.0), constant(2.0))
        return self._numeric(node)

    def _condition_call(self, node: Call) -> ast.expr:
        match node.function:
            case "if" | "ifbad":
                return self._choice(node, self.condition)
            case "good":
                return self._good(node.args[0])
        return self._numeric(node)

    def _choice(self, node: Call, emit: Callable[[Node], ast.expr]) -> ast.expr:
        if node.function == "ifbad":  # a failure of the first raises, and the careful way takes the second
            return emit(node.args[0])
        condition, then, otherwise = node.args
        return choose(self.condition(condition), emit(then), emit(otherwise))

    def _good(self, node: Node) -> ast.expr:
        if self._kinds[node] is not ResultType.STRING:
            return self.finite(node)
        if isinstance(node, TagRef | Text):
            return constant(True)
        raise NotPlainError

    def _numeric(self, node: Call) -> ast.expr:
        function = f"f_{node.function}"
        self._bind(function, NUMERIC[node.function])
        return call(function, *map(self._guarded, node.args))
