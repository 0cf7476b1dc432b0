"""Months go, what a tag was last stays, whoever reads meanwhile and wherever the work was cut off."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import Instants
from hmi.core.project import Retention
from hmi.core.quality import Status
from hmi.historian import carry, files, months, pruning
from hmi.historian.api import RawPage, StoreError
from hmi.historian.bucket import EVERYTHING
from hmi.historian.carry import Carry
from hmi.historian.compaction import Compactor
from hmi.historian.files import Key, carry_path
from hmi.historian.health import HealthEvent, HealthKind
from hmi.historian.library import Window
from hmi.historian.options import StoreOptions
from hmi.historian.promotion import Promoter
from hmi.historian.pruning import Pruned, prune, prune_steps
from hmi.historian.reader import StoreReader
from hmi.historian.shelf import Shelf
from hmi.historian.sqlite import close, connect_reader, connect_writer
from hmi.historian.store import StoreWriter, open_reader, open_store
from hmi.historian.trend_read import Part

JANUARY = (2026 - 1970) * 12
DAY = months.DAY
END = 1 << 62


def at(month: int, day: int = 1, ns: int = 0) -> int:
    return months.start_of(JANUARY + month - 1) + (day - 1) * DAY + ns


def key(month: int, group: str = "default") -> Key:
    return Key(JANUARY + month - 1, group)


def rows(*samples: tuple[int, int, float | str]) -> Batch:
    tags, times, values = zip(*samples, strict=True)
    n = len(samples)
    return batch_of(tags, times, [0] * n, values, [0] * n)


def shown(page: RawPage) -> list[tuple[int, float | str]]:
    values = [page.text[int(v)] if page.text and not isnan(v) else v for v in page.value.tolist()]
    return list(zip(page.time.tolist(), values, strict=True))


def clock() -> Instants:
    return Instants(0, at(6))


class Bench:
    """A store whose data files are written directly, and a reader that stays open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        open_store(folder, clock=clock).close()
        self.shelf = Shelf(folder, None)
        self._number = 0
        self.reader: StoreReader = open_reader(folder)

    def file(self, batch: Batch, *, group: str = "default", blocks: bool = False) -> None:
        """Puts samples into runs, or into blocks."""
        self._number += 1
        compactor = Compactor(self.shelf, StoreOptions(group_of=lambda _tag: group))
        for touched, bucket in compactor.compact([(self._number, batch)]).buckets:
            if blocks:
                Promoter(self.shelf, StoreOptions(block_from=1)).promote(touched, [(bucket, EVERYTHING)])

    def before(self, tag: int, time: int) -> tuple[int, float | str]:
        """What a tag was at a time."""
        return shown(self.reader.read_raw(tag, time, time + 1, bounds=True))[0]

    def raw(self, tag: int) -> list[tuple[int, float | str]]:
        return shown(self.reader.read_raw(tag, 0, END))

    def close(self) -> None:
        self.shelf.close()
        self.reader.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "store")
    yield made
    made.close()


def test_a_setpoint_of_a_deleted_month_still_has_its_value_and_its_time(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (1, at(1, 5), 8.0), (2, at(1, 9), "closed"), (3, at(1, 2), 1.0)))
    bench.file(rows((3, at(2, 2), 3.0)))
    bench.file(rows((3, at(3, 2), 4.0)))
    assert bench.before(1, at(3)) == (at(1, 5), 8.0)
    found = prune(bench.shelf, [key(2), key(1)])
    assert [(p.key, p.samples) for p in found] == [(key(1), 4), (key(2), 1)]
    assert all(p.bytes > 0 for p in found)
    assert "deleted default/2026-01.db (4 samples" in str(found[0])
    assert bench.before(1, at(3)) == (at(1, 5), 8.0)
    assert bench.before(2, at(3)) == (at(1, 9), "closed")
    assert bench.raw(3) == [(at(2, 2), 3.0), (at(3, 2), 4.0)]
    assert [str(k) for k in files.present(bench.folder)] == ["default/2026-03.db"]
    assert bench.reader.verify() == []


def test_blocks_runs_and_what_was_carried_before_are_looked_through(bench: Bench) -> None:
    many = [(1, at(1, 2, i), float(i)) for i in range(3000)]
    bench.file(rows(*many), blocks=True)
    bench.file(rows((1, at(1, 4), -1.0), (1, at(1, 3), -2.0)))
    bench.file(rows((2, at(1, 2), 5.0)), blocks=True)
    bench.file(rows((300, at(1, 2), 6.0)))
    bench.file(rows((2, at(2, 2), 50.0)), blocks=True)
    for month in (1, 2):
        prune(bench.shelf, [key(month)])
    assert [bench.before(tag, at(3)) for tag in (1, 2, 300)] == [
        (at(1, 4), -1.0),
        (at(2, 2), 50.0),
        (at(1, 2), 6.0),
    ]


def test_a_month_without_a_next_one_leaves_its_values(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    prune(bench.shelf, [key(1)])
    assert files.present(bench.folder) == []
    assert bench.raw(1) == [(at(1, 3), 7.0)]
    assert shown(bench.reader.read_raw(1, None, END, limit=1)) == [(at(1, 3), 7.0)]


def test_a_device_without_a_clock_does_not_hide_what_was_carried(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (2, at(1, 4), 8.0)))
    bench.file(rows((3, at(4), 0.0)))
    prune(bench.shelf, [key(1)])
    bench.file(rows((9, 5, 1.0)))  # 1970-01.db is now the oldest month
    bench.file(rows((2, at(1, 2), 1.0), (2, at(1, 6), 9.0)))  # and late samples make the pruned month again
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    assert bench.raw(2) == [(at(1, 2), 1.0), (at(1, 4), 8.0), (at(1, 6), 9.0)]
    backwards = bench.reader.read_raw(2, at(5), at(1), limit=2)
    assert shown(backwards) == [(at(1, 6), 9.0), (at(1, 4), 8.0)]
    prune(bench.shelf, [Key(0, "default"), key(1)])
    assert bench.raw(2) == [(at(1, 6), 9.0)]
    assert bench.raw(9) == [(5, 1.0)]


def test_a_rollup_of_a_month_that_was_made_again_does_not_speak_for_what_was_carried(bench: Bench) -> None:
    bench.file(rows((1, at(1, 20), 7.0)))
    prune(bench.shelf, [key(1)])
    bench.shelf.close()
    writer = open_store(bench.folder, clock=clock)
    for day in (20, 21):
        writer.append(rows(*[(1, at(1, day, (i + 1) * 10**10), 1.0) for i in range(5000)]))
    writer.tidy()
    writer.close()
    first, last = at(1, 20) // DAY, at(1, 21) // DAY
    assert [day for day, _ in bench.reader._rollups(1, first, last, Part.HOURS)] == [last]


def test_a_late_sample_at_the_time_of_the_carried_one_wins(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    prune(bench.shelf, [key(1)])
    bench.file(rows((1, at(1, 3), 8.0)))
    assert bench.raw(1) == [(at(1, 3), 8.0)]
    prune(bench.shelf, [key(1)])
    assert bench.raw(1) == [(at(1, 3), 8.0)]


SAMPLES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.floats(0, 9)), min_size=1, max_size=6
)
STEP = st.one_of(
    st.tuples(st.just("file"), SAMPLES, st.booleans()), st.tuples(st.just("prune"), st.integers(1, 4), st.none())
)


@given(st.lists(STEP, max_size=6))
@settings(max_examples=10, deadline=None)
def test_any_order_of_filing_and_pruning_keeps_the_newest_of_what_went(steps: list[tuple[str, Any, Any]]) -> None:
    stored: dict[int, dict[int, float]] = {1: {}, 2: {}, 3: {}}
    carried: dict[int, tuple[int, float]] = {}
    with TemporaryDirectory() as name:
        bench = Bench(Path(name))
        for what, how, blocks in steps:
            if what == "file":
                bench.file(rows(*[(tag, at(month, day), v) for tag, month, day, v in how]), blocks=bool(blocks))
                for tag, month, day, value in how:
                    stored[tag][at(month, day)] = value
            else:
                prune(bench.shelf, [key(month) for month in range(1, how + 1)])
                for tag, held in stored.items():
                    gone = {t: held.pop(t) for t in list(held) if t < at(how + 1)}
                    if gone and max(gone) >= carried.get(tag, (0, 0.0))[0]:
                        carried[tag] = max(gone), gone[max(gone)]
            for tag, held in stored.items():
                expected = (dict([carried[tag]]) if tag in carried else {}) | held
                assert bench.raw(tag) == sorted(expected.items())
        assert bench.reader.verify() == []
        bench.close()


def test_groups_carry_by_themselves(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0)), group="slow")
    bench.file(rows((2, at(1, 3), 8.0)), group="fast")
    bench.file(rows((1, at(1, 9), 9.0)), group="fast")  # it has changed its group
    prune(bench.shelf, [key(1, "fast")])
    assert [str(k) for k in files.present(bench.folder)] == ["slow/2026-01.db"]
    assert bench.before(2, at(2)) == (at(1, 3), 8.0)
    assert bench.raw(1) == [(at(1, 3), 7.0), (at(1, 9), 9.0)]


def test_many_tags_are_carried_in_several_steps(bench: Bench) -> None:
    tags = range(1, 700)
    bench.file(rows(*[(tag, at(1, 2, tag), float(tag)) for tag in tags]), blocks=True)
    steps = list(prune_steps(bench.shelf, [key(1)]))
    assert len(steps) > 5
    assert [type(step) for step in steps[-2:]] == [type(None), Pruned]
    assert all(bench.before(tag, at(2)) == (at(1, 2, tag), float(tag)) for tag in (1, 128, 129, 699))


def test_late_samples_that_come_during_the_work_are_carried_too(bench: Bench) -> None:
    bench.file(rows(*[(tag, at(1, 2), 1.0) for tag in range(1, 300)]), blocks=True)
    steps = prune_steps(bench.shelf, [key(1)])
    next(steps)
    bench.file(rows((1, at(1, 20), 2.0)))
    assert [step.samples for step in steps if step is not None] == [300]
    assert bench.before(1, at(2)) == (at(1, 20), 2.0)


def test_a_reader_in_use_reads_on_and_sees_a_month_that_begins_anew(bench: Bench) -> None:
    bench.file(rows(*[(1, at(1, 2, i), float(i)) for i in range(2000)]), blocks=True)
    bench.file(rows((1, at(2), 0.0)))
    pieces = bench.reader._library.pieces(Window(1, 0, END))
    first = next(pieces)
    prune(bench.shelf, [key(1)])
    assert len(first.load()) + sum(len(piece.load()) for piece in pieces) >= 2001
    assert bench.raw(1) == [(at(1, 2, 1999), 1999.0), (at(2), 0.0)]
    bench.file(rows((1, at(1, 5), 5.0)))
    assert bench.raw(1) == [(at(1, 2, 1999), 1999.0), (at(1, 5), 5.0), (at(2), 0.0)]


def test_a_file_deleted_between_listing_and_opening_makes_the_read_look_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.file(rows((1, at(1, 2), 1.0), (1, at(1, 3), 2.0)))
    bench.file(rows((1, at(2), 3.0)))
    listed = bench.reader._library.files
    cut = [lambda: prune(bench.shelf, [key(1)])]

    def files_then_prune() -> list[Key]:
        found = listed()
        if cut:
            cut.pop()()
        return found

    monkeypatch.setattr(bench.reader._library, "files", files_then_prune)
    assert bench.raw(1) == [(at(1, 3), 2.0), (at(2), 3.0)]


def test_readers_beside_pruning_miss_nothing(bench: Bench) -> None:
    for month in range(1, 6):
        bench.file(rows(*[(tag, at(month, 2), float(month)) for tag in range(1, 40)], (50, at(1), 5.0)))
    wrong: list[object] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            if bench.before(50, at(6)) != (at(1), 5.0) or bench.before(7, at(6)) != (at(5, 2), 5.0):
                wrong.append("a value is gone")

    reading = threading.Thread(target=read)
    reading.start()
    try:
        for month in range(1, 5):
            prune(bench.shelf, [key(month)])
    finally:
        ended.set()
        reading.join()
    assert not wrong


CUTS: list[tuple[object, str]] = [
    (Carry, "put"),
    (pruning, "size_of"),
    (files, "remove_log"),
    (Shelf, "delete"),
]


@pytest.mark.parametrize(("owner", "name"), CUTS, ids=[name for _, name in CUTS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_was_cut_off_is_done_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, when: str
) -> None:
    class Cut(BaseException):
        pass

    bench.file(rows((1, at(1, 3), 7.0), (2, at(1, 4), 8.0)))
    bench.file(rows((2, at(2, 4), 9.0)))
    real: Callable[..., object] = getattr(owner, name)

    def cut(*arguments: object) -> object:
        if when == "after":
            real(*arguments)
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, cut)
        with pytest.raises(Cut):
            prune(bench.shelf, [key(1)])
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    prune(bench.shelf, [key(1)])
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    assert bench.raw(2) == [(at(1, 4), 8.0), (at(2, 4), 9.0)] or bench.raw(2) == [(at(2, 4), 9.0)]
    assert [str(k) for k in files.present(bench.folder)] == ["default/2026-02.db"]
    assert not list(bench.folder.glob("data/*/2026-01*"))


KILLED = """
import os, sys
from pathlib import Path
from hmi.historian.files import Key
from hmi.historian.pruning import prune_steps
from hmi.historian.shelf import Shelf
steps = int(sys.argv[2])
def die(event, _):
    global steps
    if event in ("os.remove", "sqlite3.connect/handle"):
        steps -= 1
        if not steps:
            os._exit(9)
sys.addaudithook(die)
left = int(sys.argv[3])
for _ in prune_steps(Shelf(Path(sys.argv[1]), None), [Key(672, "default")]):
    left -= 1
    if not left:
        os._exit(9)
"""


@pytest.mark.parametrize(("removals", "steps"), [(0, 1), (0, 2), (1, 0), (2, 0), (3, 0)])
def test_a_process_killed_while_pruning_leaves_nothing_half(tmp_path: Path, removals: int, steps: int) -> None:
    bench = Bench(tmp_path)
    bench.file(rows((1, at(1, 3), 7.0)))
    bench.file(rows((2, at(1, 4), 8.0)), blocks=True)
    bench.file(rows((2, at(2, 4), 9.0)))
    bench.shelf.close()
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(removals), str(steps)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    assert subprocess.run(command, env=environment, timeout=50, check=False).returncode == 9
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    prune(bench.shelf, [key(1)])
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    assert not list(tmp_path.glob("data/*/2026-01*"))
    bench.close()


def test_the_log_of_a_deleted_month_is_not_played_into_its_successor(bench: Bench, tmp_path: Path) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    path = key(1).path(bench.folder)
    log = path.with_name("2026-01.db-wal")
    kept = tmp_path / "log"
    kept.write_bytes(log.read_bytes())
    assert kept.stat().st_size
    prune(bench.shelf, [key(1)])
    log.write_bytes(kept.read_bytes())  # the deletion was cut off
    bench.file(rows((1, at(1, 9), 8.0)))
    assert bench.raw(1) == [(at(1, 3), 7.0), (at(1, 9), 8.0)]
    assert bench.reader.verify() == []


def test_a_damaged_block_is_carried_as_what_a_read_shows(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (1, at(1, 4), 8.0)), blocks=True)
    bench.file(rows((2, at(1, 3), 9.0)), blocks=True)
    _damage(bench, "block", 1)
    assert _statuses(bench, 1, at(3)) == [Status.BAD_DATA_LOST]
    (found,) = prune(bench.shelf, [key(1)])
    assert found.samples == 3
    page = bench.reader.read_raw(1, 0, END)
    assert (page.time.tolist(), page.status.tolist()) == ([at(1, 4)], [Status.BAD_DATA_LOST])
    assert bench.before(2, at(3)) == (at(1, 3), 9.0)


def test_a_damaged_run_does_not_stop_pruning(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (5, at(1, 6), 8.0)))
    bench.file(rows((5, at(1, 9), 9.0), (6, at(1, 9), 9.0)))
    _damage(bench, "run", 1)
    prune(bench.shelf, [key(1)])
    assert bench.before(5, at(3)) == (at(1, 9), 9.0)
    assert _statuses(bench, 1, at(3)) == [Status.BAD_DATA_LOST]


def _damage(bench: Bench, table: str, row: int) -> None:
    connection = connect_writer(key(1).path(bench.folder))
    connection.execute(f"UPDATE {table} SET data = zeroblob(length(data)) WHERE id = ?", (row,))  # noqa: S608
    close(connection)


def _statuses(bench: Bench, tag: int, time: int) -> list[int]:
    return bench.reader.read_raw(tag, time, time + 1, bounds=True).status.tolist()[:1]


@pytest.mark.parametrize("how", ["not a database", "torn", "no tables"])
def test_a_file_that_cannot_be_read_is_deleted_and_leaves_a_hole(bench: Bench, how: str) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    prune(bench.shelf, [key(1)])
    bench.file(rows(*[(tag, at(2, 3), float(tag)) for tag in range(2, 300)]), blocks=True)
    bench.shelf.close()
    bench.reader.close()
    path = key(2).path(bench.folder)
    if how == "no tables":
        path.unlink()
        close(connect_writer(path))
    elif how == "torn":
        os.truncate(path, path.stat().st_size // 2)
    else:
        path.write_bytes(b"x" * 10_000)
    bench.reader = open_reader(bench.folder)
    bench.file(rows((4, at(3), 4.0)))
    (found,) = prune(bench.shelf, [key(2)])
    assert found.samples is None
    assert "unknown number" in str(found)
    # Whether the setpoint changed in that month is not known any more.
    page = bench.reader.read_raw(1, at(2), at(5), bounds=True)
    assert (page.time.tolist()[1], page.status.tolist()[1]) == (at(3) - 1, Status.BAD_DATA_LOST)
    assert bench.before(4, at(4)) == (at(3), 4.0)
    assert not path.exists()


def test_damaged_carried_values_are_found_and_named(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (2, at(1, 3), 8.0)))
    prune(bench.shelf, [key(1)])
    connection = connect_writer(carry_path(bench.folder, "default"))
    connection.execute("UPDATE carry SET data = zeroblob(length(data)) WHERE tag = 1")
    close(connection)
    (found,) = bench.reader.verify()
    assert (found.tags, found.start) == ((1, 1), at(1, 3))
    assert "default/carry.db" in str(found)
    assert _statuses(bench, 1, at(3)) == [Status.BAD_DATA_LOST]
    assert bench.before(2, at(3)) == (at(1, 3), 8.0)


@pytest.mark.parametrize("how", ["not a database", "torn"])
def test_broken_carried_values_are_set_aside_and_pruning_goes_on(bench: Bench, how: str) -> None:
    bench.file(rows(*[(tag, at(1, 3), 7.0) for tag in range(1, 400)]))
    prune(bench.shelf, [key(1)])
    path = carry_path(bench.folder, "default")
    bench.reader.close()
    if how == "torn":
        os.truncate(path, path.stat().st_size // 2)
    else:
        path.write_bytes(b"x" * 10_000)
    bench.reader = open_reader(bench.folder)
    assert "default/carry.db" in str(bench.reader.verify()[0])
    bench.file(rows((2, at(2, 3), 8.0)))
    assert bench.before(2, at(3)) == (at(2, 3), 8.0)
    assert len(prune(bench.shelf, [key(2)])) == 1
    assert bench.before(2, at(3)) == (at(2, 3), 8.0)
    assert bench.reader.verify() == []
    assert path.with_name("carry.damaged").exists()


def test_a_full_disk_keeps_the_month(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    real = carry.connect_writer

    def full(path: Path) -> object:
        connection = real(path)
        connection.execute("PRAGMA max_page_count=1").fetchone()
        return connection

    bench.file(rows(*[(tag, at(1, 3), 7.0) for tag in range(300)]))
    with monkeypatch.context() as patch:
        patch.setattr(carry, "connect_writer", full)
        with pytest.raises(StoreError, match="is full"):
            prune(bench.shelf, [key(1)])
    assert key(1).path(bench.folder).exists()
    prune(bench.shelf, [key(1)])
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)


class Watch:
    """A clock that stands until it is moved, and an ear for what retention deleted."""

    def __init__(self, utc: int) -> None:
        self.utc = utc
        self.pruned: list[str] = []
        self._heard = threading.Condition()

    def clock(self) -> Instants:
        return Instants(0, self.utc)

    def hear(self, event: HealthEvent) -> None:
        assert event.kind is HealthKind.PRUNED, event.text
        with self._heard:
            self.pruned.append(event.text.split()[2])
            self._heard.notify_all()

    def wait(self, count: int) -> list[str]:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.pruned) >= count, 30)
            return list(self.pruned)


def _running(folder: Path, watch: Watch, **retention: Retention) -> StoreWriter:
    options = StoreOptions(
        flush_seconds=0.001, compact_rows=2, compact_flushes=1, block_from=1, fresh_runs=1, retention=retention
    )
    return open_store(folder, clock=watch.clock, options=options, on_health=watch.hear)


def test_a_running_writer_prunes_a_month_of_each_group_an_hour(bench: Bench, tmp_path: Path) -> None:
    for month in range(1, 6):
        bench.file(rows((1, at(month, 3), float(month))))
        bench.file(rows((2, at(month, 3), float(month))), group="other")
    bench.file(rows((3, at(1, 3), 33.0)))
    bench.shelf.close()
    watch = Watch(at(6, 1))
    writer = _running(bench.folder, watch, default=Retention(max_age_days=60))
    inside = writer.reader()
    assert watch.wait(1) == ["default/2026-01.db"]
    writer.append(rows((1, at(6), 6.0)))
    writer.flush()
    assert len(watch.pruned) == 1
    watch.utc += 3600 * 10**9
    assert watch.wait(2) == ["default/2026-01.db", "default/2026-02.db"]
    watch.utc += 3600 * 10**9
    assert watch.wait(3)[-1] == "default/2026-03.db"
    assert shown(inside.read_raw(3, at(6), at(6) + 1, bounds=True))[0] == (at(1, 3), 33.0)
    assert shown(inside.read_raw(1, 0, END)) == [
        (at(3, 3), 3.0),
        (at(4, 3), 4.0),
        (at(5, 3), 5.0),
        (at(6), 6.0),
    ]
    inside.close()
    writer.close()
    assert len([k for k in files.present(bench.folder) if k.group == "other"]) == 5


def test_a_late_sample_of_a_pruned_month_goes_at_the_next_look(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 1.0)))
    bench.shelf.close()
    watch = Watch(at(6, 1))
    writer = _running(bench.folder, watch, default=Retention(max_age_days=60))
    watch.wait(1)
    writer.append(rows((1, at(1, 9), 9.0)))
    writer.flush()
    while not key(1).path(bench.folder).exists():
        pass
    assert bench.raw(1) == [(at(1, 3), 1.0), (at(1, 9), 9.0)]
    watch.utc += 3600 * 10**9
    assert watch.wait(2) == ["default/2026-01.db"] * 2
    assert bench.raw(1) == [(at(1, 9), 9.0)]
    writer.close()


def test_pruning_needs_no_whole_column_of_a_tag(bench: Bench) -> None:
    times = at(1, 2) + np.arange(20_000)
    n = len(times)
    batch = Batch(np.full(n, 1, np.int32), times, np.zeros(n, np.int64), times.astype(float), np.zeros(n, np.uint32))
    bench.file(batch, blocks=True)
    reader = connect_reader(key(1).path(bench.folder))
    assert reader.execute("SELECT count(*) FROM block").fetchone()[0] == 3
    close(reader)
    prune(bench.shelf, [key(1)])
    assert bench.raw(1) == [(int(times[-1]), float(times[-1]))]
