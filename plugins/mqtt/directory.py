"""The topics of a broker as a tree: heard by listening for a moment, since a broker has no list to ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, BrowseItem, BrowseKind, ConnectionSpec
from hmi.drivers.broker.endpoint import password_of
from hmi.drivers.broker.session import Session
from hmi.drivers.supervisor import until_one_ends

from .jsonpath import ABSENT, find, format_path, parse_path
from .options import MqttOptions
from .payload import NoJsonError, document, plain

LISTEN: Final = 2.0
"""Seconds of listening; what the broker keeps comes at once."""
MOST: Final = 20_000
"""Topics that are kept."""
_LARGEST: Final = 16_384
"""Bytes of a message that are kept to look into."""


@dataclass(frozen=True, slots=True)
class _Heard:
    payload: bytes
    retained: bool


class Directory:
    """What was heard at the last look at the top."""

    def __init__(self, spec: ConnectionSpec, options: MqttOptions) -> None:
        self._spec = spec
        self._options = options
        self._heard: dict[str, _Heard] = {}

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """The places below a node: levels of topics, and values in JSON; the top listens anew.

        Raises:
            ConnectError: the broker does not answer or lets nobody listen to everything.
            AddressError: there is no such place.
        """
        if not node:
            self._heard = {}
            await self._listen()
        topic, hash_, path = node.partition("#")
        items = list(self._inside(topic, path) if hash_ else self._levels(topic))
        if not items and node:
            raise AddressError(f"Nothing was heard below '{node}'.", "Look at the top again.")
        return items

    async def _listen(self) -> None:
        # A session of its own: the one of the tags would get every message twice.
        broker = replace(self._options.broker, client_id="")
        password = password_of(broker, self._spec.secrets)
        session = await Session.open(
            self._spec.name, broker, password, self._spec.folder, None, self._hear, lambda _name: None
        )
        try:
            await until_one_ends(session.lost(), self._hear_all(session))
        finally:
            await session.close(orderly=True)

    async def _hear_all(self, session: Session) -> None:
        if await session.subscribe(["#"], 0):
            raise AddressError("The broker lets this user not listen to all topics.", "Type the addresses.")
        await asyncio.sleep(LISTEN)

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:
        if topic in self._heard or len(self._heard) < MOST:
            self._heard[topic] = _Heard(payload[: _LARGEST + 1], retained)

    def _levels(self, prefix: str) -> Iterator[BrowseItem]:
        start = f"{prefix}/" if prefix else ""
        below: dict[str, bool] = {}
        for topic in self._heard:
            if topic.startswith(start) and topic != prefix:
                name, slash, _ = topic[len(start) :].partition("/")
                below[name] = below.get(name, False) or bool(slash)
        for name in sorted(below):
            topic = start + name
            if below[name]:
                yield BrowseItem(topic, name, BrowseKind.FOLDER, below=True)
            if topic in self._heard:
                yield self._topic(topic, name)

    def _topic(self, topic: str, name: str) -> BrowseItem:
        heard = self._heard[topic]
        note = "kept by the broker" if heard.retained else "live"
        content = _content(heard.payload)
        if isinstance(content, dict | list):
            return BrowseItem(f"{topic}#$", name, BrowseKind.FOLDER, below=bool(content), description=f"JSON, {note}")
        description = f"{content!s:.60} ({note})"
        return BrowseItem(
            topic, name, BrowseKind.VARIABLE, below=False, address=topic, type=_type(content), description=description
        )

    def _inside(self, topic: str, text: str) -> Iterator[BrowseItem]:
        heard = self._heard.get(topic)
        try:
            path, rest = parse_path(text)
        except ValueError:
            return
        content = ABSENT if heard is None or rest else find(_content(heard.payload), path)
        steps = (
            content.items() if isinstance(content, dict) else enumerate(content if isinstance(content, list) else ())
        )
        for step, inner in steps:
            place = f"{topic}#{format_path((*path, step))}"
            if isinstance(inner, dict | list):
                yield BrowseItem(place, str(step), BrowseKind.FOLDER, below=bool(inner))
            else:
                yield BrowseItem(
                    place,
                    str(step),
                    BrowseKind.VARIABLE,
                    below=False,
                    address=place,
                    type=_type(inner),
                    description=f"{inner!s:.60}",
                )


def _content(payload: bytes) -> object:
    if len(payload) <= _LARGEST:
        try:
            return document(payload)
        except NoJsonError:
            pass
    return plain(payload)


def _type(content: object) -> TagType | None:
    """The type that fits; None where none does."""
    if isinstance(content, bool):
        return TagType.BOOL
    if isinstance(content, int | float):
        return TagType.FLOAT
    if isinstance(content, str):
        words = content.strip().lower() in {"true", "false", "on", "off"}
        return TagType.BOOL if words else TagType.STRING
    return None
