"""A tag comes out of a store whole and in order, in pages of bounded size."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.quality import Status
from hmi.historian.catalogue import CatalogueTag
from hmi.historian.export.page import Page, page_of
from hmi.historian.export.pages import Pages, instant_pages, raw_pages
from tests.helpers_aggregates.readers import Sample, memory_of_rows

GOOD, UNCERTAIN, BAD = int(Status.GOOD), int(Status.UNCERTAIN), int(Status.BAD_TIMEOUT)
HELD, DOUBTFUL, NO_DATA = 0x402, 0x40A40402, int(Status.BAD_NO_DATA)
SLOPED = CatalogueTag(1, "u", "a", is_text=False, stepped=False)
STEPPED = CatalogueTag(1, "u", "a", is_text=False, stepped=True)
TEXT = CatalogueTag(1, "u", "a", is_text=True, stepped=True)

Row = tuple[int, float | str | None, int]


def rows(pages: Pages, tag: CatalogueTag) -> list[Row]:
    return [row for page in pages(tag) for row in shown(page)]


def shown(page: Page) -> list[Row]:
    values: list[float | str | None] = [None if math.isnan(value) else value for value in page.value.tolist()]
    for row, text in enumerate(page.text or ()):
        values[row] = text if text is not None else values[row]
    return list(zip(page.time.tolist(), values, page.status.tolist(), strict=True))


samples = st.lists(
    st.tuples(
        st.integers(0, 60), st.floats(-9, 9, allow_nan=False), st.sampled_from([GOOD, GOOD, GOOD, UNCERTAIN, BAD])
    ),
    unique_by=lambda s: s[0],
    max_size=15,
)


@given(samples, st.integers(1, 4), st.integers(-5, 65), st.integers(0, 40))
def test_raw_pages_are_every_sample_once(stored: list[Sample], size: int, start: int, length: int) -> None:
    reader = memory_of_rows(stored)
    end = start + length
    found = rows(raw_pages(reader, start, end, size), SLOPED)
    assert found == [s for s in sorted(stored) if start <= s[0] < end or s[0] == start == end]
    assert reader.largest <= size


def plain(stored: list[Sample], at: int, stepped: bool, alive: int) -> Row:
    """The rule for one instant, said once more."""
    before = [s for s in sorted(stored) if s[0] <= at]
    if not before:
        return at, None, NO_DATA
    time, value, status = before[-1]
    assert isinstance(value, float)
    if time == at:
        return at, value, status
    after = [s for s in sorted(stored) if s[0] > at]
    if status == BAD or (not after and at > alive):
        return at, None, NO_DATA
    if stepped and after:
        return at, value, status | HELD
    if not after or after[0][2] != GOOD:
        return at, value, DOUBTFUL
    next_time, next_value, _ = after[0]
    assert isinstance(next_value, float)
    line = value + (next_value - value) * ((at - time) / (next_time - time))
    return at, line, HELD if status == GOOD else DOUBTFUL


@given(
    samples,
    st.integers(2, 5),
    st.integers(-5, 65),
    st.integers(0, 70),
    st.integers(1, 9),
    st.booleans(),
    st.integers(0, 100),
)
def test_instants_are_what_each_instant_is_alone(
    stored: list[Sample], size: int, start: int, length: int, interval: int, stepped: bool, alive: int
) -> None:
    reader = memory_of_rows(stored)
    found = rows(instant_pages(reader, start, start + length, interval, alive, size), STEPPED if stepped else SLOPED)
    assert found == [plain(stored, at, stepped, alive) for at in range(start, start + length, interval)]
    assert reader.largest <= size + 1  # the closing bound comes on top


def test_infinities_make_no_noise() -> None:
    reader = memory_of_rows([(0, math.inf, GOOD), (10, -math.inf, GOOD), (20, 1.0, GOOD)])
    found = rows(instant_pages(reader, 0, 20, 5, 0), SLOPED)
    assert [value for _, value, _ in found] == [math.inf, None, -math.inf, None]


def test_a_text_is_held() -> None:
    reader = memory_of_rows([(1, "on", GOOD), (3, "off", BAD), (5, "12", UNCERTAIN)])
    assert rows(instant_pages(reader, 0, 9, 1, 7, 2), TEXT) == [
        (0, None, NO_DATA),
        (1, "on", GOOD),
        (2, "on", HELD),
        (3, "off", BAD),
        (4, None, NO_DATA),
        (5, "12", UNCERTAIN),
        (6, "12", DOUBTFUL),
        (7, "12", DOUBTFUL),
        (8, None, NO_DATA),
    ]


def test_a_store_of_which_nobody_knows_when_it_was_written_knows_nothing_after_its_samples() -> None:
    reader = memory_of_rows([(1, 1.0, GOOD), (3, 2.0, GOOD)])
    found = rows(instant_pages(reader, 1, 5, 1, None), STEPPED)
    assert found == [(1, 1.0, GOOD), (2, 1.0, HELD), (3, 2.0, GOOD), (4, None, NO_DATA)]


MIXED: list[Sample] = [(1, 1.5, GOOD), (2, "on", GOOD), (3, 2.5, GOOD), (4, float("nan"), BAD)]


@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_a_tag_that_changed_its_type_reads_the_same_wherever_pages_end(size: int) -> None:
    texts = [(1, "1.5", GOOD), (2, "on", GOOD), (3, "2.5", GOOD), (4, None, BAD)]
    assert rows(raw_pages(memory_of_rows(MIXED), 0, 9, size), TEXT) == texts
    numbers = [(1, 1.5, GOOD), (2, "on", GOOD), (3, 2.5, GOOD), (4, None, BAD)]
    assert rows(raw_pages(memory_of_rows(MIXED), 0, 9, size), SLOPED) == numbers


def test_a_page_without_what_is_bad() -> None:
    raw = memory_of_rows([(1, "on", GOOD), (2, "off", BAD), (3, 2.5, BAD)]).read_raw(1, 0, 9)
    page = page_of(raw, is_text=False)
    assert shown(page) == [(1, "on", GOOD), (2, "off", BAD), (3, 2.5, BAD)]
    assert shown(page.blanked()) == [(1, "on", GOOD), (2, None, BAD), (3, None, BAD)]
