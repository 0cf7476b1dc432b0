"""A disk that is full, comes back, or gives back something else than was written."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian.api import RawPage, StoreError
from hmi.historian.disk import JournalDisk
from hmi.historian.health import HealthEvent, HealthKind
from hmi.historian.journal import Row
from hmi.historian.sqlite import Connection, close, connect_writer
from hmi.historian.store import StoreOptions, open_reader, open_store
from hmi.historian.tail import Group
from hmi.historian.upkeep import Upkeep


def clock() -> Instants:
    return Instants(5, 1_000 * SECOND)


def rows(time: int, count: int = 1000, tag: int = 1) -> Batch:
    times = list(range(time, time + count))
    # Noise: it must not pack into the few bytes that are free in pages already there.
    return batch_of([tag] * count, times, [0] * count, np.random.default_rng(time).normal(size=count), [0] * count)


class Disk:
    """A disk whose room a test sets, through SQLite's own limit of pages."""

    def __init__(self, pages: int = 1 << 30) -> None:
        self.pages = pages

    def __call__(self, connection: Connection) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages}").fetchone()


class Health:
    """Hears what a store tells and can be waited for."""

    def __init__(self) -> None:
        self.events: list[HealthEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: HealthEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, kind: HealthKind) -> HealthEvent:
        with self._changed:
            assert self._changed.wait_for(lambda: any(e.kind == kind for e in self.events), 20)
            return next(e for e in self.events if e.kind == kind)

    @property
    def kinds(self) -> list[HealthKind]:
        return [e.kind for e in self.events]


def test_a_full_disk_keeps_samples_in_memory_and_goes_on_by_itself(tmp_path: Path) -> None:
    open_store(tmp_path, clock=clock).close()
    disk, health = Disk(1), Health()
    options = StoreOptions(prepare=disk, retry_seconds=0.01, flush_seconds=0.01)
    writer = open_store(tmp_path, clock=clock, options=options, on_health=health)
    reader = writer.reader()
    for i in range(20):
        writer.append(rows(1000 * i))
    health.wait_for(HealthKind.STALLED)
    with pytest.raises(StoreError, match=r"not stored yet.*is full"):
        writer.flush(timeout=0.05)
    assert len(reader.read_raw(1, 0, 1 << 40).time) == 20_000
    assert health.kinds == [HealthKind.STALLED]
    disk.pages = 1 << 30
    writer.flush()
    assert health.wait_for(HealthKind.RESUMED).lost == 0
    assert health.kinds == [HealthKind.STALLED, HealthKind.RESUMED]
    outside = open_reader(tmp_path)
    assert len(outside.read_raw(1, 0, 1 << 40).time) == 20_000
    outside.close()
    reader.close()
    writer.close()


def test_what_does_not_fit_is_counted_and_marked(tmp_path: Path) -> None:
    open_store(tmp_path, clock=clock).close()
    disk, health = Disk(1), Health()
    options = StoreOptions(prepare=disk, retry_seconds=0.01, max_rows=5000)
    writer = open_store(tmp_path, clock=clock, options=options, on_health=health)
    writer.append(rows(0))
    health.wait_for(HealthKind.STALLED)
    for i in range(1, 20):
        writer.append(rows(1000 * i))
    lost = health.wait_for(HealthKind.OVERFLOW)
    disk.pages = 1 << 30
    writer.flush()
    # A group that was being written when the disk came back is not lost: between half and three quarters are.
    assert 10_000 <= health.wait_for(HealthKind.RESUMED).lost <= 15_000
    assert lost.text
    assert health.kinds == [HealthKind.STALLED, HealthKind.OVERFLOW, HealthKind.RESUMED]
    reader = open_reader(tmp_path)
    assert reader.info().lost == health.events[-1].lost
    holes_are_marked(reader.read_raw(1, 0, 1 << 40), 20_000, reader.info().lost)
    reader.close()
    writer.close()


def holes_are_marked(page: RawPage, appended: int, lost: int) -> None:
    """Of the samples 0, 1, 2... every hole begins and ends with Bad_DataLost, and all the others are there."""
    good = page.time[page.status == 0]
    assert len(good) == appended - lost
    missing = np.setdiff1d(np.arange(appended), good)
    jumps = np.flatnonzero(np.diff(missing) != 1)
    edges = {missing[0], missing[-1], *missing[jumps], *missing[jumps + 1]}
    marks = page.time[page.status == Status.BAD_DATA_LOST]
    assert edges <= set(marks.tolist())
    assert len(marks) + len(good) == len(page.time)


def test_a_disk_that_hangs_loses_only_the_oldest_that_wait(tmp_path: Path) -> None:
    health = Health()
    writer = open_store(tmp_path, clock=clock, options=StoreOptions(max_rows=3000, flush_rows=1000), on_health=health)
    writer.append(rows(0))
    writer.flush()
    other = connect_writer(tmp_path / "journal.db")
    other.execute("BEGIN IMMEDIATE")  # the writer's next commit waits for this one
    for i in range(1, 11):
        writer.append(rows(1000 * i))
    inside = writer.reader()
    seen = inside.read_raw(1, 0, 1 << 40)
    other.execute("ROLLBACK")
    close(other)
    writer.flush()
    lost = health.wait_for(HealthKind.RESUMED).lost
    assert lost in (6000, 7000)  # whether a thousand was already being written when the room was full
    page = inside.read_raw(1, 0, 1 << 40)
    assert page.time.tolist() == seen.time.tolist()
    holes_are_marked(page, 11_000, lost)
    inside.close()
    writer.close()


def test_closing_on_a_full_disk_says_so_and_gives_the_lock_back(tmp_path: Path) -> None:
    open_store(tmp_path, clock=clock).close()
    options = StoreOptions(prepare=Disk(1), retry_seconds=0.01)
    writer = open_store(tmp_path, clock=clock, options=options, on_health=Health())
    writer.append(rows(0, 5000))
    with pytest.raises(StoreError, match="not stored yet"):
        writer.close(timeout=0.1)
    open_store(tmp_path, clock=clock).close()


def corrupt(folder: Path, offset: int) -> None:
    connection = connect_writer(folder / "journal.db")
    (row, data) = connection.execute("SELECT id, data FROM flush ORDER BY id LIMIT 1 OFFSET ?", (offset,)).fetchone()
    bad = bytearray(data)
    bad[len(bad) // 2] ^= 0x10
    connection.execute("UPDATE flush SET data = ? WHERE id = ?", (bytes(bad), row))
    close(connection)


def test_a_damaged_row_is_named_and_the_rest_reads(tmp_path: Path) -> None:
    writer = open_store(tmp_path, clock=clock)
    for start in (0, 10_000, 20_000):
        writer.append(rows(start))
        writer.flush()
    writer.close()
    corrupt(tmp_path, 1)
    reader = open_reader(tmp_path)
    page = reader.read_raw(1, 0, 30_000)
    assert page.time[page.status == Status.BAD_DATA_LOST].tolist() == [10_000, 10_999]
    assert len(page.time) == 2002
    assert len(reader.read_raw(1, 0, 10_000).time) == 1000
    assert len(reader.read_raw(1, 11_000, 30_000).time) == 1000
    assert [(d.start, d.end) for d in reader.verify()] == [(10_000, 10_999)]
    reader.close()


def test_a_changed_summary_is_found_by_verify(tmp_path: Path) -> None:
    writer = open_store(tmp_path, clock=clock)
    writer.append(rows(0))
    writer.close()
    connection = connect_writer(tmp_path / "journal.db")
    connection.execute("UPDATE flush SET time_max = time_max - 1")
    close(connection)
    reader = open_reader(tmp_path)
    assert len(reader.verify()) == 1
    reader.close()


def test_a_damaged_row_does_not_stop_filing(tmp_path: Path) -> None:
    writer = open_store(tmp_path, clock=clock)
    for start in (0, 10_000):
        writer.append(rows(start))
        writer.flush()
    writer.close()
    corrupt(tmp_path, 0)
    health = Health()
    writer = open_store(tmp_path, clock=clock, options=StoreOptions(compact_flushes=3), on_health=health)
    writer.append(rows(20_000))
    writer.flush()
    assert "1970-01-01" in health.wait_for(HealthKind.DAMAGED).text
    for start in (30_000, 40_000, 50_000):
        writer.append(rows(start))
        writer.flush()
    reader = writer.reader()
    assert len(reader.read_raw(1, 5_000, 1 << 40).time) == 5000
    reader.close()
    writer.close()
    assert health.kinds == [HealthKind.DAMAGED]


def test_filing_that_fails_loses_nothing(tmp_path: Path) -> None:
    health = Health()

    def prepare(connection: Connection) -> None:
        if connection.execute("SELECT count(*) FROM main.sqlite_schema WHERE name = 'run'").fetchone()[0]:
            for table in ("run", "block"):
                connection.execute(
                    f"CREATE TEMP TRIGGER no_{table} BEFORE INSERT ON main.{table}"
                    " BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
                )

    options = StoreOptions(compact_flushes=3, prepare=prepare)
    writer = open_store(tmp_path, clock=clock, options=options, on_health=health)
    for i in range(10):
        writer.append(rows(1000 * i))
        writer.flush()
    health.wait_for(HealthKind.UPKEEP_FAILED)
    reader = writer.reader()
    assert len(reader.read_raw(1, 0, 1 << 40).time) == 10_000
    reader.close()
    writer.close()
    assert set(health.kinds) == {HealthKind.UPKEEP_FAILED}


def test_a_stream_quicker_than_the_disk_does_not_keep_samples_from_being_filed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes, filed_after = [0], [0]
    write, filed = JournalDisk.write, JournalDisk.filed
    first = threading.Event()

    def writing(disk: JournalDisk, group: Group | None, meta: dict[str, int]) -> None:
        writes[0] += 1
        if writes[0] < 300 and not first.is_set():
            writer.append(rows(1000 * writes[0], 1))
        write(disk, group, meta)

    def filing(disk: JournalDisk, done: Sequence[Row]) -> None:
        filed_after[0] = filed_after[0] or writes[0]
        first.set()
        filed(disk, done)

    monkeypatch.setattr(JournalDisk, "write", writing)
    monkeypatch.setattr(JournalDisk, "filed", filing)
    writer = open_store(tmp_path, clock=clock, options=StoreOptions(flush_seconds=0.001, compact_flushes=4))
    writer.append(rows(0, 1))
    assert first.wait(20)
    assert filed_after[0] < 10
    writer.close()


def test_room_that_cannot_be_given_back_does_not_keep_the_writer_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_disk: JournalDisk) -> bool:
        raise StoreError("The disk is full.", "Make room.")

    monkeypatch.setattr(JournalDisk, "shrink", refused)
    disk = JournalDisk(tmp_path / "journal.db", StoreOptions())
    disk.write(Group(1, 1, rows(0, 1), 0, 0, 32), {})
    upkeep = Upkeep(tmp_path, disk, StoreOptions(), lambda _number: None, lambda _month: None)
    upkeep.file()
    for _ in range(5):
        with suppress(StoreError):
            upkeep.step()
    assert not upkeep.due
    upkeep.close()
    disk.close()
