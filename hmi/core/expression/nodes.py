"""Makers of Python AST nodes, each with the position the compiler insists on."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeVar

_Placed = TypeVar("_Placed", bound="ast.expr | ast.stmt | ast.excepthandler | ast.arg")


def placed(node: _Placed) -> _Placed:
    """The node, standing at line 1: generated code has no other place."""
    node.lineno = 1
    node.col_offset = 0
    return node


def name(identifier: str) -> ast.Name:
    """A generated name being read."""
    return placed(ast.Name(identifier, ast.Load()))


def target(identifier: str) -> ast.Name:
    """A generated name being set."""
    return placed(ast.Name(identifier, ast.Store()))


def constant(value: float | bool | None) -> ast.Constant:
    """A number, true, false or nothing; never text."""
    return placed(ast.Constant(value))


def binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.BinOp:
    """Two operands."""
    return placed(ast.BinOp(left, operator, right))


def unary(operator: ast.unaryop, operand: ast.expr) -> ast.UnaryOp:
    """One operand."""
    return placed(ast.UnaryOp(operator, operand))


def logic(operator: ast.boolop, operands: list[ast.expr]) -> ast.expr:
    """`and` or `or` over at least one operand."""
    return placed(ast.BoolOp(operator, operands)) if len(operands) > 1 else operands[0]


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Compare:
    """One comparison."""
    return placed(ast.Compare(left, [operator], [right]))


def choose(test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.IfExp:
    """`then if test else otherwise`."""
    return placed(ast.IfExp(test, then, otherwise))


def call(function: str, *args: ast.expr) -> ast.Call:
    """A call of a bound function."""
    return placed(ast.Call(name(function), list(args), []))


def is_finite(value: ast.expr, temporary: str) -> ast.Compare:
    """`(temporary := value) - temporary == 0.0`: false for infinity and NaN only."""
    kept = placed(ast.NamedExpr(target(temporary), value))
    return compare(binary(kept, ast.Sub(), name(temporary)), ast.Eq(), constant(0.0))


def unpack(names: Sequence[str], source: str) -> ast.stmt:
    """`a, b, = source`."""
    left = placed(ast.Tuple([target(n) for n in names], ast.Store()))
    return placed(ast.Assign([left], name(source)))


def give(value: ast.expr) -> ast.Return:
    """`return value`."""
    return placed(ast.Return(value))


def when(test: ast.expr, body: list[ast.stmt]) -> ast.If:
    """`if test:` body."""
    return placed(ast.If(test, body, []))


def attempt(body: list[ast.stmt], failures: str) -> ast.Try:
    """`try:` body; the bound failures are passed over."""
    handler = placed(ast.ExceptHandler(name(failures), None, [placed(ast.Pass())]))
    return placed(ast.Try(body, [handler], [], []))


def function(title: str, arguments: Sequence[str], body: list[ast.stmt]) -> ast.Module:
    """A module that holds one function of positional arguments."""
    args = ast.arguments([], [placed(ast.arg(a)) for a in arguments], None, [], [], None, [])
    return ast.Module([placed(ast.FunctionDef(title, args, body, [], None, None))], [])
