"""Telling somebody who waits how a commit ended."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future


def confirm(done: asyncio.Future[None], committed: Future[None]) -> None:
    """Gives a commit's outcome to whoever waits for `done`, once it is known."""

    def pass_on(outcome: asyncio.Future[None]) -> None:
        if done.done():
            return
        error = None if outcome.cancelled() else outcome.exception()
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(None)

    asyncio.wrap_future(committed).add_done_callback(pass_on)
