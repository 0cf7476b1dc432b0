"""Random histories of one tag, and how results are compared."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import INFO_DATA_VALUE, LIMIT_HIGH, Status
from hmi.historian.aggregates import AggregateConfig, Processed
from tests.helpers_aggregates.reference import Result, Sample

STEP = 250_000
"""ns between possible times: a quarter of what the last sample counts for."""
STATUS = [
    Status.GOOD,
    Status.GOOD,
    Status.GOOD,
    Status.GOOD_CLAMPED,
    Status.UNCERTAIN,
    Status.UNCERTAIN_SENSOR_NOT_ACCURATE | INFO_DATA_VALUE | LIMIT_HIGH,
    Status.BAD,
    Status.BAD_NO_COMMUNICATION,
]
small = st.integers(-3, 3).map(float)
wide = st.floats(-1e6, 1e6, allow_subnormal=False)
no_number = st.sampled_from([math.nan, math.inf])


@dataclass(frozen=True)
class Case:
    """What is stored, and which intervals are asked for."""

    samples: list[Sample]
    start: int
    end: int
    interval: int

    @property
    def columns(self) -> tuple[Int64, Float64, UInt32]:
        return columns(self.samples)

    @property
    def edges(self) -> list[int]:
        """Ascending."""
        length = abs(self.end - self.start)
        step = self.interval or length
        offsets = [*range(0, length, step), length]
        return [self.start + o for o in offsets] if self.start < self.end else [self.start - o for o in offsets[::-1]]


def columns(samples: Sequence[Sample]) -> tuple[Int64, Float64, UInt32]:
    return (
        np.array([s.time for s in samples], np.int64),
        np.array([s.value for s in samples], np.float64),
        np.array([s.status for s in samples], np.uint32),
    )


@st.composite
def cases(draw: st.DrawFn, *, least: int = 0) -> Case:
    times = sorted(draw(st.sets(st.integers(0, 40), min_size=least, max_size=14)))
    kinds = draw(st.sampled_from([STATUS[:1], STATUS[:4], STATUS]))
    values = draw(st.sampled_from([small, wide, st.one_of(small, small, no_number)]))
    samples = [Sample(t * STEP, draw(values), int(draw(st.sampled_from(kinds)))) for t in times]
    start, length = draw(st.integers(-6, 44)), draw(st.integers(1, 40))
    interval = draw(st.sampled_from([0, 1, 2, 3, 5, 8, 20]))
    end = start + length if draw(st.booleans()) else start - length
    return Case(samples, start * STEP, end * STEP, interval * STEP)


@st.composite
def configs(draw: st.DrawFn) -> AggregateConfig:
    bad = draw(st.sampled_from([100, 100, 50, 0]))
    good = draw(st.integers(100 - bad, 100))
    return AggregateConfig(draw(st.booleans()), draw(st.booleans()), bad, good, draw(st.booleans()))


def assert_same(found: Processed, wanted: Sequence[Result], scale: float = 1.0) -> None:
    """Times and whole codes alike; values but for rounding of numbers as large as `scale`."""
    assert found.time.tolist() == [w.time for w in wanted]
    assert [hex(c) for c in found.status.tolist()] == [hex(w.code) for w in wanted]
    for value, w in zip(found.value.tolist(), wanted, strict=True):
        assert math.isnan(value) is (w.value is None), (value, w)
        assert w.value is None or math.isclose(value, w.value, rel_tol=1e-9, abs_tol=1e-9 * scale), (value, w)


def assert_equal(found: Processed, wanted: Processed, scale: float = 1.0) -> None:
    """The same of two fast results."""
    assert found.time.tolist() == wanted.time.tolist()
    assert [hex(c) for c in found.status.tolist()] == [hex(c) for c in wanted.status.tolist()]
    np.testing.assert_allclose(found.value, wanted.value, rtol=1e-9, atol=1e-9 * scale, equal_nan=True)
