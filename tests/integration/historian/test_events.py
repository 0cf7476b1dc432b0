"""What people and alarms did, on a real disk: committed before it is confirmed, readable, and tamper-evident."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from math import isnan, nan
from pathlib import Path

import pytest

from hmi.core.alarm import Priority
from hmi.core.alarm_state import AlarmEvent, AlarmState
from hmi.core.effects import Transition
from hmi.core.instants import SECOND, Instants
from hmi.historian import commits, event_tables
from hmi.historian.api import StoreError
from hmi.historian.audit import AuditEntry
from hmi.historian.event_reader import EventReader, Query
from hmi.historian.event_tables import AlarmName, EventLine
from hmi.historian.events import EventStore, open_events
from hmi.historian.head_file import read_head
from hmi.historian.health import HealthEvent, HealthKind
from hmi.historian.sqlite import Connection, connect_writer
from hmi.historian.sqlite import close as close_connection

WAIT = 20.0
ENTRY = AuditEntry("anna", "operator", "pc1", "write", "line/speed", old=1.5, new=2.0, unit="1/min", reason="slow")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = Instants(5, 1_000 * SECOND)

    def __call__(self) -> Instants:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def events(tmp_path: Path, clock: Clock) -> Iterator[EventStore]:
    store = open_events(tmp_path, clock=clock)
    yield store
    store.close()


@pytest.fixture
def reader(events: EventStore) -> Iterator[EventReader]:
    found = events.reader()
    yield found
    found.close()


def transition(event: int, time: int = 100, tag: int = 7, value: float = 91.5) -> Transition:
    return Transition(
        event,
        "uid7/HH",
        tag,
        AlarmEvent.ACTIVATE,
        AlarmState.NORMAL,
        AlarmState.UNACKNOWLEDGED,
        time,
        3,
        value,
        0x80000000,
        90.0,
        Priority.HIGH,
        user="jörg",
        comment="gesehen",
        seen_at_start=True,
    )


def test_transitions_and_state_come_back_as_they_were(events: EventStore, reader: EventReader) -> None:
    names = {"uid7/HH": AlarmName("a/Öl", "zu heiß")}
    events.record([transition(1), transition(2, 200, value=nan)], b"\x00state", names=names).result(WAIT)
    newest, oldest = reader.alarms(Query()).lines
    assert (oldest.transition, oldest.path, oldest.message) == (transition(1), "a/Öl", "zu heiß")
    assert isnan(newest.transition.value)
    assert reader.retained() == b"\x00state"
    assert reader.last_event() == 2


def test_queries_page_by_time_tag_and_text(events: EventStore, reader: EventReader) -> None:
    events.record([transition(i, time=i // 2, tag=i % 3) for i in range(1, 21)]).result(WAIT)
    seen: list[int] = []
    query = Query(limit=7)
    while True:
        page = reader.alarms(query)
        seen += [line.transition.event for line in page.lines]
        if page.next is None:
            break
        query = Query(limit=7, after=page.next)
    assert seen == list(range(20, 0, -1))
    assert {line.transition.tag for line in reader.alarms(Query(tag=2)).lines} == {2}
    assert [line.transition.event for line in reader.alarms(Query(start=3, end=4)).lines] == [7, 6]
    assert len(reader.alarms(Query(text="JÖRG")).lines) == 20
    assert reader.alarms(Query(text="%")).lines == ()


def test_a_line_handed_in_twice_stands_there_once(events: EventStore, reader: EventReader) -> None:
    events.record([transition(1)])
    events.record([transition(1)]).result(WAIT)
    assert len(reader.alarms(Query()).lines) == 1


def test_notices_are_found_by_text(events: EventStore, reader: EventReader) -> None:
    line = EventLine(5, "clock-step", "station", "The clock went back by 3 s.")
    events.note([line, EventLine(6, "other", "x", "y")]).result(WAIT)
    assert reader.events(Query(text="CLOCK")).lines == (line,)


async def test_a_future_can_be_awaited(events: EventStore) -> None:
    record = await asyncio.wrap_future(events.audit(ENTRY))
    assert (record.seq, record.utc, record.mono) == (1, 1_000 * SECOND, 5)


def test_a_command_id_works_once_for_a_day(events: EventStore, clock: Clock) -> None:
    assert events.use_command("c1").result(WAIT)
    assert not events.use_command("c1").result(WAIT)
    clock.now = Instants(6, clock.now.utc + 24 * 3600 * SECOND)
    assert not events.use_command("c1").result(WAIT)
    clock.now = Instants(7, clock.now.utc + 1)
    assert events.use_command("c1").result(WAIT)


def test_of_many_at_once_exactly_one_command_runs(events: EventStore) -> None:
    assert sum(f.result(WAIT) for f in [events.use_command("c") for _ in range(20)]) == 1


def test_the_chain_goes_on_over_a_restart(tmp_path: Path, clock: Clock) -> None:
    for _ in range(3):
        store = open_events(tmp_path, clock=clock)
        store.audit(ENTRY)
        store.close()
    reader = EventReader(tmp_path)
    assert [r.seq for r in reader.audit(Query()).lines] == [3, 2, 1]
    assert reader.verify_audit() == []
    assert reader.audit_head().seq == 3
    reader.close()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET new = '3.0' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT 4, utc, mono, user, role, station, action, object, old, new, unit, reason, result,"
        " correlation, prev_hash, hash FROM audit WHERE seq = 3",
        "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 ELSE seq END;UPDATE audit SET seq = abs(seq)",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3;UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)",
        "DELETE FROM audit; DELETE FROM audit_head",
    ],
    ids=["edit", "delete", "insert", "reorder", "truncate", "truncate with head", "empty"],
)
def test_tampering_is_found(tmp_path: Path, clock: Clock, tampering: str) -> None:
    store = open_events(tmp_path, clock=clock)
    for _ in range(3):
        store.audit(ENTRY)
    store.close()
    connection = connect_writer(tmp_path / "events.db")
    connection.executescript(f"DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; {tampering}")
    close_connection(connection)
    reader = EventReader(tmp_path)
    assert reader.verify_audit()
    reader.close()


def test_an_old_copy_put_back_is_found(tmp_path: Path, clock: Clock) -> None:
    for _ in range(2):
        store = open_events(tmp_path, clock=clock)
        store.audit(ENTRY).result(WAIT)
        store.close()
        if not (tmp_path / "copy").exists():
            (tmp_path / "copy").write_bytes((tmp_path / "events.db").read_bytes())
    (tmp_path / "copy").replace(tmp_path / "events.db")
    reader = EventReader(tmp_path)
    assert any("named in the file" in line for line in reader.verify_audit())
    reader.close()


def test_a_trail_cut_while_the_station_was_down_is_written_into_the_trail(tmp_path: Path, clock: Clock) -> None:
    store = open_events(tmp_path, clock=clock)
    store.audit(ENTRY)
    store.close()
    for file in tmp_path.glob("events.db*"):
        file.unlink()
    heard: list[HealthEvent] = []
    store = open_events(tmp_path, clock=clock, on_health=heard.append)
    store.audit(ENTRY)
    store.close()
    assert [e.kind for e in heard] == [HealthKind.DAMAGED]
    reader = EventReader(tmp_path)
    assert [r.action for r in reader.audit(Query()).lines] == ["write", "audit-mismatch"]
    reader.close()


def test_the_trail_cannot_be_changed_by_accident(tmp_path: Path, events: EventStore) -> None:
    events.audit(ENTRY).result(WAIT)
    connection = connect_writer(tmp_path / "events.db")
    for statement in ("UPDATE audit SET user = 'eve'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="cannot be changed"):
            connection.execute(statement)
    close_connection(connection)


class Disk:
    """A disk whose room a test sets, through SQLite's own limit of pages."""

    def __init__(self) -> None:
        self.pages = 1 << 30

    def __call__(self, connection: Connection) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages}").fetchone()


def test_a_full_disk_fails_the_audit_loudly_and_keeps_the_alarms(tmp_path: Path, clock: Clock) -> None:
    heard: list[HealthEvent] = []
    disk = Disk()
    open_events(tmp_path, clock=clock).close()
    disk.pages = 1  # not a page more than there are
    store = open_events(tmp_path, clock=clock, prepare=disk, on_health=heard.append, retry_seconds=3600)
    waiting = store.record([transition(1)], b"x" * 100_000)
    with pytest.raises(StoreError, match="is full"):
        store.audit(AuditEntry("a", "b", "c", "d", "e" * 100_000)).result(WAIT)
    assert not waiting.done()
    with pytest.raises(StoreError, match="is full"):
        store.use_command("c" * 100_000).result(WAIT)
    disk.pages = 1 << 30
    assert store.audit(ENTRY).result(WAIT).seq == 1
    waiting.result(WAIT)
    assert [e.kind for e in heard] == [HealthKind.STALLED, HealthKind.RESUMED]
    reader = store.reader()
    assert len(reader.alarms(Query()).lines) == 1
    assert reader.verify_audit() == []
    reader.close()
    store.close()


def test_a_head_that_cannot_be_written_is_told_once_and_again_when_it_can(tmp_path: Path, clock: Clock) -> None:
    heard: list[HealthEvent] = []

    def listen(event: HealthEvent) -> None:
        heard.append(event)
        if len(heard) < 10:  # more is the storm itself
            store.note([EventLine(0, event.kind.value, "history", event.text)])

    store = open_events(tmp_path, clock=clock, on_health=listen)
    in_the_way = tmp_path / "audit.new"
    in_the_way.mkdir()
    for _ in range(20):
        store.audit(ENTRY).result(WAIT)
    # The thread tells after it has resolved the futures: the next commit waits for that.
    store.use_command("c1").result(WAIT)
    assert [e.kind for e in heard] == [HealthKind.STALLED]
    in_the_way.rmdir()
    store.use_command("c2").result(WAIT)
    store.close()
    assert [e.kind for e in heard] == [HealthKind.STALLED, HealthKind.RESUMED]
    filed = read_head(tmp_path)
    assert filed is not None
    assert filed.seq == 20


def test_waiting_alarms_are_tried_again_by_themselves(tmp_path: Path, clock: Clock) -> None:
    disk = Disk()
    heard: list[HealthEvent] = []

    def listen(event: HealthEvent) -> None:
        heard.append(event)
        disk.pages = 1 << 30

    open_events(tmp_path, clock=clock).close()
    disk.pages = 1
    store = open_events(tmp_path, clock=clock, prepare=disk, on_health=listen, retry_seconds=0.01)
    store.record([transition(1)], b"x" * 100_000).result(WAIT)
    store.close()
    assert [e.kind for e in heard] == [HealthKind.STALLED, HealthKind.RESUMED]


class Stalled:
    """An event store whose disk is full, and whose thread stands still so that all that is handed in waits."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._disk, self._told, self._go = Disk(), threading.Event(), threading.Event()
        open_events(folder, clock=clock).close()
        self._disk.pages = 1
        self.store = open_events(folder, clock=clock, prepare=self._disk, on_health=self._listen)
        self.first = self.store.note([EventLine(0, "x", "y", "z" * 100_000)])
        assert self._told.wait(WAIT)

    def _listen(self, _: HealthEvent) -> None:
        self._told.set()
        assert self._go.wait(WAIT)

    def free(self) -> None:
        self._disk.pages = 1 << 30
        self._go.set()


@pytest.fixture
def stalled(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stalled]:
    monkeypatch.setattr(commits, "_MOST_BYTES", 1_000_000)
    found = Stalled(tmp_path, clock)
    yield found
    found.free()
    found.store.close()


def test_what_waits_for_the_disk_is_bounded(stalled: Stalled) -> None:
    futures = [stalled.store.note([EventLine(i, "x", "y", "z" * 150_000)]) for i in range(12)]
    with pytest.raises(StoreError, match="Too many events wait"):
        stalled.first.result(WAIT)
    stalled.free()
    futures[-1].result(WAIT)
    assert sum(f.exception() is not None for f in futures) == 6


@pytest.mark.parametrize("size", [100_000, 2_000_000])
def test_states_that_wait_for_the_disk_push_no_transition_out(stalled: Stalled, size: int) -> None:
    states = [bytes([i]) * size for i in range(20)]
    first = stalled.store.record([transition(1)], states[0])
    later = [stalled.store.record((), state) for state in states[1:]]
    assert not any(future.done() for future in (first, *later))
    stalled.free()
    for future in (first, *later):
        future.result(WAIT)
    reader = stalled.store.reader()
    assert [line.transition.event for line in reader.alarms(Query()).lines] == [1]
    assert reader.retained() == states[-1]
    reader.close()


def test_a_state_that_the_disk_refuses_gives_way_to_the_newer_one_that_came_meanwhile(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bytes] = []
    put_state = event_tables.put_state

    def put(connection: Connection, key: str, value: bytes) -> None:
        tried.append(value[:3])
        put_state(connection, key, value)

    monkeypatch.setattr(event_tables, "put_state", put)
    disk, newer = Disk(), list[Future[None]]()

    def prepare(connection: Connection) -> None:
        # The second connection is made for the attempt that the disk refuses, the third for the one it takes.
        if disk.pages == 1 and stalled.is_set():
            if newer:
                disk.pages = 1 << 30
            else:
                newer.append(store.put_state("key", b"new" * 100_000))
        disk(connection)

    stalled = threading.Event()
    open_events(tmp_path, clock=clock).close()
    disk.pages = 1
    store = open_events(tmp_path, clock=clock, prepare=prepare, on_health=lambda _: stalled.set(), retry_seconds=3600)
    older = store.put_state("key", b"old" * 100_000)
    assert stalled.wait(WAIT)
    note = store.note([EventLine(0, "x", "y", "z")])
    for future in (older, note, *newer):
        future.result(WAIT)
    assert tried == [b"old", b"old", b"new"]
    store.close()


def test_however_long_the_disk_is_full_states_that_wait_share_a_future(tmp_path: Path, clock: Clock) -> None:
    """Handed in before the disk refuses, and while it is asked again: two are all there are."""
    disk, states = Disk(), list[Future[None]]()

    def prepare(connection: Connection) -> None:
        if states:
            states.append(store.put_state("key", b"%d" % len(states) * 100_000))
            if len(states) > 30:
                disk.pages = 1 << 30
        disk(connection)

    open_events(tmp_path, clock=clock).close()
    disk.pages = 1
    store = open_events(tmp_path, clock=clock, prepare=prepare, on_health=lambda _: None, retry_seconds=0.001)
    states.append(store.put_state("key", b"first" * 100_000))
    states[0].result(WAIT)
    store.close()
    assert len(states) > 30
    assert len(set(states)) <= 2
    assert all(state.exception() is None for state in states)
    reader = EventReader(tmp_path)
    assert reader.state("key") == b"%d" % (len(states) - 1) * 100_000
    reader.close()


def test_of_a_transition_that_was_given_up_nobody_is_told_that_it_is_stored(stalled: Stalled) -> None:
    given_up = stalled.store.record([transition(1)], b"state")
    for i in range(12):
        stalled.store.note([EventLine(i, "x", "y", "z" * 150_000)])
    stalled.free()
    with pytest.raises(StoreError, match="Too many events wait"):
        given_up.result(WAIT)


def test_what_cannot_be_stored_at_all_does_not_hold_up_the_rest(events: EventStore) -> None:
    bad = events.note([EventLine(0, "x", "y", "\ud800")])
    huge = events.note([EventLine(1 << 70, "x", "y", "z")])
    good = events.note([EventLine(0, "x", "y", "z")])
    for future in (bad, huge):
        with pytest.raises(StoreError, match="cannot be stored"):
            future.result(WAIT)
    good.result(WAIT)


def test_after_close_nothing_is_taken(tmp_path: Path, clock: Clock) -> None:
    store = open_events(tmp_path, clock=clock)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.audit(ENTRY).result(WAIT)


def test_close_stores_what_waits(tmp_path: Path, clock: Clock) -> None:
    store = open_events(tmp_path, clock=clock)
    futures = [store.note([EventLine(i, "x", "y", "z")]) for i in range(2000)]
    store.close()
    assert all(f.done() and f.exception() is None for f in futures)


def test_no_events_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no history"):
        EventReader(tmp_path)
