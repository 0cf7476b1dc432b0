"""One tag's pieces in one data file: its runs, its blocks, and the hole that is in their place where it is broken."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Final

from hmi.historian import block_table, holes, meta_table, months, run_table
from hmi.historian.api import StoreError
from hmi.historian.datafile import Stored
from hmi.historian.files import Key
from hmi.historian.pieces import NewDamageError, Piece, Window, hole, near_end, stored_piece
from hmi.historian.sqlite import Connection, Error, is_damage

_FIRST_BLOCKS: Final = 4
_MOST_BLOCKS: Final = 64
_BLOCK, _RUN, _KINDS = 1, 2, 3
"""What was written later has the higher kind; that of a later part counts on from those before it."""


class FilePieces:
    """What one file gives to one read."""

    def __init__(self, connect: holes.Connect, key: Key, there: Sequence[Key], window: Window) -> None:
        """`there` are the files of its month, in order."""
        self._connect, self._key, self._there, self._window = connect, key, there, window
        self._applied = 0

    def pieces(self) -> Iterator[Piece]:
        """The pieces in the direction of the read.

        Raises:
            GoneError: retention deleted the file meanwhile.
            NewDamageError: the writer found a block damaged meanwhile.
        """
        try:
            connection = self._connect(self._key)
            # This number first: at worst it is lower than what is read after it, and the journal still wins.
            self._applied = meta_table.get(connection, "applied") or 0
            lacking = self._lacking()
        except (Error, StoreError) as error:
            yield from self.lost(error)
            return
        # Runs first: what becomes a block in between is seen twice, never missed.
        runs = self._runs(connection)
        yield from heapq.merge(lacking, runs, self._blocks(connection), key=near_end(self._window))

    def lost(self, why: Error | StoreError | None = None) -> list[Piece]:
        """A file that is broken, or not there, is a hole of its month up to where a later part goes on, not the end of
        all reading."""
        if why is not None and not is_damage(why):
            raise why
        return hole(self._window, months.start_of(self._key.month), self._lost_until())

    def _lacking(self) -> list[Piece]:
        """What the file has lost because an older copy was put in its place."""
        start = holes.missing_from(self._connect, self._there, self._key)
        return [] if start is None else hole(self._window, start, self._lost_until())

    def _lost_until(self) -> int:
        return holes.lost_until(self._connect, self._there, self._key, self._window.tag)

    def _runs(self, connection: Connection) -> list[Piece]:
        w = self._window
        try:
            return self._sorted(_RUN, run_table.of_tag(connection, w.tag, w.low, w.high))
        except Error as error:
            return self.lost(error)

    def _blocks(self, connection: Connection) -> Iterator[Piece]:
        w = self._window
        try:
            damaged = block_table.damaged(connection, w.tag, w.low, w.high)
        except Error as error:
            return iter(self.lost(error))
        sound = self._sound_blocks(connection, {block.id for block, _ in damaged})
        return heapq.merge(self._sorted(_BLOCK, damaged), sound, key=near_end(w))

    def _sound_blocks(self, connection: Connection, damaged: set[int]) -> Iterator[Piece]:
        w = self._window
        most = _FIRST_BLOCKS if w.limit else _MOST_BLOCKS
        read = block_table.forward if w.forward else block_table.backward
        at: int | None = None
        while True:
            try:
                found = read(connection, w.tag, w.low, w.high, at, most)
                if not damaged.issuperset(block_table.damaged_ids(connection, w.tag, w.low, w.high)):
                    raise NewDamageError(f"Damage was found in {self._key} just now.", "Read again.")
            except Error as error:
                yield from self.lost(error)
                return
            for block, data in found:
                yield self._piece(_BLOCK, block, data)
            if len(found) < most:
                return
            at = found[-1][0].time_max if w.forward else found[-1][0].time_min
            most = min(2 * most, _MOST_BLOCKS)

    def _sorted(self, kind: int, rows: Sequence[tuple[Stored, bytes]]) -> list[Piece]:
        return sorted((self._piece(kind, stored, data) for stored, data in rows), key=near_end(self._window))

    def _piece(self, kind: int, stored: Stored, data: bytes) -> Piece:
        return stored_piece(self._applied, self._window.tag, self._key.part * _KINDS + kind, stored, data)
