import pytest

from hmi.core.expression import ExpressionError, rename


def test_only_the_references_change():
    text = "  if( {a/b}>1,\n\t{a/b/c} , '{a/b}' & \"x\") +{a/b}"
    assert rename(text, "a/b", "new/größe") == "  if( {new/größe}>1,\n\t{a/b/c} , '{a/b}' & \"x\") +{new/größe}"


def test_nothing_to_rename_leaves_the_text_alone():
    assert rename(" 1 +  {a}", "b", "}{") == " 1 +  {a}"


@pytest.mark.parametrize("path", ["a}b", "a{b", "", "a\nb", "x} + {y"])
def test_a_path_that_braces_cannot_hold_is_refused(path: str):
    with pytest.raises(ExpressionError):
        rename("{a}", "a", path)


def test_a_text_that_grows_too_long_is_refused():
    with pytest.raises(ExpressionError, match="4000 is the limit"):
        rename("{a}", "a", "x" * 4_000)
