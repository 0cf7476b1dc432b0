"""A store gives back what was appended, whatever was committed, merged or still in memory at the moment of the read."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import Batch
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian import journal, meta_table
from hmi.historian.api import Reader, StoreError, StoreLockedError, Writer
from hmi.historian.health import HealthKind
from hmi.historian.sqlite import Connection, close, connect_reader
from hmi.historian.store import StoreOptions, StoreWriter, gap_batch, open_reader, open_store
from tests.helpers_historian.columns import rows, shown

# Small enough that a few appends pass through every stage a sample can be in.
SMALL = StoreOptions(
    flush_seconds=0.001,
    flush_rows=6,
    compact_rows=12,
    compact_flushes=4,
    run_rows=4,
    fresh_runs=3,
    joined_runs=2,
    block_from=4,
    block_rows=8,
)
LAZY = StoreOptions(flush_seconds=3600)


def clock() -> Instants:
    return Instants(5, 1_000 * SECOND)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreWriter]:
    writer = open_store(tmp_path, clock=clock, options=LAZY)
    yield writer
    writer.close()


def test_the_doors_fit(tmp_path: Path) -> None:
    writer: Writer = open_store(tmp_path / "new" / "folder", clock=clock)
    reader: Reader = writer.reader()
    reader.close()
    reader.close()
    writer.close()
    writer.close()
    with pytest.raises(StoreError, match="closed"):
        writer.append(rows((1, 1, 1.0)))
    with pytest.raises(StoreError, match="closed"):
        reader.read_raw(1, 0, 1)


def test_uncommitted_samples_are_read_inside_and_committed_ones_outside(tmp_path: Path, store: StoreWriter) -> None:
    store.append(rows((1, 10, 1.0), (2, 10, "on"), (1, 20, 2.0)))
    inside, outside = store.reader(), open_reader(tmp_path)
    assert shown(inside.read_raw(1, 0, 100)) == [(10, 1.0), (20, 2.0)]
    assert shown(inside.read_raw(2, 0, 100)) == [(10, "on")]
    assert shown(outside.read_raw(1, 0, 100)) == []
    assert (inside.info().samples, inside.info().queued) == (3, 3)
    store.flush()
    assert shown(outside.read_raw(1, 0, 100)) == shown(inside.read_raw(1, 0, 100)) == [(10, 1.0), (20, 2.0)]
    info = inside.info()
    assert (info.samples, info.queued, info.oldest, info.newest, info.tags) == (3, 0, 10, 20, 2)
    assert info.bytes > 0
    assert outside.info().samples == 3
    assert outside.tags() == [1, 2]
    inside.close()
    outside.close()


def test_late_and_repeated_samples_are_sorted_in(store: StoreWriter) -> None:
    reader = store.reader()
    for batch in (rows((1, 30, 1.0), (1, 10, 2.0)), rows((1, 20, 3.0)), rows((1, 10, 4.0))):
        store.append(batch)
        store.flush()
    assert shown(reader.read_raw(1, 0, 100)) == [(10, 4.0), (20, 3.0), (30, 1.0)]
    assert shown(reader.read_raw(1, None, 100, limit=2)) == [(30, 1.0), (20, 3.0)]
    reader.close()


def test_only_one_writes(tmp_path: Path, store: StoreWriter) -> None:
    with pytest.raises(StoreLockedError, match="is written by process"):
        open_store(tmp_path, clock=clock)
    store.close()
    open_store(tmp_path, clock=clock).close()


def test_no_store_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no history"):
        open_reader(tmp_path)


def test_the_last_time_alive_is_known_after_a_restart(tmp_path: Path) -> None:
    now = 1_000 * SECOND
    first = open_store(tmp_path, clock=clock)
    assert first.recovered() is None
    first.mark_alive(now + 10 * SECOND)
    first.close()
    second = open_store(tmp_path, clock=clock)
    at = second.recovered()
    assert second.closed_in_order
    assert at is not None
    assert at >= now
    second.append(gap_batch([1, 2], at))
    reader = second.reader()
    page = reader.read_raw(2, at, at)
    assert page.status.tolist() == [Status.BAD_NO_DATA]
    reader.close()
    second.close()


def test_a_mark_alone_is_written(tmp_path: Path) -> None:
    writer = open_store(tmp_path, clock=clock, options=StoreOptions(flush_seconds=0.001))
    later = 2_000 * SECOND
    writer.mark_alive(later)
    reader = open_reader(tmp_path)
    while meta_table.get(reader._open(), "alive") != later:
        pass
    reader.close()
    writer.close()


@dataclass
class Model:
    """What a store must answer: a plain table."""

    samples: dict[int, dict[int, float | str]] = field(default_factory=dict)

    def append(self, samples: list[tuple[int, int, float | str]]) -> None:
        for tag, time, value in samples:
            self.samples.setdefault(tag, {})[time] = value

    def read(self, tag: int, start: int, end: int) -> list[tuple[int, float | str]]:
        held = self.samples.get(tag, {})
        if end < start:
            return [(t, held[t]) for t in sorted(held, reverse=True) if end < t <= start]
        return [(t, held[t]) for t in sorted(held) if start <= t < end or t == start == end]


# Tag 3 is a string tag, the others hold numbers.
SAMPLE = st.one_of(
    st.tuples(st.integers(1, 2), st.integers(0, 30), st.floats(0, 9)),
    st.tuples(st.just(3), st.integers(0, 30), st.sampled_from(["a", "b", "c"])),
)
STEP = st.one_of(
    st.tuples(st.just("append"), st.lists(SAMPLE, min_size=1, max_size=8)),
    st.tuples(st.just("append"), st.lists(SAMPLE, min_size=1, max_size=8)),
    st.tuples(st.just("flush"), st.none()),
    st.tuples(st.just("read"), st.tuples(st.integers(1, 3), st.integers(0, 31), st.integers(0, 31), st.integers(1, 4))),
    st.tuples(st.just("reopen"), st.none()),
)


def read_by_pages(reader: Reader, tag: int, start: int, end: int, limit: int) -> list[tuple[int, float | str]]:
    found: list[tuple[int, float | str]] = []
    while True:
        page = reader.read_raw(tag, start, end, limit=limit)
        found += shown(page)
        if not page.more:
            return found
        assert page.next_start is not None
        start = page.next_start


@given(st.lists(STEP, max_size=25))
@settings(max_examples=40, deadline=None)
def test_any_order_of_append_flush_read_and_restart_equals_a_table(steps: list[tuple[str, object]]) -> None:
    model = Model()
    with TemporaryDirectory() as name:
        folder = Path(name)
        writer = open_store(folder, clock=clock, options=SMALL)
        reader = writer.reader()
        for what, how in [*steps, ("flush", None)]:
            if what == "append":
                assert isinstance(how, list)
                writer.append(rows(*how))
                model.append(how)
            elif what == "flush":
                writer.flush()
                outside = open_reader(folder)
                for tag in (1, 2, 3):
                    assert shown(outside.read_raw(tag, 0, 31)) == model.read(tag, 0, 31)
                outside.close()
            elif what == "read":
                assert isinstance(how, tuple)
                tag, start, end, limit = how
                assert shown(reader.read_raw(tag, start, end)) == model.read(tag, start, end)
                assert read_by_pages(reader, tag, start, end, limit) == model.read(tag, start, end)
            else:
                reader.close()
                writer.close()
                writer = open_store(folder, clock=clock, options=SMALL)
                reader = writer.reader()
        assert reader.verify() == []
        reader.close()
        writer.close()


def test_reads_beside_appending_see_neither_seam_nor_double(tmp_path: Path) -> None:
    writer = open_store(tmp_path, clock=clock, options=SMALL)
    inside = writer.reader()
    for i in range(300):
        writer.append(rows(*[(1 + k, 10 * i + k, float(i)) for k in range(3)]))
        assert len(inside.read_raw(2, 0, 10_000).time) == i + 1
    writer.flush()
    outside = open_reader(tmp_path)
    assert outside.read_raw(2, 0, 10_000).time.tolist() == [10 * i + 1 for i in range(300)]
    assert outside.info().samples == 900
    outside.close()
    inside.close()
    writer.close()


def test_an_outside_reader_sees_a_prefix_while_rows_are_filed(tmp_path: Path) -> None:
    writer = open_store(tmp_path, clock=clock, options=SMALL)
    outside = open_reader(tmp_path)
    ended = threading.Event()

    def feed() -> None:
        for i in range(500):
            writer.append(rows((1, i, float(i)), (2, i, 0.0)))
            if i % 5 == 0:
                writer.flush()
        ended.set()

    feeder = threading.Thread(target=feed)
    feeder.start()
    before = 0
    while not ended.is_set():
        times = outside.read_raw(1, 0, 10_000).time
        assert (times == np.arange(len(times))).all()
        assert len(times) >= before
        before = len(times)
    feeder.join()
    writer.close()
    assert len(outside.read_raw(1, 0, 10_000).time) == 500
    outside.close()


def test_filing_empties_the_journal_into_few_runs(tmp_path: Path) -> None:
    options = StoreOptions(compact_rows=3000, flush_seconds=3600)
    writer = open_store(tmp_path, clock=clock, options=options)
    for i in range(40):
        writer.append(rows(*[(tag, i, 1.0) for tag in range(1, 101)]))
        writer.flush()
    writer.close()
    reader = open_reader(tmp_path)
    assert len(journal.spans(reader._open())) < 15
    runs = connect_reader(tmp_path / "data" / "default" / "1970-01.db")
    assert runs.execute("SELECT count(*), sum(rows) FROM run").fetchone() == (1, 3000)
    close(runs)
    assert reader.read_raw(50, 0, 100).time.tolist() == list(range(40))
    reader.close()


def test_a_gap_follows_the_last_sample_of_a_device_whose_clock_is_ahead(tmp_path: Path) -> None:
    first = open_store(tmp_path, clock=clock)
    ahead = 5_000 * SECOND
    first.append(rows((1, 10, 1.0), (2, ahead, 2.0), (2, ahead - 1, 3.0)))
    first.close()
    second = open_store(tmp_path, clock=clock)
    at = second.recovered()
    assert at is not None
    reader = second.reader()
    assert reader.later(at) == {2: ahead}
    second.append(gap_batch([1, 2], at, reader.later(at)))
    for tag, end in ((1, at), (2, ahead + 1)):
        page = reader.read_raw(tag, None, 1 << 62, limit=1)
        assert (page.time.tolist(), page.status.tolist()) == ([end], [Status.BAD_NO_DATA])
    reader.close()
    second.close()


@pytest.mark.parametrize(
    "wrong",
    [
        Batch(np.array([1]), np.array([1]), np.array([0]), np.array([1.0]), np.array([0], np.uint32)),
        Batch(np.array([1], np.int32), np.array([1]), np.array([0]), np.array([1]), np.array([0], np.uint32)),
        Batch(
            np.array([1], np.int32),
            np.array([1]),
            np.array([0]),
            np.array([1.0]),
            np.array([0], np.uint32),
            ("only one",),
            np.array([0], np.int32),
        ),
    ],
    ids=["tag", "value", "text"],
)
def test_a_batch_with_wrong_columns_is_refused_at_the_door(store: StoreWriter, wrong: Batch) -> None:
    with pytest.raises(StoreError, match=r"wrong (tag|value|text)"):
        store.append(wrong)


def test_a_writer_that_ends_by_a_defect_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _arguments: None)
    heard: list[HealthKind] = []
    pages = 1

    def prepare(connection: Connection) -> None:
        if heard:
            raise RuntimeError("a defect")
        connection.execute(f"PRAGMA max_page_count={pages}").fetchone()

    open_store(tmp_path, clock=clock).close()
    options = StoreOptions(prepare=prepare, retry_seconds=0.001)
    writer = open_store(tmp_path, clock=clock, options=options, on_health=lambda event: heard.append(event.kind))
    noise = np.random.default_rng(1).normal(size=3000).tolist()
    writer.append(rows(*[(1, i, v) for i, v in enumerate(noise)]))
    with pytest.raises(StoreError, match="not stored yet"):
        writer.flush()
    with pytest.raises(StoreError, match="not stored yet"):
        writer.close()
    assert heard == [HealthKind.STALLED, HealthKind.STOPPED]
    open_store(tmp_path, clock=clock).close()
