"""A text value as a cell that no spreadsheet takes for a formula and no import for a number, and back.

A spreadsheet calculates a cell that begins with `=`, `+`, `-` or `@`, and what a device sends may begin so. Such a
text, and one that reads as a number, is written with an apostrophe before it, the sign by which spreadsheets mark text.
One that has apostrophes there already gets one more: reading takes exactly one away, and every text comes back.
"""

from __future__ import annotations

from typing import Final

from hmi.historian.cells.number_column import number_of

_FORMULA: Final = "=+-@\t\r\n＝＋－＠"
"""Also what some spreadsheets skip before looking, and the wide forms that some of them take for the same."""


def text_cell(text: str) -> str:
    """The harmless form of a text; the empty text is a lone apostrophe, since an empty cell is no value."""
    return f"'{text}" if _to_mark(text.lstrip("'")) else text


def text_of_cell(cell: str) -> str:
    """The text a cell stands for."""
    return cell[1:] if is_marked(cell) else cell


def is_marked(cell: str) -> bool:
    """Whether a cell says by its apostrophe that it is a text, whatever it looks like."""
    return cell.startswith("'") and _to_mark(cell.lstrip("'"))


def _to_mark(rest: str) -> bool:
    return not rest or rest[0] in _FORMULA or number_of(rest) is not None
