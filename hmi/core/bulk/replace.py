"""Find and replace over fields of many tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hmi.core.bulk.fill import cell_in, with_cell
from hmi.core.errors import LinesideError
from hmi.core.sheet.cells import harmless, plain
from hmi.core.sheet.columns import Document


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, and what is put in its place."""

    find: str
    replace: str
    pattern: bool = False
    """`find` is a regular expression; `replace` may name its groups as \\1."""
    match_case: bool = True
    headings: tuple[str, ...] = ("path", "description", "source.address", "source.expression")

    def compiled(self) -> re.Pattern[str]:
        """The pattern.

        Raises:
            LinesideError: it is empty, or no pattern.
        """
        if not self.find:
            raise LinesideError("There is nothing to find.", "Type what shall be replaced.")
        try:
            flags = re.NOFLAG if self.match_case else re.IGNORECASE
            return re.compile(self.find if self.pattern else re.escape(self.find), flags)
        except re.error as error:
            raise LinesideError(f"{self.find!r} is no pattern: {error.msg} (column {(error.pos or 0) + 1}).") from None


def replaced(documents: Iterable[Document], search: Search) -> list[tuple[Document, Document]]:
    """(before, after) of each tag that would be another one; fields that hold no text stay.

    Raises:
        LinesideError: the pattern or its replacement cannot be used.
        CellError: a field would not be what it must be any more.
    """
    pattern = search.compiled()
    found = []
    for document in documents:
        after = _replaced(document, pattern, search, search.headings)
        if after != document:
            found.append((document, after))
    return found


def _replaced(document: Document, pattern: re.Pattern[str], search: Search, headings: Sequence[str]) -> Document:
    for heading in headings:
        cell = cell_in(document, heading)
        if not isinstance(cell, str):
            continue
        text = plain(cell)
        try:
            new = pattern.sub(search.replace if search.pattern else lambda _match: search.replace, text)
        except (re.error, IndexError) as error:
            raise LinesideError(f"{search.replace!r} cannot stand in its place: {error}.") from None
        if new != text:
            document = with_cell(document, heading, harmless(new))
    return document
