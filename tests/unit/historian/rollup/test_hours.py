import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings

from hmi.core.instants import SECOND
from hmi.core.quality import Status, is_good
from hmi.historian.rollup.cells import HOUR, MINUTE, cells_of
from hmi.historian.rollup.hours import hours_of
from tests.unit.historian.rollup.plain import SAMPLES, arrays, drawable, exact, of, plain_cells, shown


def made(samples, width=MINUTE):
    time, value, status = arrays(samples)
    return hours_of(cells_of(time, value, status, width), time, value, status)


def sums(samples):
    """Sum, sloped and stepped integral and squares of one hour's samples."""
    pairs = list(itertools.pairwise(samples))
    values = [v for _, v, _ in samples]
    mean = math.fsum(values) / len(values)
    return (
        math.fsum(values),
        math.fsum((a[1] + b[1]) / 2 * (b[0] - a[0]) / SECOND for a, b in pairs),
        math.fsum(a[1] * (b[0] - a[0]) / SECOND for a, b in pairs),
        math.fsum((v - mean) ** 2 for v in values),
    )


@given(samples=SAMPLES)
@settings(max_examples=200)
def test_hours_are_those_of_a_plain_loop(samples):
    hours = made(samples)
    assert exact(shown(hours.cells())) == exact(plain_cells(samples, HOUR))
    for index, record, plain in zip(hours.index.tolist(), hours.records, hours.plain, strict=True):
        inside = [s for s in samples if s[0] // HOUR == index]
        assert (record["first_time"], record["last_time"]) == (inside[0][0], inside[-1][0])
        assert plain == all(drawable(s) and is_good(s[2]) for s in inside)
        found = [float(record[name]) for name in ("sum", "sloped", "stepped", "squares")]
        largest = max(abs(v) for _, v, _ in inside)
        if plain and largest < 1e100:
            assert found == pytest.approx(sums(inside), rel=1e-9, abs=1e-9 * max(largest, largest**2) * 3600)
        elif not plain:
            assert np.isnan(found).all()
        low, high = (sum(v == e for _, v, _ in inside) for e in (record["min"], record["max"]))
        uniform = len({s for _, _, s in inside}) == 1
        assert (record["min_hits"], record["max_hits"], record["uniform"]) == (
            (low, high, uniform) if plain else (0, 0, 0)
        )


def test_worked_example():
    # 10 at 0 s, 40 at 15 s, 25 at 30 s; the next hour's 60 belongs to neither integral.
    record = made(of((0, 10), (15, 40), (30, 25), (3600, 60))).records[0]
    assert (record["sum"], record["count"]) == (75, 3)
    assert (record["sloped"], record["stepped"]) == (375 + 487.5, 150 + 600)
    assert record["squares"] == 15**2 + 15**2


def test_hours_from_minutes_are_those_from_any_finer_cells():
    samples = of(*((n * 11, n % 13) for n in range(2000)))
    assert made(samples, SECOND).records.tobytes() == made(samples, MINUTE).records.tobytes()


def test_values_too_large_to_sum_are_quiet():
    record = made(of((0, 1e308), (1, 1e308), (2, -1e308))).records[0]
    assert (record["min"], record["max"]) == (-1e308, 1e308)


def test_one_uncertain_sample_takes_the_sums_of_its_hour():
    hours = made(of((0, 1), (1, 2, int(Status.UNCERTAIN)), (3600, 3)))
    assert hours.plain.tolist() == [False, True]
    assert np.isnan(hours.records["sum"]).tolist() == [True, False]


def test_no_samples_have_no_hours():
    assert len(made([])) == len(made([]).cells()) == 0


def test_very_many_extremes_count_as_255():
    record = made(of(*((n, n < 3000) for n in range(3600)))).records[0]
    assert (record["min_hits"], record["max_hits"]) == (255, 255)


def test_equal_values_have_no_squares():
    record = made(of(*((n, 0.1) for n in range(3600)))).records[0]
    assert record["squares"] == 0
