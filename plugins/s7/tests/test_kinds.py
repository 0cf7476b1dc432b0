"""Bytes and values fit each other, and what does not fit is refused or Bad."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.quality import Status
from plugins.s7.kinds import FLOATS, TEXTS, Kind, ValueRefusedError, decoded, encoded, held, size_of

NUMBERS = [kind for kind in Kind if kind not in TEXTS and kind is not Kind.BOOL]
SIGNED = {Kind.SINT, Kind.INT, Kind.DINT, Kind.LINT}


def holds(kind, value):
    """Whether a kind can hold a number, worked out another way."""
    if kind in FLOATS:
        return kind is Kind.LREAL or abs(value) < 3.4028235677973366e38
    bits = 8 * size_of(kind)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if kind in SIGNED else (0, 2**bits)
    return float(value).is_integer() and low <= value < high


@given(st.sampled_from(NUMBERS), st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_what_is_read(kind, value):
    if not holds(kind, value):
        with pytest.raises(ValueRefusedError):
            encoded(kind, 0, value)
        return
    data = encoded(kind, 0, value)
    assert len(data) == size_of(kind)
    number, status = decoded(kind, data)
    assert status == Status.GOOD or abs(number) > 2**53
    assert number == held(kind, data, value)
    assert kind is Kind.REAL or number == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.BYTE, 256.0),
        (Kind.SINT, -129.0),
        (Kind.UINT, -1.0),
        (Kind.INT, 1.5),
        (Kind.DINT, 2.0**31),
        (Kind.REAL, 1e39),
        (Kind.REAL, math.nan),
        (Kind.LREAL, math.inf),
        (Kind.BOOL, 2.0),
        (Kind.INT, "1"),
        (Kind.STRING, 1.0),
        (Kind.STRING, "five!"),
        (Kind.STRING, "€"),
        (Kind.DATE_AND_TIME, "2026-01-01T00:00:00"),
    ],
)
def test_what_does_not_fit_is_refused(kind, value):
    with pytest.raises(ValueRefusedError):
        encoded(kind, 4, value)


def test_a_large_number_is_uncertain_and_no_number_is_bad():
    assert decoded(Kind.LINT, (2**60 + 1).to_bytes(8, "big"))[1] == Status.UNCERTAIN
    assert decoded(Kind.REAL, bytes.fromhex("7fc00000"))[1] == Status.BAD_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("raw", "held"),
    [
        (b"\x04\x02ab\0\0", ("ab", Status.GOOD)),
        (b"\x04\x00zzzz", ("", Status.GOOD)),
        (b"\x04\x01\xb5\0\0\0", ("µ", Status.GOOD)),
        (b"\x04\x05abcd", ("", Status.BAD_TYPE_MISMATCH)),
        (b"\xff\x02ab\0\0", ("", Status.BAD_TYPE_MISMATCH)),
        (b"\xfe\x06abcd", ("", Status.BAD_TYPE_MISMATCH)),
    ],
)
def test_a_text(raw, held):
    assert decoded(Kind.STRING, raw) == held


def test_a_written_text_leaves_the_declared_length_alone():
    assert encoded(Kind.STRING, 8, "ab") == b"\x02ab"


@pytest.mark.parametrize(
    ("raw", "held"),
    [
        ("2604301559598765", ("2026-04-30T15:59:59.876", Status.GOOD)),
        ("9012312359590001", ("1990-12-31T23:59:59.000", Status.GOOD)),
        ("0000000000000000", ("", Status.BAD_OUT_OF_RANGE)),
        ("26043015595a8765", ("", Status.BAD_OUT_OF_RANGE)),
    ],
)
def test_a_date_and_time(raw, held):
    assert decoded(Kind.DATE_AND_TIME, bytes.fromhex(raw)) == held
