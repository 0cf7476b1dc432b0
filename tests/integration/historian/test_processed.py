"""Processed reads of a real store, whatever was committed, merged or still in memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hmi.core.batch import Batch, batch_of
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian import aggregates
from hmi.historian.aggregates import Aggregate, AggregateConfig
from hmi.historian.processed import read_at_time, read_processed
from hmi.historian.store import StoreOptions, StoreWriter, open_reader, open_store

SMALL = StoreOptions(flush_seconds=0.001, flush_rows=60, compact_rows=200)
N = 1000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreWriter]:
    writer = open_store(tmp_path, clock=lambda: Instants(5, 1000 * SECOND), options=SMALL)
    yield writer
    writer.close()


def history() -> Batch:
    """Two tags in turn, out of order, some samples written twice, some Bad or Uncertain."""
    random = np.random.default_rng(7)
    time = random.permutation(np.arange(2 * N) // 2) * SECOND
    status = random.choice(np.array([0, 0, 0, 0, 0, Status.UNCERTAIN, Status.BAD], np.uint32), 2 * N)
    return batch_of(np.arange(2 * N) % 2 + 1, time, np.zeros(2 * N, np.int64), random.normal(50, 5, 2 * N), status)


@pytest.mark.parametrize("function", Aggregate)
def test_a_store_gives_what_its_samples_give(store: StoreWriter, tmp_path: Path, function: Aggregate) -> None:
    samples = history()
    for first in range(0, len(samples), 50):
        store.append(samples.take(np.arange(first, first + 50)))
    inside = store.reader()
    raw = inside.read_raw(1, -SECOND, N * SECOND)
    config = AggregateConfig(percent_data_bad=40, percent_data_good=60)
    asked = (10 * SECOND, (N + 50) * SECOND, 35 * SECOND)
    wanted = aggregates.aggregate(function, raw.time, raw.value, raw.status, *asked, config)
    store.flush()
    outside = open_reader(tmp_path)
    for reader in (inside, outside):
        found = read_processed(reader, 1, function, *asked, config, page=70)
        assert found.time.tolist() == wanted.time.tolist()
        assert found.status.tolist() == wanted.status.tolist()
        np.testing.assert_allclose(found.value, wanted.value, rtol=1e-9, atol=1e-9)
    outside.close()
    inside.close()


def test_values_at_times_of_a_store(store: StoreWriter) -> None:
    store.append(history())
    reader = store.reader()
    raw = reader.read_raw(2, -SECOND, N * SECOND)
    at = np.array([900, 3, -5, 2000, 450]) * SECOND + 300_000_000
    for simple in (False, True):
        found = read_at_time(reader, 2, at, simple_bounds=simple)
        wanted = aggregates.read_at_time(raw.time, raw.value, raw.status, at, simple_bounds=simple)
        assert found.status.tolist() == wanted.status.tolist()
        np.testing.assert_allclose(found.value, wanted.value)
    reader.close()
