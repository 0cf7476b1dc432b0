"""Reads history for clients off the event loop, so that no read ever delays a scan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from hmi.core.batch import Batch
from hmi.core.errors import LinesideError
from hmi.core.trend import line, m4
from hmi.historian.api import RawPage, Reader
from hmi.link.codec import split
from hmi.link.messages import History, Message, ReadHistory, ReadTrend

MOST_RAW: Final = 100_000
MOST_COLUMNS: Final = 8192
PAGE: Final = 500_000
"""Samples read in one go for a trend."""


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
        page = _whole(self._reader, request.tag, request.start, request.end)
        columns = min(max(request.columns, 1), MOST_COLUMNS)
        if page.text:
            return page
        drawn = m4(line(page.time, page.value, page.status), request.start, request.end, columns)
        return RawPage(drawn.time, drawn.value, drawn.status)


def _whole(reader: Reader, tag: int, start: int, end: int) -> RawPage:
    """Every sample of a span with the value at or before its start, page by page."""
    pages: list[RawPage] = []
    at: int | None = start
    while at is not None:
        page = reader.read_raw(tag, at, end, limit=PAGE, bounds=not pages)
        pages.append(page)
        at = page.next_start if page.more else None
    if len(pages) == 1:
        return pages[0]
    return RawPage(
        np.concatenate([p.time for p in pages]),
        np.concatenate([p.value for p in pages]),
        np.concatenate([p.status for p in pages]),
    )


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
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        yield History(
            request,
            part.time.astype("<i8", copy=False).tobytes(),
            part.value.astype("<f8", copy=False).tobytes(),
            part.status.astype("<u4", copy=False).tobytes(),
            list(part.text),
            done=last,
            more=page.more and last,
        )
