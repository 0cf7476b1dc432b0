"""The one thread in which a connection's calls wait, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

R = TypeVar("R")


class Worker:
    """Calls one at a time, in the order in which they came."""

    def __init__(self, name: str, abort: Callable[[], None]) -> None:
        """`abort` makes a call that waits end at once."""
        self._executor = ThreadPoolExecutor(1, name)
        self._abort = abort
        self._last: asyncio.Future[None] | None = None

    async def do(self, call: Callable[[], R]) -> R:
        """The result of a call; one that is given up ends the connection, since its answer belongs to nobody."""
        box: list[R] = []
        self._last = last = asyncio.wrap_future(self._executor.submit(lambda: box.append(call())))
        last.add_done_callback(_seen)
        try:
            await asyncio.shield(last)
        except asyncio.CancelledError:
            self._abort()
            raise
        return box[0]

    async def close(self) -> None:
        """Ends what still waits and returns when the thread is gone."""
        self._abort()
        if self._last is not None and not self._last.done():
            await asyncio.wait([self._last])
        self._executor.shutdown(wait=True)


def _seen(future: asyncio.Future[None]) -> None:
    """An error that nobody waits for any more is no news."""
    if not future.cancelled():
        future.exception()
