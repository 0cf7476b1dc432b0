"""Who reads which tag: what keeps a tag from being deleted, and what follows when it is renamed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from hmi.core.display import DisplayError, decode_display
from hmi.core.expression import ExpressionError
from hmi.core.expression.tokens import Kind as Word
from hmi.core.expression.tokens import tag_path, tokenise
from hmi.core.project import ConnectionConfig
from hmi.core.tag import ExpressionSource, Tag
from hmi.station.editing.records import Key


class Use(NamedTuple):
    """A record reads a tag."""

    path: str
    by: Key
    where: str
    """Place inside the record, e.g. `write.interlock`."""


class Uses:
    """Every use of every tag, by path and by record."""

    def __init__(self) -> None:
        self._of: dict[Key, tuple[Use, ...]] = {}
        self._readers: defaultdict[str, set[Key]] = defaultdict(set)

    @classmethod
    def of(
        cls, tags: Iterable[Tag], connections: Mapping[str, ConnectionConfig], displays: Mapping[str, bytes]
    ) -> Uses:
        """Those of a whole project."""
        found = cls()
        for tag in tags:
            if tag.write is not None or isinstance(tag.source, ExpressionSource):
                found.put(Key("tag", tag.uid), uses_of_tag(tag))
        for name, config in connections.items():
            found.put(Key("connection", name), uses_of_connection(name, config))
        for name, document in displays.items():
            found.put(Key("display", name), uses_of_display(name, document))
        return found

    def put(self, by: Key, uses: Iterable[Use]) -> None:
        """What a record reads now; nothing: it is gone or reads nothing."""
        for use in self._of.pop(by, ()):
            self._readers[use.path].discard(by)
            if not self._readers[use.path]:
                del self._readers[use.path]
        kept = tuple(uses)
        if kept:
            self._of[by] = kept
        for use in kept:
            self._readers[use.path].add(by)

    def by(self, record: Key) -> tuple[Use, ...]:
        """What a record reads."""
        return self._of.get(record, ())

    def readers(self, path: str) -> set[Key]:
        """The records that read a tag."""
        return self._readers.get(path, set())

    def of_path(self, path: str) -> Iterator[Use]:
        """Every use of a tag."""
        for by in sorted(self.readers(path)):
            yield from (use for use in self._of[by] if use.path == path)


def uses_of_tag(tag: Tag) -> Iterator[Use]:
    """What a tag's expressions read."""
    key = Key("tag", tag.uid)
    if isinstance(tag.source, ExpressionSource):
        yield from (Use(path, key, "source.expression") for path in _read_in(tag.source.expression))
    if tag.write is not None:
        if tag.write.interlock:
            yield from (Use(path, key, "write.interlock") for path in _read_in(tag.write.interlock))
        if tag.write.status_tag:
            yield Use(tag.write.status_tag, key, "write.status_tag")


def uses_of_connection(name: str, config: ConnectionConfig) -> Iterator[Use]:
    """The tags by which a connection's device is judged."""
    for where, path in (("heartbeat", config.heartbeat), ("cpu_state", config.cpu_state)):
        if path:
            yield Use(path, Key("connection", name), where)


def uses_of_display(name: str, document: bytes) -> Iterator[Use]:
    """The tags that a display shows; none of one that cannot be decoded."""
    try:
        display = decode_display(document, name)
    except DisplayError:
        return
    for element in display.elements:
        for path in dict.fromkeys(element.paths()):
            yield Use(path, Key("display", name), f"element {element.id}")


def _read_in(text: str) -> Iterator[str]:
    try:
        yield from dict.fromkeys(tag_path(token) for token in tokenise(text) if token.kind is Word.TAG)
    except ExpressionError:
        return  # the check of the tag says what is wrong
