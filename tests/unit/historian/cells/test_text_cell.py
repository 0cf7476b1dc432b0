"""Text from a device cannot act in a spreadsheet, and is the same text after a file."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hmi.historian.cells.number_column import number_of
from hmi.historian.cells.text_cell import text_cell, text_of_cell

NASTY = st.text(alphabet="'=+-@\t\r\n＝1.einfa ", max_size=6)


@given(st.one_of(st.text(), NASTY))
@example("")
@example("'")
@example("''=x")
def test_every_text_comes_back_and_is_harmless(text: str) -> None:
    cell = text_cell(text)
    assert text_of_cell(cell) == text
    assert cell
    assert cell[0] not in "=+-@\t\r\n＝＋－＠"
    assert number_of(cell) is None


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("-5", "'-5"), ("12", "'12"), ("nan", "'nan"), ("", "'"), ("'=x", "''=x"), ("it's", "it's")],
)
def test_the_sign_is_an_apostrophe(text: str, cell: str) -> None:
    assert text_cell(text) == cell


@pytest.mark.parametrize("text", ["Running", "'tis", "a=b", "O'Neill", "1 piece", " =x"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert text_cell(text) == text
    assert text_of_cell(text) == text


@given(NASTY)
def test_a_foreign_cell_is_read_the_same_way_after_it_was_written(cell: str) -> None:
    assert text_of_cell(text_cell(text_of_cell(cell))) == text_of_cell(cell)
