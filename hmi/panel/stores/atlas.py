"""The atlas: which displays there are, how they hang together, and which display shows a tag."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from hmi.core.display import Display, DisplayError, Level, decode_display, paths
from hmi.core.element import Link
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
        self._links: dict[str, tuple[Link, ...]] = {}
        self._shown_by: dict[str, str] = {}
        self.revision = 0
        """Moves on whenever more is known."""
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

    @property
    def top(self) -> str:
        """The first display that is below no other; empty while none is known."""
        names = {d.name for d in self.displays}
        return next((d.name for d in self.displays if d.parent not in names), self.displays[0].name if names else "")

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

    def upward(self, name: str) -> tuple[str, ...]:
        """A display and those above it, the nearest first."""
        parents = {d.name: d.parent for d in self.displays}
        found: list[str] = []
        while name in parents and name not in found:
            found.append(name)
            name = parents[name]
        return tuple(found)

    def display_of(self, row: AlarmRow) -> str:
        """The display that shows an alarm's cause: the configured one, else the one that shows its tag.

        Of several the nearest to the work comes first: unit, detail, overview. A tag on no display belongs to the
        display whose links name its path, else to the one that shows its nearest neighbours. Empty: there is none.
        """
        if row.display and any(d.name == row.display for d in self.displays):
            return row.display
        if row.path not in self._shown_by:
            self._shown_by[row.path] = self._showing(row.path) or self._linked(row.path) or self._nearest(row.path)
        return self._shown_by[row.path]

    def _showing(self, path: str) -> str:
        order = {Level.UNIT: 0, Level.DETAIL: 1, Level.OVERVIEW: 2}
        showing = [d.name for d in self.displays if path in self._tags.get(d.name, ())]
        return min(showing, key=lambda name: order.get(Level(self._levels[name]), 3), default="")

    def _linked(self, path: str) -> str:
        """The display to which a link leads that carries the alarms below the longest prefix of the path."""
        named = {d.name for d in self.displays}
        links = (link for links in self._links.values() for link in links if link.display in named)
        prefixes = {prefix.rstrip("/"): link.display for link in links for prefix in link.alarms}
        fitting = [prefix for prefix in prefixes if prefix and f"{path}/".startswith(f"{prefix}/")]
        return prefixes[max(fitting, key=len)] if fitting else ""

    def _nearest(self, path: str) -> str:
        """The display that shows tags of the same unit, or the one above all that show tags of the same line."""
        while path := path.rpartition("/")[0]:
            near = [d.name for d in self.displays if any(t.startswith(f"{path}/") for t in self._tags.get(d.name, ()))]
            units = [name for name in near if self._levels[name] != Level.OVERVIEW] or near
            if units:
                above = [set(self.upward(name)) for name in units]
                return next((name for name in self.upward(units[0]) if all(name in names for names in above)), "")
        return ""

    def _named(self, displays: tuple[DisplayName, ...], error: str, generation: int) -> None:
        self.error = error
        if not error:
            self.displays = displays
            self._tags.clear()
            self._links.clear()
            self._forget_homes()
        self._listeners.call()
        for display in displays:
            self._ask(display.name, generation)

    def _ask(self, name: str, generation: int) -> None:
        def got(document: bytes, error: str) -> None:
            if generation == self._generation:
                self._learn(name, document, error)

        self._documents.get(name, got)

    def _learn(self, name: str, document: bytes, error: str) -> None:
        self._forget_homes()
        self._tags[name], self._levels[name], self._links[name] = frozenset(), int(Level.DETAIL), ()
        if not error:
            try:
                display = decode_display(document, name)
            except DisplayError as wrong:
                _LOG.info("display not understood", display=name, reason=str(wrong))
            else:
                self._tags[name], self._levels[name] = paths(display), int(display.level)
                self._links[name] = _links(display)
        if self.complete:
            self._listeners.call()

    def _forget_homes(self) -> None:
        self._shown_by.clear()
        self.revision += 1


def _links(display: Display) -> tuple[Link, ...]:
    return tuple(element for element in display.elements if isinstance(element, Link))
