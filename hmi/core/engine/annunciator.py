"""Annunciator: the operator's side of the alarms - states, event numbers, acknowledgements.

Every move goes through `alarm_state.TRANSITIONS` and takes the next event number; nothing else changes a state.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hmi.core.actions import Acknowledge
from hmi.core.alarm_state import TRANSITIONS, AlarmEvent, needs_acknowledgement
from hmi.core.effects import Refusal, Transition
from hmi.core.engine.alarm_scan import HEAD, Changes
from hmi.core.engine.alarm_table import STATES, AlarmTable
from hmi.core.engine.columns import Columns
from hmi.core.engine.rows import Rows
from hmi.core.engine.views import AlarmView
from hmi.core.instants import Instants


class Annunciator:
    """Moves alarms between the states an operator sees."""

    def __init__(self, columns: Columns, table: AlarmTable, next_event: int) -> None:
        self._columns = columns
        self._table = table
        self.next_event = next_event

    def announce(self, changes: Changes | None, rows: Rows, now: Instants) -> list[Transition]:
        """One transition for each change of activity, in order; `rows` are the reported rows of the scan."""
        if changes is None:
            return []
        transitions = []
        for alarm, active, at, row, by_row, at_start in zip(
            changes.alarm.tolist(),
            changes.active.tolist(),
            changes.at.tolist(),
            changes.row.tolist(),
            changes.by_row.tolist(),
            changes.at_start.tolist(),
            strict=True,
        ):
            time = int(rows.time[row]) if by_row else now.utc - (now.mono - at)
            value, status = self._seen(alarm, row, rows)
            what = AlarmEvent.ACTIVATE if active else AlarmEvent.RETURN
            transitions.append(self._move(alarm, what, time, at, value, status, at_start=at_start))
        return transitions

    def acknowledge(self, action: Acknowledge, now: Instants) -> Transition | Refusal:
        """Carry out or refuse one acknowledgement, as of now."""
        number = self._table.numbers.get(action.alarm)
        why = self._objection(action, number)
        if number is None or why:
            return Refusal(action, why)
        tag = self._table.tags[number]
        value, status = float(self._columns.value[tag]), int(self._columns.status[tag])
        return self._move(
            number, AlarmEvent.ACKNOWLEDGE, now.utc, now.mono, value, status, user=action.user, comment=action.comment
        )

    def remove(self, numbers: Sequence[int], now: Instants) -> list[Transition]:
        """Close announced alarms that the configuration has no more, before they leave the table."""
        transitions = []
        for number in numbers:
            value, status = self._seen(number, HEAD, None)
            transitions.append(self._move(number, AlarmEvent.REMOVE, now.utc, now.mono, value, status))
        return transitions

    def views(self, *, announced: bool) -> list[AlarmView]:
        """Every alarm that is not normal or cannot be evaluated, in order of tag; `announced`: only the former."""
        blind = self._table.blind()
        shown = self._table.state != 0 if announced else (self._table.state != 0) | blind
        return [self._view(number, not blind[number]) for number in np.flatnonzero(shown).tolist()]

    def view(self, name: str) -> AlarmView | None:
        """One alarm in whatever state; None when the project has none of this name."""
        number = self._table.numbers.get(name)
        if number is None:
            return None
        return self._view(number, not self._table.blind(np.array([number]))[0])

    def _view(self, number: int, can_evaluate: bool) -> AlarmView:
        table = self._table
        tag = table.tags[number]
        return AlarmView(
            table.names[number],
            f"{self._columns.tags[tag].path}/{table.alarms[number].id}",
            tag,
            table.alarms[number],
            STATES[table.state[number]],
            int(table.annunciation[number]),
            int(table.last_event[number]),
            int(table.since[number]),
            int(table.changed[number]),
            float(table.changed_value[number]),
            int(table.changed_status[number]),
            table.limits[number],
            bool(can_evaluate),
        )

    def _objection(self, action: Acknowledge, number: int | None) -> str:
        """Why an acknowledgement is refused; empty when it is not."""
        if number is None:
            return f"There is no alarm {action.alarm}; the list may be older than the running project."
        name = f"{self._columns.tags[self._table.tags[number]].path}/{self._table.alarms[number].id}"
        if not action.user.strip():
            return f"{name} was not acknowledged: sign in first, an acknowledgement needs a name."
        if not needs_acknowledgement(STATES[self._table.state[number]]):
            return f"{name} has nothing to acknowledge."
        if action.event != self._table.annunciation[number]:
            return f"{name} was announced again meanwhile: look at it once more, then acknowledge."
        return ""

    def _seen(self, alarm: int, row: int, rows: Rows | None) -> tuple[float, int]:
        """Value and status that were current, before the rows became the live state."""
        if rows is not None and row != HEAD:
            return float(rows.value[row]), int(rows.status[row])
        tag = self._table.tags[alarm]
        return float(self._columns.value[tag]), int(self._columns.status[tag])

    def _move(
        self,
        number: int,
        what: AlarmEvent,
        time: int,
        at: int,
        value: float,
        status: int,
        *,
        user: str = "",
        comment: str = "",
        at_start: bool = False,
    ) -> Transition:
        table = self._table
        before = STATES[table.state[number]]
        after = TRANSITIONS[before, what]
        event = self.next_event
        self.next_event += 1
        table.state[number] = STATES.index(after)
        table.last_event[number] = event
        table.changed[number] = time
        table.changed_value[number], table.changed_status[number] = value, status
        if what is AlarmEvent.ACTIVATE:
            table.annunciation[number], table.since[number] = event, time
        alarm = table.alarms[number]
        return Transition(
            event,
            table.names[number],
            table.tags[number],
            what,
            before,
            after,
            time,
            at,
            value,
            status,
            table.limits[number],
            alarm.priority,
            user,
            comment,
            at_start,
        )
