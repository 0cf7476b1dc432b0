import pytest

from hmi.core.expression import ExpressionError, parse, print_tree, references
from hmi.core.expression.parser import MAX_HEIGHT, MAX_NESTING
from hmi.core.expression.tree import Binary, Boolean, Call, Number, TagRef, Text, Unary


def tree(text: str):
    return parse(text).root


@pytest.mark.parametrize(
    ("text", "explicit"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("1 - 2 - 3", "(1 - 2) - 3"),
        ("8 / 4 / 2", "(8 / 4) / 2"),
        ("8 % 5 * 2", "(8 % 5) * 2"),
        ("2 ^ 3 ^ 2", "2 ^ (3 ^ 2)"),
        ("-2 ^ 2", "-(2 ^ 2)"),
        ("2 ^ -1", "2 ^ (-1)"),
        ("2 ^ -3 ^ 2", "2 ^ (-(3 ^ 2))"),
        ("2 ^ -3 * 4", "(2 ^ (-3)) * 4"),
        ("-2 * 3", "(-2) * 3"),
        ("--2", "-(-2)"),
        ("1 - -2", "1 - (-2)"),
        ("1 + 2 > 3 - 4", "(1 + 2) > (3 - 4)"),
        ("not 1 > 2", "not (1 > 2)"),
        ("not not true", "not (not true)"),
        ("not true and false", "(not true) and false"),
        ("true or false and false", "true or (false and false)"),
        ("true and false or true", "(true and false) or true"),
        ("true or not false and true", "true or ((not false) and true)"),
        ('"a" & "b" = "ab"', '("a" & "b") = "ab"'),
        ('"a" & "b" & "c"', '("a" & "b") & "c"'),
        ("true and 1 < 2", "true and (1 < 2)"),
    ],
)
def test_precedence_and_associativity(text: str, explicit: str):
    assert tree(text) == tree(explicit)


def test_every_kind_of_node():
    assert tree("{plant/bottling/mixer/level}") == TagRef("plant/bottling/mixer/level")
    assert tree("{Höhe 1/µm}") == TagRef("Höhe 1/µm")
    assert tree("1.5e-3") == Number(0.0015)
    assert tree("007") == Number(7.0)
    assert tree("true") == Boolean(True)
    assert tree('"say ""hi"" { } µ"') == Text('say "hi" { } µ')
    assert tree("'it''s'") == Text("it's")
    assert tree("-1") == Unary("-", Number(1.0))
    assert tree("1+2") == Binary("+", Number(1.0), Number(2.0))
    assert tree(" min ( 1 ,\n 2\t) ") == Call("min", (Number(1.0), Number(2.0)))


def test_references_come_once_in_order_of_first_use():
    expression = parse("{b} + {a} * {b} + if({c} > 1, {a}, {d})")
    assert references(expression) == expression.inputs == ("b", "a", "c", "d")
    assert references(parse("1 + 2")) == ()


ATTACKS = [
    "(1).__class__",
    "{a}.__class__.__mro__",
    "__import__('os')",
    "__import__('os').system('id')",
    "lambda: 1",
    "lambda x: x",
    "import os",
    "[x for x in (1, 2)]",
    "().__class__.__bases__[0].__subclasses__()",
    "eval('1')",
    "exec('import os')",
    "open('/etc/passwd')",
    "globals()",
    "f'{1}'",
    "1; 2",
    "x := 1",
    "values[0]",
    "a = 1 # comment",
    "1 if true else 2",
    "`id`",
    "$(id)",
    "\\x41",
    "0x10",
    "1_000",
    "9" * 400,
    "1e999",
    "1" + "0" * 3_999,
    "(" * 65 + "1" + ")" * 65,
    "-" * 65 + "1",
    "not " * 65 + "true",
    "2^" * 65 + "1",
    "abs(" * 65 + "1" + ")" * 65,
    "1+" * 1_999 + "1",
    "1" + " " * 4_000,
    "ｍｉｎ(1, 2)",
    "mіn(1, 2)",  # Cyrillic i
    "１ + 1",
    "1\u00a0+ 1",
    "1 +\u200b 1",
    "1\u202e + 1",
    '"a\u202eb"',
    "{a\u200bb}",
    "{a\nb}",
    "{a{b}}",
    "1 − 2",  # the typographic minus
    "\x00",
    "1\x00",
    "{",
    "}",
    "{}",
    "{ }",
    "'open",
    '"open',
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_are_refused_with_a_place(text: str):
    with pytest.raises(ExpressionError, match=r"^Column \d+: .") as caught:
        parse(text)
    assert 1 <= caught.value.column <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "ends where a value is expected"),
        ("1 +", 4, "ends where a value is expected"),
        ("1 2", 3, "operator is missing"),
        ("{a} {b}", 5, "operator is missing"),
        ("(1", 1, "bracket is not closed"),
        ("min(1, 2", 4, "bracket is not closed"),
        ("1)", 2, "Check the brackets"),
        ("min(1, 2))", 10, "Check the brackets"),
        ("min(1,)", 7, "value is expected here, not )"),
        ("(1 2)", 4, "operator is missing"),
        ("* 2", 1, "value is expected here, not *"),
        ("1 == 2", 3, "Write = instead"),
        ("1 <> 2", 3, "Write != instead"),
        ("true && false", 6, "Write and instead"),
        ("true || false", 6, "Write or instead"),
        ("2 ** 3", 3, "Write ^ instead"),
        ("1 < 2 < 3", 7, "between(x, low, high)"),
        ("1 = 2 = 3", 7, "cannot follow each other"),
        ("1 + not true", 5, "brackets around not"),
        ("sqr(2)", 1, "Did you mean sqrt?"),
        ("Min(1, 2)", 1, "Did you mean min?"),
        ("frobnicate(1)", 1, "there is no function frobnicate"),
        ("level + 1", 1, "level means nothing here"),
        ("TRUE", 1, "Did you mean true?"),
        ("min", 4, "needs its arguments in brackets"),
        ("and 1", 1, "a value is expected here, not and"),
        ("abs()", 1, "abs takes 1 argument, 0 given"),
        ("1 + abs(1, 2)", 5, "abs takes 1 argument, 2 given"),
        ("round()", 1, "round takes 1 to 2 arguments, 0 given"),
        ("if(true, 1)", 1, "if takes 3 arguments, 2 given"),
        ("min(1)", 1, "min takes 2 to 64 arguments, 1 given"),
        ("1 + {a", 5, "no closing }"),
        ("1 + #", 5, "U+0023"),
        ("1e400", 1, "too large"),
    ],
)
def test_mistakes_say_where_and_what(text: str, column: int, says: str):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.column == column
    assert says in str(caught.value)


def test_limits_are_reached_exactly():
    brackets = MAX_NESTING - 1
    parse("(" * brackets + "1" + ")" * brackets)
    with pytest.raises(ExpressionError, match="nested deeper than 64"):
        parse("(" * (brackets + 1) + "1" + ")" * (brackets + 1))
    parse("+".join("1" * MAX_HEIGHT))
    with pytest.raises(ExpressionError, match="too many operations"):
        parse("+".join("1" * (MAX_HEIGHT + 1)))
    parse("1" + " " * 3_999)
    with pytest.raises(ExpressionError, match="4001 characters, 4000"):
        parse("1" + " " * 4_000)


def test_printing_uses_few_brackets():
    for text in ("1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "(2 ^ 3) ^ 2", "-2 ^ 2", "(-2) ^ 2", "1 - (2 - 3)"):
        assert print_tree(tree(text)) == text
    for text in ("not (true and false)", "(1 < 2) = true", 'min({a/b}, 1.5) & "x ""y"""', "(not true) = false"):
        assert print_tree(tree(text)) == text
