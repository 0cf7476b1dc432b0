"""The table as an XLSX workbook: its first sheet, headings frozen."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Final

from hmi.core.errors import LinesideError
from hmi.core.sheet.cells import Cell

_MOST_BYTES: Final = 512 * 1024 * 1024
"""A small file may unpack to more than a machine holds."""
_NEEDS: Final = "Install Lineside with its extra 'sheets', or use a CSV file."


def write_xlsx(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The bytes of a file; texts stay texts, also where they look like a formula, a link or a number.

    Raises:
        LinesideError: the library is missing here.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra
    except ImportError:
        raise LinesideError("XLSX files cannot be written here.", _NEEDS) from None
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet, bold = book.add_worksheet("tags"), book.add_format({"bold": True})
    sheet.freeze_panes(1, 2)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str) or _needs_17_digits(cell):
                sheet.write_string(at, column, str(cell), None if at else bold)
            elif cell is not None:
                sheet.write_number(at, column, cell)
    book.close()
    return target.getvalue()


def _needs_17_digits(cell: Cell) -> bool:
    """Workbooks hold 16: a number that needs more is written as a text, which reads back as the same number."""
    return isinstance(cell, int | float) and float(f"{cell:.16g}") != cell


def read_xlsx(data: bytes) -> list[list[Cell]]:
    """Rows of the first sheet; a formula counts with the value that the spreadsheet last computed.

    Raises:
        LinesideError: the bytes are no such file, or the library is missing here.
    """
    try:
        import openpyxl  # noqa: PLC0415 - an extra
    except ImportError:
        raise LinesideError("XLSX files cannot be read here.", _NEEDS) from None
    wrong = LinesideError("The file is no XLSX workbook.", "Save it as 'Excel workbook (.xlsx)' or as CSV.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MOST_BYTES:
                raise LinesideError("The workbook unpacks to more than 512 MB.", "Import it in parts.")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return [[_cell(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError):
        raise wrong from None


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
