"""The table as a CSV file: UTF-8, with the separators that spreadsheets of all countries write."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from hmi.core.errors import LinesideError
from hmi.core.sheet.cells import Cell

_SEPARATORS: Final = ",;\t"
_MARK: Final = "\ufeff"
"""Without it a spreadsheet takes the file for one of another encoding, and `°C` is lost."""


def write_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The bytes of a file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([["" if cell is None else cell for cell in row] for row in rows])
    return (_MARK + text.getvalue()).encode()


def read_csv(data: bytes) -> list[list[Cell]]:
    """Rows of texts.

    Raises:
        LinesideError: the bytes are no such file.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise LinesideError(f"The file is not UTF-8 text (line {line}).", "Save it as 'CSV UTF-8'.") from None
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)]
    except csv.Error as error:
        raise LinesideError(f"The file is no CSV file: {error}.", "Save it again from the spreadsheet.") from None
