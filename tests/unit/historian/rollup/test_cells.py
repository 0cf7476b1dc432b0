import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.historian.rollup.cells import HOUR, MINUTE, cells_of, coarser, joined
from tests.unit.historian.rollup.plain import SAMPLES, START, arrays, exact, of, plain_cells, shown

BAD = int(Status.BAD)
WIDTHS = st.sampled_from([1, SECOND, 20 * SECOND, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, 49 * HOUR])


@given(samples=SAMPLES, width=WIDTHS)
@settings(max_examples=300)
def test_cells_are_those_of_a_plain_loop(samples, width):
    assert exact(shown(cells_of(*arrays(samples), width))) == exact(plain_cells(samples, width))


@given(samples=SAMPLES, width=st.sampled_from([20 * SECOND, MINUTE, HOUR]), times=st.integers(1, 50))
@settings(max_examples=200)
def test_cells_of_cells_are_the_cells_of_their_samples(samples, width, times):
    made = coarser(cells_of(*arrays(samples), width), times * width)
    assert exact(shown(made)) == exact(plain_cells(samples, times * width))


@given(samples=SAMPLES, cuts=st.lists(st.integers(0, 60), max_size=4), width=WIDTHS, data=st.data())
@settings(max_examples=200)
def test_pages_join_to_the_cells_of_the_whole(samples, cuts, width, data):
    edges = [0, *sorted(cuts), 60]
    pages = [samples[a:b] for a, b in itertools.pairwise(edges)]
    parts = [cells_of(*arrays(page), width) for page in pages]
    assert exact(shown(joined(parts))) == exact(plain_cells(samples, width))


def test_parts_that_share_no_cell_join_in_any_order():
    samples = of((0, 1), (61, 2), (125, 3), (190, 4))
    parts = [cells_of(*arrays(samples[a:b]), MINUTE) for a, b in ((2, 4), (0, 2))]
    assert shown(joined(parts)) == plain_cells(samples, MINUTE)


def test_worked_example_of_three_columns():
    values = [0, 1, 0, 8, 1, 2, 1, -5, 0]
    cells = cells_of(np.arange(9), np.array(values, np.float64), np.zeros(9, np.uint32), 3)
    four = np.stack([cells.first, cells.min, cells.max, cells.last], axis=1)
    assert four.tolist() == [[0, 0, 1, 0], [8, 1, 8, 2], [1, -5, 1, 0]]


def test_samples_before_1970_lie_in_cells_that_begin_before_them():
    cells = cells_of(np.array([-1, 0]), np.array([1.0, 2.0]), np.zeros(2, np.uint32), MINUTE)
    assert cells.index.tolist() == [-1, 0]


def test_more_samples_than_are_worked_on_at_once():
    samples = of(*((n / 7, (n * 37) % 101, BAD if n % 997 == 0 else 0) for n in range(140_000)))
    assert exact(shown(cells_of(*arrays(samples), HOUR))) == exact(plain_cells(samples, HOUR))


def test_no_samples_have_no_cells():
    cells = cells_of(*arrays([]), MINUTE)
    assert (len(cells), len(coarser(cells, HOUR)), len(joined([cells, cells]))) == (0, 0, 0)


def test_between_cuts_at_whole_cells():
    cells = cells_of(*arrays(of((0, 1), (60, 2), (120, 3), (180, 4))), MINUTE)
    assert cells.between(START + MINUTE, START + 3 * MINUTE).first.tolist() == [2, 3]
    assert len(cells.between(START - HOUR, START + HOUR)) == 4


def test_cells_that_do_not_add_up_are_refused():
    cells = cells_of(*arrays(of((0, 1))), MINUTE)
    with pytest.raises(ValueError, match="do not add up"):
        coarser(cells, 90 * SECOND)
    with pytest.raises(ValueError, match="no cells to join"):
        joined([])
