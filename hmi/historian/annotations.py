"""What people wrote beside the curves: why a value was what it was, who says so, and when they said it.

An annotation covers a span of time of one tag or of the whole line. What was said stays: an edit keeps the former text,
and a deleted annotation is only marked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from hmi.historian.api import StoreError
from hmi.historian.catalogue import Catalogue

LONGEST: Final = 4000
"""Characters of a text."""
_EARLIEST: Final = -(1 << 63)
_LATEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody made of an annotation."""

    who: str
    written: int
    """ns UTC."""
    text: str | None
    """None: it was deleted."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation as it stands now."""

    id: int
    tag: int | None
    """Catalogue number; None = the whole line."""
    start: int
    """ns UTC."""
    end: int
    """ns UTC, included; equal to `start` for a moment."""
    history: tuple[Text, ...]
    """Oldest first; the last one counts."""

    @property
    def now(self) -> Text:
        """What counts."""
        return self.history[-1]

    @property
    def deleted(self) -> bool:
        """Whether somebody took it back."""
        return self.now.text is None


@dataclass(frozen=True, slots=True)
class Span:
    """Which annotations are wanted: those that touch start..end, both included."""

    start: int = _EARLIEST
    """ns UTC."""
    end: int = _LATEST
    tags: Collection[int] | None = None
    """Only those of these tags and of the whole line; None = all."""
    deleted: bool = False
    """Also those that were deleted."""


class Annotations:
    """The annotations in an open catalogue; who may write it may write them. Not for several threads at once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def annotate(self, text: str, who: str, written: int, start: int, end: int, tag: int | None = None) -> int:
        """Writes an annotation at a time (`written`, ns UTC) and gives its number. On the disk on return.

        Raises:
            StoreError: there is no such tag, the text is empty or too long, the end comes before the start, or the disk
                does not take it.
        """
        text = _checked(text)
        if end < start:
            raise StoreError("The end of an annotation comes before its start.", "Exchange them.")
        if tag is not None and not self._catalogue.rows("SELECT 1 FROM tag WHERE id = :id", {"id": tag}):
            raise StoreError(f"There is no tag with the number {tag}.", "Choose one of the catalogue.")
        with self._catalogue.writing() as connection:
            made = connection.execute(
                'INSERT INTO annotation (tag, start, "end") VALUES (?, ?, ?) RETURNING id', (tag, start, end)
            ).fetchone()
            self._say(connection, int(made[0]), who, written, text)
        return int(made[0])

    def edit(self, number: int, text: str, who: str, written: int) -> None:
        """Gives an annotation another text; the former one is kept. On the disk on return.

        Raises:
            StoreError: there is no such annotation, the text is empty or too long, or the disk does not take it.
        """
        text = _checked(text)
        self.get(number)
        with self._catalogue.writing() as connection:
            self._say(connection, number, who, written, text)

    def delete(self, number: int, who: str, written: int) -> None:
        """Marks an annotation as deleted; what it said is kept. Harmless when repeated. On the disk on return.

        Raises:
            StoreError: there is no such annotation, or the disk does not take it.
        """
        if self.get(number).deleted:
            return
        with self._catalogue.writing() as connection:
            self._say(connection, number, who, written, None)

    def _say(self, connection: Any, number: int, who: str, written: int, text: str | None) -> None:
        connection.execute(
            "INSERT INTO annotation_text (annotation, who, written, text) VALUES (?, ?, ?, ?)",
            (number, who, written, text),
        )

    def get(self, number: int) -> Annotation:
        """The annotation with a number, deleted or not.

        Raises:
            StoreError: there is none, or the catalogue cannot be read.
        """
        found = self._select("annotation.id = :id", {"id": number})
        if not found:
            raise StoreError(f"There is no annotation {number}.", "List them with `hmi history annotations`.")
        return found[0]

    def find(self, span: Span) -> list[Annotation]:
        """The annotations of a span by their start.

        Raises:
            StoreError: the catalogue cannot be read.
        """
        found = self._select('"end" >= :start AND start <= :end', {"start": span.start, "end": span.end})
        return [
            a
            for a in found
            if (span.deleted or not a.deleted) and (span.tags is None or a.tag is None or a.tag in span.tags)
        ]

    def _select(self, which: str, values: dict[str, Any]) -> list[Annotation]:
        if not self._catalogue.rows("SELECT 1 FROM sqlite_schema WHERE name = 'annotation_text'", {}):
            return []  # a catalogue that nobody has written since annotations are known
        rows = self._catalogue.rows(
            'SELECT annotation.id, tag, start, "end", who, written, text FROM annotation'  # noqa: S608 - our own words
            " JOIN annotation_text ON annotation_text.annotation = annotation.id"
            f" WHERE {which} ORDER BY start, annotation.id, annotation_text.id",
            values,
        )
        found: dict[int, Annotation] = {}
        for number, tag, start, end, *said in rows:
            before = found[number].history if number in found else ()
            found[number] = Annotation(number, tag, start, end, (*before, Text(*said)))
        return list(found.values())


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise StoreError("An annotation needs a text.", "Say what happened.")
    if len(text) > LONGEST:
        raise StoreError(f"An annotation of {len(text)} characters is too long.", f"Use {LONGEST} at most.")
    return text
