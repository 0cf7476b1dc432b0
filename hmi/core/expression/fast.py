"""The quick way for the usual case - every input Good and finite - as generated Python bytecode.

The function is assembled node by node as a Python AST from the checked tree: its names are generated (v0, s0, t0 ...),
its literals are numbers, the user's text never reaches it, and `FunctionType` makes it without builtins: no `eval`, no
`exec`. Whatever is not plain - a doubtful input, a failure, an overflow on the way - it hands to the careful
evaluation, whose rules are the only ones.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, Final, TypeVar, cast

from hmi.core.expression.emitter import Emitter, NotPlainError, call, compare, name
from hmi.core.expression.kinds import Kinds
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
        *_unpack(len(inputs)),
        ast.Try(_when_plain([path in texts for path in inputs], answer), [_HANDLER], [], []),
        ast.Return(call("careful", *map(name, _ARGUMENTS))),
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


_HANDLER: Final = ast.ExceptHandler(name("failures"), None, [ast.Pass()])


def _is_text(kinds: Kinds, node: TagRef) -> bool:
    return kinds[node] is ResultType.STRING


def _answer(expression: Expression, kinds: Kinds, emitter: Emitter) -> list[ast.stmt]:
    """Statements that return the result, or fall through where only the careful way knows it."""
    root = expression.root
    match kinds[root]:
        case ResultType.BOOL:
            return [ast.Return(ast.IfExp(emitter.condition(root), name("yes"), name("no")))]
        case ResultType.STRING:
            return [_give(emitter.text(root))]
        case ResultType.NUMBER if not emitter.may_overflow(root):
            return [_give(_plus_zero(emitter.number(root)))]
    keep = ast.Assign([ast.Name("r", ast.Store())], emitter.number(root))
    finite = compare(ast.BinOp(name("r"), ast.Sub(), name("r")), ast.Eq(), ast.Constant(0.0))
    return [keep, ast.If(finite, [_give(_plus_zero(name("r")))], [])]


def _give(value: ast.expr) -> ast.Return:
    return ast.Return(call("result", value, ast.Constant(0), ast.Constant(None)))


def _plus_zero(value: ast.expr) -> ast.expr:
    return ast.BinOp(value, ast.Add(), ast.Constant(0.0))  # makes -0.0 plain 0.0


def _unpack(count: int) -> list[ast.stmt]:
    """`v0, v1 = values` and `s0, s1 = statuses`."""
    if not count:
        return []
    return [
        ast.Assign(
            [ast.Tuple([ast.Name(f"{letter}{i}", ast.Store()) for i in range(count)], ast.Store())],
            name(source),
        )
        for letter, source in (("v", "values"), ("s", "statuses"))
    ]


def _when_plain(texts: list[bool], answer: list[ast.stmt]) -> list[ast.stmt]:
    """The answer behind a test that every status is Good, every number finite, every text a text."""
    if not texts:
        return answer
    statuses = _folded([name(f"s{i}") for i in range(len(texts))], ast.BitOr())
    good = ast.BinOp(statuses, ast.BitAnd(), ast.Constant(_SEVERITY))
    tests: list[ast.expr] = [compare(good, ast.Eq(), ast.Constant(0))]
    numbers: list[ast.expr] = [name(f"v{i}") for i, text in enumerate(texts) if not text]
    if numbers:  # one infinity or NaN among them makes the sum so; a sum that overflows is merely careful
        kept = ast.NamedExpr(ast.Name("t", ast.Store()), _folded(numbers, ast.Add()))
        tests.append(compare(ast.BinOp(kept, ast.Sub(), name("t")), ast.Eq(), ast.Constant(0.0)))
    tests += [compare(call("kind", name(f"v{i}")), ast.Is(), name("str")) for i, text in enumerate(texts) if text]
    return [ast.If(ast.BoolOp(ast.And(), tests) if len(tests) > 1 else tests[0], answer, [])]


def _folded(terms: list[ast.expr] | list[ast.Name], operator: ast.operator) -> ast.expr:
    """Terms joined as a balanced tree, so that many inputs do not nest deeply."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return ast.BinOp(_folded(terms[:half], operator), operator, _folded(terms[half:], operator))


def _compiled(body: list[ast.stmt]) -> CodeType:
    function = ast.FunctionDef(
        name="program",
        args=ast.arguments([], [ast.arg(a) for a in _ARGUMENTS], None, [], [], None, []),
        body=body,
        decorator_list=[],
        returns=None,
        type_comment=None,
        lineno=1,
        col_offset=0,
    )
    module = compile(ast.fix_missing_locations(ast.Module([function], [])), "<expression>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))
