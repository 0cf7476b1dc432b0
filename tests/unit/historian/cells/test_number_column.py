"""Numbers are the same bits after a file."""

import math
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hmi.historian.cells.number_column import Numbers, number_of

NUMBERS = Numbers()


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


@given(st.lists(st.floats(allow_nan=False), max_size=20))
@example([5e-324, -0.0, 0.1, 1e16, 1e300, 2.0**53, -math.inf, math.inf, 2.2250738585072014e-308])
@example([])
def test_every_number_reads_back(values: list[float]) -> None:
    cells = NUMBERS.write(np.array(values, np.float64))
    assert [bits(float(cell)) for cell in cells] == [bits(value) for value in values]


def test_what_is_no_number_has_a_name() -> None:
    assert NUMBERS.write(np.array([math.nan, math.inf, -math.inf, -0.0])) == [b"nan", b"inf", b"-inf", b"-0.0"]


@pytest.mark.parametrize(
    ("cell", "number"), [("1.5", 1.5), ("-inf", -math.inf), ("1,5", None), ("", None), ("on", None)]
)
def test_a_cell_is_a_number_or_not(cell: str, number: float | None) -> None:
    assert number_of(cell) == number
