"""Which file of a month a tag's samples go to: the one that has some already, else that of its retention group.

A tag whose group changed would otherwise have a month in two files, and nothing would tell which of two samples at the
same time was written last. Of several parts of a month the last one takes the samples.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from hmi.core.batch import Batch, Int32, join
from hmi.core.quality import BoolArray
from hmi.historian import block_table, datafile
from hmi.historian.api import StoreError
from hmi.historian.files import Key, last_parts
from hmi.historian.merge import BUCKET
from hmi.historian.shelf import OpenFile, Shelf
from hmi.historian.sqlite import is_damage
from hmi.historian.tagset import Groups, TagSet

_KEPT: Final = 16


@dataclass(slots=True)
class _Tenants:
    """Tags of one group in one month."""

    settled: TagSet = field(default_factory=lambda: TagSet(np.empty(0, np.int32)))
    """Those whose file is known."""
    elsewhere: dict[int, str] = field(default_factory=dict)
    """The group of those that lie in another group's file."""
    perhaps: dict[str, TagSet] = field(default_factory=dict)
    """By group, those of which its files have samples, or may have had: not all of them could be looked into."""

    def note(self, group: str, tags: Int32) -> None:
        self.perhaps.setdefault(group, TagSet(np.empty(0, np.int32))).add(tags)


class _Look(NamedTuple):
    """What the files of a group say about some tags."""

    held: BoolArray
    """Which they have sound samples of."""
    whole: bool
    """Whether they can tell of all that ever was in them."""


class Homes:
    """The files of the tags, looked up once a tag and month."""

    def __init__(self, shelf: Shelf, group_of: Callable[[int], str]) -> None:
        self._shelf, self._groups = shelf, Groups(group_of)
        self._tenants: OrderedDict[Key, _Tenants] = OrderedDict()

    def split(self, month: int, batch: Batch, files: Sequence[Key]) -> list[tuple[Key, Batch]]:
        """Samples of one month by file; `files` are those there are.

        Raises:
            StoreError: a file of the month cannot be read now.
        """
        parts: dict[str, list[Key]] = {}
        for file in files:
            if file.month == month:
                parts.setdefault(file.group, []).append(file)
        found: dict[str, list[Batch]] = {}
        for group, rows in self._groups.split(batch):
            for home, mine in self._housed(Key(month, group), rows, parts):
                found.setdefault(home, []).append(mine)
        last = last_parts(key for some in parts.values() for key in some)
        return [(last.get((month, home), Key(month, home)), join(those)) for home, those in found.items()]

    def _housed(self, key: Key, rows: Batch, parts: Mapping[str, Sequence[Key]]) -> list[tuple[str, Batch]]:
        tenants = self._tenants.setdefault(key, _Tenants())
        self._tenants.move_to_end(key)
        while len(self._tenants) > _KEPT:
            self._tenants.popitem(last=False)
        new = tenants.settled.new(rows.tag)
        if len(new):
            self._settle(key.group, tenants, new, parts)
        if not tenants.elsewhere:
            return [(key.group, rows)]
        found: list[tuple[str, Batch]] = []
        here = np.ones(len(rows), np.bool_)
        for other in dict.fromkeys(tenants.elsewhere.values()):
            away = np.isin(rows.tag, [tag for tag, home in tenants.elsewhere.items() if home == other])
            if away.any():
                found.append((other, rows.take(away)))
            here &= ~away
        return [(key.group, rows.take(here)), *found] if here.any() else found

    def _settle(self, group: str, tenants: _Tenants, new: Int32, parts: Mapping[str, Sequence[Key]]) -> None:
        """Also those that lie in their own group are looked for in the others: some may lie in two, since a file that
        had them could not be read for a while."""
        others = sorted(parts.keys() - {group})
        homeless = ~self._look(parts.get(group, ()), new).held if others else np.zeros(len(new), np.bool_)
        for other in others:
            held, whole = self._look(parts[other], new)
            tenants.elsewhere.update(dict.fromkeys(new[held & homeless].tolist(), other))
            tenants.note(other, new[held] if whole else new)
            homeless &= ~held
        tenants.note(group, new)
        tenants.settled.add(new)

    def _look(self, parts: Sequence[Key], tags: Int32) -> _Look:
        held: BoolArray = np.zeros(len(tags), np.bool_)
        whole = not any(key.part for key in parts)  # a later part was begun because one before it was ruined
        for key in parts:
            try:
                with self._shelf.explained(key):
                    file = self._shelf.open(key)
                    held |= holds(file, tags)
                    whole &= not (file.unread or datafile.has_damage(file.connection))
            except StoreError as error:
                if not is_damage(error):
                    raise
                whole = False
        return _Look(held, whole)

    def without(self, key: Key) -> set[int]:
        """The tags of a month that surely have no samples in a group's files, as far as they were looked up."""
        found: set[int] = set()
        for home, tenants in self._tenants.items():
            if home.month == key.month and home.group != key.group:
                tags = tenants.settled.numbers()
                perhaps = tenants.perhaps.get(key.group)
                found.update((tags if perhaps is None else perhaps.new(tags)).tolist())
        return found


def holds(file: OpenFile, tags: Int32) -> BoolArray:
    """Which of these tags a file has sound samples of."""
    held: BoolArray = np.isin(tags, block_table.tags(file.connection))
    for number in np.unique(tags // BUCKET).tolist():
        mine = tags // BUCKET == number
        held[mine] |= file.bucket(number).waiting[tags[mine] % BUCKET] > 0
    return held
