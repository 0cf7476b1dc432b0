"""What the station remembers of people and alarms, as its event loop reads it back from real files."""

import asyncio
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hmi.core.alarm import Priority
from hmi.core.alarm_state import AlarmEvent, AlarmState
from hmi.core.effects import Transition
from hmi.core.engine import Engine
from hmi.core.project import Project, ProjectFile
from hmi.historian.event_tables import EVENTS_NAME
from hmi.historian.events import EventStore, open_events
from hmi.historian.sqlite import close, connect_writer
from hmi.link.messages import ReadJournal
from hmi.station import records as module
from hmi.station.alarm_rows import AlarmRows
from hmi.station.records import Records
from hmi.station.tag_table import TagTable
from tests.unit.station.fakes import FakeClock

RAISED = Transition(
    1,
    "uid/HH",
    7,
    AlarmEvent.ACTIVATE,
    AlarmState.NORMAL,
    AlarmState.UNACKNOWLEDGED,
    9,
    9,
    91.5,
    0,
    90.0,
    Priority.HIGH,
)
NOTHING = AlarmRows(Engine.build([], 1), TagTable(Project(ProjectFile(name="Line"), {}, (), {}, {}, ""), {}), {})


@pytest.fixture
def events(tmp_path: Path) -> Iterator[EventStore]:
    store = open_events(tmp_path, clock=FakeClock().now)
    yield store
    store.close()


@pytest.fixture
def records(events: EventStore) -> Iterator[Records]:
    reader = events.reader()
    yield Records(events, reader, FakeClock(), deque())
    reader.close()


async def numbers(records: Records) -> list[int]:
    return [row.event for row in (await records.page(ReadJournal(1, None, 10))).rows]


async def test_a_page_has_what_clients_were_told_although_the_disk_was_slow(records: Records, tmp_path: Path) -> None:
    slow_disk = connect_writer(tmp_path / EVENTS_NAME)
    slow_disk.execute("BEGIN IMMEDIATE")
    records.scan([RAISED], None, NOTHING)
    asked = asyncio.ensure_future(numbers(records))
    await asyncio.sleep(0)
    slow_disk.execute("COMMIT")
    close(slow_disk)
    assert await asked == [1]


async def test_a_page_comes_without_what_the_disk_does_not_take(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "JOURNAL_PATIENCE", 0.01)
    stuck_disk = connect_writer(tmp_path / EVENTS_NAME)
    stuck_disk.execute("BEGIN IMMEDIATE")
    stored = records.scan([RAISED], None, NOTHING)
    assert await numbers(records) == []
    close(stuck_disk)
    await asyncio.wrap_future(stored)
    assert await numbers(records) == [1]


def test_a_notice_begins_with_its_time(events: EventStore) -> None:
    reader, notices = events.reader(), deque[str]()
    Records(events, reader, FakeClock(), notices).note("connection-up", "plc", "plc: connected.")
    stamp, _, text = notices[0].partition(" ")
    assert datetime.fromisoformat(stamp) == datetime.fromtimestamp(FakeClock().now().utc // 1_000_000_000, UTC)
    assert text == "connection-up: plc: connected."
    reader.close()
