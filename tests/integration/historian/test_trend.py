"""A trend of a store: committed, merged and still in memory, beside texts and gaps."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian.api import ReadCancelledError, TextsError
from hmi.historian.rollup.cells import cells_of
from hmi.historian.rollup.columns import TrendColumns, TrendSamples
from hmi.historian.rollup.points import points
from hmi.historian.store import StoreOptions, StoreWriter, open_reader, open_store

START = 1_800_000_000 * SECOND
COUNT = 5_000
OPTIONS = StoreOptions(flush_seconds=3600, flush_rows=700, compact_rows=1500)


def samples(first: int, last: int) -> Batch:
    """Tag 1 once a second with a Bad one now and then; tag 2 holds texts."""
    n = np.arange(first, last)
    status = np.where(n % 333 == 332, np.uint32(Status.BAD_SENSOR_FAILURE), np.uint32(0))
    return batch_of(n * 0 + 1, START + n * SECOND, n, (n * 37 % 101).astype(np.float64), status)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreWriter]:
    writer = open_store(tmp_path, clock=lambda: Instants(5, START), options=OPTIONS)
    yield writer
    writer.close()


def test_a_trend_up_to_now_has_every_sample_once(tmp_path: Path, store: StoreWriter) -> None:
    for first in range(0, COUNT - 500, 500):
        store.append(samples(first, first + 500))
    store.flush()
    outside = open_reader(tmp_path)
    committed = outside.read_trend([1], START, START + COUNT * SECOND, 100)[1]
    assert isinstance(committed, TrendColumns)
    assert int(committed.count.sum()) == COUNT - 500
    outside.close()
    store.append(samples(COUNT - 500, COUNT))
    reader = store.reader()
    found = reader.read_trend([1], START, START + COUNT * SECOND, 100)[1]
    assert isinstance(found, TrendColumns)
    whole = samples(0, COUNT)
    cells = cells_of(whole.time, whole.value, whole.status, found.grid.width)
    used = found.count > 0
    np.testing.assert_array_equal(found.count[used], cells.count)
    np.testing.assert_array_equal(found.min[used], cells.min)
    np.testing.assert_array_equal(found.max[used], cells.max)
    np.testing.assert_array_equal(found.has_gap[used], cells.marks & 2 != 0)
    assert (int(found.count.sum()), found.newest) == (COUNT, START + (COUNT - 1) * SECOND)
    assert points(found).time[-1] == found.newest
    reader.close()


def test_a_short_span_is_its_samples_and_their_neighbours(store: StoreWriter) -> None:
    store.append(samples(0, 60))
    reader = store.reader()
    found = reader.read_trend([1], START + 10 * SECOND, START + 20 * SECOND, 1000)[1]
    assert isinstance(found, TrendSamples)
    assert ((found.time - START) // SECOND).tolist() == list(range(9, 21))
    reader.close()


def test_texts_have_no_trend(store: StoreWriter) -> None:
    store.append(batch_of([2, 2], [START, START + 1], [0, 0], ["run", "stop"], [0, 0]))
    reader = store.reader()
    with pytest.raises(TextsError):
        reader.read_trend([2], START, START + SECOND, 10)
    reader.close()


def test_a_trend_is_broken_off_when_nobody_waits_for_it(store: StoreWriter) -> None:
    store.append(samples(0, 60))
    reader = store.reader()
    with pytest.raises(ReadCancelledError):
        reader.read_trend([1], START, START + 60 * SECOND, 10, cancelled=lambda: True)
    reader.close()
