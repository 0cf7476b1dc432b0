"""Which file of a month a tag's samples go to: the one that has some already, else that of its retention group.

A tag whose group changed would otherwise have a month in two files, and nothing would tell which of two samples at the
same time was written last. Of several parts of a month the last one takes the samples.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hmi.core.batch import Batch, Int32, join
from hmi.core.quality import BoolArray
from hmi.historian import block_table
from hmi.historian.api import StoreError
from hmi.historian.files import Key
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
            alone = parts.keys() <= {group}
            for home, mine in [(group, rows)] if alone else self._housed(Key(month, group), rows, parts):
                found.setdefault(home, []).append(mine)
        return [(max(parts.get(home, [Key(month, home)])), join(those)) for home, those in found.items()]

    def _housed(self, key: Key, rows: Batch, parts: Mapping[str, Sequence[Key]]) -> list[tuple[str, Batch]]:
        tenants = self._tenants.setdefault(key, _Tenants())
        self._tenants.move_to_end(key)
        while len(self._tenants) > _KEPT:
            self._tenants.popitem(last=False)
        new = tenants.settled.new(rows.tag)
        if len(new):
            left = new[~self._held(parts.get(key.group, ()), new)]
            for other in parts.keys() - {key.group}:
                held = self._held(parts[other], left)
                tenants.elsewhere.update(dict.fromkeys(left[held].tolist(), other))
                left = left[~held]
            tenants.settled.add(new)
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

    def _held(self, parts: Sequence[Key], tags: Int32) -> BoolArray:
        """Which of these tags one of the parts has sound samples of; none of one that is broken."""
        held: BoolArray = np.zeros(len(tags), np.bool_)
        for key in parts if len(tags) else ():
            try:
                with self._shelf.explained(key):
                    held |= holds(self._shelf.open(key), tags)
            except StoreError as error:
                if not is_damage(error):
                    raise
        return held


def holds(file: OpenFile, tags: Int32) -> BoolArray:
    """Which of these tags a file has sound samples of."""
    held: BoolArray = np.isin(tags, block_table.tags(file.connection))
    for number in np.unique(tags // BUCKET).tolist():
        mine = tags // BUCKET == number
        held[mine] |= file.bucket(number).waiting[tags[mine] % BUCKET] > 0
    return held
