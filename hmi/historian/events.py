"""events.db with its own writer: what people and alarms did is never behind the samples.

Every method that writes returns a `concurrent.futures.Future` that resolves when the record is on the disk; an
acknowledgement or a command is confirmed to its user only then. Alarm transitions, notices and the engine's state wait
while the disk is full and follow by themselves; the audit trail and command ids fail at once, so that nobody acts
without a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final

from hmi.core.effects import Transition
from hmi.core.instants import SECOND, Instants
from hmi.historian import event_tables as tables
from hmi.historian.api import StoreError
from hmi.historian.audit import AuditEntry, AuditRecord, Head, seal
from hmi.historian.commits import Commits
from hmi.historian.event_reader import EventReader
from hmi.historian.event_tables import AlarmName, EventLine
from hmi.historian.head_file import read_head, write_head
from hmi.historian.health import HealthCallback, HealthEvent, HealthKind
from hmi.historian.sqlite import Connection, Error, close, connect_writer, explain
from hmi.historian.store import log_health

COMMAND_HOURS: Final = 24
"""So long a command id is remembered and refused."""
_NO_NAMES: Final[Mapping[str, AlarmName]] = {}


class EventStore:
    """The one writer of events.db; made by `open_events` in the process that holds the store's lock."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], Instants],
        on_health: HealthCallback,
        prepare: Callable[[Connection], None] | None,
        retry_seconds: float,
    ) -> None:
        self._folder, self._path = folder, folder / tables.EVENTS_NAME
        self._clock, self._on_health, self._prepare = clock, on_health, prepare
        self._head = self._filed = Head()
        self._mismatch = ""
        self._stalled = self._head_fails = False
        self._commits = Commits(
            self._connect,
            lambda error: explain(error, self._path),
            on_commit=self._file_head,
            on_stall=self._tell,
            retry_seconds=retry_seconds,
        )
        if self._mismatch:
            # Into the trail itself: the next line renews the file, and the evidence would be gone.
            self._on_health(HealthEvent(HealthKind.DAMAGED, clock().utc, self._mismatch))
            self.audit(AuditEntry("", "", "station", "audit-mismatch", "audit", result=self._mismatch))

    def _connect(self) -> Connection:
        connection = connect_writer(self._path)
        try:
            tables.migrate(connection)
            if self._prepare is not None:
                self._prepare(connection)
            self._head = tables.audit_head(connection)
            self._check_file(connection)
        except Error as error:
            close(connection)
            raise explain(error, self._path) from error
        return connection

    def _check_file(self, connection: Connection) -> None:
        filed = read_head(self._folder)
        if filed is None and not self._head.seq:
            self._head_to_file()
        elif filed is None or not tables.has_audit(connection, filed):
            self._mismatch = self._mismatch or (
                "The audit trail does not agree with the file that names its end: it was cut off or replaced."
            )
        else:
            self._filed = filed

    def _tell(self, why: StoreError | None) -> None:
        self._stalled = why is not None
        if why is None:
            self._resumed("Events are stored again.")
        else:
            self._report(HealthKind.STALLED, f"Events cannot be stored. {why}")

    def _resumed(self, text: str) -> None:
        # Only when nothing is amiss any more: of the two faults one may be mended before the other.
        if not self._stalled and not self._head_fails:
            self._report(HealthKind.RESUMED, text)

    def _report(self, kind: HealthKind, text: str) -> None:
        self._on_health(HealthEvent(kind, self._clock().utc, text))

    def _file_head(self) -> None:
        if self._filed != self._head or self._head_fails:
            self._head_to_file()

    def _head_to_file(self) -> None:
        try:
            write_head(self._folder, self._head)
        except OSError as error:
            # Told once: whoever hears of it notes an event, whose commit tries the file again.
            if not self._head_fails:
                self._head_fails = True
                text = f"The end of the audit trail cannot be written to its file: {error.strerror}."
                self._report(HealthKind.STALLED, text)
            return
        self._filed = self._head
        if self._head_fails:
            self._head_fails = False
            self._resumed("The end of the audit trail is written to its file again.")

    def record(
        self,
        transitions: Sequence[Transition],
        retained_state: bytes | None = None,
        *,
        names: Mapping[str, AlarmName] = _NO_NAMES,
    ) -> Future[None]:
        """One scan's transitions and the engine's state after it; done when both are on the disk.

        The state is never there before the transitions that led to it; without it, they are replayed on the state
        before. While the disk takes nothing, the newest state alone waits: it tells all that the older ones do.
        `names` gives the path and message of each alarm id at this moment.
        """

        def run(connection: Connection) -> None:
            for transition in transitions:
                name = names.get(transition.alarm, AlarmName(transition.alarm))
                tables.add_alarm(connection, transition, name)

        if retained_state is not None and not transitions:
            return self.put_state(tables.ENGINE, retained_state)
        recorded = self._commits.submit(run, keep=True, size=200 * len(transitions))
        if retained_state is None:
            return recorded
        return _both(recorded, self.put_state(tables.ENGINE, retained_state))

    def note(self, lines: Sequence[EventLine]) -> Future[None]:
        """Lines of the event journal."""

        def run(connection: Connection) -> None:
            connection.executemany(
                "INSERT INTO events (time, kind, source, text) VALUES (?, ?, ?, ?)",
                [(line.time, line.kind, line.source, line.text) for line in lines],
            )

        return self._commits.submit(run, keep=True, size=sum(100 + len(line.text) for line in lines))

    def audit(self, entry: AuditEntry) -> Future[AuditRecord]:
        """A line of the audit trail, chained to the one before; fails with StoreError when it cannot be stored now."""
        now = self._clock()

        def run(connection: Connection) -> AuditRecord:
            # Read again for each line: a refused group may have taken lines back.
            record = seal(entry, now.utc, now.mono, tables.audit_head(connection))
            tables.add_audit(connection, record)
            self._head = Head(record.seq, record.hash)
            return record

        return self._commits.submit(run)

    def use_command(self, command: str) -> Future[bool]:
        """Uses up a command's id: True the first time, False when it was used within 24 h (a replay)."""
        utc = self._clock().utc

        def run(connection: Connection) -> bool:
            connection.execute("DELETE FROM commands WHERE utc < ?", (utc - COMMAND_HOURS * 3600 * SECOND,))
            done = connection.execute("INSERT OR IGNORE INTO commands (id, utc) VALUES (?, ?)", (command, utc))
            return done.rowcount == 1

        return self._commits.submit(run)

    def put_state(self, key: str, value: bytes) -> Future[None]:
        """Keeps bytes under a name over restarts; what waits under that name is superseded."""
        return self._commits.submit(
            lambda c: tables.put_state(c, key, value), keep=True, size=len(value), replaces=f"state {key}"
        )

    def reader(self) -> EventReader:
        """A reader with its own connection, beside the writer."""
        return EventReader(self._folder)

    def close(self, timeout: float = 10.0) -> None:
        """Stores what waits and gives the file back; harmless when repeated.

        Raises:
            StoreError: the disk hangs.
        """
        self._commits.close(timeout)


def _both(first: Future[None], second: Future[None]) -> Future[None]:
    """Done when two things are stored; fails when either cannot be."""
    whole: Future[None] = Future()
    whole.set_running_or_notify_cancel()

    def settle(last: Future[None]) -> None:
        error = last.exception()
        if error is not None:
            whole.set_exception(error)
        elif last is first:
            second.add_done_callback(settle)
        else:
            whole.set_result(None)

    first.add_done_callback(settle)
    return whole


def open_events(
    folder: Path,
    *,
    clock: Callable[[], Instants],
    on_health: HealthCallback = log_health,
    prepare: Callable[[Connection], None] | None = None,
    retry_seconds: float = 1.0,
) -> EventStore:
    """The writer of events.db in a store's folder; only the process that holds the store's lock may call it.

    `on_health` is called on the writer thread; `prepare` with each new connection (a test limits the file by it).

    Raises:
        StoreError: the file cannot be opened or written.
    """
    return EventStore(folder, clock, on_health, prepare, retry_seconds)
