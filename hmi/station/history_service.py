"""Reads history for clients off the event loop, so that no read ever delays a scan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from hmi.core.batch import Batch
from hmi.core.errors import LinesideError
from hmi.core.trend import joined, line, m4
from hmi.historian.api import RawPage, Reader
from hmi.link.codec import split
from hmi.link.messages import History, Message, ReadHistory, ReadTrend

MOST_RAW: Final = 100_000
MOST_COLUMNS: Final = 8192
PAGE: Final = 500_000
"""Samples of a trend that are in memory at once, however long its span."""


class HistoryService:
    """One reader and one thread: clients' reads queue behind each other, never beside the scan."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="history reads")

    def close(self) -> None:
        """Waits for the read under way and drops the rest."""
        self._thread.shutdown(cancel_futures=True)
        self._reader.close()

    async def answer(self, request: ReadHistory | ReadTrend, send: Callable[[Message], None]) -> None:
        """Reads and sends the answer in parts that fit the wire."""
        work = self._raw if isinstance(request, ReadHistory) else self._trend
        try:
            page = await asyncio.get_running_loop().run_in_executor(self._thread, work, request)
        except LinesideError as error:
            send(History(request.request, b"", b"", b"", error=str(error)))
            return
        for message in _messages(request.request, page):
            send(message)

    def _raw(self, request: ReadHistory | ReadTrend) -> RawPage:
        assert isinstance(request, ReadHistory)  # noqa: S101 - `answer` chose this work by the type
        limit = min(max(request.limit, 1), MOST_RAW)
        return self._reader.read_raw(request.tag, request.start, request.end, limit=limit, bounds=request.bounds)

    def _trend(self, request: ReadHistory | ReadTrend) -> RawPage:
        assert isinstance(request, ReadTrend)  # noqa: S101 - `answer` chose this work by the type
        if request.end <= request.start:
            raise LinesideError("The trend's end must be after its start.")
        columns = min(max(request.columns, 1), MOST_COLUMNS)
        return _drawn(self._reader, request.tag, request.start, request.end, columns)


def _drawn(reader: Reader, tag: int, start: int, end: int, columns: int) -> RawPage:
    """What a plot needs of a span, with the value at or before its start; texts as they are, up to the limit of raw
    reads.

    What is kept of the columns so far goes in again with the next page: the four points of a column's four points are
    its four points, and a year of samples never stands in memory.
    """
    page = reader.read_raw(tag, start, end, limit=PAGE, bounds=True)
    if page.text:
        return reader.read_raw(tag, start, end, limit=MOST_RAW, bounds=True)
    drawn = m4(line(page.time, page.value, page.status), start, end, columns)
    while page.more and page.next_start is not None:
        page = reader.read_raw(tag, page.next_start, end, limit=PAGE, bounds=False)
        more = line(page.time, page.value, page.status)
        drawn = m4(joined([drawn, more]), start, end, columns)
    return RawPage(drawn.time, drawn.value, drawn.status)


MOST_PARTS: Final = 12
"""Messages in one answer: all of `MOST_RAW` numbers, and of long texts as many as a client can have waiting for it."""


def _messages(request: int, page: RawPage) -> Iterator[History]:
    rows = len(page.time)
    text_rows = np.arange(rows, dtype=np.int32) if page.text else np.empty(0, np.int32)
    whole = Batch(
        np.zeros(rows, np.int32),
        page.time,
        np.zeros(rows, np.int64),
        np.nan_to_num(page.value) if page.text else page.value,
        page.status,
        page.text,
        text_rows,
    )
    parts = split(whole)
    more = page.more or len(parts) > MOST_PARTS
    parts = parts[:MOST_PARTS]
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        yield History(
            request,
            part.time.astype("<i8", copy=False).tobytes(),
            part.value.astype("<f8", copy=False).tobytes(),
            part.status.astype("<u4", copy=False).tobytes(),
            list(part.text),
            done=last,
            more=more and last,
        )
