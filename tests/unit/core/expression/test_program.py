import math

import pytest

from hmi.core.expression import Program, Result, compile_, parse
from hmi.core.quality import Status
from hmi.core.tag import TagType

TYPES = {
    **dict.fromkeys("abcd", TagType.FLOAT),
    "n": TagType.INT,
    **dict.fromkeys("pq", TagType.BOOL),
    **dict.fromkeys("st", TagType.STRING),
}
GOOD, BAD = 0, int(Status.BAD)
DOUBT = int(Status.UNCERTAIN_SUB_NORMAL)
LAST_USABLE = int(Status.UNCERTAIN_LAST_USABLE_VALUE)
NO_COM, NO_DATA = int(Status.BAD_NO_COMMUNICATION), int(Status.BAD_NO_DATA)


def program(text: str) -> Program:
    return compile_(parse(text), TYPES)


def run(text: str, **tags: float | str | tuple[float | str, int]) -> Result:
    """Evaluate with `name=value` or `name=(value, status)`."""
    compiled = program(text)
    readings = [tags[path] if isinstance(tags[path], tuple) else (tags[path], 0) for path in compiled.inputs]
    return compiled.evaluate([v for v, _ in readings], [s for _, s in readings], 0, 0, compiled.new_state())


def is_unusable(result: Result, status: int = BAD) -> bool:
    unusable = result.value == "" if isinstance(result.value, str) else math.isnan(result.value)
    return unusable and result.status == status


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2", 3.0),
        ("5 - 7", -2.0),
        ("3 * 4", 12.0),
        ("7 / 2", 3.5),
        ("7 % 3", 1.0),
        ("-7 % 3", 2.0),
        ("7 % -3", -2.0),
        ("350 + 20 - 360 * floor(370 / 360)", 10.0),
        ("2 ^ 10", 1024.0),
        ("2 ^ 0.5", math.sqrt(2)),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("-(0)", 0.0),
        ("1 = 1", 1.0),
        ("1 != 1", 0.0),
        ("1 < 1", 0.0),
        ("1 <= 1", 1.0),
        ("2 > 1", 1.0),
        ("2 >= 3", 0.0),
        ("true", 1.0),
        ("not true", 0.0),
        ("true and false", 0.0),
        ("true and true", 1.0),
        ("false or false", 0.0),
        ("false or true", 1.0),
        ("true + true + false", 2.0),
        ("true = 1", 1.0),
        ("if(1 < 2, 10, 20)", 10.0),
        ("if(1 > 2, 10, 20)", 20.0),
        ("if(true, 'a', 'b') & 'c'", "ac"),
        ("min(3, 1, 2)", 1.0),
        ("max(3, 1, 2)", 3.0),
        ("avg(1, 2, 6)", 3.0),
        ("abs(-4)", 4.0),
        ("sqrt(16)", 4.0),
        ("exp(1)", math.e),
        ("ln(10)", math.log(10)),
        ("log10(1000)", math.log10(1000)),
        ("sin(1)", math.sin(1)),
        ("cos(1)", math.cos(1)),
        ("floor(-1.5)", -2.0),
        ("ceil(-1.5)", -1.0),
        ("ceil(-0.5)", 0.0),
        ("round(2.5)", 2.0),
        ("round(3.5)", 4.0),
        ("round(-2.5)", -2.0),
        ("round(2.345, 1)", 2.3),
        ("clamp(5, 0, 3)", 3.0),
        ("clamp(-5, 0, 3)", 0.0),
        ("clamp(2, 0, 3)", 2.0),
        ("between(0, 0, 3)", 1.0),
        ("between(3, 0, 3)", 1.0),
        ("between(3.1, 0, 3)", 0.0),
        ("between(2, 3, 0)", 0.0),
        ("bit(5, 0)", 1.0),
        ("bit(5, 1)", 0.0),
        ("bit(5, 2)", 1.0),
        ("bit(-2, 0)", 0.0),
        ("bit(-2, 15)", 1.0),
        ("bit(9007199254740992, 52)", 0.0),
        ("quality(1)", 0.0),
        ("good('x')", 1.0),
        ("ifbad(1, 2)", 1.0),
        ("'a' = 'a'", 1.0),
        ("'a' = 'A'", 0.0),
        ("'a' != 'b'", 1.0),
        ("'a' & 'b' & ''", "ab"),
    ],
)
def test_every_operator_and_function(text: str, value: float | str):
    assert run(text) == (value, GOOD, None)
    # the same with a tag in it, so that both ways of evaluating are seen
    if isinstance(value, str):
        assert run(f"if({{p}}, {text}, 'other')", p=1.0) == (value, GOOD, None)
        assert run(f"if({{p}}, {text}, 'other')", p=(1.0, LAST_USABLE)) == (value, DOUBT, None)
    else:
        assert run(f"({text}) + {{a}}", a=1.0) == (value + 1, GOOD, None)
        assert run(f"({text}) + {{a}}", a=(1.0, LAST_USABLE)) == (value + 1, DOUBT, None)


def test_zero_never_carries_a_sign():
    for status in (GOOD, DOUBT):
        assert math.copysign(1, run("-{a}", a=(0.0, status)).value) == 1.0
        assert math.copysign(1, run("{a}", a=(-0.0, status)).value) == 1.0


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("{a} / {b}", {"a": 1.0, "b": 0.0}),
        ("{a} % {b}", {"a": 1.0, "b": 0.0}),
        ("{a} * {b}", {"a": 1e200, "b": 1e200}),
        ("{a} + {b}", {"a": 1.5e308, "b": 1.5e308}),
        ("{a} * {b} > 1", {"a": 1e200, "b": 1e200}),
        ("{a} * {b} - {a} * {b} < 1", {"a": 1e200, "b": 1e200}),
        ("1 / ({a} * {b})", {"a": 1e200, "b": 1e200}),
        ("{a} % ({a} * {b})", {"a": 1e200, "b": 1e200}),
        ("min({a} * {b}, 1)", {"a": 1e200, "b": 1e200}),
        ("clamp({a} * {b}, 0, 1)", {"a": 1e200, "b": 1e200}),
        ("between(1, 2, {a} * {b})", {"a": 1e200, "b": 1e200}),
        ("exp(-{a} * {b})", {"a": 1e200, "b": 1e200}),
        ("1 ^ ({a} * {b})", {"a": 1e200, "b": 1e200}),
        ("if({a} > 0, {a} * {b}, 0) > 1", {"a": 1e200, "b": 1e200}),
        ("{a} / {b}", {"a": 1e200, "b": 1e-200}),
        ("{a} ^ {b}", {"a": 10.0, "b": 400.0}),
        ("{a} ^ {b}", {"a": -8.0, "b": 0.5}),
        ("{a} ^ {b}", {"a": 0.0, "b": -1.0}),
        ("sqrt({a})", {"a": -1.0}),
        ("ln({a})", {"a": 0.0}),
        ("log10({a})", {"a": -1.0}),
        ("exp({a})", {"a": 710.0}),
        ("avg({a}, {b})", {"a": 1.7e308, "b": 1.7e308}),
        ("clamp({a}, 3, {b})", {"a": 1.0, "b": 2.0}),
        ("bit({a}, 0)", {"a": 0.5}),
        ("bit({a}, 0)", {"a": 1e17}),
        ("bit(1, {a})", {"a": 60.0}),
        ("bit(1, {a})", {"a": -1.0}),
        ("{a} + 1", {"a": math.nan}),
        ("{a} > 1", {"a": math.nan}),
        ("{a} > 1", {"a": math.inf}),
        ("{p}", {"p": math.nan}),
        ("1 / {a}", {"a": -math.inf}),
        ("{s} & {t}", {"s": "x" * 4_000, "t": "y" * 4_000}),
        ("{a} + 1", {"a": 10**400}),
    ],
)
def test_what_cannot_be_computed_is_bad(text: str, tags: dict[str, float | str]):
    assert is_unusable(run(text, **tags))


def test_a_value_of_the_wrong_kind_is_a_type_mismatch():
    mismatch = int(Status.BAD_TYPE_MISMATCH)
    assert is_unusable(run("{a} + 1", a="text"), mismatch)
    assert is_unusable(run("{a} = {b}", a=1.0, b="text"), mismatch)
    assert is_unusable(run("{s} = 'x'", s=1.0), mismatch)
    assert is_unusable(run("{s} & 'x'", s=1.0), mismatch)


STATUSES = [
    (GOOD, GOOD),
    (int(Status.GOOD_LOCAL_OVERRIDE), GOOD),
    (0x00000480, GOOD),
    (LAST_USABLE, DOUBT),
    (int(Status.UNCERTAIN_SIMULATED_VALUE) | 0x401, DOUBT),
    (BAD, BAD),
    (NO_COM, NO_COM),
    (NO_COM | 0x480, NO_COM),
    (0xC0310000, BAD),
]


@pytest.mark.parametrize(("given", "kept"), STATUSES)
@pytest.mark.parametrize("text", ["{a}", "{a} + 1", "-{a}", "sqrt({a})", "{a} > 1", "clamp({a}, 0, 9)", "max({a}, 0)"])
def test_an_input_status_reaches_the_result(text: str, given: int, kept: int):
    result = run(text, a=(4.0, given))
    assert result.status == kept
    assert result.value == run(text, a=4.0).value or is_unusable(result, kept)


def test_the_worst_input_wins_and_the_first_of_equals():
    assert run("{a} + {b}", a=(1.0, LAST_USABLE), b=(1.0, NO_COM)).status == NO_COM
    assert run("{a} + {b}", a=(1.0, NO_DATA), b=(1.0, NO_COM)).status == NO_DATA
    assert run("{a} + {b}", a=(1.0, LAST_USABLE), b=1.0).status == DOUBT


def test_a_bad_text_is_empty():
    assert run("{s} & 'x'", s=("old", NO_COM)) == ("", NO_COM, None)
    assert run("{s} = 'old'", s=("old", LAST_USABLE)) == (1.0, DOUBT, None)


G0, G1, U0, U1, B = (0.0, GOOD), (1.0, GOOD), (0.0, LAST_USABLE), (1.0, LAST_USABLE), (0.0, NO_COM)
D0, D1 = (0.0, DOUBT), (1.0, DOUBT)
AND = [
    (G0, G0, G0), (G0, G1, G0), (G0, U0, G0), (G0, U1, G0), (G0, B, G0),
    (G1, G1, G1), (G1, U0, D0), (G1, U1, D1), (G1, B, B),
    (U0, U0, D0), (U0, U1, D0), (U0, B, B),
    (U1, U1, D1), (U1, B, B),
    (B, B, B),
]  # fmt: skip
NEGATED = {G0: G1, G1: G0, U0: U1, U1: U0, D0: D1, D1: D0, B: B}


@pytest.mark.parametrize(("left", "right", "expected"), AND)
def test_truth_table(left: tuple[float, int], right: tuple[float, int], expected: tuple[float, int]):
    for p, q in ((left, right), (right, left)):
        _same(run("{p} and {q}", p=p, q=q), expected)
        # or is and seen in the mirror
        _same(run("{p} or {q}", p=NEGATED[p], q=NEGATED[q]), NEGATED[expected])


def _same(result: Result, expected: tuple[float, int]) -> None:
    if expected == B:
        assert is_unusable(result, NO_COM)
    else:
        assert result == (*expected, None)


def test_a_failure_in_a_decided_condition_does_not_matter():
    assert run("{a} > 1 or 1 / {b} > 0", a=2.0, b=0.0) == (1.0, GOOD, None)
    assert run("1 / {b} > 0 or {a} > 1", a=2.0, b=0.0) == (1.0, GOOD, None)
    assert is_unusable(run("1 / {b} > 0 or {a} > 1", a=0.0, b=0.0))


def test_only_the_chosen_branch_counts():
    bad = (5.0, NO_COM)
    assert run("if({p}, {a}, {b})", p=1.0, a=3.0, b=bad) == (3.0, GOOD, None)
    assert is_unusable(run("if({p}, {a}, {b})", p=0.0, a=3.0, b=bad), NO_COM)
    assert run("if({b} != 0, {a} / {b}, 0)", a=3.0, b=0.0) == (0.0, GOOD, None)
    assert run("if({p}, {a}, {b})", p=(1.0, LAST_USABLE), a=3.0, b=bad) == (3.0, DOUBT, None)
    assert run("if({p}, {a}, {b})", p=1.0, a=(3.0, LAST_USABLE), b=bad) == (3.0, DOUBT, None)
    assert is_unusable(run("if({p}, {a}, {b})", p=(1.0, NO_DATA), a=3.0, b=3.0), NO_DATA)
    assert run("if({p}, {s}, {t})", p=1.0, s="x", t=("y", NO_COM)) == ("x", GOOD, None)


def test_quality_can_be_asked_and_replaced():
    for status, number in ((GOOD, 0.0), (LAST_USABLE, 1.0), (NO_COM, 2.0), (0xC0000000, 2.0)):
        assert run("quality({a})", a=(1.0, status)) == (number, GOOD, None)
        assert run("good({a})", a=(1.0, status)) == (float(number == 0), GOOD, None)
        assert run("quality({s})", s=("x", status)) == (number, GOOD, None)
    assert run("quality(1 / {a})", a=0.0) == (2.0, GOOD, None)
    assert run("quality({a} * {a})", a=1e200) == (2.0, GOOD, None)
    assert run("good({a} * {a})", a=1e200) == (0.0, GOOD, None)
    assert run("quality({a})", a=math.nan) == (2.0, GOOD, None)
    assert run("ifbad({a}, {b})", a=(1.0, NO_COM), b=2.0) == (2.0, GOOD, None)
    assert run("ifbad({a}, {b})", a=(1.0, LAST_USABLE), b=2.0) == (1.0, DOUBT, None)
    assert run("ifbad({a}, {b})", a=1.0, b=(2.0, NO_COM)) == (1.0, GOOD, None)
    assert is_unusable(run("ifbad({a}, {b})", a=(1.0, NO_COM), b=(2.0, NO_DATA)), NO_DATA)
    assert run("ifbad({a} / {b}, 7)", a=1.0, b=0.0) == (7.0, GOOD, None)
    assert run("ifbad({a} * {a}, 7)", a=1e200) == (7.0, GOOD, None)
    assert run("ifbad({s}, 'none')", s=("x", NO_COM)) == ("none", GOOD, None)


def test_redundant_sources_may_lose_less_than_half():
    bad, doubt = (9.0, NO_COM), (9.0, LAST_USABLE)
    assert run("max({a}, {b}, {c})", a=1.0, b=bad, c=2.0) == (2.0, DOUBT, None)
    assert run("avg({a}, {b}, {c})", a=1.0, b=bad, c=2.0) == (1.5, DOUBT, None)
    assert run("min({a}, {b}, {c})", a=1.0, b=bad, c=2.0) == (1.0, DOUBT, None)
    assert is_unusable(run("max({a}, {b}, {c})", a=1.0, b=bad, c=bad), NO_COM)
    assert is_unusable(run("max({a}, {b}, {c})", a=1.0, b=bad, c=doubt), NO_COM)
    assert is_unusable(run("max({a}, {b})", a=1.0, b=bad), NO_COM)
    assert is_unusable(run("max({a}, {b}, 0, 1, 2)", a=1.0, b=bad), NO_COM), "constants are no sources"
    assert run("max({a}, {b}, {c})", a=doubt, b=doubt, c=doubt) == (9.0, DOUBT, None)
    assert run("max({a}, {b}, {c}, {d})", a=1.0, b=2.0, c=3.0, d=doubt) == (9.0, DOUBT, None)


def test_integers_and_booleans_are_taken():
    assert run("{a} + {p}", a=2, p=True) == (3.0, GOOD, None)
    assert isinstance(run("{a}", a=2).value, float)


def test_the_tallest_expression_still_runs():
    tall = "+".join(["{a}"] * 150)
    assert run(tall, a=1.0) == (150.0, GOOD, None)
    assert run(tall, a=(1.0, LAST_USABLE)) == (150.0, DOUBT, None)
    deep = "abs(" * 60 + "{a}" + ")" * 60
    assert run(deep, a=-1.0) == (1.0, GOOD, None)
    long_powers = "^".join(["{a}"] * 63)
    assert run(long_powers, a=1.0) == (1.0, GOOD, None)
    many = {f"t{i}": TagType.FLOAT for i in range(500)}
    names = [f"{{{path}}}" for path in many]
    text = "+".join(f"max({','.join(names[i : i + 50])})" for i in range(0, 500, 50))
    wide = compile_(parse(text), many)
    assert wide.evaluate([1.0] * 500, [0] * 500, 0, 0, wide.new_state()).value == 10.0


def test_text_never_becomes_code():
    assert run('{s} = \'__import__("os").system("id")\'', s="x") == (0.0, GOOD, None)
    evaluate = program("{s} & 'x'").evaluate
    assert evaluate.__globals__["__builtins__"] == {}  # type: ignore[attr-defined]  # a plain function
    assert "x" not in evaluate.__code__.co_consts  # type: ignore[attr-defined]  # a plain function
