"""The alarms that stand: what the banner, the list, the tree and the symbols show, in one order for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hmi.core.alarm_state import AlarmState
from hmi.link.messages import AlarmRow, Alarms
from hmi.panel.stores.binding import Binding, Listeners

NEEDS_ACKNOWLEDGEMENT = frozenset((AlarmState.UNACKNOWLEDGED.value, AlarmState.RETURNED_UNACKNOWLEDGED.value))
"""States an operator still has to acknowledge."""


class PriorityCount(NamedTuple):
    """How many alarms of one priority stand."""

    unacknowledged: int
    total: int


def unacknowledged(row: AlarmRow) -> bool:
    """Whether an operator still has to acknowledge this alarm."""
    return row.state in NEEDS_ACKNOWLEDGEMENT


def rank(row: AlarmRow) -> tuple[bool, int, int, str]:
    """Sorts alarms: unacknowledged first, then by priority, the newest first."""
    return (not unacknowledged(row), row.priority, -row.raised, row.alarm)


def counted(rows: Iterable[AlarmRow]) -> dict[int, PriorityCount]:
    """How many of the alarms have priority 1 to 4: what every counter of the panel shows."""
    counts = {priority: PriorityCount(0, 0) for priority in (1, 2, 3, 4)}
    for row in rows:
        old = counts.get(row.priority, PriorityCount(0, 0))
        counts[row.priority] = PriorityCount(old.unacknowledged + unacknowledged(row), old.total + 1)
    return counts


class AlarmStore:
    """Every alarm that is not normal; after a lost link the last known ones stay: the panel says that they are old."""

    def __init__(self) -> None:
        self._rows: dict[str, AlarmRow] = {}
        self._sorted: tuple[AlarmRow, ...] | None = None
        self._by_path: dict[str, tuple[AlarmRow, ...]] | None = None
        self._changed = False
        self._listeners = Listeners()
        self.not_evaluated = 0
        """Alarms that cannot be evaluated because their tag is Bad."""
        self.known = False
        """Whether this session's station has said which alarms stand."""

    def opened(self) -> None:
        """A new session: the rows are another time's until the station says which stand."""
        self.known = False
        self._changed = True

    def down(self) -> None:
        """The station tells this session nothing more of alarms; every listener hears it now, no frame will come."""
        self.known = False
        self._changed = True
        self.flush()

    def listen(self, notify: Callable[[], None]) -> Binding:
        """Calls `notify` at most once a frame when alarms changed."""
        return self._listeners.add(notify)

    def rows(self) -> tuple[AlarmRow, ...]:
        """All alarms: unacknowledged first, then by priority, the newest first."""
        if self._sorted is None:
            self._sorted = tuple(sorted(self._rows.values(), key=rank))
        return self._sorted

    def get(self, alarm: str) -> AlarmRow | None:
        """One alarm by id, None when it is normal."""
        return self._rows.get(alarm)

    def counts(self) -> dict[int, PriorityCount]:
        """By priority 1 to 4."""
        return counted(self._rows.values())

    def for_path(self, path: str) -> tuple[AlarmRow, ...]:
        """The alarms of one tag, worst first."""
        if self._by_path is None:
            grouped: dict[str, list[AlarmRow]] = {}
            for row in self.rows():
                grouped.setdefault(row.path, []).append(row)
            self._by_path = {key: tuple(rows) for key, rows in grouped.items()}
        return self._by_path.get(path, ())

    def below(self, prefixes: Iterable[str]) -> tuple[AlarmRow, ...]:
        """The alarms at or below any of these paths, worst first, each once; markers and counters both ask here.

        An empty path means all.
        """
        wanted = {prefix.rstrip("/") for prefix in prefixes}
        if "" in wanted:
            return self.rows()
        starts = tuple(f"{prefix}/" for prefix in wanted)
        return tuple(row for row in self.rows() if row.path.startswith(starts) or row.path in wanted)

    def highest(self, of: str | Iterable[str]) -> AlarmRow | None:
        """The worst alarm below a path prefix (`area/line`) or among tag paths."""
        if isinstance(of, str):
            return next(iter(self.below([of])), None)
        found = [rows[0] for path in of if (rows := self.for_path(path))]
        return min(found, key=rank, default=None)

    def receive(self, message: Alarms) -> None:
        """Takes in a part of a frame."""
        if message.snapshot:
            self.known = True
            self._rows.clear()
        for row in message.rows:
            if row.state == AlarmState.NORMAL.value:
                self._rows.pop(row.alarm, None)
            else:
                self._rows[row.alarm] = row
        self.not_evaluated = message.not_evaluated
        self._sorted = self._by_path = None
        self._changed = True

    def flush(self) -> None:
        """The frame is complete: tell the listeners."""
        if self._changed:
            self._changed = False
            self._listeners.call()
