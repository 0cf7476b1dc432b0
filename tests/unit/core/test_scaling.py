"""Scaling: worked numbers of the standard page, clamps, oddities, and writes that are refused rather than bent."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.engine.columns import Columns
from hmi.core.engine.scaled import scaled
from hmi.core.quality import INFO_DATA_VALUE, LIMIT_HIGH, LIMIT_LOW, Status, is_bad
from hmi.core.scaling import OutOfRangeError, to_eu, to_raw
from hmi.core.tag import Clamp, Scaling, Tag, TagType
from tests.unit.core.engine.plants import DEVICE, entry

EXCEEDED = int(Status.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED) | INFO_DATA_VALUE


def tag(clamp: Clamp = Clamp.NONE, raw: tuple[float, float] = (4000, 20000), eu: tuple[float, float] = (0, 150)) -> Tag:
    scaling = Scaling(raw=raw, eu=eu, clamp=clamp)
    return Tag(uid="u", path="a/flow", type=TagType.FLOAT, source=DEVICE, unit="l/h", scaling=scaling)


def plain(kind: TagType) -> Tag:
    return Tag(uid="u", path="a/x", type=kind, source=DEVICE)


@pytest.mark.parametrize(("raw", "eu"), [(13107, 85.378125), (3600, -3.75), (3990, -0.09375), (4000, 0), (20000, 150)])
def test_worked_numbers(raw: float, eu: float) -> None:
    assert to_eu(tag(), raw, 0) == (eu, 0)


def test_limit_holds_the_value_and_says_so() -> None:
    assert to_eu(tag(Clamp.LIMIT), 3600, 0) == (0.0, EXCEEDED | LIMIT_LOW)
    assert to_eu(tag(Clamp.LIMIT), 20001, 0) == (150.0, EXCEEDED | LIMIT_HIGH)
    assert to_eu(tag(Clamp.LIMIT), 20000, 0) == (150.0, 0)


def test_limit_keeps_the_reason_of_a_doubtful_value() -> None:
    doubtful = int(Status.UNCERTAIN_SENSOR_NOT_ACCURATE)
    assert to_eu(tag(Clamp.LIMIT), 3600, doubtful) == (0.0, doubtful | INFO_DATA_VALUE | LIMIT_LOW)


def test_reject_is_bad_and_shows_the_value() -> None:
    assert to_eu(tag(Clamp.REJECT), 3600, 0) == (-3.75, int(Status.BAD_OUT_OF_RANGE))


def test_a_bad_value_is_not_clamped() -> None:
    assert to_eu(tag(Clamp.LIMIT), 3600, int(Status.BAD_SENSOR_FAILURE)) == (-3.75, int(Status.BAD_SENSOR_FAILURE))


@pytest.mark.parametrize("raw", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_bad(raw: float) -> None:
    value, status = to_eu(tag(), raw, 0)
    assert math.isnan(value)
    assert status == Status.BAD


def test_negative_zero_is_zero() -> None:
    value, _ = to_eu(plain(TagType.FLOAT), -0.0, 0)
    assert math.copysign(1, value) == 1


def test_integers_beyond_two_to_53_are_uncertain() -> None:
    assert to_eu(plain(TagType.INT), 2.0**53, 0) == (2.0**53, 0)
    assert to_eu(plain(TagType.INT), 2.0**53 + 2, 0)[1] == Status.UNCERTAIN
    assert to_eu(plain(TagType.FLOAT), 2.0**60, 0)[1] == 0


def test_falling_lines_clamp_at_the_right_end() -> None:
    falling = tag(Clamp.LIMIT, raw=(0, 100), eu=(100, 0))
    assert to_eu(falling, -5, 0) == (100.0, EXCEEDED | LIMIT_HIGH)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(width=64) | st.sampled_from([-0.0, 2.0**53, 2.0**53 + 2, -1e300]), min_size=1, max_size=20),
    st.sampled_from(
        [0, 0x40000000, 0x80310000, int(Status.UNCERTAIN_SENSOR_NOT_ACCURATE), int(Status.BAD_OUT_OF_RANGE)]
    ),
    st.sampled_from(list(Clamp)),
    st.sampled_from([TagType.FLOAT, TagType.INT]),
    st.booleans(),
)
def test_columns_equal_single_values(raw: list[float], status: int, clamp: Clamp, kind: TagType, line: bool) -> None:
    scaling = Scaling(raw=(0, 10), eu=(50, -50), clamp=clamp) if line else None
    one, other = entry(1, kind=kind, scaling=scaling), entry(2)
    columns = Columns([one, other])
    ids = np.array([1] * len(raw) + [2], np.intp)
    values, statuses, _ = scaled(columns, ids, np.array([*raw, 5.0]), np.full(len(ids), status, np.uint32))
    expected = [to_eu(one.tag, value, status) for value in raw] + [to_eu(other.tag, 5.0, status)]
    np.testing.assert_array_equal(values, [value for value, _ in expected])
    assert not np.signbit(values[values == 0]).any()
    assert statuses.tolist() == [code for _, code in expected]


def test_writes_go_back_the_same_line() -> None:
    assert to_raw(tag(), 85.378125) == 13107
    assert to_raw(tag(), 0) == 4000


def test_registers_round_half_to_even() -> None:
    half = tag(raw=(0, 10), eu=(0, 10))
    assert [to_raw(half, eu, (0, 10)) for eu in (0.5, 1.5, 2.5, 3.5)] == [0, 2, 2, 4]


@pytest.mark.parametrize("eu", [-0.001, 150.001, math.nan, math.inf])
def test_writes_out_of_range_are_refused_never_limited(eu: float) -> None:
    with pytest.raises(OutOfRangeError, match="a/flow cannot be set to"):
        to_raw(tag(Clamp.LIMIT), eu)


def test_the_register_is_checked_before_any_cast() -> None:
    wide = tag(raw=(0, 70000), eu=(0, 70000))
    assert to_raw(wide, 65535, (0, 65535)) == 65535
    with pytest.raises(OutOfRangeError, match="the device holds 0 to 65535"):
        to_raw(wide, 65536, (0, 65535))
    with pytest.raises(OutOfRangeError):
        to_raw(plain(TagType.FLOAT), 1e300, (-32768, 32767))


def test_whole_tags_take_whole_numbers() -> None:
    assert to_raw(plain(TagType.INT), 2.5) == 2
    assert to_raw(plain(TagType.FLOAT), 2.5) == 2.5
    with pytest.raises(OutOfRangeError):
        to_raw(plain(TagType.BOOL), 2)
    with pytest.raises(OutOfRangeError):
        to_raw(plain(TagType.INT), 1e17)


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 150))
def test_there_and_back(eu: float) -> None:
    value, status = to_eu(tag(), to_raw(tag(), eu), 0)
    assert value == pytest.approx(eu, abs=1e-9)
    assert not is_bad(status)
