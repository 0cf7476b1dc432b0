"""History as trends read it: reduced to the pixels of a plot, one question a pen, answers put together from parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from hmi.core.batch import Float64, Int64, UInt32
from hmi.link.messages import Failed, History, Message, ReadTrend
from hmi.panel.stores.directory import DirectoryStore, Found
from hmi.panel.stores.requests import Request, Requests


@dataclass(frozen=True, slots=True)
class TrendAnswer:
    """What a plot draws of one pen, in order of time; `error` is one sentence when there is nothing."""

    time: Int64
    """ns UTC."""
    value: Float64
    status: UInt32
    error: str = ""


_EMPTY: Final = (np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint32))


def _failed(reason: str) -> TrendAnswer:
    return TrendAnswer(*_EMPTY, error=reason)


class TrendRequest:
    """A trend under way."""

    def __init__(self) -> None:
        self.cancelled = False
        self.request: Request | None = None

    def cancel(self) -> None:
        """The answer interests nobody any more."""
        self.cancelled = True
        if self.request is not None:
            self.request.cancel()


class HistoryStore:
    """Reads trends of tags by path."""

    def __init__(self, directory: DirectoryStore, requests: Requests) -> None:
        self._directory = directory
        self._requests = requests

    def trend(self, path: str, start: int, end: int, columns: int, done: Callable[[TrendAnswer], None]) -> TrendRequest:
        """Reads [start, end) ns UTC reduced to `columns` pixels; `done` is called once unless cancelled."""
        under_way = TrendRequest()

        def resolved(found: Found) -> None:
            if under_way.cancelled or path not in found:
                return
            info = found[path]
            if info is None:
                done(_failed(f"The station has no tag {path}."))
                return
            tag = info.tag
            under_way.request = self._requests.ask(
                lambda number: ReadTrend(number, tag, start, end, columns), _Parts(done).receive
            )

        def failed(reason: str) -> None:
            if not under_way.cancelled:
                done(_failed(reason))

        self._directory.resolve([path], resolved, failed)
        return under_way


def _numbers(part: History) -> Float64:
    """The values of one part; a text that is no number is drawn as a gap.

    A tag that became a text has its old numbers as texts, since one answer cannot mix both.
    """
    value = np.frombuffer(part.value, "<f8")
    if not part.text:
        return value
    return np.array([_number(part.text[int(at)]) if 0 <= at < len(part.text) else np.nan for at in value.tolist()])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


class _Parts:
    """Puts the parts of one answer together."""

    def __init__(self, done: Callable[[TrendAnswer], None]) -> None:
        self._done = done
        self._parts: list[History] = []

    def receive(self, message: Message) -> None:
        """One part, or the end of it."""
        if isinstance(message, Failed):
            self._done(_failed(message.reason))
        elif isinstance(message, History):
            self._parts.append(message)
            if message.done:
                self._done(self._joined(message.error))

    def _joined(self, error: str) -> TrendAnswer:
        time = np.concatenate([np.frombuffer(p.time, "<i8") for p in self._parts]).astype(np.int64, copy=False)
        value = np.concatenate([_numbers(p) for p in self._parts]).astype(np.float64, copy=False)
        status = np.concatenate([np.frombuffer(p.status, "<u4") for p in self._parts]).astype(np.uint32, copy=False)
        if not len(time) == len(value) == len(status):
            return _failed("The station's answer was malformed.")
        return TrendAnswer(time, value, status, error)
