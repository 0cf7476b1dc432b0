"""Months, retention groups, late samples and damage in the data files of a real store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian import raw
from hmi.historian.api import RawPage
from hmi.historian.files import present
from hmi.historian.health import HealthEvent
from hmi.historian.sqlite import close, connect_reader, connect_writer
from hmi.historian.store import StoreOptions, StoreWriter, open_reader, open_store
from tests.helpers_historian.ruins import break_header, break_tree

LATEST = 1 << 62
OPTIONS = StoreOptions(block_from=100, block_rows=400, run_rows=200)


def clock() -> Instants:
    return Instants(5, 1_000 * SECOND)


def at(year: int, month: int, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * SECOND


def noise(tag: int, start: int, count: int, step: int = SECOND) -> Batch:
    times = start + np.arange(count) * step
    return batch_of(
        [tag] * count, times, [0] * count, np.random.default_rng(start % 997).normal(size=count), [0] * count
    )


def opened(folder: Path, options: StoreOptions = OPTIONS, heard: list[HealthEvent] | None = None) -> StoreWriter:
    return open_store(folder, clock=clock, options=options, on_health=(heard if heard is not None else []).append)


def read(folder: Path, tag: int) -> RawPage:
    reader = open_reader(folder)
    page = reader.read_raw(tag, -LATEST, LATEST)
    reader.close()
    return page


def count(file: Path, table: str) -> int:
    connection = connect_reader(file)
    (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    close(connection)
    return int(found)


def test_each_month_of_each_group_has_its_file(tmp_path: Path) -> None:
    options = StoreOptions(block_from=100, group_of=lambda tag: "quality" if tag == 2 else "default")
    writer = opened(tmp_path, options)
    for start in (at(1969, 12, 31), at(2026, 10, 31), at(2026, 11, 1)):
        for tag in (1, 2):
            writer.append(noise(tag, start, 30, 3600 * SECOND))
    writer.tidy()
    names = [str(key.path(Path()).relative_to("data")) for key in present(tmp_path)]
    assert names == [
        f"{group}/{month}.db"
        for month in ("1969-12", "1970-01", "2026-10", "2026-11")
        for group in ("default", "quality")
    ]
    reader = writer.reader()
    for tag in (1, 2):
        assert len(reader.read_raw(tag, -LATEST, LATEST).time) == 84  # the two of November are written once
        newest = reader.read_raw(tag, None, LATEST, limit=3).time
        assert newest.tolist() == [at(2026, 11, 2) + h * 3600 * SECOND for h in (5, 4, 3)]
        assert reader.read_raw(tag, at(1969, 12), None, limit=1).time.tolist() == [at(1969, 12, 31)]
    assert reader.info().samples == 168
    assert (reader.info().oldest, reader.info().newest) == (at(1969, 12, 31), at(2026, 11, 2) + 5 * 3600 * SECOND)
    reader.close()
    writer.close()


@pytest.mark.parametrize("kept", [30, 200], ids=["in runs", "in blocks"])
def test_a_sample_written_again_after_a_change_of_group_counts(tmp_path: Path, kept: int) -> None:
    october, november = at(2026, 10, 31), at(2026, 11, 1)
    batch = noise(2, october, kept)
    # From a group whose name comes later into one that comes earlier, and back.
    for value, group in ((1.0, "z"), (2.0, "a"), (3.0, "z")):
        names = {2: group}
        options = StoreOptions(block_from=100, group_of=names.__getitem__)
        writer = opened(tmp_path, options)
        writer.append(replace(batch, value=np.full(kept, value)))
        if group == "a":
            writer.append(noise(2, november, 5))
        writer.tidy()
        writer.close()
        assert set(read(tmp_path, 2).value[:kept].tolist()) == {value}
    assert [str(key) for key in present(tmp_path)] == ["z/2026-10.db", "a/2026-11.db"]  # a group begins with a month


def test_a_broken_file_of_another_group_does_not_keep_samples_from_being_filed(tmp_path: Path) -> None:
    options = StoreOptions(block_from=100, group_of=lambda tag: "quality" if tag == 2 else "default")
    writer = opened(tmp_path, options)
    writer.append(noise(2, at(2026, 11, 1), 30))
    writer.tidy()
    writer.close()
    break_header(present(tmp_path)[0].path(tmp_path))
    writer = opened(tmp_path, options)
    writer.append(noise(1, at(2026, 11, 1), 30))
    writer.tidy()
    writer.close()
    assert len(read(tmp_path, 1).value) == 30 + 1  # what the other file may hold of it shows as a hole of the month
    assert [key.group for key in present(tmp_path)] == ["default", "quality"]


def test_samples_weeks_late_are_sorted_into_their_blocks(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    start = at(2026, 10)
    writer.append(noise(1, start, 2000, 60 * SECOND))
    writer.tidy()
    file = tmp_path / "data" / "default" / "2026-10.db"
    assert count(file, "block") == 5
    assert count(file, "run") == 0
    late = noise(1, start + 30 * SECOND, 150, 600 * SECOND)
    writer.append(late)
    writer.tidy()
    page = read(tmp_path, 1)
    assert len(page.time) == 2150
    assert (np.diff(page.time) > 0).all()
    assert page.value[np.searchsorted(page.time, late.time)].tolist() == late.value.tolist()
    again = batch_of([1], [start], [0], [42.0], [0])
    writer.append(again)
    writer.tidy()
    page = read(tmp_path, 1)
    assert (len(page.time), page.value[0]) == (2150, 42.0)
    writer.close()


@pytest.mark.parametrize("filed", [False, True])
def test_the_first_and_the_last_time_there_is_are_read(tmp_path: Path, *, filed: bool) -> None:
    ends = [(1, raw.LATEST), (2, raw.EARLIEST)]
    writer = opened(tmp_path)
    for tag, time in ends:
        writer.append(batch_of([tag], [time], [0], [7.0], [0]))
        writer.flush()
    if filed:
        writer.tidy()
    writer.close()
    reader = open_reader(tmp_path)
    for tag, time in ends:
        assert reader.read_raw(tag, time, time).time.tolist() == [time]
        assert reader.read_raw(tag, raw.EARLIEST, None, limit=3).time.tolist() == [time]
        assert reader.read_raw(tag, None, raw.LATEST, limit=3).time.tolist() == [time]
    reader.close()


@pytest.mark.parametrize("first", [raw.EARLIEST, raw.LATEST - 1599])
def test_blocks_at_both_ends_of_time_are_read_page_by_page(tmp_path: Path, first: int) -> None:
    writer = opened(tmp_path)
    writer.append(noise(1, first, 1600, 1))
    writer.tidy()
    writer.close()
    reader = open_reader(tmp_path)
    assert len(reader.read_raw(1, raw.EARLIEST, None, limit=3000).time) == 1600
    assert len(reader.read_raw(1, None, raw.LATEST, limit=3000).time) == 1600
    reader.close()


def test_numbers_go_on_when_the_journal_is_empty_at_a_restart(tmp_path: Path) -> None:
    for round_ in range(3):
        writer = opened(tmp_path)
        writer.append(noise(1, at(2026, 11, 1 + round_), 50))
        writer.tidy()
        writer.close()
        assert len(read(tmp_path, 1).time) == 50 * (round_ + 1)


def test_numbers_go_on_when_the_journal_is_older_than_the_data_files(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    writer.append(noise(1, at(2026, 11, 1), 50))
    writer.tidy()
    writer.close()
    for file in tmp_path.glob("journal.db*"):
        file.unlink()
    writer = opened(tmp_path)
    writer.append(noise(1, at(2026, 11, 2), 50))
    writer.tidy()
    writer.close()
    assert len(read(tmp_path, 1).time) == 100


def test_the_journal_gives_its_room_back(tmp_path: Path) -> None:
    writer = opened(tmp_path, StoreOptions(flush_seconds=3600, compact_rows=2_000_000))
    for i in range(8):
        writer.append(noise(1 + i, at(2026, 11, 1), 200_000, 1_000_003))
        writer.flush()
    large = (tmp_path / "journal.db").stat().st_size
    writer.tidy()
    writer.close()
    assert large > 10_000_000
    assert (tmp_path / "journal.db").stat().st_size < 6_000_000


def flip(file: Path, table: str, offset: int = 0) -> None:
    connection = connect_writer(file)
    row, data = connection.execute(f"SELECT id, data FROM {table} ORDER BY id LIMIT 1 OFFSET {offset}").fetchone()  # noqa: S608
    bad = bytearray(data)
    bad[len(bad) // 2] ^= 0x10
    connection.execute(f"UPDATE {table} SET data = ? WHERE id = ?", (bytes(bad), row))  # noqa: S608
    close(connection)


def stored(folder: Path, samples: int) -> Path:
    """A store with one tag in blocks (or runs when there are few samples); its data file."""
    writer = opened(folder)
    writer.append(noise(1, at(2026, 11), samples))
    writer.tidy()
    writer.close()
    return folder / "data" / "default" / "2026-11.db"


@pytest.mark.parametrize(("samples", "table", "lost"), [(1200, "block", 400), (90, "run", 90)])
def test_a_damaged_place_is_a_marked_hole_and_the_rest_reads(
    tmp_path: Path, samples: int, table: str, lost: int
) -> None:
    flip(stored(tmp_path, samples), table)
    page = read(tmp_path, 1)
    assert (page.status == 0).sum() == samples - lost
    bad = page.time[page.status == Status.BAD_DATA_LOST]
    assert bad.tolist() == [at(2026, 11), at(2026, 11) + (lost - 1) * SECOND]
    reader = open_reader(tmp_path)
    (found,) = reader.verify()
    assert (found.start, found.end, found.tags) == (*bad.tolist(), (1, 1))
    assert f"default/2026-11.db, {table} 1, {lost} samples" in found.what
    reader.close()


def test_a_damaged_block_is_told_and_left_when_late_samples_fall_into_it(tmp_path: Path) -> None:
    file = stored(tmp_path, 1200)
    flip(file, "block")
    heard: list[HealthEvent] = []
    writer = opened(tmp_path, heard=heard)
    writer.append(noise(1, at(2026, 11) + SECOND // 2, 150))
    writer.tidy()
    writer.append(noise(1, at(2026, 11) + SECOND // 3, 150))
    writer.tidy()
    writer.close()
    assert [event.kind.value for event in heard] == ["damaged"]
    page = read(tmp_path, 1)
    assert (page.status == 0).sum() == 800 + 300


def test_pages_show_a_damaged_block_and_what_lies_inside_it(tmp_path: Path) -> None:
    file = stored(tmp_path, 1600)
    flip(file, "block")
    writer = opened(tmp_path, heard=[])
    writer.append(noise(1, at(2026, 11) + 10 * SECOND + 1, 150, SECOND // 10))
    writer.tidy()
    writer.close()
    whole = read(tmp_path, 1).time.tolist()
    reader = open_reader(tmp_path)
    for limit in (7, 1300):
        forward, backward = [], []
        start: int | None = -LATEST
        while start is not None:
            page = reader.read_raw(1, start, LATEST, limit=limit)
            forward += page.time.tolist()
            start = page.next_start
        start = LATEST
        while start is not None:
            page = reader.read_raw(1, None, start, limit=limit)
            backward += page.time.tolist()
            start = page.next_start
        assert forward == whole
        assert backward == whole[::-1]
    reader.close()


@pytest.mark.parametrize("ruin", [break_header, break_tree])
def test_a_ruined_file_is_a_hole_of_its_month(tmp_path: Path, ruin: Callable[[Path], None]) -> None:
    file = stored(tmp_path, 1200)
    writer = opened(tmp_path)
    writer.append(noise(1, at(2026, 10), 700))
    writer.append(noise(1, at(2026, 12), 700))
    writer.tidy()
    writer.close()
    ruin(file)
    page = read(tmp_path, 1)
    assert (page.status == 0).sum() == 1400
    assert page.time[page.status == Status.BAD_DATA_LOST].tolist() == [at(2026, 11), at(2026, 12) - 1]
    reader = open_reader(tmp_path)
    found = reader.verify()
    assert found
    assert all("2026-11" in damage.what for damage in found)
    assert reader.info().samples >= 1400
    reader.close()
    writer = opened(tmp_path)  # a station must start all the same
    writer.append(noise(1, at(2026, 12, 2), 10))
    writer.flush()
    writer.close()
