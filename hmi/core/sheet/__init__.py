"""The tag table as a spreadsheet: one tag a row, one field a column, both ways without loss."""

from hmi.core.sheet.compare import Change, Comparison, compare
from hmi.core.sheet.table import Fault, Reading, read_table, table_of
from hmi.core.sheet.text import read_csv, write_csv
from hmi.core.sheet.workbook import read_xlsx, write_xlsx

__all__ = [
    "Change",
    "Comparison",
    "Fault",
    "Reading",
    "compare",
    "read_csv",
    "read_table",
    "read_xlsx",
    "table_of",
    "write_csv",
    "write_xlsx",
]
