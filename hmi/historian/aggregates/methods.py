"""Which method answers which aggregate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hmi.historian.aggregates.config import BAD_AGGREGATE_NOT_SUPPORTED, AggregateError
from hmi.historian.aggregates.durations import Durations, State
from hmi.historian.aggregates.edges import Bound, DeltaBounds, Interpolative
from hmi.historian.aggregates.ends import Delta, End
from hmi.historian.aggregates.extremes import HIGH, LOW, Extreme, Range
from hmi.historian.aggregates.function import FOR_TEXT, Aggregate
from hmi.historian.aggregates.interpolated import TimeInterpolated
from hmi.historian.aggregates.method import Method
from hmi.historian.aggregates.moments import Moment, Moments
from hmi.historian.aggregates.quality import WorstQuality
from hmi.historian.aggregates.time_weighted import TimeWeighted
from hmi.historian.aggregates.transitions import Transitions

_METHODS: Final[Mapping[Aggregate, Callable[[], Method[Any]]]] = {
    Aggregate.INTERPOLATIVE: Interpolative,
    Aggregate.AVERAGE: lambda: Moments(Moment.MEAN),
    Aggregate.TIME_AVERAGE: lambda: TimeInterpolated(total=False),
    Aggregate.TIME_AVERAGE2: lambda: TimeWeighted(total=False),
    Aggregate.TOTAL: lambda: TimeInterpolated(total=True),
    Aggregate.TOTAL2: lambda: TimeWeighted(total=True),
    Aggregate.MINIMUM: lambda: Extreme(LOW, actual_time=False),
    Aggregate.MINIMUM_ACTUAL_TIME: lambda: Extreme(LOW, actual_time=True),
    Aggregate.MAXIMUM: lambda: Extreme(HIGH, actual_time=False),
    Aggregate.MAXIMUM_ACTUAL_TIME: lambda: Extreme(HIGH, actual_time=True),
    Aggregate.RANGE: Range,
    Aggregate.COUNT: lambda: Moments(Moment.COUNT),
    Aggregate.START: lambda: End(last=False),
    Aggregate.END: lambda: End(last=True),
    Aggregate.DELTA: Delta,
    Aggregate.START_BOUND: lambda: Bound(end=False),
    Aggregate.END_BOUND: lambda: Bound(end=True),
    Aggregate.DELTA_BOUNDS: DeltaBounds,
    Aggregate.DURATION_GOOD: lambda: Durations(State.GOOD),
    Aggregate.DURATION_BAD: lambda: Durations(State.BAD),
    Aggregate.PERCENT_GOOD: lambda: Durations(State.GOOD, percent=True),
    Aggregate.PERCENT_BAD: lambda: Durations(State.BAD, percent=True),
    Aggregate.WORST_QUALITY: WorstQuality,
    Aggregate.STANDARD_DEVIATION_SAMPLE: lambda: Moments(Moment.SAMPLE),
    Aggregate.STANDARD_DEVIATION_POPULATION: lambda: Moments(Moment.POPULATION),
    Aggregate.DURATION_IN_STATE_ZERO: lambda: Durations(State.ZERO),
    Aggregate.DURATION_IN_STATE_NON_ZERO: lambda: Durations(State.NON_ZERO),
    Aggregate.NUMBER_OF_TRANSITIONS: Transitions,
}


def method_of(function: Aggregate, *, is_text: bool = False) -> Method[Any]:
    """The method of an aggregate.

    Raises:
        AggregateError: it has no meaning for the strings of a text tag.
    """
    if is_text and function not in FOR_TEXT:
        raise AggregateError(
            BAD_AGGREGATE_NOT_SUPPORTED,
            f"{function} has no meaning for a tag whose values are text.",
            f"Ask for one of {', '.join(sorted(FOR_TEXT))}.",
        )
    return _METHODS[function]()
