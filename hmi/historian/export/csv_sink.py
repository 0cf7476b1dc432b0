"""A CSV file of history: `tag,time,value,status`."""

from __future__ import annotations

import re
from types import TracebackType
from typing import BinaryIO, Final, Self

import numpy as np

from hmi.core.batch import Int64, UInt32
from hmi.core.quality import is_bad
from hmi.historian.cells.number_column import Numbers
from hmi.historian.cells.status_text import status_text
from hmi.historian.cells.text_cell import text_cell
from hmi.historian.cells.time_column import IsoTimes
from hmi.historian.export.page import Page

COLUMNS: Final = ("tag", "time", "value", "status")
_TO_QUOTE: Final = re.compile('[",\r\n]')


class CsvSink:
    """Writes pages as rows: each page is formatted column by column, separators included, and joined at once. The
    stream stays open."""

    def __init__(self, stream: BinaryIO, *, time_as_ns: bool = False, status_as_number: bool = False) -> None:
        self._stream = stream
        self._iso = None if time_as_ns else IsoTimes()
        self._status_as_number = status_as_number
        self._numbers = Numbers()
        stream.write(",".join(COLUMNS).encode() + b"\n")

    def write(self, tag: str, page: Page) -> None:
        """Adds the values of a tag."""
        if not len(page):
            return
        page = page.blanked()
        rows: list[bytes] = [b""] * (3 * len(page))
        rows[0::3] = self._tags_and_times(tag, page.time)
        rows[1::3] = self._values(page)
        rows[2::3] = self._statuses(page.status)
        self._stream.write(b"".join(rows))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    def _tags_and_times(self, tag: str, time: Int64) -> list[bytes]:
        before = _cell(tag) + b","  # a tag path begins with a letter, a digit or _: harmless everywhere
        if self._iso is not None:
            return self._iso.write(time, before, b",")
        return [before + b"%d," % ns for ns in time.tolist()]

    def _values(self, page: Page) -> list[bytes]:
        cells = self._numbers.write(page.value)
        for row in np.flatnonzero(is_bad(page.status)).tolist():
            cells[row] = b""
        for row, text in enumerate(page.text or ()):
            if text is not None:
                cells[row] = _cell(text_cell(text))
        return cells

    def _statuses(self, status: UInt32) -> list[bytes]:
        codes = status.tolist()
        show = str if self._status_as_number else status_text
        cells = {code: b"," + _cell(show(code)) + b"\n" for code in set(codes)}  # a page has few different ones
        return [cells[code] for code in codes]


def _cell(text: str) -> bytes:
    """A cell by RFC 4180. Half a surrogate pair, which no UTF-8 file can hold, becomes a question mark."""
    if _TO_QUOTE.search(text):
        text = '"' + text.replace('"', '""') + '"'
    return text.encode("utf-8", "replace")
