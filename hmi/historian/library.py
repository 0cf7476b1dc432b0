"""The data files as a reader sees them: one tag's pieces in the order of the read, opened only as far as it goes."""

from __future__ import annotations

import heapq
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from hmi.core.batch import EMPTY, Batch
from hmi.historian import block_table, carry, holes, meta_table, months, run_table
from hmi.historian.api import StoreError
from hmi.historian.codec import CodecError, decode_tag
from hmi.historian.damage import marks
from hmi.historian.datafile import Stored
from hmi.historian.files import Key, carry_path, listed, missing
from hmi.historian.sqlite import Connection, Error, close, connect_reader, is_damage

_OPEN_FILES: Final = 32
_FIRST_BLOCKS: Final = 4
_MOST_BLOCKS: Final = 64
_CARRY, _BLOCK, _RUN, _KINDS = 0, 1, 2, 3
"""What was written later has the higher kind; that of a later part counts on from those before it."""
_EARLIEST: Final = -(1 << 63)
_LATEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked for: samples with low <= time < high (ns UTC)."""

    tag: int
    low: int
    high: int
    forward: bool = True
    limit: int = 0
    """At least that many samples from the window's beginning (its end when backwards), if there are; 0 = all."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A place that may hold samples of the tag."""

    time_min: int
    time_max: int
    order: tuple[int, int, int, int]
    """Later written samples have the higher order."""
    load: Callable[[], Batch]
    """The tag's samples there."""


def near_end(window: Window) -> Callable[[Piece], int]:
    """Sorts pieces in the direction of a read."""
    return (lambda p: p.time_min) if window.forward else (lambda p: -p.time_max)


class GoneError(StoreError):
    """A data file was deleted by retention after it was listed: list the files again."""


class NewDamageError(StoreError):
    """A block was found damaged after those were listed: list them again, or the read would miss it."""


Identity = tuple[int, int] | None
"""Which file a name stands for; None = none."""


def _identity(path: Path) -> Identity:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked of every open file at every read
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class Library:
    """Connections to a store's data files for one reader; not for several threads at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OrderedDict[Path, tuple[Identity, Connection]] = OrderedDict()
        self._carries: list[str] = []

    def files(self) -> list[Key]:
        """The files there are now, oldest month first; whoever asks for `carried` after it misses nothing."""
        found, self._carries = listed(self._folder)
        for path in [path for path, (identity, _) in self._open.items() if identity != _identity(path)]:
            close(self._open.pop(path)[1])  # deleted by retention, and perhaps begun anew by late samples
        return found

    def connection(self, key: Key) -> Connection:
        """A file's connection.

        Raises:
            GoneError: retention has deleted it.
            StoreError: it cannot be read.
        """
        return self._connect(key.path(self._folder))

    def carries(self) -> list[str]:
        """The groups from which retention has deleted months, when the files were listed last."""
        return self._carries

    def carry(self, group: str) -> Connection:
        """What retention carried from a group's deleted months.

        Raises:
            StoreError: it cannot be read.
        """
        return self._connect(carry_path(self._folder, group))

    def _connect(self, path: Path) -> Connection:
        if path not in self._open:
            identity = _identity(path)
            if identity is None:
                raise GoneError(f"{path} was deleted by retention.", "Read again.")
            self._open[path] = identity, connect_reader(path)
        self._open.move_to_end(path)
        while len(self._open) > _OPEN_FILES:
            close(self._open.popitem(last=False)[1][1])
        return self._open[path][1]

    def close(self) -> None:
        """Gives all files back."""
        while self._open:
            close(self._open.popitem()[1][1])

    def pieces(self, window: Window) -> Iterator[Piece]:
        """The pieces of a window in the direction of the read; later months are opened when the read gets there.

        Raises:
            GoneError: retention deleted a file meanwhile.
            NewDamageError: the writer found a block damaged meanwhile.
        """
        yield from heapq.merge(self._by_month(self.files(), window), self._carried(window), key=near_end(window))

    def _by_month(self, keys: list[Key], window: Window) -> Iterator[Piece]:
        low, high = max(window.low, _EARLIEST), min(window.high, _LATEST + 1)
        first, last = months.month_of(low), months.month_of(high - 1)
        inside = [key for key in keys if first <= key.month <= last]
        gone = missing(inside)
        wanted = sorted(inside + gone) if gone else inside
        for _, month in groupby(wanted if window.forward else reversed(wanted), key=lambda key: key.month):
            files = list(month)
            there = sorted(key for key in files if key not in gone)
            pieces = [
                self._lost(key, window, there) if key in gone else self._of_file(key, window, there) for key in files
            ]
            yield from heapq.merge(*pieces, key=near_end(window))

    def _of_file(self, key: Key, window: Window, there: Sequence[Key]) -> Iterator[Piece]:
        """`there` are the files of its month."""
        try:
            connection = self.connection(key)
            # This number first: at worst it is lower than what is read after it, and the journal still wins.
            applied = meta_table.get(connection, "applied") or 0
            lacking = list(self._lacking(key, window, there))
        except (Error, StoreError) as error:
            yield from self._lost(key, window, there, error)
            return
        # Runs first: what becomes a block in between is seen twice, never missed.
        runs = self._runs(key, connection, window, applied, there)
        blocks = self._blocks(key, connection, window, applied, there)
        yield from heapq.merge(lacking, runs, blocks, key=near_end(window))

    def _runs(
        self, key: Key, connection: Connection, window: Window, applied: int, there: Sequence[Key]
    ) -> list[Piece]:
        kind = key.part * _KINDS + _RUN
        try:
            runs = run_table.of_tag(connection, window.tag, window.low, window.high)
        except Error as error:
            return list(self._lost(key, window, there, error))
        return sorted((_piece(applied, window.tag, kind, run, data) for run, data in runs), key=near_end(window))

    def _blocks(
        self, key: Key, connection: Connection, window: Window, applied: int, there: Sequence[Key]
    ) -> Iterator[Piece]:
        kind = key.part * _KINDS + _BLOCK
        try:
            damaged = block_table.damaged(connection, window.tag, window.low, window.high)
        except Error as error:
            return self._lost(key, window, there, error)
        found = sorted(
            (_piece(applied, window.tag, kind, block, data) for block, data in damaged), key=near_end(window)
        )
        sound = self._sound_blocks(key, connection, window, applied, {block.id for block, _ in damaged}, there)
        return heapq.merge(found, sound, key=near_end(window))

    def _sound_blocks(
        self,
        key: Key,
        connection: Connection,
        window: Window,
        applied: int,
        damaged: set[int],
        there: Sequence[Key],
    ) -> Iterator[Piece]:
        most = _FIRST_BLOCKS if window.limit else _MOST_BLOCKS
        kind = key.part * _KINDS + _BLOCK
        read = block_table.forward if window.forward else block_table.backward
        at: int | None = None
        while True:
            try:
                found = read(connection, window.tag, window.low, window.high, at, most)
                if not damaged.issuperset(block_table.damaged_ids(connection, window.tag, window.low, window.high)):
                    raise NewDamageError(f"Damage was found in {key} just now.", "Read again.")
            except Error as error:
                yield from self._lost(key, window, there, error)
                return
            for block, data in found:
                yield _piece(applied, window.tag, kind, block, data)
            if len(found) < most:
                return
            at = found[-1][0].time_max if window.forward else found[-1][0].time_min
            most = min(2 * most, _MOST_BLOCKS)

    def _lost(
        self, key: Key, window: Window, there: Sequence[Key], why: Error | StoreError | None = None
    ) -> Iterator[Piece]:
        """A file that is broken or gone is a hole of its month up to where a later part goes on, not the end of all
        reading."""
        if why is not None and not is_damage(why):
            raise why
        end = holes.lost_until(self.connection, there, key, window.tag)
        return _hole(window, months.start_of(key.month), end)

    def _lacking(self, key: Key, window: Window, there: Sequence[Key]) -> Iterator[Piece]:
        """What a file has lost because an older copy was put in its place."""
        start = holes.missing_from(self.connection, there, key)
        if start is not None:
            yield from _hole(window, start, holes.lost_until(self.connection, there, key, window.tag))

    def carried(self, tag: int) -> list[tuple[Stored, bytes]]:
        """What a tag last was in the files that retention has deleted; to be asked after the files are listed."""
        found: list[tuple[Stored, bytes]] = []
        for group in self._carries:
            try:
                kept = carry.last(self.carry(group), tag)
            except (Error, StoreError) as error:
                if not is_damage(error):
                    raise
                continue
            if kept is not None:
                found.append(kept)
        return found

    def _carried(self, window: Window) -> list[Piece]:
        found = [
            _piece(-1, window.tag, _CARRY, stored, data)
            for stored, data in self.carried(window.tag)
            if window.low <= stored.time_min < window.high
        ]
        return sorted(found, key=near_end(window))


def _hole(window: Window, start: int, end: int) -> Iterator[Piece]:
    """What is lost from `start` to `end` (ns UTC) as far as the window shows it."""
    start, end = max(start, window.low), min(end, window.high - 1)
    if start <= end:
        yield Piece(start, end, (-1, 0, _CARRY, 0), lambda: marks(window.tag, start, end))


def _piece(applied: int, tag: int, kind: int, stored: Stored, data: bytes) -> Piece:
    """What lies in a file that has the journal up to the append number `applied`: newer than a journal's row up to
    there, which a backup may have kept, and older than one behind it."""

    def load() -> Batch:
        try:
            return decode_tag(data, tag)
        except CodecError:
            return marks(tag, stored.time_min, stored.time_max) if stored.rows else EMPTY

    return Piece(stored.time_min, stored.time_max, (applied, 1, kind, stored.id), load)
