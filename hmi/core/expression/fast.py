"""The quick way for the usual case - every input Good and finite - as generated Python bytecode.

The function is assembled node by node as a Python AST from the checked tree: its names are generated (v0, s0, t0 ...),
its literals are numbers, the user's text never reaches it, and `FunctionType` makes it without builtins: no `eval`, no
`exec`. Whatever is not plain - a doubtful input, a failure, an overflow on the way - it hands to the careful
evaluation, whose rules are the only ones.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import CodeType, FunctionType
from typing import Any, Final, TypeVar, cast

from hmi.core.expression.emitter import Emitter, NotPlainError
from hmi.core.expression.kinds import Kinds
from hmi.core.expression.nodes import (
    attempt,
    binary,
    call,
    choose,
    compare,
    constant,
    function,
    give,
    is_finite,
    logic,
    name,
    unpack,
    when,
)
from hmi.core.expression.operations import FAILURES
from hmi.core.expression.signatures import ResultType
from hmi.core.expression.tree import Expression, TagRef, walk

_ARGUMENTS: Final = ("values", "statuses", "time_utc_ns", "mono_ns", "state")
_SEVERITY: Final = 0xC0000000
_Evaluate = TypeVar("_Evaluate", bound=Callable[..., Any])


def fast_path(
    expression: Expression, kinds: Kinds, careful: _Evaluate, result: Callable[[float, int, None], object]
) -> _Evaluate:
    """`careful` with a quick way in front; `careful` itself where the tree has none."""
    inputs = {path: index for index, path in enumerate(expression.inputs)}
    emitter = Emitter(kinds, inputs)
    try:
        answer = _answer(expression, kinds, emitter)
    except NotPlainError:
        return careful
    texts = {n.path for n, _ in walk(expression.root) if isinstance(n, TagRef) and _is_text(kinds, n)}
    body = [
        *_unpacked(len(inputs)),
        attempt(_when_plain([path in texts for path in inputs], answer), "failures"),
        give(call("careful", *map(name, _ARGUMENTS))),
    ]
    bound = emitter.bound | {
        "careful": careful,
        "failures": FAILURES,
        "result": result,
        "yes": result(1.0, 0, None),
        "no": result(0.0, 0, None),
        "kind": type,
        "str": str,
        "__builtins__": {},
    }
    return cast(_Evaluate, FunctionType(_compiled(body), bound))


def _is_text(kinds: Kinds, node: TagRef) -> bool:
    return kinds[node] is ResultType.STRING


def _answer(expression: Expression, kinds: Kinds, emitter: Emitter) -> list[ast.stmt]:
    """Statements that return the result, or fall through where only the careful way knows it."""
    root = expression.root
    match kinds[root]:
        case ResultType.BOOL:
            return [give(choose(emitter.condition(root), name("yes"), name("no")))]
        case ResultType.STRING:
            return [_result(emitter.text(root))]
    number = emitter.number(root)
    if not emitter.may_overflow(root):
        return [_result(_plus_zero(number))]
    return [when(is_finite(number, "r"), [_result(_plus_zero(name("r")))])]


def _result(value: ast.expr) -> ast.Return:
    return give(call("result", value, constant(0), constant(None)))


def _plus_zero(value: ast.expr) -> ast.expr:
    return binary(value, ast.Add(), constant(0.0))  # makes -0.0 plain 0.0


def _unpacked(count: int) -> list[ast.stmt]:
    """`v0, v1 = values` and `s0, s1 = statuses`."""
    if not count:
        return []
    return [
        unpack([f"{letter}{i}" for i in range(count)], source)
        for letter, source in (("v", "values"), ("s", "statuses"))
    ]


def _when_plain(texts: list[bool], answer: list[ast.stmt]) -> list[ast.stmt]:
    """The answer behind a test that every status is Good, every number finite, every text a text."""
    if not texts:
        return answer
    statuses = _folded([name(f"s{i}") for i in range(len(texts))], ast.BitOr())
    tests: list[ast.expr] = [compare(binary(statuses, ast.BitAnd(), constant(_SEVERITY)), ast.Eq(), constant(0))]
    numbers = [name(f"v{i}") for i, text in enumerate(texts) if not text]
    if numbers:  # one infinity or NaN among them makes the sum so; a sum that overflows is merely careful
        tests.append(is_finite(_folded(numbers, ast.Add()), "t"))
    tests += [compare(call("kind", name(f"v{i}")), ast.Is(), name("str")) for i, text in enumerate(texts) if text]
    return [when(logic(ast.And(), tests), answer)]


def _folded(terms: Sequence[ast.expr], operator: ast.operator) -> ast.expr:
    """Terms joined as a balanced tree, so that many inputs do not nest deeply."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return binary(_folded(terms[:half], operator), operator, _folded(terms[half:], operator))


def _compiled(body: list[ast.stmt]) -> CodeType:
    module = compile(function("program", _ARGUMENTS, body), "<expression>", "exec")
    return next(const for const in module.co_consts if isinstance(const, CodeType))
