"""Random trees of the expression language, and a plain second reading of its rules."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from hmi.core.expression.signatures import SIGNATURES
from hmi.core.expression.tree import Binary, Boolean, Call, Node, Number, TagRef, Text, Unary
from hmi.core.tag import TagType

NUMBERS, BOOLS, STRINGS = ("a", "b", "c/d"), ("p", "q/r"), ("s", "t")
TYPES = (
    dict.fromkeys(NUMBERS, TagType.FLOAT) | dict.fromkeys(BOOLS, TagType.BOOL) | dict.fromkeys(STRINGS, TagType.STRING)
)

printable = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]).filter(str.isprintable), max_size=8)
literals = st.one_of(
    st.floats(0, allow_nan=False, allow_infinity=False).map(lambda v: Number(abs(v))),
    st.booleans().map(Boolean),
    printable.map(Text),
)
paths = printable.filter(lambda p: p.strip(" ") not in {"", "/"} and not set(p) & set("{}"))


def _calls(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.sampled_from(sorted(SIGNATURES)).flatmap(
        lambda f: st.lists(
            nodes, min_size=SIGNATURES[f].least, max_size=min(SIGNATURES[f].most, SIGNATURES[f].least + 2)
        ).map(lambda args: Call(f, tuple(args)))
    )


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    operators = st.sampled_from(["or", "and", "=", "!=", "<", "<=", ">", ">=", "&", "+", "-", "*", "/", "%", "^"])
    return st.one_of(
        st.builds(Unary, st.sampled_from(["-", "not"]), nodes),
        st.builds(Binary, operators, nodes, nodes),
        _calls(nodes),
    )


any_tree = st.recursive(literals | paths.map(TagRef), _grown, max_leaves=25)
"""Trees of the grammar, most of them without sense."""


def typed(*, memory: bool, forgiving: bool) -> st.SearchStrategy[Node]:
    """Trees that pass the check, but for constants that cannot be computed.

    `memory`: with stateful functions; `forgiving`: with functions that can be better than their inputs.
    """
    number: st.SearchStrategy[Node] = st.deferred(lambda: _numbers(number, flag, text, memory, forgiving))
    flag: st.SearchStrategy[Node] = st.deferred(lambda: _flags(number, flag, text, memory, forgiving))
    text: st.SearchStrategy[Node] = st.deferred(lambda: _texts(flag, text, memory, forgiving))
    return st.one_of(number, flag, text)


index = st.sampled_from([Number(0.0), Number(3.0), Number(52.0), TagRef("a")])
seconds = st.sampled_from([Number(0.0), Number(2.5), TagRef("b"), Unary("-", TagRef("a"))])


def _call(function: str, *args: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.tuples(*args).map(lambda given: Call(function, given))


def _numbers(number, flag, text, memory, forgiving):
    tag = st.sampled_from(NUMBERS).map(TagRef)
    literal = st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0, 1e200]).map(Number)
    options = [tag, tag, tag, literal]
    options += [st.builds(Unary, st.just("-"), number)]
    options += [st.builds(Binary, st.sampled_from("+-*/%^"), number, number)] * 3
    options += [_call(f, number) for f in ("abs", "sqrt", "exp", "ln", "log10", "sin", "cos", "floor", "ceil", "round")]
    options += [_call("clamp", number, number, number), _call("if", flag, number, number)]
    if forgiving:
        options += [_call(f, number, number, number) for f in ("min", "max", "avg")]
        options += [_call("ifbad", number, number), _call("quality", st.one_of(number, flag, text))]
    if memory:
        options += [_call("previous", number), _call("totaliser", number, st.just(Number(60.0)), flag)]
        options += [_call("run_hours", flag), _call("start_count", flag, flag)]
    return st.one_of(options)


def _flags(number, flag, text, memory, forgiving):
    tag = st.sampled_from(BOOLS).map(TagRef)
    options = [tag, tag, tag, st.booleans().map(Boolean), st.builds(Unary, st.just("not"), flag)]
    options += [st.builds(Binary, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), number, number)] * 3
    options += [st.builds(Binary, st.sampled_from(["=", "!="]), text, text)]
    options += [_call("between", number, number, number), _call("bit", number, index), _call("if", flag, flag, flag)]
    options += [st.builds(Binary, st.sampled_from(["and", "or"]), flag, flag)] * 2
    if forgiving:
        options += [_call("good", st.one_of(number, flag, text)), _call("ifbad", flag, flag)]
    if memory:
        options += [_call(f, flag) for f in ("edge", "rising", "falling", "previous")]
        options += [_call("timer", flag, seconds)]
    return st.one_of(options)


def _texts(flag, text, memory, forgiving):
    options = [st.sampled_from(STRINGS).map(TagRef), st.sampled_from(["", "x", 'a"b']).map(Text)]
    options += [st.builds(Binary, st.just("&"), text, text), _call("if", flag, text, text)]
    if forgiving:
        options += [_call("ifbad", text, text)]
    if memory:
        options += [_call("previous", text)]
    return st.one_of(options)


statuses = st.sampled_from(
    [0, 0, 0, 0x00960000, 0x00000480, 0x40900000, 0x40A40401, 0x80000000, 0x80310480, 0xC0000000]
) | st.integers(0, 0xFFFFFFFF)
floats = st.one_of(st.sampled_from([0.0, -0.0, 1.0, 2.0, -8.0, 0.5, 1e200, math.nan, math.inf]), st.floats())


def readings(statuses: st.SearchStrategy[int] = statuses) -> st.SearchStrategy[dict[str, tuple[float | str, int]]]:
    """A reading of every tag."""
    kinds = dict.fromkeys(NUMBERS, floats) | dict.fromkeys(BOOLS, floats | st.sampled_from([0.0, 1.0]))
    values = kinds | dict.fromkeys(STRINGS, st.sampled_from(["", "x", "y" * 3_000]))
    return st.fixed_dictionaries({path: st.tuples(value, statuses) for path, value in values.items()})
