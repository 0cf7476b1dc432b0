"""What an edit of the running project does to the alarms: a state stays where the alarm does."""

from __future__ import annotations

from typing import Final

import numpy as np

from hmi.core.engine.alarm_table import FALSE, UNKNOWN, UNSEEN, AlarmTable
from hmi.core.engine.columns import NEVER
from hmi.core.engine.reshaping import Splice, overlay
from hmi.core.engine.rows import Index
from hmi.core.instants import Instants
from hmi.core.quality import BoolArray

_CONFIGURATION: Final = ("tag", "set_above", "set_below", "clear_above", "clear_below", "delay", "active_on_bad")
_STATE: Final = (
    *("latch", "condition", "active", "pending", "pending_at_start", "state"),
    *("annunciation", "last_event", "since", "changed", "changed_value", "changed_status"),
)
_PER_TAG: Final = ("first", "count", "health", "found_at_start", "has_alarm", "up", "down")


class AlarmEdit:
    """The alarms of the edited tags in place of those that these had."""

    def __init__(self, table: AlarmTable, fresh: AlarmTable, touched: BoolArray) -> None:
        """`fresh`: alarms of the edited tags alone; `touched`: which tags are edited or gone, by id."""
        self._table, self._fresh = table, fresh
        self._touched = touched
        self._configured = Splice.of(table.tag, fresh.tag, touched)
        self._before: Index = np.array([table.numbers.get(name, -1) for name in fresh.names], np.intp)
        """Old number of each fresh alarm; -1 for a new one."""
        self._old = [table.alarms[number] for number in self._before.tolist() if number >= 0]

    def removed(self) -> list[int]:
        """Old numbers of the announced alarms that are no more."""
        goes = self._touched[self._table.tag]
        goes[self._before[self._before >= 0]] = False
        return np.flatnonzero(goes & (self._table.state != 0)).tolist()

    def apply(self, now: Instants) -> None:
        """Make it so; conditions are not judged yet."""
        table, fresh, splice = self._table, self._fresh, self._configured
        delay_before = table.delay[:, self._before[self._before >= 0]]
        carried = splice.instead(self._before)
        if carried.is_plain:
            self._configure_in_place()
        else:
            carried.columns(table, fresh, _STATE)
            splice.columns(table, fresh, _CONFIGURATION)
            for name in ("alarms", "names", "tags", "limits"):
                setattr(table, name, splice.spliced(getattr(table, name), getattr(fresh, name)))
        self._frame(is_plain=carried.is_plain)
        self._amend(delay_before, now)

    def _configure_in_place(self) -> None:
        table, fresh, source = self._table, self._fresh, self._configured.source
        rows = np.flatnonzero(source >= self._configured.before)
        which = source[rows] - self._configured.before
        for name in _CONFIGURATION:
            getattr(table, name)[..., rows] = getattr(fresh, name)[..., which]
        for row, number in zip(rows.tolist(), which.tolist(), strict=True):
            table.alarms[row], table.limits[row] = fresh.alarms[number], fresh.limits[number]

    def _frame(self, *, is_plain: bool) -> None:
        table, touched = self._table, self._touched
        overlay(table, self._fresh, _PER_TAG)
        if not is_plain:
            table.index(len(touched))
            table.up[touched], table.down[touched] = np.inf, -np.inf
            table.health[touched & ~table.has_alarm] = UNSEEN

    def _amend(self, delay_before: Index, now: Instants) -> None:
        """Begin a condition afresh that is another one now; let a delay that runs end as the new one says."""
        table = self._table
        kept = self._fresh_numbers()[self._before >= 0]
        for at, (number, old) in enumerate(zip(kept.tolist(), self._old, strict=True)):
            condition = int(table.condition[number])
            if table.alarms[number].kind is not old.kind:
                table.latch[number] = FALSE
                _forget(table, np.array([number]))
            elif table.pending[number] != NEVER and condition != UNKNOWN:
                moved = int(table.delay[condition, number]) - int(delay_before[condition, at])
                if moved:
                    table.pending[number] = max(int(table.pending[number]) + moved, now.mono)

    def _fresh_numbers(self) -> Index:
        """New number of each fresh alarm."""
        source, count = self._configured
        numbers = np.empty(len(self._before), np.intp)
        rows = np.flatnonzero(source >= count)
        numbers[source[rows] - count] = rows
        return numbers


def forget(table: AlarmTable, tags: Index) -> None:
    """Nothing is known any more of what the alarms of some tags watch; what they announced stays."""
    _, numbers = table.of_tags(tags)
    _forget(table, numbers)
    table.health[tags] = UNSEEN
    table.found_at_start[tags] = False


def _forget(table: AlarmTable, numbers: Index) -> None:
    table.condition[numbers] = UNKNOWN
    table.pending[numbers] = NEVER
    table.pending_at_start[numbers] = False
