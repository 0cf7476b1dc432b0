import pytest

from hmi.core.expression import ExpressionError, ResultType, check, parse
from hmi.core.tag import TagType

TYPES = {
    "f": TagType.FLOAT,
    "i": TagType.INT,
    "b": TagType.BOOL,
    "e": TagType.ENUM,
    "s": TagType.STRING,
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{f}", ResultType.NUMBER),
        ("{i}", ResultType.NUMBER),
        ("{e}", ResultType.NUMBER),
        ("{b}", ResultType.BOOL),
        ("{s}", ResultType.STRING),
        ("{b} + {b} + {b} >= 2", ResultType.BOOL),
        ("{b} * {f}", ResultType.NUMBER),
        ("-{b}", ResultType.NUMBER),
        ("{b} = 1", ResultType.BOOL),
        ("{s} = 'x' or {s} != {s}", ResultType.BOOL),
        ("{s} & 'x'", ResultType.STRING),
        ("if({b}, 1, 2)", ResultType.NUMBER),
        ("if({b}, {b}, false)", ResultType.BOOL),
        ("if({b}, {b}, 2)", ResultType.NUMBER),
        ("if({b}, {s}, 'x')", ResultType.STRING),
        ("ifbad({s}, '')", ResultType.STRING),
        ("ifbad({b}, false)", ResultType.BOOL),
        ("quality({s})", ResultType.NUMBER),
        ("good({b})", ResultType.BOOL),
        ("previous({s})", ResultType.STRING),
        ("previous({b})", ResultType.BOOL),
        ("previous({f})", ResultType.NUMBER),
        ("totaliser({f}, 3600, {b})", ResultType.NUMBER),
        ("totaliser({f}, 3600)", ResultType.NUMBER),
        ("run_hours({b})", ResultType.NUMBER),
        ("start_count({b}, {b})", ResultType.NUMBER),
        ("timer({b}, {f})", ResultType.BOOL),
        ("timer({b}, -{f})", ResultType.BOOL),
        ("edge({b}) or rising({b}) or falling({b})", ResultType.BOOL),
        ("bit({i}, 3)", ResultType.BOOL),
        ("between({f}, 1, 2)", ResultType.BOOL),
        ("round({f}, 2)", ResultType.NUMBER),
    ],
)
def test_result_types(text: str, kind: ResultType):
    assert check(parse(text), TYPES) is kind


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("{s} * 2", 1, "* needs a number here, this is text"),
        ("2 * {s}", 5, "* needs a number here, this is text"),
        ("{f} & {s}", 1, "& needs text here, this is a number"),
        ("{s} < 'x'", 1, "< needs a number here"),
        ("{s} = 1", 7, "= compares values of one kind, this is a number and the one before text"),
        ("1 != {s}", 6, "compares values of one kind"),
        ("{f} and {b}", 1, "and needs true/false here, this is a number. Compare it, for example with != 0."),
        ("{b} or {s}", 8, "or needs true/false here, this is text"),
        ("not {f}", 5, "not needs true/false"),
        ("-{s}", 2, "- needs a number"),
        ("if({f}, 1, 2)", 4, "if needs true/false"),
        ("if({b}, 1, 'x')", 12, "if takes values of one kind"),
        ("ifbad({s}, 0)", 12, "ifbad takes values of one kind"),
        ("sqrt({s})", 6, "sqrt needs a number"),
        ("1 + {x/y}", 5, "there is no tag x/y."),
        ("{ f }", 1, "there is no tag  f "),
        ("timer({f}, 5)", 7, "timer needs true/false"),
        ("timer({b}, -1)", 12, "0 to a year"),
        ("timer({b}, 1e9)", 12, "0 to a year"),
        ("totaliser({f}, {f})", 16, "typed here"),
        ("totaliser({f}, 0)", 16, "typed here"),
        ("totaliser({f}, 60, 1)", 20, "totaliser needs true/false"),
        ("round({f}, {i})", 12, "whole number 0 to 12"),
        ("round({f}, 1.5)", 12, "whole number 0 to 12"),
        ("round({f}, 13)", 12, "whole number 0 to 12"),
        ("bit({i}, 53)", 10, "0 to 52"),
        ("9^9^9^9", 4, "cannot be computed"),
        ("1 + 1 / 0", 7, "cannot be computed"),
        ("bit({i}, -1)", 10, "0 to 52"),
        ("round({f}, -1)", 12, "whole number 0 to 12"),
        ("totaliser({f}, -60)", 16, "typed here"),
        ("{f} + 1e308 * 10", 13, "cannot be computed"),
        ("if({b}, 1, sqrt(-1))", 12, "cannot be computed"),
        ("ln(0)", 1, "cannot be computed"),
        ("(-8) ^ (1 / 3)", 6, "cannot be computed"),
        ("exp(1000)", 1, "cannot be computed"),
        ("bit(-1.5, 0)", 1, "cannot be computed"),
        ("5 % 0", 3, "cannot be computed"),
    ],
)
def test_mistakes_say_where_and_what(text: str, column: int, says: str):
    with pytest.raises(ExpressionError) as caught:
        check(parse(text), TYPES)
    assert says in str(caught.value)
    assert caught.value.column == column
