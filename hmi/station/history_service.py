"""Reads history for clients off the event loop, so that no read ever delays a scan."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from hmi.core.batch import Batch
from hmi.core.errors import LinesideError
from hmi.historian.api import RawPage, Reader, TextsError
from hmi.historian.rollup.points import points
from hmi.link.codec import split
from hmi.link.messages import History, Message, ReadHistory, ReadTrend

MOST_RAW: Final = 100_000
MOST_COLUMNS: Final = 8192
READS: Final = 2
"""Reads under way at once: a long trend leaves the way free for a short one."""

Cancelled = Callable[[], bool]


class HistoryService:
    """One reader and few threads: clients' reads queue behind each other, never beside the scan."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._threads = ThreadPoolExecutor(READS, thread_name_prefix="history reads")
        self._closed = threading.Event()

    def close(self) -> None:
        """Breaks off the reads under way and drops the rest."""
        self._closed.set()
        self._threads.shutdown(cancel_futures=True)
        self._reader.close()

    async def answer(self, request: ReadHistory | ReadTrend, send: Callable[[Message], None]) -> None:
        """Reads and sends the answer in parts that fit the wire; a read whose client left is broken off."""
        gone = threading.Event()
        try:
            page = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._read, request, lambda: gone.is_set() or self._closed.is_set()
            )
        except LinesideError as error:
            send(History(request.request, b"", b"", b"", error=str(error)))
            return
        finally:
            gone.set()
        for message in _messages(request.request, page):
            send(message)

    def _read(self, request: ReadHistory | ReadTrend, cancelled: Cancelled) -> RawPage:
        if isinstance(request, ReadHistory):
            limit = min(max(request.limit, 1), MOST_RAW)
            return self._reader.read_raw(request.tag, request.start, request.end, limit=limit, bounds=request.bounds)
        if request.end <= request.start:
            raise LinesideError("The trend's end must be after its start.")
        return _drawn(self._reader, request, cancelled)


def _drawn(reader: Reader, request: ReadTrend, cancelled: Cancelled) -> RawPage:
    """What a plot needs of a span, with the value before its start; texts as they are, up to the limit of raw reads."""
    tag, start, end = request.tag, request.start, request.end
    columns = min(max(request.columns, 1), MOST_COLUMNS)
    try:
        drawn = points(reader.read_trend([tag], start, end, columns, cancelled=cancelled)[tag])
    except TextsError:
        return reader.read_raw(tag, start, end, limit=MOST_RAW, bounds=True)
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
