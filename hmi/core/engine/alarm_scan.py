"""Alarm evaluation of one scan, over all rows at once, with the result of doing it row by row.

A first look compares every row with the values between which nothing changes; only tags that leave them, change their
quality or have a delay running out are followed row by row - as runs of equal condition, still in columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hmi.core.batch import Float64, Int64
from hmi.core.engine.alarm_table import FALSE, TRUE, UNKNOWN, AlarmTable
from hmi.core.engine.columns import NEVER
from hmi.core.engine.rows import Index, Rows, Small, Turn
from hmi.core.instants import Instants
from hmi.core.quality import BoolArray, is_bad

HEAD = -1
"""Row number of what was before the scan."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Alarms whose activity changed, in the order in which it happened."""

    alarm: Index
    active: Small
    at: Int64
    row: Index
    """The row that was current then, HEAD for the value before the scan."""
    by_row: BoolArray
    """Whether that row caused it, rather than a delay."""
    at_start: BoolArray
    """Whether the condition changed while the station was down."""


def scan(table: AlarmTable, rows: Rows, now: Instants, among: BoolArray | None = None) -> Changes | None:
    """Evaluate all alarms for the rows and up to now; None = nothing changed.

    `among`: by tag id, let time pass for the alarms of these alone, and look at every row of theirs.
    """
    bad = is_bad(rows.status)
    hot = _hot_tags(table, rows, bad, now) if among is None else np.flatnonzero(among & table.has_alarm)
    first_usable = _first_usable(table, rows, bad)
    if not len(hot):
        return None
    selected = np.zeros(len(table.count), np.bool_)
    selected[hot] = True
    followed = np.flatnonzero(selected[rows.tag])
    at_start = np.zeros(len(rows), np.bool_)
    at_start[first_usable] = True
    track = _Track.of(table, rows, bad, hot, followed)
    changes = track.follow(table, rows, at_start, now)
    table.health[rows.tag[followed]] = bad[followed]
    table.frame(hot)
    return changes


def _hot_tags(table: AlarmTable, rows: Rows, bad: BoolArray, now: Instants) -> Index:
    tag = rows.tag
    hit = (rows.value > table.up[tag]) | (rows.value < table.down[tag])
    turned = bad != table.health[tag]
    if turned.any():
        hit |= turned & table.has_alarm[tag]
    due = table.pending <= now.mono
    return np.unique(np.concatenate((tag[hit], table.tag[due]))) if hit.any() or due.any() else tag[:0]


def _first_usable(table: AlarmTable, rows: Rows, bad: BoolArray) -> Index:
    """Rows that are the first usable ones of their tag after a restart."""
    if not table.found_at_start.any():
        return rows.tag[:0]
    candidates = np.flatnonzero(table.found_at_start[rows.tag] & ~bad)
    tags, where = np.unique(rows.tag[candidates], return_index=True)
    table.found_at_start[tags] = False
    first: Index = candidates[where]
    return first


@dataclass(slots=True)
class _Track:
    """What happened to each followed alarm, alarm by alarm: a head with what was before, then its tag's rows."""

    alarm: Index
    row: Index
    head: BoolArray
    last: BoolArray
    latch: Small
    condition: Small

    @classmethod
    def of(cls, table: AlarmTable, rows: Rows, bad: BoolArray, hot: Index, followed: Index) -> _Track:
        _, heads = table.of_tags(hot)
        position, numbers = table.of_tags(rows.tag[followed])
        alarm = np.concatenate((heads, numbers))
        row = np.concatenate((np.full(len(heads), HEAD), followed[position]))
        packed = np.sort((alarm.astype(np.int64) << 32) | (row + 1))
        alarm, row = (packed >> 32).astype(np.intp), (packed & 0xFFFFFFFF).astype(np.intp) - 1
        head = row == HEAD
        last = np.append(head[1:], True)
        latch = _latches(table, alarm, head, np.append(rows.value, np.nan)[row], np.append(bad, True)[row])
        ill = ~head & np.append(bad, False)[row]
        condition = np.where(ill, np.where(table.active_on_bad[alarm], TRUE, UNKNOWN), latch)
        condition = np.where(head, table.condition[alarm], condition).astype(np.int8)
        return cls(alarm, row, head, last, latch, condition)

    def follow(self, table: AlarmTable, rows: Rows, at_start: BoolArray, now: Instants) -> Changes | None:
        """Runs of equal condition, which of them lasted long enough, and what that changes."""
        begins = np.flatnonzero(self.head | np.append(True, self.condition[1:] != self.condition[:-1]))
        alarm, condition, row = self.alarm[begins], self.condition[begins], self.row[begins]
        head = self.head[begins]
        at, moment = np.append(rows.at, 0)[row], np.append(_moments(rows), 0)[row]
        delay = table.delay[(condition == TRUE).astype(np.intp), alarm]
        known = condition != UNKNOWN
        deadline = np.where(head, table.pending[alarm], np.where(known, at + delay, NEVER))
        open_ = np.append(head[1:], True)
        end = np.where(open_, 2 * now.mono + 1, np.append(moment[1:], 0))
        at_once = ~head & known & (delay == 0)
        effective = at_once | (2 * np.minimum(deadline, now.mono + 1) < end)
        found = np.where(head, table.pending_at_start[alarm], np.append(at_start, False)[row])
        changed, active = _alternations(table, alarm, condition, effective)
        self._keep(table, open_, active, deadline, effective, condition, found)
        if not len(changed):
            return None
        by_row = at_once[changed]
        current = row[changed]
        current[~by_row] = self._current_rows(rows, begins, deadline, changed[~by_row])
        turn = np.where(by_row, np.append(rows.turn, 0)[row[changed]], Turn.DELAY)
        order = np.lexsort((alarm[changed], np.where(by_row, current, 0), turn, deadline[changed]))
        return Changes(
            alarm[changed][order],
            condition[changed][order],
            deadline[changed][order],
            current[order],
            by_row[order],
            found[changed][order],
        )

    def _keep(
        self,
        table: AlarmTable,
        open_: BoolArray,
        active: Small,
        deadline: Int64,
        effective: BoolArray,
        condition: Small,
        found: BoolArray,
    ) -> None:
        """Leave the state after the last row in the table."""
        numbers = self.alarm[self.last]
        table.latch[numbers] = self.latch[self.last]
        table.condition[numbers] = self.condition[self.last]
        table.active[numbers] = active[open_]
        waits = (condition != UNKNOWN) & (condition != active) & ~effective
        table.pending[numbers] = np.where(waits, deadline, NEVER)[open_]
        table.pending_at_start[numbers] = (waits & found)[open_]

    def _current_rows(self, rows: Rows, begins: Index, deadline: Int64, changed: Index) -> Index:
        """The last row applied before each delay ran out: the value an operator then saw."""
        ends = np.append(begins[1:], len(self.row))
        current = np.empty(len(changed), np.intp)
        moments = np.append(_moments(rows), np.iinfo(np.int64).min)
        for number, run in enumerate(changed.tolist()):
            inside = self.row[int(begins[run]) : int(ends[run])]
            before = int(np.searchsorted(moments[inside], 2 * deadline[run], side="right"))
            current[number] = inside[before - 1]
        return current


def _moments(rows: Rows) -> Int64:
    """When each row counts, in half nanoseconds: samples at their instant, staleness and timers after the delays."""
    return rows.at * 2 + (rows.turn > Turn.DELAY)


def _latches(table: AlarmTable, alarm: Index, head: BoolArray, value: Float64, bad: BoolArray) -> Small:
    """Limit with deadband after each row: set, cleared, or as it was; Bad and NaN leave it."""
    with np.errstate(invalid="ignore"):
        sets = (value > table.set_above[alarm]) | (value < table.set_below[alarm])
        clears = (value < table.clear_below[alarm]) | (value > table.clear_above[alarm])
    usable = ~head & ~bad
    sets &= usable
    clears &= usable & ~sets
    start = table.latch[alarm]
    level = np.where(sets, TRUE, np.where(clears, FALSE, start)).astype(np.int8)
    decided = np.maximum.accumulate(np.where(sets | clears | head, np.arange(len(alarm)), 0))
    latch: Small = level[decided]
    return latch


def _alternations(table: AlarmTable, alarm: Index, condition: Small, effective: BoolArray) -> tuple[Index, Small]:
    """The runs that change an alarm's activity, and the activity after each run."""
    n = len(alarm)
    first = np.append(True, alarm[1:] != alarm[:-1])
    decided = np.maximum.accumulate(np.where(effective | first, np.arange(n), 0))
    active = np.where(effective, condition, table.active[alarm]).astype(np.int8)[decided]
    before = np.where(first, table.active[alarm], np.append(active[:1], active[:-1]))
    return np.flatnonzero(effective & (active != before)), active
