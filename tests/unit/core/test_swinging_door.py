"""Swinging door: worked numbers of the standard page, and what holds for every curve."""

from __future__ import annotations

import math
from bisect import bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.quality import Status
from hmi.core.swinging_door import Sample, SwingingDoor

Points = list[tuple[int, float]]


def stored(points: Points, deviation: float) -> Points:
    """What goes to history, with the flush at the end."""
    door, out = SwingingDoor(), list[Sample]()
    for time, value in points:
        out += door.take(Sample(time, 0, value, 0), deviation, whole=False)
    return [(sample.time, sample.value) for sample in out + door.flush()]


def errors(points: Points, kept: Points) -> list[float]:
    """How far each sample is from the line between its stored neighbours."""
    times = [time for time, _ in kept]
    found = []
    for time, value in points:
        at = min(bisect_right(times, time), len(kept) - 1)
        (t0, v0), (t1, v1) = kept[max(at - 1, 0)], kept[at]
        line = v0 if t0 == t1 else v0 + (v1 - v0) * (time - t0) / (t1 - t0)
        found.append(abs(value - line))
    return found


def test_worked_numbers() -> None:
    points = list(enumerate([10, 10.4, 10.9, 11.2, 11.8, 12.1, 10.0, 9.0, 8.1, 8.0, 8.1]))
    kept = stored(points, 0.5)
    assert kept == [(0, 10), (5, 12.1), (6, 10.0), (8, 8.1), (10, 8.1)]
    assert max(errors(points, kept)) == pytest.approx(0.12)


def test_slopes_of_the_worked_numbers() -> None:
    door = SwingingDoor()
    for time, value in enumerate([10, 10.4, 10.9, 11.2, 11.8, 12.1]):
        door.take(Sample(time, 0, value, 0), 0.5, whole=False)
    assert (door.low, door.high) == (pytest.approx(0.325), pytest.approx(0.52))


def test_doors_that_cross_leave_out_nothing_that_matters() -> None:
    """The variant that stores where the doors cross drops (1, 1) here, an error of 1.5."""
    points: Points = [(0, 0), (1, 1), (2, -1), (3, 5)]
    assert max(errors(points, stored(points, 1.0))) <= 1.0


VALUES = st.one_of(st.integers(-40, 40).map(lambda n: n / 8), st.floats(-1e6, 1e6))
CURVES = st.lists(st.tuples(st.integers(1, 10**11), VALUES), min_size=1, max_size=60)
DEVIATIONS = st.sampled_from([0.0, 0.125, 0.5, 1.0, 3.7, 1e4])


def curve(steps: list[tuple[int, float]]) -> Points:
    points, time = [], 1_800_000_000_000_000_000
    for step, value in steps:
        time += step
        points.append((time, value))
    return points


@settings(max_examples=300, deadline=None)
@given(CURVES, DEVIATIONS)
def test_what_is_left_out_is_within_the_deviation(steps: list[tuple[int, float]], deviation: float) -> None:
    points = curve(steps)
    kept = stored(points, deviation)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    originals = iter(points)
    assert all(point in originals for point in kept), "stored samples are original ones in their order"
    rounding = 1e-12 * max(abs(value) for _, value in points)
    assert max(errors(points, kept)) <= deviation + rounding


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 50), st.integers(1, 10**10), st.integers(-1000, 1000), st.integers(-8, 8), DEVIATIONS)
def test_a_straight_line_is_two_points(count: int, step: int, first: int, rise: int, deviation: float) -> None:
    # Eighths are exact, so the line is one for the machine too.
    points = [(number * step, first + rise * number / 8) for number in range(count)]
    assert stored(points, deviation) == [points[0], points[-1]]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=60))
def test_without_a_deviation_only_what_lies_on_a_line_is_left_out(values: list[int]) -> None:
    points = [(number, float(value)) for number, value in enumerate(values)]
    assert max(errors(points, stored(points, 0.0))) <= 1e-12 * 20


def test_bad_and_what_is_no_number_is_stored_and_so_is_what_was_held() -> None:
    door = SwingingDoor()
    good = [Sample(time, 0, 1.0, 0) for time in range(6)]
    bad, unknown = Sample(3, 0, 1.0, int(Status.BAD)), Sample(5, 0, math.nan, 0)
    steps = [(good[0], [good[0]]), (good[1], []), (bad, [good[1], bad])]
    for sample, expected in steps:
        assert door.take(sample, 1.0, whole=False) == expected
    assert door.take(good[4], 1.0, whole=True) == [good[4]]
    assert door.take(unknown, 1.0, whole=False) == [unknown]
    later = Sample(6, 0, 2.0, 0)
    assert door.take(later, 1.0, whole=False) == [later]
    assert door.flush() == []


def test_a_sample_of_the_same_time_takes_the_place_of_the_held_one() -> None:
    door = SwingingDoor()
    first, held, other, far = Sample(0, 0, 0.0, 0), Sample(1, 0, 0.5, 0), Sample(1, 0, 0.25, 0), Sample(1, 0, 9.0, 0)
    door.take(first, 1.0, whole=False)
    assert door.take(held, 1.0, whole=False) == []
    assert door.take(other, 1.0, whole=False) == []
    assert door.held == other
    assert door.take(far, 1.0, whole=False) == [other, far]  # history keeps the later of the two


def test_numbers_too_far_apart_for_a_line() -> None:
    points: Points = [(0, 1e308), (1, -1e308), (2, -1e308), (3, 1e308), (4, 1e308)]
    assert stored(points, 1.0) == points
