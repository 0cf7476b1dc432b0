"""Facts about tags by their number, as columns: a hundred thousand tags a second are looked up in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hmi.core.batch import Batch, Int32
from hmi.core.quality import BoolArray


class TagSet:
    """A growing set of tag numbers; negative ones are not kept."""

    def __init__(self, tags: Int32) -> None:
        self._has: BoolArray = np.zeros(1024, np.bool_)
        self.add(tags)

    def new(self, tags: Int32) -> Int32:
        """The numbers among these that are not in the set, each once."""
        if len(tags) and int(tags.max()) >= len(self._has):
            self._grow(int(tags.max()))
        fresh = tags[~self._has[np.maximum(tags, 0)]]
        return np.unique(fresh) if len(fresh) else fresh

    def numbers(self) -> Int32:
        """All that are in the set, in order."""
        return np.flatnonzero(self._has).astype(np.int32)

    def add(self, tags: Int32) -> None:
        """Takes numbers in."""
        if len(tags):
            self._grow(int(tags.max()))
            self._has[tags[tags >= 0]] = True

    def _grow(self, most: int) -> None:
        if most >= len(self._has):
            larger = np.zeros(max(2 * len(self._has), most + 1), np.bool_)
            larger[: len(self._has)] = self._has
            self._has = larger


class Groups:
    """The retention group of each tag, asked for once a tag."""

    def __init__(self, group_of: Callable[[int], str]) -> None:
        self._group_of = group_of
        self._known = TagSet(np.empty(0, np.int32))
        self._names: list[str] = []
        self._index = np.zeros(1024, np.int16)

    def split(self, batch: Batch) -> list[tuple[str, Batch]]:
        """A Batch by group."""
        self._learn(self._known.new(batch.tag))
        if len(self._names) == 1:
            return [(self._names[0], batch)]
        index = self._index[np.maximum(batch.tag, 0)]
        return [(self._names[i], batch.take(index == i)) for i in np.unique(index).tolist()]

    def _learn(self, tags: Int32) -> None:
        if not len(tags):
            return
        self._known.add(tags)
        if int(tags.max()) >= len(self._index):
            larger = np.zeros(max(2 * len(self._index), int(tags.max()) + 1), np.int16)
            larger[: len(self._index)] = self._index
            self._index = larger
        for tag in tags.tolist():
            name = self._group_of(tag)
            if name not in self._names:
                self._names.append(name)
            if tag >= 0:
                self._index[tag] = self._names.index(name)
