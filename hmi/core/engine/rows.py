"""Rows: samples on their way through one scan, in the order in which they are applied.

A Batch is what travels between programs; Rows carry beside it when a sample takes effect and why it exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Batch, Float64, Int64, UInt32
from hmi.core.instants import Instants
from hmi.core.quality import BoolArray, Status

Index = NDArray[np.intp]
Small = NDArray[np.int8]


class Why(IntEnum):
    """Why a row exists."""

    SAMPLE = 0
    ENTERED = 1
    """A person or the station set it, or its moment: reported and stored even if unchanged."""
    RETAINED = 2
    """Value known before the first scan: shown and evaluated."""
    STALE = 3
    """Nothing was heard of the tag for too long."""
    DERIVED = 4
    UNTOLD = 5
    """A sample that is no news to live values: nobody but history may look at it."""


class Turn(IntEnum):
    """What comes first among things of the same instant."""

    SAMPLE = 0
    DELAY = 1
    """Alarm delays: a source that falls silent just as a delay ends must not swallow the alarm."""
    DEADLINE = 2
    """Staleness and timers, and what follows from them."""


@dataclass(slots=True)
class Texts:
    """The strings of one scan; a text row's value is an index into them."""

    items: list[str] = field(default_factory=list)
    _codes: dict[str, int] = field(default_factory=dict)

    def code(self, text: str) -> int:
        """The index of a text; equal texts share one."""
        at = self._codes.setdefault(text, len(self.items))
        if at == len(self.items):
            self.items.append(text)
        return at


@dataclass(slots=True)
class Rows:
    """Columns of equal length, ordered by (`at`, `turn`, arrival)."""

    tag: Index
    at: Int64
    """Monotonic ns at which the row takes effect: its receive time, within this scan."""
    turn: Small
    why: Small
    time: Int64
    received: Int64
    value: Float64
    status: UInt32
    texts: Texts

    def __len__(self) -> int:
        return len(self.tag)

    def take(self, rows: Index | BoolArray) -> Rows:
        """The given rows; texts are shared."""
        columns = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "texts"}
        return Rows(**columns, texts=self.texts)

    def in_order(self) -> Rows:
        """Sorted by (`at`, `turn`), rows of equal rank stay as they are."""
        if len(self) < 2 or not _disordered(self.at, self.turn):
            return self
        return self.take(np.lexsort((self.turn, self.at)))

    def batch(self, is_text: BoolArray, *, backfill: bool = False) -> Batch:
        """The rows as the rest of the system sees them."""
        text_rows = np.flatnonzero(is_text[self.tag]) if self.texts.items else np.empty(0, np.intp)
        value: Float64 = self.value
        text: tuple[str, ...] = ()
        if len(text_rows):
            value, text = self._own_texts(text_rows)
        return Batch(
            self.tag.astype(np.int32),
            self.time,
            self.received,
            value,
            self.status,
            text,
            text_rows.astype(np.int32),
            backfill,
        )

    def _own_texts(self, text_rows: Index) -> tuple[Float64, tuple[str, ...]]:
        """Values and texts without the texts that no row of these has."""
        used, index = np.unique(self.value[text_rows].astype(np.intp), return_inverse=True)
        value = self.value.copy()
        value[text_rows] = index
        return value, tuple(self.texts.items[code] for code in used.tolist())


@dataclass(frozen=True, slots=True)
class Untold:
    """Samples of a scan that live values did not tell, for the tags whose history may want them all the same."""

    rows: Rows
    place: Index
    """Of each row among all rows of the scan."""
    told: Index
    """Places of the rows that were told."""

    def followed(self, more: int) -> Untold:
        """With more told rows after the others."""
        last = int(self.told[-1]) if len(self.told) else -1
        after = np.arange(more) + max(last, int(self.place[-1])) + 1
        return Untold(self.rows, self.place, np.concatenate((self.told, after)))

    def merged(self, rows: Rows, which: Index) -> Rows:
        """Some of the told rows, among which derived ones came, and these; those of a tag in their order."""
        place = np.arange(len(rows))
        place[rows.why != Why.DERIVED] = self.told
        order = np.argsort(np.concatenate((place[which], self.place)), kind="stable")
        return joined([rows.take(which), self.rows]).take(order)


def _disordered(at: Int64, turn: Small) -> bool:
    step = at[1:] - at[:-1]
    return bool((step < 0).any()) or (bool(turn.any()) and bool(((step == 0) & (turn[1:] < turn[:-1])).any()))


def rows_of(
    texts: Texts,
    tag: Index,
    at: Int64,
    time: Int64,
    received: Int64,
    value: Float64,
    status: UInt32,
    why: Why = Why.SAMPLE,
    turn: Turn = Turn.SAMPLE,
) -> Rows:
    """Rows that all have the same cause."""
    n = len(tag)
    return Rows(tag, at, np.full(n, turn, np.int8), np.full(n, why, np.int8), time, received, value, status, texts)


def stale_rows(texts: Texts, tag: Index, at: Int64, status: Status, now: Instants) -> Rows:
    """What becomes known at monotonic instants because nothing was heard: live values hold the last one."""
    n, time = len(tag), now.utc - (now.mono - at)
    codes = np.full(n, status, np.uint32)
    return rows_of(texts, tag, at, time, at, np.full(n, np.nan), codes, Why.STALE, Turn.DEADLINE)


def no_rows(texts: Texts) -> Rows:
    """Nothing happened."""
    none = np.empty(0, np.int64)
    return rows_of(texts, np.empty(0, np.intp), none, none, none, np.empty(0), np.empty(0, np.uint32))


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows of parts that share their texts, one part after the other."""
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else parts[0]
    columns = {
        f.name: np.concatenate([getattr(part, f.name) for part in filled]) for f in fields(Rows) if f.name != "texts"
    }
    return Rows(**columns, texts=filled[0].texts)
