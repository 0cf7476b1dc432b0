import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.quality import Status
from hmi.core.trend import (
    NOTHING,
    Tape,
    extent,
    held,
    joined,
    line,
    m4,
    only_certain,
    only_uncertain,
    staircase,
    up_to_gaps,
    value_at,
)

GOOD, UNCERTAIN, BAD = int(Status.GOOD), int(Status.UNCERTAIN), int(Status.BAD)


def of(*samples):
    """(time, value[, status]) tuples as a line."""
    rows = [(*s, GOOD)[:3] for s in samples]
    return line(
        np.array([r[0] for r in rows], np.int64),
        np.array([r[1] for r in rows], np.float64),
        np.array([r[2] for r in rows], np.uint32),
    )


def points(a_line):
    return [(int(t), None if np.isnan(v) else float(v)) for t, v in zip(a_line.time, a_line.value, strict=True)]


WORKED = of((0, 0), (1, 1), (2, 0), (3, 8), (4, 1), (5, 2), (6, 1), (7, -5), (8, 0), (9, 1))


def test_worked_example_of_three_columns():
    # Columns [0, 3), [3, 6), [6, 9] hold first/min/max/last 0,0,1,0 and 8,1,8,2 and 1,-5,1,1.
    kept = points(m4(WORKED, 0, 9, 3))
    assert kept == [(0, 0), (1, 1), (2, 0), (3, 8), (4, 1), (5, 2), (6, 1), (7, -5), (9, 1)]


def test_zoomed_to_raw_shows_raw():
    assert points(m4(WORKED, 0, 10, 100)) == points(WORKED)


def test_the_neighbours_outside_the_window_stay_so_that_the_line_enters_and_leaves_it():
    assert points(m4(WORKED, 3, 5, 10)) == [(2, 0), (3, 8), (4, 1), (5, 2), (6, 1)]


def test_a_bad_sample_is_a_gap():
    assert points(m4(of((0, 1), (1, 9, BAD), (2, 3)), 0, 3, 30)) == [(0, 1), (1, None), (2, 3)]


def test_a_gap_inside_one_column_is_kept():
    kept = points(m4(of((0, 1), (1, 9, BAD), (2, 3), (3, 4)), 0, 4, 1))
    assert (1, None) in kept


def test_a_gap_that_reaches_into_empty_columns_is_kept():
    kept = points(m4(of((0, 1), (1, 0, BAD), (2, 2), (3, 0, BAD), (90, 5)), 0, 100, 10))
    assert kept == [(0, 1), (1, None), (2, 2), (3, None), (90, 5)]


def test_not_a_number_is_a_gap_too():
    assert points(m4(of((0, 1), (1, float("inf")), (2, 3)), 0, 3, 3)) == [(0, 1), (1, None), (2, 3)]


def test_nothing_to_draw():
    assert m4(NOTHING, 0, 10, 5) is NOTHING
    assert m4(WORKED, 10, 0, 5) is NOTHING
    assert m4(WORKED, 0, 10, 0) is NOTHING


SAMPLES = st.lists(
    st.tuples(st.integers(0, 1000), st.floats(-100, 100), st.sampled_from([GOOD, GOOD, GOOD, UNCERTAIN, BAD])),
    min_size=1,
    max_size=200,
    unique_by=lambda s: s[0],
).map(sorted)


@settings(max_examples=60, deadline=None)
@given(SAMPLES, st.integers(1, 40))
def test_extremes_are_visible_order_is_kept_and_gaps_are_never_bridged(samples, columns):
    whole = of(*samples)
    kept = m4(whole, 0, 1001, columns)
    assert extent(kept) == extent(whole)
    assert (np.diff(kept.time) > 0).all()
    assert len(kept) <= 6 * columns
    assert int((~np.isnan(kept.value)).sum()) <= 4 * columns
    # Two drawn neighbours in different columns had no gap between them.
    width = 1001 / columns
    drawn = list(zip(kept.time.tolist(), kept.value.tolist(), strict=True))
    for (t0, v0), (t1, v1) in itertools.pairwise(drawn):
        if np.isnan(v0) or np.isnan(v1) or int(t0 / width) == int(t1 / width):
            continue
        between = (whole.time > t0) & (whole.time < t1)
        assert not np.isnan(whole.value[between]).any()


def test_a_held_value_is_drawn_as_steps():
    assert points(staircase(of((0, 1), (5, 2)))) == [(0, 1), (5, 1), (5, 2)]


def test_steps_hold_until_the_gap_and_not_over_it():
    assert points(staircase(of((0, 1), (5, 0, BAD), (9, 3)))) == [(0, 1), (5, 1), (5, None), (9, None), (9, 3)]


def test_certain_and_uncertain_parts_are_drawn_apart_and_touch():
    whole = of((0, 1), (1, 2, UNCERTAIN), (2, 3), (3, 4))
    assert points(only_certain(whole)) == [(0, 1), (1, None), (2, 3), (3, 4)]
    assert points(only_uncertain(whole)) == [(0, 1), (1, 2), (2, 3), (3, None)]


def test_the_value_at_a_time_is_the_last_one_before():
    whole = of((10, 1), (20, 0, BAD))
    assert value_at(whole, 5) == (None, Status.BAD_NO_DATA)
    assert value_at(whole, 10) == (1.0, GOOD)
    assert value_at(whole, 25) == (None, BAD)


def test_live_samples_continue_the_history_without_repeating_it():
    tape = Tape()
    tape.append(of((3, 3), (4, 4)))
    tape.replace_history(of((1, 1), (2, 2), (3, 3)))
    tape.append(of((4, 4), (5, 5)))
    assert points(tape.whole()) == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]


def test_the_last_word_about_a_moment_counts():
    tape = Tape()
    tape.append(of((1, 1), (8, 5)))
    tape.append(of((7, 6), (8, 6)))
    assert points(tape.whole()) == [(1, 1), (8, 6)], "the one at 7 is in history, and drawn when that is read again"
    tape.replace_history(of((1, 1), (7, 6), (8, 6)))
    tape.append(of((8, 7)))
    assert points(tape.whole()) == [(1, 1), (7, 6), (8, 7)]


def test_live_samples_of_one_frame_are_put_in_order():
    tape = Tape()
    tape.append(of((8, 5), (7, 6), (8, 6), (9, 7)))
    assert points(tape.whole()) == [(7, 6), (8, 6), (9, 7)]


def test_a_tape_is_bounded_and_says_when_it_dropped():
    tape = Tape(limit=10)
    for t in range(25):
        tape.append(of((t, t)))
    assert tape.overrun
    assert len(tape.whole()) <= 10
    assert points(tape.whole())[-1] == (24, 24)
    tape.replace_history(of(*((t, t) for t in range(25))))
    assert not tape.overrun
    assert len(tape.whole()) == 25


def test_lost_samples_are_a_hole_until_history_is_read_again():
    tape = Tape()
    tape.append(of((1, 1)))
    tape.lose()
    tape.append(of((9, 9)))
    assert tape.overrun
    assert points(tape.whole()) == [(1, 1), (2, None), (9, 9)]
    tape.replace_history(of((1, 1), (5, 5), (9, 9)))
    assert points(tape.whole()) == [(1, 1), (5, 5), (9, 9)]


@settings(max_examples=60, deadline=None)
@given(SAMPLES, st.integers(1, 40), st.integers(1, 60))
def test_reduced_page_by_page_it_is_the_same_picture(samples, columns, page):
    parts = [of(*samples[at : at + page]) for at in range(0, len(samples), page)]
    by_page = NOTHING
    for part in parts:
        by_page = m4(joined([by_page, part]), 100, 900, columns)
    assert points(by_page) == points(m4(of(*samples), 100, 900, columns))


def test_samples_that_come_one_by_one_do_not_pile_up_in_pieces():
    tape = Tape()
    for t in range(1, 500):
        tape.append(of((t, t)))
        tape.whole()
    assert len(tape._parts) == 1
    assert len(tape.whole()) == 499


NO_BOUND = int(Status.BAD_BOUND_NOT_FOUND)


def test_a_bound_that_history_did_not_find_is_no_sample():
    found = of((0, float("nan"), NO_BOUND), (5, 65), (9, float("nan"), NO_BOUND))
    assert points(found) == [(5, 65)]


def test_a_missing_bound_hides_no_live_sample_before_it():
    tape = Tape()
    tape.append(of((8, 70)))
    tape.replace_history(of((5, 65), (9, float("nan"), NO_BOUND)))
    assert points(tape.whole()) == [(5, 65), (8, 70)]


def test_a_value_is_held_until_now_and_a_gap_stays_a_gap():
    assert points(held(of((5, 65)), 9)) == [(5, 65), (9, 65)]
    assert points(held(of((5, 65), (6, 0, BAD)), 9)) == [(5, 65), (6, None), (9, None)]
    assert points(held(of((5, 65)), 5)) == [(5, 65)]
    assert not len(held(NOTHING, 9))


def test_a_value_stands_until_the_gap_begins():
    line_up = up_to_gaps(of((0, 1), (1, 2), (7, 0, BAD), (8, 0, BAD), (9, 3)))
    assert points(line_up) == [(0, 1), (1, 2), (7, 2), (7, None), (8, None), (9, 3)]
    assert points(up_to_gaps(WORKED)) == points(WORKED)
    assert points(up_to_gaps(of((0, 0, BAD), (1, 2)))) == [(0, None), (1, 2)]
    assert not len(up_to_gaps(NOTHING))
