"""The way from a driver process to the station: a thread writes, so that a pipe that is full stops no driver.

While the thread writes, sinks keep what they are given, within their bounds.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Final

from hmi.drivers.process import messages as m

PACE: Final = 0.01
"""Seconds that samples wait for others: a message costs as much as a thousand rows in it."""


class Outbox:
    """Gathers from sinks and writes; for the event loop's thread alone."""

    def __init__(self, descriptor: int, sources: Callable[[], Iterable[Callable[[], list[m.Up]]]]) -> None:
        """`sources` gives the `take` of every sink."""
        self._sources = sources
        self._loop = asyncio.get_running_loop()
        self._said: list[m.Up] = []
        self._due: asyncio.TimerHandle | asyncio.Handle | None = None
        self._writing = False
        self._news = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._queue: SimpleQueue[list[m.Up] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, args=(descriptor,), name="to the station", daemon=True)
        self._thread.start()

    def news(self) -> None:
        """A sink has something to tell."""
        self._news = True
        self._idle.clear()
        if self._due is None and not self._writing:
            self._due = self._loop.call_later(PACE, self._flush)

    def say(self, message: m.Up) -> None:
        """Tells something that does not wait for others."""
        self._said.append(message)
        self._idle.clear()
        if not self._writing:
            if self._due is not None:
                self._due.cancel()
            self._due = self._loop.call_soon(self._flush)

    async def idle(self) -> None:
        """Waits until everything is written."""
        await self._idle.wait()

    def _flush(self) -> None:
        self._due = None
        self._news = False
        messages, self._said = self._said, []
        for take in self._sources():
            messages += take()
        if not messages:
            self._idle.set()
            return
        self._writing = True
        self._queue.put(messages)

    def _written(self) -> None:
        self._writing = False
        if self._said:
            self._due = self._loop.call_soon(self._flush)
        elif self._news:
            self._due = self._loop.call_later(PACE, self._flush)
        else:
            self._idle.set()

    def _write(self, descriptor: int) -> None:
        while (messages := self._queue.get()) is not None:
            try:
                for message in messages:
                    _write_all(descriptor, m.framed(message))
                self._loop.call_soon_threadsafe(self._written)
            except (OSError, RuntimeError):  # the station is gone, or the loop: the reader ends this process
                return

    def close(self) -> None:
        """Ends the thread once it is free; one that waits for a full pipe ends with the process."""
        if self._due is not None:
            self._due.cancel()
        self._queue.put(None)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
