"""What a table would change: shown before it is done, field by field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hmi.core.sheet.columns import Document
from hmi.core.sheet.table import table_of

_GONE: Final = "nothing"


@dataclass(frozen=True, slots=True)
class Change:
    """One tag that would be another."""

    before: Document
    after: Document

    def fields(self) -> list[tuple[str, str, str]]:
        """(heading, before, after) of each field that differs."""
        heads, before, after = table_of([self.before, self.after])
        pairs = zip(heads, before, after, strict=True)
        return [(str(head), _shown(old), _shown(new)) for head, old, new in pairs if old != new]


def _shown(cell: object) -> str:
    return _GONE if cell in (None, "") else str(cell)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Tags by what would happen to them."""

    added: tuple[Document, ...]
    changed: tuple[Change, ...]
    removed: tuple[Document, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.changed or self.removed)


def compare(present: Iterable[Document], wanted: Iterable[Document], *, whole: bool) -> Comparison:
    """`whole`: the table is all there shall be, tags it does not name go; else they stay."""
    before = {document["uid"]: document for document in present}
    after = {document["uid"]: document for document in wanted}
    return Comparison(
        tuple(document for uid, document in after.items() if uid not in before),
        tuple(Change(before[uid], new) for uid, new in after.items() if uid in before and before[uid] != new),
        tuple(document for uid, document in before.items() if uid not in after) if whole else (),
    )
