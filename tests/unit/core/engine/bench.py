"""A station on the test bench: an engine, two clocks in seconds, and short ways to feed it."""

from __future__ import annotations

from collections.abc import Sequence

from hmi.core.actions import Acknowledge, Action
from hmi.core.alarm_state import AlarmState
from hmi.core.batch import EMPTY, Batch, batch_of
from hmi.core.effects import Effects
from hmi.core.engine import AlarmView, Engine, TagEntry
from hmi.core.instants import SECOND, Instants, seconds
from tests.unit.core.engine.plants import UTC


class Bench:
    """Times are seconds after the start of the test."""

    def __init__(self, *entries: TagEntry) -> None:
        self.entries = entries
        self.engine = Engine.build(entries, 1)
        self.step_of_clock = 0.0

    def at(self, second: float) -> Instants:
        return Instants(seconds(second) + SECOND, UTC + seconds(second + self.step_of_clock))

    def sample(self, second: float, value: float | str, status: int = 0, tag: int = 1) -> Effects:
        return self.run(second, self.batch([(second, tag, value, status)]))

    def batch(self, rows: Sequence[tuple[float, int, float | str, int]]) -> Batch:
        """Rows of (second received, tag, value, status)."""
        instants = [self.at(row[0]) for row in rows]
        return batch_of(
            [row[1] for row in rows],
            [one.utc for one in instants],
            [one.mono for one in instants],
            [row[2] for row in rows],
            [row[3] for row in rows],
        )

    def run(self, second: float, batch: Batch = EMPTY, *actions: Action) -> Effects:
        return self.engine.step(self.at(second), batch, actions)

    def state(self, alarm: str = "u1/H") -> AlarmState:
        view = self.view(alarm)
        return view.state if view is not None else AlarmState.NORMAL

    def view(self, alarm: str = "u1/H") -> AlarmView | None:
        return next((view for view in self.engine.alarms() if view.alarm == alarm), None)

    def acknowledge(self, second: float, alarm: str = "u1/H", event: int | None = None, user: str = "ann") -> Effects:
        view = self.view(alarm)
        named = event if event is not None else view.event if view is not None else 0
        return self.run(second, EMPTY, Acknowledge(alarm, named, user, "seen"))
