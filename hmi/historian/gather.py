"""Finding one tag's samples wherever they lie: in merged rows, in flush rows, in memory.

Rows are unpacked in the direction of the read and only as far as its limit needs. No read transaction stays open: a
row that was merged between the listing and its reading is simply gone, and the listing is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from hmi.core.batch import EMPTY, Batch, join
from hmi.historian import journal
from hmi.historian.api import DamagedError
from hmi.historian.codec import CodecError, decode_tag, pruned
from hmi.historian.merge import by_time
from hmi.historian.sqlite import Connection
from hmi.historian.tail import Group

_FIRST_STEP: Final = 8
"""Pieces opened at first by a read with a limit; each further step doubles."""
_ATTEMPTS: Final = 100


class MovedError(Exception):
    """A listed row was merged before it was read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A place that may hold samples of the tag."""

    time_min: int
    time_max: int
    order: tuple[int, int, int]
    """Later written samples have the higher order."""
    load: Callable[[], Batch]
    """The tag's samples there."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked for: samples with low <= time < high (ns UTC)."""

    tag: int
    low: int
    high: int
    forward: bool = True
    limit: int = 0
    """At least that many samples from the window's beginning (its end when backwards), if there are; 0 = all."""


def gather(connection: Connection, window: Window, snapshot: Callable[[], tuple[Sequence[Group], int]]) -> Batch:
    """One tag's samples in a window, in time order, each time once.

    `snapshot` gives what is in memory and the append number from which on memory is complete.

    Raises:
        DamagedError: a row that may hold some of them does not pass its checksum.
    """
    if window.low >= window.high:
        return EMPTY
    for _ in range(_ATTEMPTS):
        try:
            return _collect(_pieces(connection, window, snapshot), window)
        except MovedError:
            continue
    raise MovedError


def _pieces(connection: Connection, window: Window, snapshot: Callable[[], tuple[Sequence[Group], int]]) -> list[Piece]:
    # Memory first, disk second: what moves from one to the other in between is seen twice, never missed.
    groups, complete_from = snapshot()
    found = [
        Piece(g.time_min, g.time_max, (g.last, 0, i), _from_memory(g, window.tag))
        for i, g in enumerate(groups)
        if g.time_max >= window.low and g.time_min < window.high
    ]
    for row in journal.directory(connection, window.tag, window.low, window.high, complete_from):
        # A stored row holds what memory held of the same number and more: it is the later one.
        order = (row.last, 1 + row.kind, row.id)
        found.append(Piece(row.time_min, row.time_max, order, _from_disk(connection, row, window.tag)))
    return found


def _from_memory(group: Group, tag: int) -> Callable[[], Batch]:
    def load() -> Batch:
        rows = np.flatnonzero(group.batch.tag == tag)
        return pruned(group.batch.take(rows)) if len(rows) else EMPTY

    return load


def _from_disk(connection: Connection, row: journal.Row, tag: int) -> Callable[[], Batch]:
    def load() -> Batch:
        data = journal.data_of(connection, row.id)
        if data is None:
            raise MovedError
        try:
            return decode_tag(data, tag)
        except CodecError as error:
            raise damage(row) from error

    return load


def damage(row: journal.Row) -> DamagedError:
    """What to tell about a damaged row."""
    start, end = (_shown(t) for t in (row.time_min, row.time_max))
    return DamagedError(
        f"The history from {start} to {end} is damaged in one place (row {row.id}, {row.rows} samples).",
        "Run `hmi history verify`; restore the file from a backup if you need these samples.",
        row.time_min,
        row.time_max,
    )


def _shown(time: int) -> str:
    try:
        return f"{datetime.fromtimestamp(time / 1e9, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{time} ns"


def _collect(pieces: list[Piece], window: Window) -> Batch:
    pieces.sort(key=lambda p: p.time_min if window.forward else -p.time_max)
    step = _FIRST_STEP if window.limit else len(pieces)
    taken: list[tuple[tuple[int, int, int], Batch]] = []
    low, high = window.low, window.high
    at = 0
    while at < len(pieces):
        taken += [(p.order, _inside(p.load(), window)) for p in pieces[at : at + step]]
        at += step
        step *= 2
        if at >= len(pieces):
            break
        # Beyond the next piece's nearer end, samples may still be missing.
        if window.forward:
            high = min(pieces[at].time_min, window.high)
        else:
            low = max(pieces[at].time_max + 1, window.low)
        if _distinct(taken, low, high) >= window.limit:
            break
        low, high = window.low, window.high
    batch = by_time(join([b for _, b in sorted(taken, key=lambda t: t[0])]))
    return _between(batch, low, high)


def _distinct(taken: list[tuple[tuple[int, int, int], Batch]], low: int, high: int) -> int:
    times = np.concatenate([b.time for _, b in taken])
    return len(np.unique(times[(times >= low) & (times < high)]))


def _inside(batch: Batch, window: Window) -> Batch:
    return _between(batch, window.low, window.high)


def _between(batch: Batch, low: int, high: int) -> Batch:
    keep = (batch.time >= low) & (batch.time < high)
    return batch if keep.all() else batch.take(keep)
