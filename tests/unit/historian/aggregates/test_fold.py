"""Measures of an interval's parts join to the whole, wherever they come from."""

import numpy as np

from hmi.core.instants import SECOND
from hmi.historian.aggregates import Aggregate, AggregateConfig, aggregate
from hmi.historian.aggregates.fold import Fold
from hmi.historian.aggregates.intervals import cut
from hmi.historian.aggregates.moments import Moment, Moments, Spread
from hmi.historian.aggregates.tally import Tally
from hmi.historian.aggregates.time_weighted import Area, TimeWeighted

N = 40
TIME = np.arange(N, dtype=np.int64) * SECOND
VALUE = np.sin(np.arange(N)) * 10
STATUS = np.zeros(N, np.uint32)


def test_an_average_from_summaries_of_ten_samples() -> None:
    fold = Fold(Moments(Moment.MEAN), cut(0, 30 * SECOND, 15 * SECOND), AggregateConfig())
    zeros = np.zeros(1)
    for first in range(0, 30, 5):
        part = VALUE[first : first + 5]
        counts = Tally(np.array([len(part)]), np.zeros(1, np.int64), np.zeros(1, np.int64))
        spread = Spread(counts, np.array([part.mean()]), zeros)
        fold.add_facts((first + 5) * SECOND, spread, first=0, last=(N - 1) * SECOND)
    wanted = aggregate(Aggregate.AVERAGE, TIME, VALUE, STATUS, 0, 30 * SECOND, 15 * SECOND)
    np.testing.assert_allclose(fold.result().value, wanted.value)
    assert fold.result().status.tolist() == wanted.status.tolist()


def test_a_part_without_samples_takes_nothing_from_large_ones() -> None:
    fold = Fold(Moments(Moment.SAMPLE), cut(0, 30, 30), AggregateConfig())
    none = np.zeros(1, np.int64)
    empty, full = (
        Spread(Tally(none + n, none, none), np.array([mean]), np.zeros(1)) for n, mean in ((0, 0.0), (2, 1e200))
    )
    for number, part in enumerate((empty, full, empty)):
        fold.add_facts(10 * (number + 1), part, first=0, last=60)
    assert fold.result().value.tolist() == [0]


def test_a_time_average_from_summaries_with_an_integral() -> None:
    """Each summary knows its first and last sample and the integral between them; the piece to the next is added."""
    intervals = cut(0, 30 * SECOND, 10 * SECOND)
    fold = Fold(TimeWeighted(total=False), intervals, AggregateConfig())
    areas = []
    for first in range(0, 30, 10):
        part = VALUE[first : first + 10]
        inner = float(((part[1:] + part[:-1]) / 2).sum()) * SECOND
        areas.append(inner + (part[-1] + VALUE[first + 10]) / 2 * SECOND)
    none = np.zeros(3, np.int64)
    fold.add_facts(30 * SECOND, Area(np.array(areas), np.diff(intervals.edges), none, none), 0, (N - 1) * SECOND)
    wanted = aggregate(Aggregate.TIME_AVERAGE2, TIME, VALUE, STATUS, 0, 30 * SECOND, 10 * SECOND)
    np.testing.assert_allclose(fold.result().value, wanted.value)
    assert fold.result().status.tolist() == wanted.status.tolist()


def test_the_cells_of_a_stretch_are_cut_at_the_edges_of_intervals() -> None:
    fold = Fold(TimeWeighted(total=False), cut(0, 30, 10), AggregateConfig())
    assert fold.cells(0, 30).tolist() == [0, 10, 20, 30]
    assert fold.cells(5, 25).tolist() == [5, 10, 20, 25]
    assert fold.cells(11, 12).tolist() == [11, 12]
