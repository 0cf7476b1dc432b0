import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.core.trend import up_to_gaps
from hmi.historian.rollup.cells import DAY, HOUR, MINUTE, cells_of
from hmi.historian.rollup.columns import Grid, Sample, TrendSamples, columns_of
from hmi.historian.rollup.points import points
from tests.unit.historian.rollup.plain import DAYS, SAMPLES, START, arrays, drawable, of

BAD, UNCERTAIN = int(Status.BAD_SENSOR_FAILURE), int(Status.UNCERTAIN)
LAST = MINUTE - 1


def trend(samples, width=MINUTE, columns=4, before=None, after=None, newest="last"):
    if newest == "last":
        newest = samples[-1][0] if samples else None
    return columns_of(cells_of(*arrays(samples), width), Grid(START, width, columns), before, after, newest)


def rows(line):
    """(ns after START, value or None, status)."""
    return [
        (int(t) - START, None if np.isnan(v) else float(v), int(s))
        for t, v, s in zip(line.time, line.value, line.status, strict=True)
    ]


def places(*samples, **options):
    return [(t, v) for t, v, _ in rows(points(trend(of(*samples, (180, 9)), **options)))[:-1]]


def test_first_at_the_start_extremes_inside_in_their_order_last_at_the_end():
    assert places((1, 3), (2, 1), (3, 8), (4, 5)) == [(0, 3), (LAST // 3, 1), (2 * (LAST // 3), 8), (LAST, 5)]
    assert places((1, 3), (2, 8), (3, 1), (4, 5)) == [(0, 3), (LAST // 3, 8), (2 * (LAST // 3), 1), (LAST, 5)]


def test_an_extreme_that_is_the_first_or_last_is_one_point():
    assert places((1, 3), (2, 4), (3, 8)) == [(0, 3), (LAST, 8)]
    assert places((1, 3), (2, 9), (3, 8)) == [(0, 3), (2 * (LAST // 3), 9), (LAST, 8)]
    assert places((1, 3), (2, 3), (3, 3)) == [(0, 3), (LAST, 3)]


def test_a_column_of_one_sample_is_one_point():
    assert places((1, 3)) == [(0, 3)]


def test_a_gap_stands_where_it_was():
    assert places((1, 0, BAD), (2, 3), (3, 4)) == [(0, None), (0, 3), (LAST, 4)]
    assert places((1, 3), (2, 4), (3, 0, BAD)) == [(0, 3), (LAST, 4), (LAST, None)]
    assert places((1, 3), (2, 0, BAD), (3, 4)) == [(0, 3), (2 * (LAST // 3), None), (LAST, 4)]
    assert places((1, 0, BAD), (2, 0, BAD)) == [(0, None), (LAST, None)]
    assert places((1, 0, BAD)) == [(0, None)]


def test_points_carry_the_worst_quality_that_is_drawn_and_gaps_that_of_all():
    drawn = rows(points(trend(of((1, 3), (2, 5, UNCERTAIN), (3, 0, BAD), (4, 4), (60, 1)))))
    assert [status for _, _, status in drawn] == [UNCERTAIN, UNCERTAIN, BAD, UNCERTAIN, 0]


def test_a_newest_sample_that_is_alone_in_its_column_has_its_own_time():
    assert rows(points(trend(of((0, 1), (5, 2), (77, 3)))))[-1] == (77 * SECOND, 3, 0)
    assert rows(points(trend(of((0, 1), (5, 2), (77, 3, BAD)))))[-1] == (77 * SECOND, None, BAD)


def test_no_point_lies_after_the_newest_sample():
    samples = of((0, 1), (5, 2), (61, 3), (62, 9), (63, 4))
    drawn = rows(points(trend(samples)))
    assert [t for t, _, _ in drawn] == [0, LAST, MINUTE, MINUTE + 2 * SECOND, MINUTE + 3 * SECOND]


def test_a_newest_sample_that_is_older_than_the_columns_know_keeps_their_order():
    samples = of((0, 1), (5, 2), (61, 3), (62, 9))
    drawn = points(trend(samples, newest=START + 5 * SECOND))
    assert drawn.time.tolist() == [START, START + LAST, START + MINUTE, START + MINUTE]


def test_neighbours_keep_their_own_time():
    before, after = Sample(START - HOUR, 7.0, 0), Sample(START + DAY, 0.0, BAD)
    drawn = rows(points(trend(of((1, 3)), before=before, after=after)))
    assert drawn == [(-HOUR, 7, 0), (SECOND, 3, 0), (DAY, None, BAD)]


def test_nothing_is_no_line():
    assert len(points(trend([]))) == 0


def test_samples_are_drawn_as_they_are():
    samples = of((1, 3), (2, 0, BAD), (3, np.nan), (4, 5))
    drawn = rows(points(TrendSamples(*arrays(samples))))
    assert [(t // SECOND, v) for t, v, _ in drawn] == [(1, 3), (2, None), (3, None), (4, 5)]


@given(samples=SAMPLES, width=st.sampled_from([20 * SECOND, MINUTE, HOUR, DAY]))
@settings(max_examples=200)
def test_points_keep_order_extremes_ends_and_gaps(samples, width):
    line = points(trend(samples, width, DAYS * DAY // width))
    assert (np.diff(line.time) >= 0).all()
    assert len(line) == 0 or line.time[-1] == samples[-1][0]
    good = [v for _, v, _ in filter(drawable, samples)]
    column = (line.time - START) // width
    for index in {(t - START) // width for t, _, _ in samples}:
        inside = [s for s in samples if (s[0] - START) // width == index]
        values = [v for _, v, _ in filter(drawable, inside)]
        drawn = line.value[column == index]
        kept = drawn[~np.isnan(drawn)].tolist()
        assert len(kept) <= 4
        assert bool(kept) == bool(values)
        if values:
            assert (kept[0], min(kept), max(kept), kept[-1]) == (values[0], min(values), max(values), values[-1])
        assert np.isnan(drawn).any() == (len(values) < len(inside))
        assert np.isnan(drawn[0]) == (not drawable(inside[0]))
        assert np.isnan(drawn[-1]) == (not drawable(inside[-1]))
    held = up_to_gaps(line)  # as a panel draws it
    assert bool(good) == bool((~np.isnan(held.value)).any())
