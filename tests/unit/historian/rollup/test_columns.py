import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.historian.rollup.cells import DAY, HOUR, MINUTE, cells_of
from hmi.historian.rollup.columns import EARLIEST, LATEST, Sample, TrendSamples, columns_of, grid_of, samples_of
from tests.unit.historian.rollup.plain import START, arrays, of

NOW = 1_800_000_000 * SECOND
LENGTHS = st.integers(1, 40 * 365 * DAY) | st.integers(1, 10**6) | st.integers(1, 3000).map(lambda n: n * MINUTE)


@given(start=st.integers(0, 2 * NOW), length=LENGTHS, columns=st.integers(1, 8192))
def test_columns_cover_the_span_on_the_grid(start, length, columns):
    grid = grid_of(start, start + length, columns)
    assert grid.start <= start < grid.start + grid.width
    assert grid.end - grid.width < start + length <= grid.end
    assert grid.start % grid.width == 0
    assert grid.width * columns >= length
    assert grid.columns <= columns + 1
    assert HOUR % grid.width == 0 or grid.width % MINUTE == 0
    assert grid.width <= HOUR or grid.width % HOUR == 0


@given(start=st.integers(0, 2 * NOW), length=LENGTHS, columns=st.integers(1, 8192), shift=st.integers(0, 10**15))
def test_a_view_that_scrolls_keeps_its_columns(start, length, columns, shift):
    one, other = (grid_of(at, at + length, columns) for at in (start, start + shift))
    assert one.width == other.width
    assert (one.start - other.start) % one.width == 0


@pytest.mark.parametrize(
    ("length", "width"),
    [
        (1, 1),
        (2000, 1),
        (2001, 2),
        (2000 * 7, 8),
        (2000 * SECOND, SECOND),
        (2000 * 31 * SECOND, 36 * SECOND),
        (2000 * 57 * SECOND, MINUTE),
        (2000 * MINUTE, MINUTE),
        (2001 * MINUTE, 2 * MINUTE),
        (30 * DAY, 22 * MINUTE),
        (2000 * 59 * MINUTE, 59 * MINUTE),
        (2000 * 59 * MINUTE + 1, HOUR),
        (365 * DAY, 5 * HOUR),
    ],
)
def test_widths_divide_an_hour_or_are_whole_minutes_or_whole_hours(length, width):
    assert grid_of(NOW, NOW + length, 2000).width == width


@pytest.mark.parametrize("columns", [1, 2, 1500])
@pytest.mark.parametrize("span", [(-(1 << 70), 1 << 70), (LATEST + 5, LATEST + 9), (EARLIEST - 9, EARLIEST - 5)])
def test_times_beyond_the_centuries_are_cut(span, columns):
    grid = grid_of(*span, columns)
    assert grid.columns <= columns + 1
    assert -(1 << 63) <= grid.start < 1 << 63


@pytest.mark.parametrize(("start", "end", "columns"), [(5, 5, 10), (6, 5, 10), (0, 5, 0)])
def test_no_span_has_no_columns(start, end, columns):
    with pytest.raises(ValueError, match="needs a span"):
        grid_of(start, end, columns)


def test_columns_without_samples_are_empty():
    bad = int(Status.BAD)
    samples = of((60, 3), (61, 2), (62, 5, bad), (63, 4), (190, 7, bad))
    grid = grid_of(START, START + 4 * MINUTE, 4)
    before, after = Sample(START - 9, 1.0, 0), None
    made = columns_of(cells_of(*arrays(samples), MINUTE), grid, before, after, samples[-1][0])
    nan = np.nan
    four = np.stack([made.first, made.min, made.max, made.last])
    np.testing.assert_array_equal(
        four, [[nan, 3, nan, nan], [nan, 2, nan, nan], [nan, 4, nan, nan], [nan, 4, nan, nan]]
    )
    assert made.count.tolist() == [0, 4, 0, 1]
    assert made.worst.tolist() == [0, bad, 0, bad]
    assert made.shown.tolist() == [0, 0, 0, 0]
    assert made.min_first.tolist() == [False, True, False, False]
    assert made.has_gap.tolist() == [False, True, False, True]
    assert made.starts_in_gap.tolist() == made.ends_in_gap.tolist() == [False, False, False, True]
    assert (len(made), made.before, made.after, made.newest) == (4, before, None, samples[-1][0])


def test_samples_stand_between_their_neighbours():
    pages = [TrendSamples(*arrays(of((n, n)))) for n in (1, 2)]
    made = samples_of(pages, Sample(START, 0.0, 0), Sample(START + 3 * SECOND, 3.0, 0))
    assert made.value.tolist() == [0, 1, 2, 3]
    assert len(samples_of([], None, None)) == 0
