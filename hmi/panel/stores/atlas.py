"""The atlas: which displays there are, how they hang together, and which display shows a tag."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from hmi.core.display import DisplayError, Level, decode_display, paths
from hmi.link.messages import AlarmRow
from hmi.panel.stores.binding import Binding, Listeners
from hmi.panel.stores.documents import DisplayName, DocumentStore

_LOG = structlog.get_logger()


class AtlasStore:
    """Knows every display's place and tags; read once a session, a display at a time."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._listeners = Listeners()
        self._generation = 0
        self._tags: dict[str, frozenset[str]] = {}
        self._levels: dict[str, int] = {}
        self.displays: tuple[DisplayName, ...] = ()
        """In reading order."""
        self.error = ""
        """Why there are none; empty when they are known."""

    def listen(self, notify: Callable[[], None]) -> Binding:
        """Calls `notify` when the displays, or what they show, became known."""
        return self._listeners.add(notify)

    def load(self) -> None:
        """Asks for all of it anew; what is known stays until then."""
        self._generation += 1
        generation = self._generation

        def named(displays: tuple[DisplayName, ...], error: str) -> None:
            if generation == self._generation:
                self._named(displays, error, generation)

        self._documents.names(named)

    @property
    def complete(self) -> bool:
        """Whether every display's tags are known."""
        return bool(self.displays) and all(d.name in self._tags for d in self.displays)

    def title(self, name: str) -> str:
        """A display's title; its name when it is not known."""
        return next((d.title for d in self.displays if d.name == name), name)

    def paths_below(self, name: str) -> frozenset[str]:
        """The tags a display and all displays below it show."""
        names, found = [name], set(self._tags.get(name, ()))
        for parent in names:  # grows while it is walked; a name never comes twice, so circles end
            below = [d.name for d in self.displays if d.parent == parent and d.name not in names]
            names += below
            found.update(*(self._tags.get(child, ()) for child in below))
        return frozenset(found)

    def siblings(self, name: str) -> tuple[str, ...]:
        """The displays of the same parent in reading order, itself among them."""
        parent = next((d.parent for d in self.displays if d.name == name), None)
        return tuple(d.name for d in self.displays if d.parent == parent)

    def display_of(self, row: AlarmRow) -> str:
        """The display that shows an alarm's cause: the configured one, else the unit display that shows the tag.

        Of several the nearest to the work comes first: unit, detail, overview. Empty: none shows it.
        """
        if row.display and any(d.name == row.display for d in self.displays):
            return row.display
        order = {Level.UNIT: 0, Level.DETAIL: 1, Level.OVERVIEW: 2}
        showing = [d.name for d in self.displays if row.path in self._tags.get(d.name, ())]
        return min(showing, key=lambda name: order.get(Level(self._levels[name]), 3), default="")

    def _named(self, displays: tuple[DisplayName, ...], error: str, generation: int) -> None:
        self.error = error
        if not error:
            self.displays = displays
            self._tags.clear()
        self._listeners.call()
        for display in displays:
            self._ask(display.name, generation)

    def _ask(self, name: str, generation: int) -> None:
        def got(document: bytes, error: str) -> None:
            if generation == self._generation:
                self._learn(name, document, error)

        self._documents.get(name, got)

    def _learn(self, name: str, document: bytes, error: str) -> None:
        self._tags[name], self._levels[name] = frozenset(), int(Level.DETAIL)
        if not error:
            try:
                display = decode_display(document, name)
            except DisplayError as wrong:
                _LOG.info("display not understood", display=name, reason=str(wrong))
            else:
                self._tags[name], self._levels[name] = paths(display), int(display.level)
        if self.complete:
            self._listeners.call()
