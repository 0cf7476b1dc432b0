"""The station's written memory of what people and alarms did, for the event loop: awaitable, and free of threads."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from hmi.core.effects import Transition
from hmi.core.instants import SECOND
from hmi.drivers.api import Clock
from hmi.historian.api import StoreError
from hmi.historian.audit import AuditEntry, AuditValue
from hmi.historian.event_reader import EventReader
from hmi.historian.event_tables import AlarmName, EventLine
from hmi.historian.events import EventStore
from hmi.link.messages import Journal, JournalRow, ReadJournal
from hmi.station.alarm_rows import AlarmRows
from hmi.station.trail import Act
from hmi.station.who import STATION, Who

_log = structlog.get_logger()

MOST_LINES = 1000
"""Lines of a journal in one answer."""

JOURNAL_PATIENCE = 1.0
"""Seconds a page waits for what clients were told already and the disk has not taken yet."""


class Records:
    """Audit trail, alarm journal, event journal and the engine's retained state."""

    def __init__(self, events: EventStore, reader: EventReader, clock: Clock, notices: deque[str]) -> None:
        """`notices` are the newest event lines that the status report shows."""
        self._events = events
        self._reader = reader
        self._clock = clock
        self._notices = notices
        self._recorded: Future[None] | None = None
        """The commit of the newest transitions."""

    async def audit(self, who: Who, act: Act) -> None:
        """Writes one record of the audit trail and waits for its commit.

        Raises:
            StoreError: it cannot be kept.
        """
        entry = AuditEntry(
            user=who.user,
            role=who.role.name.lower(),
            station=who.terminal,
            action=act.action,
            object=act.object_,
            old=_plain(act.old),
            new=_plain(act.new),
            unit=act.unit,
            reason=act.reason,
            result=act.result,
            correlation=act.correlation,
        )
        await asyncio.wrap_future(self._events.audit(entry))

    async def claim(self, command: str, utc: int) -> bool:  # noqa: ARG002 - the store stamps it with the same clock
        """Marks a command id as used; False when it was used before or is no id."""
        if not 8 <= len(command) <= 64:
            return False
        return await asyncio.wrap_future(self._events.use_command(command))

    async def signed_in(self, user: str, terminal: str, result: str) -> None:
        """Notes an attempt to sign in; a full disk must not keep people out."""
        try:
            await self.audit(Who(user, STATION.role, terminal), Act("sign-in", user, result))
        except StoreError as error:
            self.note("audit-lost", user, f"A sign-in is missing from the audit trail: {error}")

    def scan(self, transitions: Sequence[Transition], state: dict[str, Any] | None, rows: AlarmRows) -> Future[None]:
        """One scan's transitions, and the engine's state after it where it is due; done when both are on the disk."""
        names: dict[str, AlarmName] = {}
        for transition in transitions:
            definition = rows.definition(transition.alarm)
            path = rows.name(transition.alarm).rpartition("/")[0]
            names[transition.alarm] = AlarmName(path, definition.message if definition is not None else "")
        encoded = msgspec.json.encode(state) if state is not None else None
        recorded = self._events.record(transitions, encoded, names=names)
        recorded.add_done_callback(_complain)
        if transitions:
            self._recorded = recorded
        return recorded

    def note(self, kind: str, source: str, text: str) -> None:
        """A line of the event journal, the log and the status report."""
        _log.info("event", kind=kind, source=source, text=text)
        utc = self._clock.now().utc
        self._notices.appendleft(f"{datetime.fromtimestamp(utc // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ} {kind}: {text}")
        self._events.note([EventLine(utc, kind, source, text)]).add_done_callback(_complain)

    async def page(self, request: ReadJournal) -> Journal:
        """One page of the alarm journal, newest first: with everything that clients have been told.

        While the disk takes nothing it holds what the disk has.
        """
        await self._told()
        limit = min(max(request.limit, 1), MOST_LINES)
        lines, more = await asyncio.to_thread(self._reader.alarms_below, request.before, limit, request.text)
        rows = [
            JournalRow(
                event=line.transition.event,
                time=line.transition.time,
                path=line.path,
                id=line.transition.alarm.partition("/")[2],
                what=line.transition.what.value,
                before=line.transition.before.value,
                after=line.transition.after.value,
                priority=int(line.transition.priority),
                value=line.transition.value,
                limit=line.transition.limit,
                message=line.message,
                user=line.transition.user,
                comment=line.transition.comment,
            )
            for line in lines
        ]
        return Journal(request.request, rows, more)

    async def _told(self) -> None:
        """Clients are told of a transition at once and the disk a little later; what is told must be found."""
        recorded = self._recorded
        if recorded is not None:
            with contextlib.suppress(StoreError, TimeoutError):
                await asyncio.wait_for(asyncio.wrap_future(recorded), JOURNAL_PATIENCE)

    def retained(self) -> tuple[dict[str, Any], list[Transition]] | None:
        """The state saved last and the transitions recorded since; None for a new store."""
        data = self._reader.retained()
        if data is None:
            return None
        state: dict[str, Any] = msgspec.json.decode(data)
        return state, self._reader.transitions_from(int(state.get("next_event", 0)))

    async def keep(self, key: str, value: bytes) -> None:
        """Keeps bytes under a name over restarts; on the disk on return.

        Raises:
            StoreError: they cannot be kept.
        """
        await asyncio.wrap_future(self._events.put_state(key, value))

    def kept(self, key: str) -> bytes | None:
        """What was kept under a name."""
        return self._reader.state(key)

    def last_event(self) -> int:
        """The highest transition number; 0 = none."""
        return self._reader.last_event()


def _plain(value: object) -> AuditValue:
    """Audit values are JSON: a number that is none becomes its name."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, float | int | bool | str) or value is None else str(value)


def _complain(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        _log.error("event lost", error=str(error))


Note = Callable[[str, str, str], None]
"""(kind, source, text) of an event."""
