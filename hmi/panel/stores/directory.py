"""The tag directory as a panel knows it: read by page, by search and by path, never whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from hmi.link.messages import Failed, FindTags, GetTags, Message, TagInfo, TagPage
from hmi.panel.stores.requests import Request, Requests

PATHS_A_REQUEST: Final = 200
"""Keeps an answer well below the size of one message."""

Found = Mapping[str, TagInfo | None]
"""By path; None: the station knows no such tag."""


class DirectoryStore:
    """Finds and resolves tags; what pages resolved is remembered for the length of a session."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._known: dict[str, TagInfo] = {}

    def opened(self) -> None:
        """A new session: another project may run, nothing remembered counts."""
        self._known.clear()

    def forget(self, tags: Collection[int] | None) -> None:
        """These tags may be other ones now; None: all of them."""
        self._known = {} if tags is None else {p: info for p, info in self._known.items() if info.tag not in tags}

    def known(self, path: str) -> TagInfo | None:
        """What is remembered of a path, without asking."""
        return self._known.get(path)

    def resolve(
        self, paths: Iterable[str], done: Callable[[Found], None], failed: Callable[[str], None] | None = None
    ) -> None:
        """Calls `done` with what the paths mean, in several parts perhaps, at once for remembered ones.

        Paths of a request that fails are in no part; `failed` hears the reason.
        """
        wanted = list(dict.fromkeys(paths))
        known: dict[str, TagInfo | None] = {p: self._known[p] for p in wanted if p in self._known}
        if known:
            done(known)
        missing = [p for p in wanted if p not in known]
        for at in range(0, len(missing), PATHS_A_REQUEST):
            self._ask(missing[at : at + PATHS_A_REQUEST], done, failed)

    def find(self, text: str, offset: int, limit: int, done: Callable[[TagPage | Failed], None]) -> Request:
        """One page of the tags whose path, description or address contain all words of `text`."""

        def answer(message: Message) -> None:
            if isinstance(message, TagPage | Failed):
                done(message)

        return self._requests.ask(lambda number: FindTags(number, text, offset, limit), answer)

    def _ask(self, paths: list[str], done: Callable[[Found], None], failed: Callable[[str], None] | None) -> None:
        def answer(message: Message) -> None:
            if isinstance(message, TagPage):
                found = {info.path: info for info in message.tags}
                self._known.update(found)
                done({path: found.get(path) for path in paths})
            elif isinstance(message, Failed) and failed is not None:
                failed(message.reason)

        self._requests.ask(lambda number: GetTags(number, paths), answer)
