"""What a read looks for, and the places in which it may be: in memory, in the journal, in the data files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hmi.core.batch import EMPTY, Batch
from hmi.historian.api import StoreError
from hmi.historian.codec import CodecError, decode_tag
from hmi.historian.damage import marks
from hmi.historian.datafile import Stored


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


class NewDamageError(StoreError):
    """A block was found damaged after those were listed: list them again, or the read would miss it."""


def hole(window: Window, start: int, end: int) -> list[Piece]:
    """What is lost from `start` to `end` (ns UTC) as far as the window shows it: nothing or one piece."""
    start, end = max(start, window.low), min(end, window.high - 1)
    if start > end:
        return []
    return [Piece(start, end, (-1, 0, 0, 0), lambda: marks(window.tag, start, end))]


def stored_piece(applied: int, tag: int, kind: int, stored: Stored, data: bytes) -> Piece:
    """What lies in a file that has the journal up to the append number `applied`: newer than a journal's row up to
    there, which a backup may have kept, and older than one behind it."""

    def load() -> Batch:
        try:
            return decode_tag(data, tag)
        except CodecError:
            return marks(tag, stored.time_min, stored.time_max) if stored.rows else EMPTY

    return Piece(stored.time_min, stored.time_max, (applied, 1, kind, stored.id), load)
