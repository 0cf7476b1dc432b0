"""Where the text of the standard, its examples and known servers disagree, the decision taken (docs/aggregates.md)."""

import math

import numpy as np
import pytest

from hmi.core.instants import SECOND
from hmi.core.quality import MULTI_VALUE, Status
from hmi.historian.aggregates import Aggregate, AggregateConfig, Processed, aggregate

Raw = list[tuple[int, float, int]]
NOT_AS_BAD = AggregateConfig(treat_uncertain_as_bad=False)


def ask(function: Aggregate, raw: Raw, end: int, config: AggregateConfig, *, start: int = 0) -> Processed:
    time = np.array([t for t, _, _ in raw], np.int64) * SECOND
    value, status = np.array([v for _, v, _ in raw]), np.array([s for _, _, s in raw], np.uint32)
    return aggregate(function, time, value, status, start * SECOND, end * SECOND, 0, config)


def test_1_total_of_a_stepped_tag_is_sloped_as_the_text_says() -> None:
    found = ask(Aggregate.TOTAL, [(0, 10.0, 0), (10, 20.0, 0)], 10, AggregateConfig(stepped=True))
    assert found.value[0] == 150.0  # the examples of the standard would have 100


@pytest.mark.parametrize("function", [Aggregate.COUNT, Aggregate.TIME_AVERAGE2])
def test_2_with_fifty_and_fifty_bad_is_tested_first(function: Aggregate) -> None:
    half = [(0, 1.0, Status.GOOD), (5, math.nan, Status.BAD), (10, 1.0, Status.GOOD)]
    config = AggregateConfig(stepped=True, percent_data_bad=50, percent_data_good=50)
    found = ask(function, half, 10, config)
    assert found.status[0] & 0xFFFF0000 == Status.BAD
    assert math.isnan(found.value[0])


@pytest.mark.parametrize(("function", "value"), [(Aggregate.DURATION_BAD, 10_000.0), (Aggregate.PERCENT_BAD, 50.0)])
def test_3_an_uncertain_start_bound_is_bad_time_when_uncertain_is_bad(function: Aggregate, value: float) -> None:
    before_bad = [(-5, 1.0, Status.GOOD), (5, math.nan, Status.BAD), (10, 1.0, Status.GOOD), (30, 1.0, Status.GOOD)]
    assert ask(function, before_bad, 20, AggregateConfig()).value[0] == value
    assert ask(function, before_bad, 20, NOT_AS_BAD).value[0] == value / 2


@pytest.mark.parametrize("function", [Aggregate.TIME_AVERAGE, Aggregate.TOTAL])
def test_4_nothing_is_extrapolated_into_an_interval_wholly_after_the_data(function: Aggregate) -> None:
    found = ask(function, [(0, 1.0, 0), (10, 2.0, 0)], 20, AggregateConfig(), start=11)
    assert found.status[0] == Status.BAD_NO_DATA


@pytest.mark.parametrize(("status", "several"), [(Status.GOOD, False), (Status.UNCERTAIN, True), (Status.BAD, True)])
def test_5_worst_quality_marks_repeated_doubt_but_not_repeated_good(status: int, several: bool) -> None:
    found = ask(Aggregate.WORST_QUALITY, [(0, 1.0, status), (1, 1.0, status), (9, 1.0, Status.GOOD)], 5, NOT_AS_BAD)
    assert found.value[0] == status
    assert bool(found.status[0] & MULTI_VALUE) is several


def test_6_a_duration_begins_with_the_start_bound_not_with_the_sample_before() -> None:
    before_bad = [(-5, 1.0, Status.GOOD), (5, math.nan, Status.BAD), (10, 1.0, Status.GOOD), (30, 1.0, Status.GOOD)]
    # Sloped, the bound is Uncertain: its next sample is Bad. Stepped, the sample before is held.
    assert ask(Aggregate.DURATION_GOOD, before_bad, 20, AggregateConfig()).value[0] == 10_000
    assert ask(Aggregate.DURATION_GOOD, before_bad, 20, AggregateConfig(stepped=True)).value[0] == 15_000


@pytest.mark.parametrize(
    ("function", "beyond", "uncertain"),
    [
        (Aggregate.MAXIMUM, 70.0, True),
        (Aggregate.MAXIMUM, 10.0, False),
        (Aggregate.MINIMUM, 10.0, True),
        (Aggregate.MINIMUM, 70.0, False),
        (Aggregate.RANGE, 10.0, True),
        (Aggregate.RANGE, 70.0, True),
    ],
)
def test_7_an_extreme_that_an_uncertain_value_beats_is_uncertain(
    function: Aggregate, beyond: float, uncertain: bool
) -> None:
    found = ask(function, [(0, 30.0, Status.GOOD), (1, beyond, Status.UNCERTAIN), (9, 1.0, Status.GOOD)], 5, NOT_AS_BAD)
    wanted = Status.UNCERTAIN_DATA_SUB_NORMAL if uncertain else Status.GOOD
    assert found.status[0] & 0xFFFF0000 == wanted


@pytest.mark.parametrize("function", [Aggregate.TIME_AVERAGE2, Aggregate.TOTAL2, Aggregate.DURATION_IN_STATE_ZERO])
def test_8_an_interval_of_bad_time_alone_is_bad(function: Aggregate) -> None:
    found = ask(function, [(0, math.nan, Status.BAD), (30, 1.0, Status.GOOD)], 20, AggregateConfig())
    assert found.status[0] & 0xFFFF0000 == Status.BAD


def test_9_after_a_bad_last_sample_time_is_bad_and_after_another_it_is_not_counted() -> None:
    assert ask(Aggregate.PERCENT_BAD, [(0, 1.0, 0), (10, math.nan, Status.BAD)], 40, AggregateConfig()).value[0] == 75
    assert ask(Aggregate.DURATION_GOOD, [(0, 1.0, 0), (10, 1.0, 0)], 40, AggregateConfig()).value[0] == 10_001
