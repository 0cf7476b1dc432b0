"""The alarm journal, read backwards by page."""

from __future__ import annotations

from collections.abc import Callable

from hmi.link.messages import Failed, Journal, Message, ReadJournal
from hmi.panel.stores.requests import Request, Requests


class JournalStore:
    """Reads what happened to alarms, newest first."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def read(
        self, before: int | None, text: str, done: Callable[[Journal | Failed], None], limit: int = 200
    ) -> Request:
        """One page of at most `limit` lines below event `before` (None: from the newest) that contain `text`."""

        def answer(message: Message) -> None:
            if isinstance(message, Journal | Failed):
                done(message)

        return self._requests.ask(lambda number: ReadJournal(number, before, limit, text), answer)
