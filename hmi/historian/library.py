"""The data files as a reader sees them: one tag's pieces in the order of the read, opened only as far as it goes."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from hmi.core.batch import EMPTY, Batch
from hmi.historian import datafile, months
from hmi.historian.api import StoreError
from hmi.historian.codec import CodecError, decode_tag
from hmi.historian.damage import marks
from hmi.historian.datafile import Stored
from hmi.historian.files import Key, present
from hmi.historian.sqlite import Connection, Error, close, connect_reader, is_damage

_OPEN_FILES: Final = 32
_FIRST_BLOCKS: Final = 4
_MOST_BLOCKS: Final = 64
_CARRY, _BLOCK, _RUN = 0, 1, 2
"""What was written later has the higher kind."""
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


class Library:
    """Connections to a store's data files for one reader; not for several threads at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OrderedDict[Key, Connection] = OrderedDict()

    def files(self) -> list[Key]:
        """The files there are now, oldest month first."""
        found = present(self._folder)
        for key in self._open.keys() - set(found):
            close(self._open.pop(key))  # deleted by retention
        return found

    def connection(self, key: Key) -> Connection:
        """A file's connection.

        Raises:
            StoreError: it cannot be read.
        """
        if key not in self._open:
            self._open[key] = connect_reader(key.path(self._folder))
        self._open.move_to_end(key)
        while len(self._open) > _OPEN_FILES:
            close(self._open.popitem(last=False)[1])
        return self._open[key]

    def close(self) -> None:
        """Gives all files back."""
        while self._open:
            close(self._open.popitem()[1])

    def pieces(self, window: Window) -> Iterator[Piece]:
        """The pieces of a window in the direction of the read; later months are opened when the read gets there."""
        keys = self.files()
        low, high = max(window.low, _EARLIEST), min(window.high, _LATEST + 1)
        first, last = months.month_of(low), months.month_of(high - 1)
        inside = [key for key in keys if first <= key.month <= last]
        if window.forward:
            yield from self._carried(keys, window)
        for _, those in groupby(inside if window.forward else reversed(inside), key=lambda key: key.month):
            yield from heapq.merge(*(self._of_file(key, window) for key in those), key=near_end(window))
        if not window.forward:
            yield from self._carried(keys, window)

    def _of_file(self, key: Key, window: Window) -> Iterator[Piece]:
        try:
            connection = self.connection(key)
            # Runs first: what becomes a block in between is seen twice, never missed.
            runs = datafile.runs_of_tag(connection, window.tag, window.low, window.high)
        except (Error, StoreError) as error:
            yield self._lost(key, window, error)
            return
        found = sorted((_piece(key, window.tag, _RUN, run, data) for run, data in runs), key=near_end(window))
        yield from heapq.merge(found, self._blocks(key, connection, window), key=near_end(window))

    def _blocks(self, key: Key, connection: Connection, window: Window) -> Iterator[Piece]:
        most = _FIRST_BLOCKS if window.limit else _MOST_BLOCKS
        read = datafile.blocks_forward if window.forward else datafile.blocks_backward
        at: int | None = None
        while True:
            try:
                found = read(connection, window.tag, window.low, window.high, at, most)
            except Error as error:
                yield self._lost(key, window, error)
                return
            for block, data in found:
                yield _piece(key, window.tag, _BLOCK, block, data)
            if len(found) < most:
                return
            at = found[-1][0].time_max if window.forward else found[-1][0].time_min
            most = min(2 * most, _MOST_BLOCKS)

    def _lost(self, key: Key, window: Window, why: Error | StoreError) -> Piece:
        """A file that is broken is a hole of its month, not the end of all reading."""
        if not is_damage(why):
            raise why
        start, end = months.span_of(key.month)
        start, end = max(start, window.low), min(end, window.high) - 1
        return Piece(start, end, (-1, key.month, _CARRY, 0), lambda: marks(window.tag, start, end))

    def _carried(self, keys: list[Key], window: Window) -> list[Piece]:
        """What a tag last was before the oldest file that retention has left; it lies before every other sample."""
        oldest = {key.group: key for key in reversed(keys)}
        found: list[Piece] = []
        for key in oldest.values():
            if window.low >= months.start_of(key.month):
                continue
            try:
                carried = datafile.carried(self.connection(key), window.tag)
            except (Error, StoreError) as error:
                if not is_damage(error):
                    raise
                continue
            if carried is not None and window.low <= carried[0].time_min < window.high:
                found.append(_piece(key, window.tag, _CARRY, *carried))
        return sorted(found, key=near_end(window))


def _piece(key: Key, tag: int, kind: int, stored: Stored, data: bytes) -> Piece:
    def load() -> Batch:
        try:
            return decode_tag(data, tag)
        except CodecError:
            return marks(tag, stored.time_min, stored.time_max) if stored.rows else EMPTY

    return Piece(stored.time_min, stored.time_max, (-1, key.month, kind, stored.id), load)
