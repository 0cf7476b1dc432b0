"""Every aggregate equals a plain loop over its rules, however the samples, the intervals and the doubt fall."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.historian.aggregates import Aggregate, AggregateConfig, Processed, aggregate, read_at_time
from hmi.historian.aggregates.blocks import blocks, head, tail
from hmi.historian.aggregates.fold import Fold
from hmi.historian.aggregates.intervals import cut
from hmi.historian.aggregates.methods import method_of
from hmi.historian.aggregates.samples import samples_of
from tests.helpers_aggregates.cases import STEP, Case, assert_equal, assert_same, cases, configs
from tests.helpers_aggregates.reference import Reference, Result

LARGE = 1e6


@pytest.mark.parametrize("function", Aggregate)
@given(case=cases(), config=configs())
@settings(max_examples=40, deadline=None)
def test_it_equals_a_plain_loop(function: Aggregate, case: Case, config: AggregateConfig) -> None:
    backward = case.end < case.start
    for stepped in (False, True):
        for treat_uncertain_as_bad in (False, True):
            chosen = replace(config, stepped=stepped, treat_uncertain_as_bad=treat_uncertain_as_bad)
            found = aggregate(function, *case.columns, case.start, case.end, case.interval, chosen)
            wanted = Reference(case.samples, chosen).all(function, case.edges, backward=backward)
            assert_same(found, wanted[::-1] if backward else wanted, LARGE)


@pytest.mark.parametrize("simple", [False, True])
@given(case=cases(), config=configs(), at=st.lists(st.integers(-6, 44), max_size=12))
@settings(max_examples=150, deadline=None)
def test_values_at_times_equal_a_plain_loop(simple: bool, case: Case, config: AggregateConfig, at: list[int]) -> None:
    times = [t * STEP for t in at]
    found = read_at_time(*case.columns, np.array(times, np.int64), config, simple_bounds=simple)
    reference = Reference(case.samples, config)
    wanted = [reference.simple(t) if simple else reference.interpolated(t) for t in times]
    assert_same(
        found,
        [Result(t, v if grade else None, c, bit) for t, (v, grade, c, bit) in zip(times, wanted, strict=True)],
        LARGE,
    )


def in_blocks(function: Aggregate, case: Case, config: AggregateConfig, size: int) -> Processed:
    intervals = cut(case.start, case.end, case.interval)
    samples = samples_of(*case.columns, config)
    pieces = blocks(samples, int(intervals.edges[0]), int(intervals.edges[-1]), size)
    return Fold(method_of(function), intervals, config).over(pieces)


@pytest.mark.parametrize("function", Aggregate)
@given(case=cases(), config=configs(), size=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_blocks_of_any_size_give_the_same(function: Aggregate, case: Case, config: AggregateConfig, size: int) -> None:
    whole = aggregate(function, *case.columns, case.start, case.end, case.interval, config)
    assert_equal(in_blocks(function, case, config, size), whole, LARGE)


@pytest.mark.parametrize("function", Aggregate)
@given(case=cases(least=1), config=configs())
@settings(max_examples=30, deadline=None)
def test_only_the_named_samples_outside_the_range_matter(
    function: Aggregate, case: Case, config: AggregateConfig
) -> None:
    samples = samples_of(*case.columns, config)
    first, stop = np.searchsorted(samples.time, sorted((case.start, case.end))).tolist()
    before, inside, after = (samples.take(slice(*part)) for part in ((0, first), (first, stop), (stop, None)))
    kept = np.concatenate((tail(before).time, inside.time, head(after).time))
    time, value, status = (column[np.searchsorted(samples.time, kept)] for column in case.columns)
    trimmed = aggregate(function, time, value, status, case.start, case.end, case.interval, config)
    assert_equal(trimmed, aggregate(function, *case.columns, case.start, case.end, case.interval, config), LARGE)


def test_halfway_between_minus_one_and_one_is_zero() -> None:
    """Rounding must not decide whether a state is zero."""
    time = np.array([2_500_000, 6_000_000], np.int64)
    value, status = np.array([1.0, -1.0]), np.zeros(2, np.uint32)
    for function, ms in ((Aggregate.DURATION_IN_STATE_ZERO, 0.25), (Aggregate.DURATION_IN_STATE_NON_ZERO, 0.0)):
        found = aggregate(function, time, value, status, 4_250_000, 4_500_000, 0)
        assert found.value.tolist() == [ms]
