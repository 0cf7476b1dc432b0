"""Edit: which tags of a running project are new, other or gone, and which of their values still mean something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hmi.core.engine.columns import TagEntry
from hmi.core.engine.rows import Index
from hmi.core.quality import BoolArray, Status, code
from hmi.core.scaling import to_eu
from hmi.core.tag import ConnectionSource, Tag

_CLAMPED: Final = frozenset({Status.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED, Status.BAD_OUT_OF_RANGE})


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a running project, all of it possible as far as tags by themselves go."""

    was: Mapping[int, Tag]
    """All tags by id before."""
    tags: Mapping[int, Tag]
    """All tags by id after it."""
    put: tuple[TagEntry, ...]
    gone: frozenset[int]

    @classmethod
    def of(cls, was: Mapping[int, Tag], put: Sequence[TagEntry], gone: Collection[int]) -> Edit:
        """An edit of these tags.

        Raises:
            ValueError: an unknown id is to go, an id would change its uid, or two tags share a path.
        """
        for at in gone:
            if at not in was:
                raise ValueError(f"no tag has the id {at}")
        for at, tag in put:
            if at in was and was[at].uid != tag.uid:
                raise ValueError(f"the id {at} belongs to {was[at].uid}, not to {tag.uid}")
        tags = {at: tag for at, tag in was.items() if at not in gone} if gone else dict(was)
        tags |= {at: tag for at, tag in put if at not in gone}
        if len({tag.path for tag in tags.values()}) < len(tags):
            raise ValueError("two tags have the same path")
        kept = {entry.id: entry for entry in put if entry.id not in gone}
        return cls(was, tags, tuple(kept.values()), frozenset(gone))

    @property
    def new(self) -> list[int]:
        """Tags that were not there before."""
        return [entry.id for entry in self.put if entry.id not in self.was]

    def changed(self) -> Iterator[tuple[int, Tag, Tag]]:
        """(id, before, after) of the tags that were there before and still are."""
        for at, tag in self.put:
            if at in self.was:
                yield at, self.was[at], tag

    def touched(self, size: int) -> BoolArray:
        """By id, which tags are named at all."""
        found = np.zeros(size, np.bool_)
        found[[*(entry.id for entry in self.put), *self.gone]] = True
        return found

    def gone_ids(self) -> Index:
        """Removed tags in order of id."""
        return np.array(sorted(self.gone), np.intp)


def is_same_value(old: Tag, new: Tag) -> bool:
    """Whether the value that a tag has still is its value when it is configured anew."""
    if old.type is not new.type or type(old.source) is not type(new.source):
        return False
    if isinstance(new.source, ConnectionSource):
        return old.source == new.source and old.driver == new.driver
    return True


def rescaled(old: Tag, new: Tag, value: float, status: int) -> tuple[float, int] | None:
    """A value in the units of another scaling, with its status; None when a clamp has taken away what it was."""
    if code(status) in _CLAMPED:
        return None
    if old.scaling is not None:
        (raw_low, raw_high), (eu_low, eu_high) = old.scaling.raw, old.scaling.eu
        if eu_low == eu_high:
            return None
        value = (value - eu_low) / (eu_high - eu_low) * (raw_high - raw_low) + raw_low
    return to_eu(new, value, status)
