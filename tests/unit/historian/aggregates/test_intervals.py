"""How a range is cut, and what is refused."""

import numpy as np
import pytest

from hmi.historian.aggregates import Aggregate, AggregateConfig, AggregateError, aggregate
from hmi.historian.aggregates.intervals import cut


@pytest.mark.parametrize(
    ("start", "end", "interval", "edges", "stamps"),
    [
        (0, 30, 10, [0, 10, 20, 30], [0, 10, 20]),
        (0, 25, 10, [0, 10, 20, 25], [0, 10, 20]),
        (5, 25, 0, [5, 25], [5]),
        (5, 25, 100, [5, 25], [5]),
        (30, 0, 10, [0, 10, 20, 30], [10, 20, 30]),
        (30, 5, 10, [5, 10, 20, 30], [10, 20, 30]),
        (25, 5, 0, [5, 25], [25]),
        (-5, 5, 5, [-5, 0, 5], [-5, 0]),
    ],
)
def test_pieces(start: int, end: int, interval: int, edges: list[int], stamps: list[int]) -> None:
    pieces = cut(start, end, interval)
    assert pieces.edges.tolist() == edges
    assert pieces.stamps.tolist() == stamps


@pytest.mark.parametrize(
    ("start", "end", "interval", "words"),
    [
        (5, 5, 1, "empty"),
        (0, 1 << 63, 0, "2116"),
        (-(1 << 63), 0, 0, "1824"),
        (0, 5, -1, "negative"),
        (0, 10**15, 1, "1,000,000,000,000,000 intervals"),
    ],
)
def test_a_senseless_range_is_refused(start: int, end: int, interval: int, words: str) -> None:
    with pytest.raises(AggregateError, match=words) as error:
        cut(start, end, interval)
    assert error.value.status == 0x80AB0000
    assert error.value.do


def test_time_that_runs_backward_gives_the_later_intervals_first_with_their_later_edge() -> None:
    time = np.array([0, 10, 20, 30])
    value, status = np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(4, np.uint32)
    found = aggregate(Aggregate.COUNT, time, value, status, 30, 0, 20)
    assert found.time.tolist() == [30, 10]
    assert found.value.tolist() == [2, 1]  # (10, 30] and (0, 10]: the later edge belongs to an interval
    start = aggregate(Aggregate.START_BOUND, time, value, status, 30, 0, 20)
    assert start.value.tolist() == [4, 2]
    assert aggregate(Aggregate.DELTA_BOUNDS, time, value, status, 30, 0, 20).value.tolist() == [-2, -1]


@pytest.mark.parametrize(("bad", "good"), [(100, 0), (50, 50), (0, 100), (30, 70)])
def test_shares_that_leave_no_gap_are_taken(bad: int, good: int) -> None:
    assert AggregateConfig(percent_data_bad=bad, percent_data_good=good).percent_data_bad == bad


@pytest.mark.parametrize(("bad", "good"), [(49, 50), (0, 99), (101, 100), (100, -1)])
def test_shares_that_contradict_each_other_are_refused(bad: int, good: int) -> None:
    with pytest.raises(AggregateError, match="PercentDataBad") as error:
        AggregateConfig(percent_data_bad=bad, percent_data_good=good)
    assert error.value.status == 0x80DA0000


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("TimeAverage2", Aggregate.TIME_AVERAGE2),
        ("timeaverage2", Aggregate.TIME_AVERAGE2),
        ("StdDevSample", Aggregate.STANDARD_DEVIATION_SAMPLE),
        ("StdDevPopulation", Aggregate.STANDARD_DEVIATION_POPULATION),
    ],
)
def test_names(name: str, function: Aggregate) -> None:
    assert Aggregate(name) is function


def test_an_unknown_name_is_no_aggregate() -> None:
    with pytest.raises(ValueError, match="Median"):
        Aggregate("Median")


def test_times_that_do_not_ascend_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="ascend"):
        aggregate(Aggregate.COUNT, np.array([1, 1]), np.zeros(2), np.zeros(2, np.uint32), 0, 5, 0)


@pytest.mark.parametrize("function", Aggregate)
def test_a_tag_without_samples_has_no_data(function: Aggregate) -> None:
    found = aggregate(function, np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint32), 0, 25, 10)
    assert found.time.tolist() == [0, 10, 20]
    assert found.status.tolist() == [0x809B0000] * 3
    assert np.isnan(found.value).all()


def test_what_overflows_is_no_value() -> None:
    most = 1.7e308
    found = aggregate(
        Aggregate.RANGE, np.array([1, 2, 20]), np.array([most, -most, 0.0]), np.zeros(3, np.uint32), 0, 10, 0
    )
    assert found.status.tolist() == [0x80D60000]
    assert np.isnan(found.value).all()
