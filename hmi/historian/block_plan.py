"""New samples of some tags on their way into a file's blocks: planned outside of a transaction, stored in one."""

from __future__ import annotations

from typing import Final

from hmi.core.batch import Batch
from hmi.historian import block_table, datafile
from hmi.historian.api import DamagedError
from hmi.historian.blocks import joined_blocks
from hmi.historian.codec import TIGHT, CodecError, Summary, decode, encode
from hmi.historian.damage import damaged_block
from hmi.historian.datafile import Stored
from hmi.historian.shelf import OpenFile
from hmi.historian.sqlite import Connection

_SMALL_BLOCKS: Final = 64
"""Blocks at a tag's end that may be joined at once."""


class BlockPlan:
    """What becomes of the blocks of one file. A tag's runs must be empty, or be taken in with it: blocks are older."""

    def __init__(self, file: OpenFile, block_rows: int) -> None:
        self._file, self._block_rows = file, block_rows
        self.tags: list[int] = []
        """Tags that get blocks."""
        self.delta = 0
        """Samples that the blocks will have more."""
        self._old: list[Stored] = []
        self._new: list[tuple[Summary, bytes]] = []
        self._bad: dict[int, Stored] = {}

    @property
    def damaged(self) -> list[DamagedError]:
        """Blocks found damaged: they stay where they are."""
        return [damaged_block(self._file.key, block) for block in self._bad.values()]

    def take(self, new: Batch) -> None:
        """Plans samples of one tag, sorted by time."""
        tag, connection = int(new.tag[0]), self._file.connection
        tail = block_table.last(connection, tag, _SMALL_BLOCKS)
        tail.reverse()
        if tail and int(new.time[0]) <= tail[-1].time_max:
            tail = block_table.listed(connection, tag, int(new.time[0]))
        change = joined_blocks(new, tail, self._load, self._block_rows)
        self.tags.append(tag)
        self._old += change.removed
        self._new += [encode(block, by_tag=True, level=TIGHT) for block in change.added]
        self.delta += sum(map(len, change.added)) - sum(block.rows for block in change.removed)

    def _load(self, block: Stored) -> Batch | None:
        try:
            return decode(block_table.data_of(self._file.connection, block.id))
        except CodecError:
            self._bad[block.id] = block
            return None

    def store(self, connection: Connection) -> None:
        """Writes the plan, inside the caller's transaction."""
        for row in self._bad:
            datafile.mark_damaged(connection, "block", row)
        datafile.remove(connection, "block", [block.id for block in self._old])
        block_table.insert(connection, self._new)
