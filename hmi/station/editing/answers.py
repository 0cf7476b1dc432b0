"""Answers about the project, cut into messages that the link carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from hmi.core.errors import Problem
from hmi.link.messages import Edit, Edited, Flaw, Record, Records
from hmi.station.cutting import cut
from hmi.station.editing.model import Model
from hmi.station.editing.taking import Fault

MOST_LINES: Final = 1000
"""Changes and flaws that are told; the rest is a number."""

T = TypeVar("T")


@dataclass
class Answer:
    """What became of an edit."""

    applied: bool = False
    flaws: list[Flaw] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    error: str = ""

    def messages(self, request: int, revision: str) -> Iterator[Edited]:
        """The answer in as many messages as it needs."""
        items: list[Flaw | str | Record] = [*_first(self.flaws, lambda text: Flaw(-1, "", text))]
        items += [*_first(self.changes, str), *self.records]
        for part, done in cut(items):
            yield Edited(
                request,
                self.applied,
                revision,
                [item for item in part if isinstance(item, Flaw)],
                [item for item in part if isinstance(item, str)],
                [item for item in part if isinstance(item, Record)],
                self.error,
                done=done,
            )


def records_messages(request: int, revision: str, records: Sequence[Record]) -> Iterator[Records]:
    """Records in as many messages as they need."""
    for part, done in cut(records):
        yield Records(request, revision, list(part), done=done)


def flaws_of(faults: Sequence[Fault], edits: Sequence[Edit], model: Model) -> list[Flaw]:
    """Faults at the edits that they are about; those of records that nobody edited name them."""
    place: Mapping[tuple[str, str], int] = {(edit.kind, edit.key): at for at, edit in enumerate(edits)}
    flaws: list[Flaw] = []
    for fault in sorted(faults, key=lambda f: f.warns):
        at = place.get((fault.key.kind, fault.key.name), -1)
        where = fault.where if at >= 0 else f"{model.title(fault.key)}: {fault.where}".removesuffix(": ")
        flaws.append(Flaw(at, where, fault.what, fault.warns))
    return flaws


def flaws_of_files(problems: Sequence[Problem]) -> list[Flaw]:
    """What is wrong with the files, by their places."""
    return [Flaw(-1, str(p).removesuffix(f": {p.what}"), p.what, p.runs_on) for p in problems]


def _first(lines: Sequence[T], more: Callable[[str], T]) -> list[T]:
    rest = len(lines) - MOST_LINES
    return list(lines) if rest <= 0 else [*lines[:MOST_LINES], more(f"and {rest} more")]
