import numpy as np
import pytest

from hmi.core.batch import EMPTY, batch_of, join
from hmi.historian.api import TextsError
from hmi.historian.raw import read_raw
from hmi.historian.rollup.columns import Sample
from hmi.historian.trend_source import StoredSource


def source_of(batch, page=3):
    def gather(window):
        rows = np.flatnonzero((batch.time >= window.low) & (batch.time < window.high))
        return batch.take(rows)

    def read(tag, start, end, *, limit=0):
        return read_raw(gather, tag, start, end, limit, bounds=False)

    return StoredSource(read, lambda *_: (), page)


def numbers(count):
    time = list(range(10, 10 * count + 10, 10))
    return batch_of([1] * count, time, [0] * count, [float(t) for t in time], [0] * count)


TEXTS = batch_of([1], [200], [0], ["run"], [0])


def test_samples_come_in_pages_each_once():
    pages = list(source_of(numbers(10)).samples(1, 20, 100))
    assert [page.time.tolist() for page in pages] == [[20, 30, 40], [50, 60, 70], [80, 90]]
    assert np.concatenate([page.value for page in pages]).tolist() == [20, 30, 40, 50, 60, 70, 80, 90]


def test_an_empty_stretch_is_an_empty_page():
    assert [len(page) for page in source_of(EMPTY).samples(1, 0, 100)] == [0]


def test_neighbours():
    source = source_of(numbers(3))
    assert source.before(1, 20) == Sample(10, 10.0, 0)
    assert source.before(1, 10) is None
    assert source.after(1, 20) == Sample(20, 20.0, 0)
    assert source.after(1, 31) is None


def test_a_journal_has_no_rollups():
    from hmi.historian.trend_read import Part

    assert list(source_of(numbers(3)).rollups(1, 0, 10, Part.HOURS)) == []


def test_texts_are_refused():
    source = source_of(join([numbers(3), TEXTS]), page=10)
    with pytest.raises(TextsError, match="holds texts"):
        list(source.samples(1, 0, 1000))
    with pytest.raises(TextsError):
        source.before(1, 300)
    assert source.after(1, 20) == Sample(20, 20.0, 0)
