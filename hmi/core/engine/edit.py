"""Edit: which tags of a running project are new, other or gone, and which of their values still mean something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hmi.core.engine.columns import Columns, TagEntry
from hmi.core.engine.rows import Index
from hmi.core.quality import BoolArray, Status, code
from hmi.core.scaling import to_eu, unscaled
from hmi.core.tag import ConnectionSource, Tag, TagType

_CLAMPED: Final = frozenset({Status.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED, Status.BAD_OUT_OF_RANGE})


class Names(Mapping[str, TagType]):
    """The type of the tag that a path means, and its id."""

    def __init__(
        self, before: Mapping[str, int], put: Mapping[str, int], edited: Collection[int], tags: Mapping[int, Tag]
    ) -> None:
        """`before`: all paths before an edit; `put`: those of tags that it puts; `edited`: ids that lose theirs."""
        self._before, self._put, self._edited, self._tags = before, put, edited, tags

    def id_of(self, path: str) -> int | None:
        """The id of the tag with this path; None when there is none."""
        at = self._put.get(path)
        if at is None:
            at = self._before.get(path)
            return None if at in self._edited else at
        return at

    def __getitem__(self, path: str) -> TagType:
        at = self.id_of(path)
        if at is None:
            raise KeyError(path)
        return self._tags[at].type

    def __iter__(self) -> Iterator[str]:
        return (tag.path for tag in self._tags.values())

    def __len__(self) -> int:
        return len(self._tags)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a running project, all of it possible as far as tags by themselves go."""

    was: Mapping[int, Tag]
    """The named tags by id before it, as far as they were there."""
    tags: Mapping[int, Tag]
    """All tags by id after it."""
    put: tuple[TagEntry, ...]
    gone: frozenset[int]
    names: Names
    """What paths mean after it."""

    @classmethod
    def of(cls, columns: Columns, put: Sequence[TagEntry], gone: Collection[int]) -> Edit:
        """An edit of these tags.

        Raises:
            ValueError: an unknown id is to go, an id is named twice or would change its uid, or two tags share a path.
        """
        was = columns.tags
        for at in gone:
            if at not in was:
                raise ValueError(f"no tag has the id {at}")
        kept = {entry.id: entry for entry in put}
        if len(kept) < len(put) or not kept.keys().isdisjoint(gone):
            raise ValueError("an id is named twice")
        for at, tag in kept.values():
            if at in was and was[at].uid != tag.uid:
                raise ValueError(f"the id {at} belongs to {was[at].uid}, not to {tag.uid}")
        tags = dict(was)
        for at in gone:
            del tags[at]
        tags.update(kept.values())
        names = Names(columns.paths, {tag.path: at for at, tag in kept.values()}, {*kept, *gone}, tags)
        for at, tag in kept.values():
            if names.id_of(tag.path) != at or columns.paths.get(tag.path, at) not in {at, *kept, *gone}:
                raise ValueError(f"two tags have the path {tag.path}")
        named = {at: was[at] for at in (*kept, *gone) if at in was}
        return cls(named, tags, tuple(kept.values()), frozenset(gone), names)

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
    if not is_same_kind(old, new):
        return False
    if isinstance(new.source, ConnectionSource):
        return old.source == new.source and old.driver == new.driver
    return True


def is_same_kind(old: Tag, new: Tag) -> bool:
    """Whether a person's value that stands in place of a tag's own may stay there."""
    return old.type is new.type and type(old.source) is type(new.source)


def connection_of(tag: Tag) -> str:
    """Name of the tag's connection; empty when it has none."""
    return tag.source.connection if isinstance(tag.source, ConnectionSource) else ""


def rescaled(old: Tag, new: Tag, value: float, status: int) -> tuple[float, int] | None:
    """A value in the units of another scaling, with its status; None when a clamp has taken away what it was."""
    if code(status) in _CLAMPED:
        return None
    if old.scaling is not None:
        if old.scaling.eu[0] == old.scaling.eu[1]:
            return None
        value = unscaled(old.scaling, value)
    return to_eu(new, value, status)
