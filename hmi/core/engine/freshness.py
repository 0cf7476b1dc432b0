"""Freshness: which tags have not been heard of for too long, and when exactly that happened.

A sample or a sign of life (`Alive`) moves a tag's deadline; a tag whose deadline passes becomes Bad_NoCommunication
with its last value and only a sample makes it usable again. A tag that is Bad already keeps its reason. The tags of a
lost connection become stale together, however slowly some of them are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from hmi.core.actions import Alive, Lost
from hmi.core.batch import Int64
from hmi.core.engine.columns import GRACE, MIN_TIMEOUT, NEVER, Columns
from hmi.core.engine.rows import Index, Rows, Texts, no_rows, stale_rows
from hmi.core.instants import Instants
from hmi.core.quality import BoolArray, Status, is_bad

_HEAD: Final = 0
_SAMPLE: Final = 1
_ALIVE: Final = 2


class Touches(NamedTuple):
    """Signs of life of connected tags, in order of arrival."""

    tag: Index
    at: Int64
    bad: BoolArray
    """Samples that are Bad: nothing that could become stale."""

    def of(self, which: BoolArray) -> Touches:
        """Some of them."""
        if which.all():
            return self
        return Touches(self.tag[which], self.at[which], self.bad[which])


class Freshness:
    """Deadlines of all connected tags."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.deadline = NEVER

    def start(self, now: Instants) -> None:
        """Give all sources that have not delivered yet their time to do so."""
        columns = self._columns
        waiting = columns.connected & (columns.status == Status.BAD_WAITING_FOR_INITIAL_DATA)
        waiting &= columns.stale_at == NEVER
        columns.stale_at[waiting] = now.mono + GRACE
        self.look_ahead()

    def advance(self, rows: Rows, alive: Sequence[Alive], lost: Sequence[Lost], clock: int, now: Instants) -> Rows:
        """Take all signs of life and lost connections of a scan; the rows of the tags that became stale meanwhile."""
        signs = self._signs(alive, clock, now)
        touched = Touches(rows.tag, rows.at, is_bad(rows.status)).of(self._columns.connected[rows.tag])
        stale = no_rows(rows.texts)
        oldest = int(touched.at[0]) if len(touched.tag) else now.mono
        if self.deadline <= now.mono or now.mono - oldest >= MIN_TIMEOUT:
            stale = self._overdue(rows.texts, touched, signs, now)
            self._columns.sampled[touched.tag] = True
        else:
            self._quick(touched, signs)
        for loss in lost:
            self._lose(loss, touched, signs)
        if len(touched.tag) or len(signs.tag) or len(stale) or lost:
            self.look_ahead()
        return stale

    def _lose(self, loss: Lost, touched: Touches, signs: Touches) -> None:
        """Gives the tags of a lost connection one deadline: a slow tag must not look live beside its dead neighbours.

        Tags that were heard of after the loss, in the same scan, belong to the connection that came back.
        """
        columns = self._columns
        ids = loss.tags[(loss.tags >= 0) & (loss.tags < columns.size)].astype(np.intp)
        ids = ids[columns.connected[ids] & columns.sampled[ids] & (columns.stale_at[ids] != NEVER)]
        later = np.concatenate((touched.tag[touched.at > loss.mono], signs.tag[signs.at > loss.mono]))
        ids = ids[~np.isin(ids, later)]
        if len(ids):
            columns.stale_at[ids] = min(int(columns.stale_at[ids].min()), loss.mono + MIN_TIMEOUT)

    def look_ahead(self) -> None:
        """Find the next deadline."""
        self.deadline = int(self._columns.stale_at.min()) if self._columns.size else NEVER

    def _signs(self, alive: Sequence[Alive], clock: int, now: Instants) -> Touches:
        if not alive:
            return Touches(np.empty(0, np.intp), np.empty(0, np.int64), np.empty(0, np.bool_))
        tags = np.concatenate([a.tags for a in alive]).astype(np.intp)
        at = np.concatenate([np.full(len(a.tags), min(max(a.mono, clock), now.mono), np.int64) for a in alive])
        known = np.flatnonzero((tags >= 0) & (tags < self._columns.size))
        known = known[self._columns.connected[tags[known]]]
        return Touches(tags[known], at[known], np.zeros(len(known), np.bool_))

    def _quick(self, touched: Touches, alive: Touches) -> None:
        """The usual scan: no deadline passed, so every sign of life only moves one."""
        columns = self._columns
        deadline = touched.at + columns.timeout[touched.tag]
        if touched.bad.any():
            deadline[touched.bad] = NEVER
        columns.stale_at[touched.tag] = deadline
        columns.sampled[touched.tag] = True
        fresh = alive.of((columns.stale_at[alive.tag] != NEVER) & columns.sampled[alive.tag])
        np.maximum.at(columns.stale_at, fresh.tag, fresh.at + columns.timeout[fresh.tag])

    def _overdue(self, texts: Texts, touched: Touches, alive: Touches, now: Instants) -> Rows:
        """The careful way for tags whose deadline passed before or between their signs of life."""
        columns = self._columns
        candidate = columns.stale_at <= now.mono
        candidate[touched.tag[touched.at + columns.timeout[touched.tag] <= now.mono]] = True
        ids = np.flatnonzero(candidate)
        sampled_before = columns.sampled[ids]
        self._quick(touched.of(~candidate[touched.tag]), alive.of(~candidate[alive.tag]))
        if not len(ids):
            return no_rows(texts)
        history = _History.of(columns, ids, touched.of(candidate[touched.tag]), alive.of(candidate[alive.tag]))
        fired = history.fired(columns, ids, sampled_before, now)
        tag, at = ids[history.group[fired]], history.deadline[fired]
        return stale_rows(texts, tag, at, Status.BAD_NO_COMMUNICATION, now)


@dataclass(slots=True)
class _History:
    """What happened to some tags in this scan, tag by tag in order, after a head row with what was before."""

    group: Index
    at: Int64
    kind: Index
    bad: BoolArray
    deadline: Int64
    """When each row's tag becomes stale unless something follows; NEVER where nothing can."""

    @classmethod
    def of(cls, columns: Columns, ids: Index, touched: Touches, alive: Touches) -> _History:
        columns.scratch[ids] = np.arange(len(ids))
        group = np.concatenate((np.arange(len(ids)), columns.scratch[touched.tag], columns.scratch[alive.tag]))
        at = np.concatenate((np.full(len(ids), np.iinfo(np.int64).min), touched.at, alive.at))
        kind = np.repeat([_HEAD, _SAMPLE, _ALIVE], [len(ids), len(touched.tag), len(alive.tag)])
        bad = np.concatenate((columns.stale_at[ids] == NEVER, touched.bad, alive.bad))
        order = np.lexsort((at, group))
        return cls(group[order], at[order], kind[order], bad[order], at)

    def fired(self, columns: Columns, ids: Index, sampled: BoolArray, now: Instants) -> BoolArray:
        """The rows after which the tag became stale; leaves the tags' new deadlines in the columns."""
        n = len(self.group)
        last = np.append(self.group[1:] != self.group[:-1], True)
        setter = np.maximum.accumulate(np.where(self.kind != _ALIVE, np.arange(n), 0))
        tag = ids[self.group]
        waiting = (self.kind[setter] == _HEAD) & ~sampled[self.group]
        before = waiting | (self.kind == _HEAD)
        moving = self.at + np.where(before, 0, columns.timeout[tag])
        self.deadline = np.where(self.bad[setter], NEVER, np.where(before, columns.stale_at[tag], moving))
        gap = self.deadline < np.where(last, now.mono + 1, np.append(self.at[1:], 0))
        gaps_before: Int64 = np.cumsum(gap) - gap
        armed: BoolArray = gaps_before == gaps_before[setter]
        columns.stale_at[ids] = np.where(armed & ~gap, self.deadline, NEVER)[last]
        fired: BoolArray = armed & gap
        return fired
