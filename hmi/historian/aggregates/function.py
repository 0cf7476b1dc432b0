"""Which summary of an interval a person asks for, by the names of OPC UA Part 13."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Aggregate(StrEnum):
    """An aggregate function; `Aggregate("TimeAverage2")` finds one by its name, in any case."""

    INTERPOLATIVE = "Interpolative"
    AVERAGE = "Average"
    TIME_AVERAGE = "TimeAverage"
    TIME_AVERAGE2 = "TimeAverage2"
    TOTAL = "Total"
    TOTAL2 = "Total2"
    MINIMUM = "Minimum"
    MINIMUM_ACTUAL_TIME = "MinimumActualTime"
    MAXIMUM = "Maximum"
    MAXIMUM_ACTUAL_TIME = "MaximumActualTime"
    RANGE = "Range"
    COUNT = "Count"
    START = "Start"
    END = "End"
    DELTA = "Delta"
    START_BOUND = "StartBound"
    END_BOUND = "EndBound"
    DELTA_BOUNDS = "DeltaBounds"
    DURATION_GOOD = "DurationGood"
    DURATION_BAD = "DurationBad"
    PERCENT_GOOD = "PercentGood"
    PERCENT_BAD = "PercentBad"
    WORST_QUALITY = "WorstQuality"
    STANDARD_DEVIATION_SAMPLE = "StandardDeviationSample"
    STANDARD_DEVIATION_POPULATION = "StandardDeviationPopulation"
    DURATION_IN_STATE_ZERO = "DurationInStateZero"
    DURATION_IN_STATE_NON_ZERO = "DurationInStateNonZero"
    NUMBER_OF_TRANSITIONS = "NumberOfTransitions"

    @classmethod
    def _missing_(cls, value: object) -> Aggregate | None:
        asked = str(value).lower()
        asked = SHORT_NAMES.get(asked, asked)
        return next((known for known in cls if known.value.lower() == asked), None)


SHORT_NAMES: Final = {
    "stddevsample": "standarddeviationsample",
    "stddevpopulation": "standarddeviationpopulation",
}
"""Other spellings, in lower case."""

FOR_TEXT: Final = frozenset(
    {
        Aggregate.COUNT,
        Aggregate.START,
        Aggregate.END,
        Aggregate.DURATION_GOOD,
        Aggregate.DURATION_BAD,
        Aggregate.PERCENT_GOOD,
        Aggregate.PERCENT_BAD,
        Aggregate.WORST_QUALITY,
        Aggregate.NUMBER_OF_TRANSITIONS,
    }
)
"""What has a meaning for strings: the others calculate with the value, or ask whether it is zero."""

NEEDS_EVERY_SAMPLE: Final = frozenset(
    {
        Aggregate.MINIMUM_ACTUAL_TIME,
        Aggregate.MAXIMUM_ACTUAL_TIME,
        Aggregate.DURATION_IN_STATE_ZERO,
        Aggregate.DURATION_IN_STATE_NON_ZERO,
        Aggregate.NUMBER_OF_TRANSITIONS,
    }
)
"""What a `Summary` does not tell."""

RETURNS_SAMPLES: Final = frozenset({Aggregate.START, Aggregate.END})
"""The value of the result is one of the stored values: for a string tag an index of its texts."""
