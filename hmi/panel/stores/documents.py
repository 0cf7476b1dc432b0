"""Documents of the project that a panel shows: the displays."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hmi.link.messages import Display, DisplayNames, Failed, GetDisplay, GetDisplays, Message
from hmi.panel.stores.requests import Request, Requests


class DisplayName(NamedTuple):
    """One display of the project."""

    name: str
    title: str
    parent: str
    """Name of the display above; empty for the overview."""


class DocumentStore:
    """Asks for displays; nothing is kept, so that what is shown is what the station runs."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def names(self, done: Callable[[tuple[DisplayName, ...], str], None]) -> Request:
        """All displays in reading order; the second argument is the sentence when there is no answer."""

        def answer(message: Message) -> None:
            if isinstance(message, DisplayNames):
                done(tuple(DisplayName(*row) for row in message.displays), "")
            elif isinstance(message, Failed):
                done((), message.reason)

        return self._requests.ask(GetDisplays, answer)

    def get(self, name: str, done: Callable[[bytes, str], None]) -> Request:
        """A display's JSON, empty with a sentence when there is none."""

        def answer(message: Message) -> None:
            if isinstance(message, Display):
                done(message.document, "" if message.document else f"The project has no display {name}.")
            elif isinstance(message, Failed):
                done(b"", message.reason)

        return self._requests.ask(lambda number: GetDisplay(number, name), answer)
