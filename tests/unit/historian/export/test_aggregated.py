"""Aggregates a stretch at a time are those of the whole span."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.historian.aggregates import Aggregate, AggregateConfig
from hmi.historian.catalogue import CatalogueTag
from hmi.historian.export.aggregated import aggregate_pages
from hmi.historian.processed import read_processed
from tests.helpers_aggregates.readers import memory_of

GOOD, BAD = int(Status.GOOD), int(Status.BAD_TIMEOUT)
NUMBERS = CatalogueTag(1, "u", "a", is_text=False, stepped=False)
TEXTS = CatalogueTag(1, "u", "a", is_text=True, stepped=True)

samples = st.lists(
    st.tuples(st.integers(0, 60), st.integers(-9, 9), st.sampled_from([GOOD, GOOD, GOOD, int(Status.UNCERTAIN), BAD])),
    unique_by=lambda s: s[0],
    min_size=1,
    max_size=15,
)


@settings(max_examples=60)
@given(
    samples, st.sampled_from(Aggregate), st.integers(-5, 65), st.integers(1, 70), st.integers(1, 9), st.integers(1, 4)
)
def test_stretches_join_to_the_whole(
    stored: list[tuple[int, int, int]], function: Aggregate, start: int, length: int, interval: int, stretch: int
) -> None:
    times, values, statuses = zip(*sorted(stored), strict=True)
    reader = memory_of([t * SECOND for t in times], [float(v) for v in values], list(statuses))
    span = start * SECOND, (start + length) * SECOND, interval * SECOND
    found = list(aggregate_pages(reader, function, *span, stretch)(NUMBERS))
    whole = read_processed(reader, 1, function, *span, AggregateConfig(stepped=False))
    assert max(map(len, found)) <= stretch
    assert np.concatenate([page.time for page in found]).tolist() == whole.time.tolist()
    assert np.concatenate([page.status for page in found]).tolist() == whole.status.tolist()
    np.testing.assert_array_equal(np.concatenate([page.value for page in found]), whole.value)


def test_results_that_are_texts() -> None:
    reader = memory_of([1, 12, 25], ["on", "off", "x"], [GOOD, GOOD, BAD])
    (page,) = aggregate_pages(reader, Aggregate.START, 0, 40, 10)(TEXTS)
    assert page.text == ["on", "off", None, None]
    assert page.time.tolist() == [1, 12, 25, 30]
    (page,) = aggregate_pages(reader, Aggregate.COUNT, 0, 40, 20)(TEXTS)
    assert (page.text, page.value.tolist()[0]) == (None, 2.0)
