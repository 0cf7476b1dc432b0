"""Finding one tag's samples wherever they lie: in memory, in the journal, in the data files.

Samples move in this order, and a read looks in this order: what moves meanwhile is seen twice, never missed. When
retention deletes a file that was listed, the listing is made again too. Pieces are
unpacked in the direction of the read and only as far as its limit needs. No read transaction stays open; a journal row
that was filed between the listing and its reading is simply gone, and the listing is made again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from hmi.core.batch import EMPTY, Batch
from hmi.historian import journal
from hmi.historian.codec import CodecError, decode_tag, pruned
from hmi.historian.damage import marks
from hmi.historian.library import GoneError, Library
from hmi.historian.merge import by_time, join_tag
from hmi.historian.pieces import NewDamageError, Piece, Window, near_end
from hmi.historian.sqlite import Connection
from hmi.historian.tail import Group

_FIRST_STEP: Final = 8
"""Pieces opened at first by a read with a limit; how many more is told by what they held."""
_ATTEMPTS: Final = 100

Snapshot = Callable[[], tuple[Sequence[Group], int]]
"""What is in memory, and the append number from which on memory is complete."""


_Taken = tuple[tuple[int, int, int, int], Batch]


class MovedError(Exception):
    """A listed row was filed before it was read."""


def gather(connection: Connection, library: Library, window: Window, snapshot: Snapshot) -> Batch:
    """One tag's samples in a window, in time order, each time once; Bad_DataLost at both ends of what is damaged.

    Raises:
        MovedError: the journal moved faster than it could be read.
    """
    if window.low >= window.high:
        return EMPTY
    for _ in range(_ATTEMPTS):
        try:
            return _collect(_pieces(connection, library, window, snapshot), window)
        except (MovedError, GoneError, NewDamageError):
            continue
    raise MovedError


def recent(connection: Connection, window: Window, snapshot: Snapshot) -> list[Piece]:
    """What of a window is in memory and in the journal, in the direction of the read."""
    groups, complete_from = snapshot()
    found = [
        Piece(g.time_min, g.time_max, (g.last, 0, 0, i), _from_memory(g, window.tag))
        for i, g in enumerate(groups)
        if g.time_max >= window.low and g.time_min < window.high
    ]
    for row in journal.directory(connection, window.tag, window.low, window.high, complete_from):
        # A stored row holds what memory held of the same number and more: it is the later one.
        order = (row.last, 0, 1, row.id)
        found.append(Piece(row.time_min, row.time_max, order, _from_journal(connection, row, window.tag)))
    return sorted(found, key=near_end(window))


def _pieces(connection: Connection, library: Library, window: Window, snapshot: Snapshot) -> Iterator[Piece]:
    fresh = recent(connection, window, snapshot)
    return heapq.merge(fresh, library.pieces(window), key=near_end(window))


def _from_memory(group: Group, tag: int) -> Callable[[], Batch]:
    def load() -> Batch:
        rows = np.flatnonzero(group.batch.tag == tag)
        return pruned(group.batch.take(rows)) if len(rows) else EMPTY

    return load


def _from_journal(connection: Connection, row: journal.Row, tag: int) -> Callable[[], Batch]:
    def load() -> Batch:
        data = journal.data_of(connection, row.id)
        if data is None:
            raise MovedError
        try:
            return decode_tag(data, tag)
        except CodecError:
            return marks(tag, row.time_min, row.time_max)

    return load


def _collect(pieces: Iterator[Piece], window: Window) -> Batch:
    taken: list[_Taken] = []
    rows, step = 0, _FIRST_STEP
    piece = next(pieces, None)
    while piece is not None:
        for _ in range(step):
            taken.append((piece.order, _between(piece.load(), window.low, window.high)))
            rows += len(taken[-1][1])
            piece = next(pieces, None)
            if piece is None:
                return _joined(taken)
        if window.limit:
            # Beyond the next piece's nearer end, samples may still be missing.
            low = window.low if window.forward else max(piece.time_max + 1, window.low)
            high = min(piece.time_min, window.high) if window.forward else window.high
            if rows >= window.limit and _distinct(taken, low, high) >= window.limit:
                return _between(_joined(taken), low, high)
            step = 1 + max(0, window.limit - rows) * len(taken) // max(rows, 1)
            step = min(step, len(taken))  # pieces differ: what was found so far says little of many more
    return _joined(taken)


def _joined(taken: list[_Taken]) -> Batch:
    """All samples in time order; of those at the same time the one of the highest order."""
    pieces = [(order, by_time(batch)) for order, batch in taken if len(batch)]
    return join_tag([_merged(those) for those in _overlapping(pieces)])


def _overlapping(pieces: list[_Taken]) -> list[list[_Taken]]:
    """Pieces in time order, those that overlap together: the others need no sorting."""
    found: list[list[_Taken]] = []
    reached = 0
    for order, batch in sorted(pieces, key=lambda piece: int(piece[1].time[0])):
        if found and batch.time[0] <= reached:
            found[-1].append((order, batch))
            reached = max(reached, int(batch.time[-1]))
        else:
            found.append([(order, batch)])
            reached = int(batch.time[-1])
    return found


def _merged(pieces: list[_Taken]) -> Batch:
    if len(pieces) == 1:
        return pieces[0][1]
    return by_time(join_tag([batch for _, batch in sorted(pieces, key=lambda piece: piece[0])]))


def _distinct(taken: list[_Taken], low: int, high: int) -> int:
    """How many different times lie in [low, high)."""
    times = np.concatenate([b.time for _, b in taken])
    times = np.sort(times[(times >= low) & (times < high)], kind="stable")  # quick on pieces that follow each other
    return len(times) and 1 + int(np.count_nonzero(times[1:] != times[:-1]))


def _between(batch: Batch, low: int, high: int) -> Batch:
    keep = (batch.time >= low) & (batch.time < high)
    return batch if keep.all() else batch.take(keep)
