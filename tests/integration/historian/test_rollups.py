"""Stored rollups change nothing of a trend or an aggregate: late samples, restarts and ended months included."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian import raw
from hmi.historian.aggregates import Aggregate, Processed
from hmi.historian.processed import read_processed
from hmi.historian.rollup.cells import DAY, HOUR, MINUTE
from hmi.historian.rollup.columns import Trend, TrendColumns
from hmi.historian.sqlite import close, connect_reader, connect_writer
from hmi.historian.store import StoreOptions, StoreReader, StoreWriter, open_store
from hmi.historian.trend_read import read_trend
from hmi.historian.trend_source import StoredSource
from tests.helpers_historian.readers import SamplesAlone, SamplesAndHours

START = int(datetime(2026, 10, 28, 20, tzinfo=UTC).timestamp()) * SECOND
DAYS = [(START // DAY) + n for n in range(6)]


class Clock:
    def __init__(self) -> None:
        self.utc = START

    def __call__(self) -> Instants:
        return Instants(5, self.utc)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[StoreWriter]:
    writer = open_store(tmp_path, clock=clock, options=StoreOptions())
    yield writer
    writer.close()


def noise(start: int, count: int, step: int = 2 * SECOND, tag: int = 1) -> Batch:
    times = start + np.arange(count) * step
    values = np.round(np.random.default_rng(count).normal(50, 3, count), 1)
    return batch_of([tag] * count, times, [0] * count, values, [0] * count)


def rolled(folder: Path, tag: int = 1) -> list[int]:
    found: list[int] = []
    for file in sorted((folder / "data" / "default").glob("*.db")):
        connection = connect_reader(file)
        rows = connection.execute("SELECT day FROM rollup WHERE tag = ? ORDER BY day", (tag,)).fetchall()
        found += [day for (day,) in rows]
        close(connection)
    return found


def assert_same(left: Trend, right: Trend) -> None:
    assert isinstance(left, TrendColumns)
    assert isinstance(right, TrendColumns)
    assert left.grid == right.grid
    for name in ("first", "min", "max", "last", "count", "worst", "has_gap", "starts_in_gap", "ends_in_gap"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), name)
    assert (left.before, left.after, left.newest) == (right.before, right.after, right.newest)


def rollups_change_nothing(reader: StoreReader) -> None:
    plain = StoredSource(reader.read_raw, lambda *_: ())
    for width in (MINUTE, HOUR):
        end = START + 5 * DAY
        columns = (end - START) // width
        assert_same(reader.read_trend([1], START, end, columns)[1], read_trend(plain, [1], START, end, columns)[1])


def test_whole_days_are_rolled_up_and_late_samples_undo_it(tmp_path: Path, store: StoreWriter) -> None:
    reader = store.reader()
    store.append(noise(START, 43_200 * 3))
    store.tidy()
    assert rolled(tmp_path) == DAYS[0:3]  # the fourth goes on
    rollups_change_nothing(reader)
    late = batch_of([1], [DAYS[2] * DAY + 777], [0], [999.0], [0])
    store.append(late)
    rollups_change_nothing(reader)
    store.flush()
    rollups_change_nothing(reader)
    outside = StoreReader(tmp_path)
    rollups_change_nothing(outside)
    store.tidy()
    assert rolled(tmp_path) == DAYS[0:2]
    rollups_change_nothing(outside)
    store.append(noise(START + 3 * DAY, 43_200 * 2))
    store.tidy()
    assert rolled(tmp_path) == [*DAYS[0:3], DAYS[4]]  # the last of October may still go on
    rollups_change_nothing(outside)
    outside.close()
    reader.close()


def test_an_ended_month_is_rolled_up_to_its_end_and_again_after_late_samples(
    tmp_path: Path, store: StoreWriter, clock: Clock
) -> None:
    reader = store.reader()
    store.append(noise(START, 43_200 * 5))
    store.append(noise(START, 300, 60 * SECOND, tag=2))
    clock.utc = DAYS[5] * DAY + DAY  # the third of November
    store.tidy()
    assert rolled(tmp_path) == DAYS[0:5]
    rollups_change_nothing(reader)
    assert len(reader.read_raw(2, START, START + DAY).time) == 300
    store.append(batch_of([1], [DAYS[3] * DAY + 777], [0], [999.0], [0]))
    store.tidy()
    assert rolled(tmp_path) == DAYS[0:5]
    rollups_change_nothing(reader)
    reader.close()


def test_a_restart_rolls_up_what_was_left(tmp_path: Path, clock: Clock) -> None:
    for part in range(5):
        writer = open_store(tmp_path, clock=clock, options=StoreOptions())
        writer.append(noise(START + part * DAY, 43_200))
        writer.tidy()
        reader = writer.reader()
        if part > 2:
            rollups_change_nothing(reader)
        reader.close()
        writer.close()
    assert rolled(tmp_path) == [*DAYS[0:3], DAYS[4]]


def spoil(file: Path, table: str) -> None:
    connection = connect_writer(file)
    row, data = connection.execute(f"SELECT id, data FROM {table} ORDER BY id LIMIT 1").fetchone()  # noqa: S608
    bad = bytearray(data)
    bad[len(bad) // 2] ^= 0x10
    connection.execute(f"UPDATE {table} SET data = ? WHERE id = ?", (bytes(bad), row))  # noqa: S608
    close(connection)


@pytest.mark.parametrize("table", ["run", "block"])
def test_a_day_with_a_damaged_place_has_no_rollup(tmp_path: Path, clock: Clock, table: str) -> None:
    (few, many), day = (100, 43_200), DAYS[1] * DAY
    for batch in (
        noise(day + 3600 * SECOND, few if table == "run" else many),
        noise(day + 777, many),
        noise(day + DAY, many),
    ):
        store = open_store(tmp_path, clock=clock, options=StoreOptions(), on_health=lambda _event: None)
        store.append(batch)
        store.tidy()
        store.append(batch_of([2], [day], [0], [1.0], [0]))
        store.close()
        if len(batch) == few or batch.time[0] == day + 3600 * SECOND:
            spoil(tmp_path / "data" / "default" / "2026-10.db", table)
    reader = StoreReader(tmp_path)
    assert reader.verify()
    assert DAYS[1] not in rolled(tmp_path)
    rollups_change_nothing(reader)
    reader.close()


def aggregates_are_those_of_samples(reader: StoreReader) -> int:
    """The most samples that were read at once beside the hours."""
    told = SamplesAndHours(reader)
    for function in (
        *(Aggregate.TIME_AVERAGE2, Aggregate("StdDevSample"), Aggregate.MINIMUM),
        *(Aggregate.END, Aggregate.DELTA_BOUNDS, Aggregate.PERCENT_BAD),
    ):
        for start, interval in ((START, HOUR), (START - MINUTE, 0)):
            asked = (1, function, start, START + 4 * DAY, interval)
            found, wanted = read_processed(told, *asked), read_processed(SamplesAlone(reader), *asked)
            assert found.time.tolist() == wanted.time.tolist()
            assert found.status.tolist() == wanted.status.tolist()
            np.testing.assert_allclose(found.value, wanted.value, rtol=1e-12, atol=1e-9)
    return told.largest


def hourly(reader: SamplesAlone) -> Processed:
    return read_processed(reader, 1, Aggregate.MAXIMUM, START, START + 3 * DAY, HOUR)


def test_aggregates_take_hours_until_late_samples_undo_them(tmp_path: Path, store: StoreWriter) -> None:
    reader = store.reader()
    store.append(noise(START, 43_200 * 3))
    assert aggregates_are_those_of_samples(reader) == 43_200 * 3  # nothing is rolled up yet
    store.tidy()
    assert rolled(tmp_path) == DAYS[0:3]
    hours = SamplesAndHours(reader)
    assert hourly(hours).value.max() < 100
    assert hours.largest < 43_200  # the fourth day, which goes on
    aggregates_are_those_of_samples(reader)
    late = [(DAYS[1] * DAY + 777, 999.0, 0), (DAYS[2] * DAY + HOUR, 0.0, int(Status.BAD))]
    time, value, status = (list(column) for column in zip(*late, strict=True))
    store.append(batch_of([1, 1], time, [0, 0], value, status))
    outside = StoreReader(tmp_path)
    for told in (reader, outside):
        store.flush()
        assert hourly(SamplesAndHours(told)).value[4] == 999
        aggregates_are_those_of_samples(told)
    store.tidy()
    assert rolled(tmp_path) == DAYS[0:1]
    aggregates_are_those_of_samples(outside)
    store.append(noise(START + 3 * DAY, 43_200 * 2))
    store.tidy()
    assert rolled(tmp_path) == [*DAYS[0:3], DAYS[4]]
    aggregates_are_those_of_samples(outside)
    hours = SamplesAndHours(outside)
    assert hourly(hours).value[4] == 999
    assert hours.largest == 21 * 1800  # the last of October, and the hour before it
    outside.close()
    reader.close()


def test_damage_found_after_a_day_was_rolled_up_shows_in_its_hours_and_trends(
    tmp_path: Path, store: StoreWriter
) -> None:
    store.append(noise(START, 43_200 * 3))
    store.tidy()
    assert rolled(tmp_path) == DAYS[0:3]
    connection = connect_writer(tmp_path / "data" / "default" / "2026-10.db")
    row, low, high = connection.execute(
        "SELECT id, time_min, time_max FROM block WHERE time_min > ? ORDER BY time_min", (DAYS[1] * DAY,)
    ).fetchone()
    connection.execute("UPDATE block SET data = x'00', damaged = 1 WHERE id = ?", (row,))
    close(connection)
    reader = StoreReader(tmp_path)
    found = hourly(SamplesAndHours(reader))
    inside = (found.time >= low) & (found.time + HOUR <= high)
    assert inside.any()
    assert (found.status[inside] >> 30 == 2).all()
    aggregates_are_those_of_samples(reader)
    rollups_change_nothing(reader)
    reader.close()


@pytest.mark.parametrize("first", [raw.EARLIEST, raw.LATEST - 2999])
def test_the_days_at_both_ends_of_time_are_rolled_up_too(
    tmp_path: Path, store: StoreWriter, clock: Clock, first: int
) -> None:
    """A device may say anything: it must not end the historian."""
    clock.utc = raw.LATEST
    store.append(noise(first, 3000, 1))
    store.tidy()
    store.append(noise(START, 10, 1))
    store.tidy()
    reader = store.reader()
    assert len(reader.read_raw(1, first, first + 2999).time) == 2999
    reader.close()
