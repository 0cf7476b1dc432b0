"""The last form of a month that has ended: every tag with some samples in blocks, the others' runs joined, every whole
day rolled up. In steps, because a plant has a hundred thousand tags and flushes must not wait."""

from __future__ import annotations

from collections.abc import Sequence

from hmi.historian import block_table, meta_table, run_table
from hmi.historian.api import DamagedError
from hmi.historian.bucket import EVERYTHING
from hmi.historian.files import Key
from hmi.historian.promotion import Promoter
from hmi.historian.rolling import Roller
from hmi.historian.shelf import Shelf


class Sealing:
    """Seals one data file."""

    def __init__(self, key: Key, shelf: Shelf, promoter: Promoter, roller: Roller) -> None:
        self.key = key
        self._shelf, self._promoter, self._roller = shelf, promoter, roller
        self._buckets: list[int] | None = None
        self._tags: Sequence[int] | None = None
        self._applied = 0
        """What the file had of the journal when this was begun."""
        self.done = False
        self.damaged: list[DamagedError] = []
        """What the last step found."""

    def step(self) -> None:
        """Does the next part.

        Raises:
            StoreError: the file did not take it; sealing can be begun again.
        """
        self.damaged = []
        with self._shelf.explained(self.key):
            file = self._shelf.open(self.key)
            if file.sealed:
                self.done = True
            elif self._buckets is None or file.applied != self._applied:  # late samples were filed: all over again
                self._buckets, self._tags = run_table.buckets(file.connection), None
                self._applied = file.applied
            elif self._buckets:
                everything = [(self._buckets.pop(), EVERYTHING)]
                _, self.damaged = self._promoter.promote(self.key, everything, ended=True)
            elif self._tags is None:
                self._tags = block_table.tags(file.connection)
            elif self._tags:
                self._tags = self._roller.roll(self.key, self._tags, ended=True)
            else:
                with self._shelf.writing(file) as connection:
                    meta_table.put(connection, {"sealed": 1})
                file.sealed = self.done = True
