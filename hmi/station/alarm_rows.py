"""Alarms as clients show them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from hmi.core.alarm import Alarm
from hmi.core.alarm_state import AlarmState
from hmi.core.effects import Transition
from hmi.core.engine import AlarmView, Engine
from hmi.core.tag import Tag
from hmi.link.messages import AlarmRow
from hmi.station.tag_table import TagTable


class AlarmRows:
    """Makes the rows of alarm lists from the engine's alarms."""

    def __init__(self, engine: Engine, table: TagTable, displays: Mapping[str, str]) -> None:
        """`displays` names the display on which each tag path is shown; it may change."""
        self._engine = engine
        self._table = table
        self._displays = displays
        self._definitions: dict[str, Alarm] = {}
        self._names: dict[str, str] = {}
        self.put(table.tags.values())
        self._raised: dict[str, tuple[int, int]] = {}
        """Event number and source time of each alarm's last annunciation, for its later rows."""

    def put(self, tags: Iterable[Tag]) -> None:
        """Takes the alarms of new and changed tags; those that such a tag has no more stay until `drop`."""
        for tag in tags:
            for alarm in tag.alarms:
                self._definitions[f"{tag.uid}/{alarm.id}"] = alarm
                self._names[f"{tag.uid}/{alarm.id}"] = f"{tag.path}/{alarm.id}"

    def drop(self, alarms: Iterable[str]) -> None:
        """Forgets alarms that are no more, after their last transition was told."""
        for alarm in alarms:
            self._definitions.pop(alarm, None)
            self._names.pop(alarm, None)
            self._raised.pop(alarm, None)

    def name(self, alarm: str) -> str:
        """`tag path/alarm id`, for people."""
        return self._names.get(alarm, alarm)

    def definition(self, alarm: str) -> Alarm | None:
        """The alarm as configured; None when the project no longer has it."""
        return self._definitions.get(alarm)

    def snapshot(self) -> tuple[list[AlarmRow], int]:
        """Every alarm that is not normal, and how many cannot be evaluated."""
        return [self._from_view(v) for v in self._engine.alarms(announced=True)], self.not_evaluated()

    def standing(self, tags: Collection[int]) -> list[AlarmRow]:
        """The alarms of some tags that are not normal: their names and texts may be others."""
        return [self._from_view(v) for v in self._engine.alarms(announced=True) if v.tag in tags]

    def counts(self) -> dict[str, int]:
        """Alarms by state, and those that cannot be evaluated."""
        states = {state.value: n for state, n in self._engine.alarm_counts().items() if state is not AlarmState.NORMAL}
        return {**states, "not_evaluated": self.not_evaluated()}

    def not_evaluated(self) -> int:
        """How many alarms nobody watches because their tag is Bad."""
        return self._engine.not_evaluated

    def moved(self, transitions: tuple[Transition, ...]) -> list[AlarmRow]:
        """One row a transition, in order: none is left out."""
        rows: list[AlarmRow] = []
        for t in transitions:
            view = self._engine.alarm(t.alarm)
            if t.after is AlarmState.UNACKNOWLEDGED:
                self._raised[t.alarm] = (t.event, t.time)
            elif t.alarm not in self._raised and view is not None:
                self._raised[t.alarm] = (view.event, view.since)
            event, raised = self._raised.get(t.alarm, (t.event, t.time))
            rows.append(self._row(t.alarm, t.tag, event, t.after, t.value, t.status, t.limit, raised, t.time, t))
        return rows

    def _from_view(self, view: AlarmView) -> AlarmRow:
        return self._row(
            view.alarm, view.tag, view.event, view.state, view.value, view.status, view.limit, view.since, view.changed
        )

    def _row(
        self,
        alarm: str,
        tag_id: int,
        event: int,
        state: AlarmState,
        value: float,
        status: int,
        limit: float,
        raised: int,
        changed: int,
        transition: Transition | None = None,
    ) -> AlarmRow:
        tag = self._table.tags[tag_id]
        definition = self._definitions[alarm]
        return AlarmRow(
            alarm=alarm,
            event=event,
            state=state.value,
            priority=int(definition.priority),
            tag=tag_id,
            path=tag.path,
            id=definition.id,
            message=definition.message or definition.kind.value,
            unit=tag.unit,
            value=value,
            status=status,
            limit=limit,
            raised=raised,
            changed=changed,
            user=transition.user if transition is not None else "",
            comment=transition.comment if transition is not None else "",
            display=definition.display or self._displays.get(tag.path, ""),
            response=definition.response,
        )
