"""The displays of a project as the station hands them out, and on which of them each tag is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hmi.core.display import Display, decode_display, paths

Page = tuple[str, str, bytes]
"""Title, name of the display one level up, JSON text."""


class Pictures:
    """All displays by name, in the order of the navigation."""

    def __init__(self, documents: Mapping[str, bytes], order: Sequence[str]) -> None:
        """`order`: displays that come first within their level."""
        self._decoded: dict[str, tuple[bytes, Display]] = {}
        self.pages: dict[str, Page] = {}
        self.shown_on: dict[str, str] = {}
        """The most detailed display on which each tag path is shown: what an alarm's row leads to."""
        self.take(documents, order)

    def take(self, documents: Mapping[str, bytes], order: Sequence[str]) -> None:
        """Other displays; those that stay are not decoded again. `pages` and `shown_on` remain the same objects."""
        known, self._decoded = self._decoded, {}
        for name, document in documents.items():
            before = known.get(name)
            same = before is not None and before[0] == document
            self._decoded[name] = before if same and before is not None else (document, decode_display(document, name))
        pages, shown_on = dict(self._in_order(order)), self._shown()
        self.pages.clear()
        self.pages.update(pages)
        self.shown_on.clear()
        self.shown_on.update(shown_on)

    def _in_order(self, order: Sequence[str]) -> Iterator[tuple[str, Page]]:
        place = {name: at for at, name in enumerate(order)}
        displays = {name: display for name, (_, display) in self._decoded.items()}
        for name in sorted(displays, key=lambda n: (displays[n].level, place.get(n, len(place)), n)):
            yield name, (displays[name].title, displays[name].parent, self._decoded[name][0])

    def _shown(self) -> dict[str, str]:
        found: dict[str, tuple[int, str]] = {}
        for name, (_, display) in self._decoded.items():
            for path in paths(display):
                found[path] = max(found.get(path, (0, "")), (int(display.level), name))
        return {path: name for path, (_, name) in found.items()}
