"""A string tag is counted, dated and judged; nobody calculates with its values."""

import numpy as np
import pytest

from hmi.historian.aggregates import Aggregate, AggregateError, Processed, aggregate
from hmi.historian.aggregates.function import FOR_TEXT

TIME = np.array([0, 10, 20, 30], np.int64)
RECIPE = np.array([0.0, 1.0, 1.0, 0.0])
STATUS = np.array([0, 0, 0x80000000, 0], np.uint32)


def ask(function: Aggregate) -> Processed:
    return aggregate(function, TIME, RECIPE, STATUS, 5, 30, 0, is_text=True)


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (Aggregate.COUNT, 1),
        (Aggregate.START, 1),
        (Aggregate.NUMBER_OF_TRANSITIONS, 1),
        (Aggregate.PERCENT_GOOD, 60),
        (Aggregate.PERCENT_BAD, 40),
        (Aggregate.WORST_QUALITY, 0x80000000),
    ],
)
def test_what_has_a_meaning(function: Aggregate, value: float) -> None:
    assert ask(function).value.tolist() == [value]


@pytest.mark.parametrize("function", sorted(set(Aggregate) - FOR_TEXT))
def test_what_has_none_is_not_supported(function: Aggregate) -> None:
    with pytest.raises(AggregateError, match="text") as error:
        ask(function)
    assert error.value.status == 0x80D50000
