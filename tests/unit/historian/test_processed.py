"""A read page by page gives what a calculation over everything at once gives."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import Float64, Int64
from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.historian import aggregates
from hmi.historian.aggregates import Aggregate, AggregateConfig, AggregateError
from hmi.historian.processed import read_at_time, read_processed
from tests.helpers_aggregates.cases import STEP, Case, assert_equal, cases, configs
from tests.helpers_aggregates.readers import MemoryReader, SecondsReader, memory_of

YEAR_S = 365 * 86_400
BAD_NO_DATA = int(Status.BAD_NO_DATA)


def reader_of(case: Case) -> MemoryReader:
    s = case.samples
    return memory_of([x.time for x in s], [x.value for x in s], [x.status for x in s])


@pytest.mark.parametrize("function", Aggregate)
@given(case=cases(), config=configs(), page=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_pages_of_any_size_give_the_same(function: Aggregate, case: Case, config: AggregateConfig, page: int) -> None:
    found = read_processed(reader_of(case), 1, function, case.start, case.end, case.interval, config, page=page)
    wanted = aggregates.aggregate(function, *case.columns, case.start, case.end, case.interval, config)
    assert_equal(found, wanted, 1e6)


@pytest.mark.parametrize("simple", [False, True])
@given(case=cases(), config=configs(), at=st.lists(st.integers(-6, 44), max_size=12))
@settings(max_examples=100, deadline=None)
def test_values_at_times_are_the_same(simple: bool, case: Case, config: AggregateConfig, at: list[int]) -> None:
    times = np.array(at, np.int64) * STEP
    found = read_at_time(reader_of(case), 1, times, config, simple_bounds=simple)
    assert_equal(found, aggregates.read_at_time(*case.columns, times, config, simple_bounds=simple), 1e6)


def test_far_apart_times_do_not_read_what_lies_between() -> None:
    reader = SecondsReader(0, YEAR_S, lambda n: n.astype(np.float64))
    at = np.array([YEAR_S - 10, 5, 3_000_000]) * SECOND + SECOND // 2
    found = read_at_time(reader, 1, at)
    assert found.time.tolist() == at.tolist()
    assert found.value.tolist() == [YEAR_S - 9.5, 5.5, 3_000_000.5]
    assert reader.largest <= 4096


def test_a_long_stretch_of_bad_is_crossed_for_the_bounds_on_either_side() -> None:
    n = 3000
    bad = [Status.GOOD, *[int(Status.BAD)] * (n - 2), Status.GOOD]
    reader = memory_of([i * SECOND for i in range(n)], [float(i) for i in range(n)], [int(s) for s in bad])
    found = read_processed(reader, 1, Aggregate.INTERPOLATIVE, SECOND, (n - 1) * SECOND, 100 * SECOND, page=50)
    np.testing.assert_allclose(found.value, 1.0 + 100 * np.arange(30))
    assert reader.reads < 4 * n / 50


def test_a_tail_of_bad_is_crossed_once() -> None:
    n = 3000
    reader = memory_of([i * SECOND for i in range(n)], [1.0] * n, [0, *[int(Status.BAD)] * (n - 1)])
    found = read_processed(reader, 1, Aggregate.TIME_AVERAGE, 0, n * SECOND, 100 * SECOND, page=50)
    assert found.value.tolist() == [1.0] * 30
    assert reader.reads < 4 * n / 50


@pytest.mark.parametrize("interval_s", [0, 3600])
def test_a_year_of_seconds_of_large_values_is_right_to_four_decimals(interval_s: int) -> None:
    def value(n: Int64) -> Float64:
        return 1e9 + (n % 7) * 0.25

    reader = SecondsReader(0, YEAR_S + 1, value)
    found = read_processed(reader, 1, Aggregate.TIME_AVERAGE2, 0, YEAR_S * SECOND, interval_s * SECOND)
    length = interval_s or YEAR_S
    starts = np.arange(len(found)) * length
    # The trapezoids' sum in whole numbers: quarters of every sample but half of the first and last.
    before = [sum(n % 7 for n in range(k)) for k in range(7)]
    quarters = [
        (s + length) // 7 * 21 + before[(s + length) % 7] - s // 7 * 21 - before[s % 7]
        + ((s + length) % 7 - s % 7) / 2
        for s in starts.tolist()
    ]  # fmt: skip
    exact = np.array(quarters) * 0.25 / length
    assert np.abs((found.value - 1e9) - exact).max() < 0.5e-4
    assert reader.largest <= 500_000


def test_a_small_spread_of_large_values_survives_a_single_interval_of_many_pages() -> None:
    reader = SecondsReader(0, 3_000_000, lambda n: 1e9 + (n % 2))
    found = read_processed(reader, 1, Aggregate("StdDevPopulation"), 0, 3_000_000 * SECOND, 0)
    assert math.isclose(found.value[0], 0.5, abs_tol=1e-6)


def test_strings_are_read_as_such() -> None:
    reader = memory_of([0, 10, 20, 30], ["idle", "run", "run", "idle"], [0, 0, 0, 0])
    for page in (1, 10):
        found = read_processed(reader, 1, Aggregate.END, 0, 40, 20, page=page)
        assert [found.text[int(v)] for v in found.value] == ["run", "idle"]
        changes = read_processed(reader, 1, Aggregate.NUMBER_OF_TRANSITIONS, 0, 40, 20, page=page)
        assert changes.value.tolist() == [2, 1]
        assert changes.text == ()
    with pytest.raises(AggregateError, match="text"):
        read_processed(reader, 1, Aggregate.AVERAGE, 0, 40, 20)
    at = read_at_time(reader, 1, np.array([15, 35, 10]))
    assert [at.text[int(v)] for v in at.value] == ["run", "idle", "run"]


def test_a_tag_that_became_a_string_tag_shows_its_numbers_as_strings() -> None:
    reader = memory_of([0, 10, 20], [1.0, 2.5, "run"], [0, 0, 0])
    for page in (1, 10):
        found = read_processed(reader, 1, Aggregate.START, 0, 30, 10, page=page)
        assert [found.text[int(v)] for v in found.value] == ["1", "2.5", "run"]


def test_a_tag_that_was_never_stored_has_no_data() -> None:
    reader = memory_of([], [], [])
    found = read_processed(reader, 1, Aggregate.COUNT, 0, 20, 10)
    assert found.status.tolist() == [BAD_NO_DATA] * 2
    assert read_at_time(reader, 1, np.array([5])).status.tolist() == [BAD_NO_DATA]
    assert len(read_at_time(reader, 1, np.array([], np.int64))) == 0


def test_a_sensible_config_is_asked_for_before_anything_is_read() -> None:
    reader = memory_of([0], [1.0], [0])
    with pytest.raises(AggregateError):
        read_processed(reader, 1, Aggregate.COUNT, 5, 5, 10, replace(AggregateConfig(), stepped=True))
    assert reader.reads == 0
