"""Registers against the worked values of the standards page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.softplc.points import Kind, Point, Wire
from hmi.softplc.words import LIMITS, WordOrder, decode, encode


def point(wire: Wire, factor: float = 1.0, kind: Kind = Kind.FLOAT) -> Point:
    return Point("u", "m", kind, "", wire=wire, factor=factor)


@pytest.mark.parametrize(
    ("wire", "value", "order", "registers"),
    [
        (Wire.FLOAT32, 123.456, WordOrder.ABCD, [0x42F6, 0xE979]),
        (Wire.FLOAT32, 123.456, WordOrder.CDAB, [0xE979, 0x42F6]),
        (Wire.UINT32, 1_000_000, WordOrder.ABCD, [0x000F, 0x4240]),
        (Wire.UINT32, 1_000_000, WordOrder.CDAB, [0x4240, 0x000F]),
        (Wire.INT32, -2, WordOrder.ABCD, [0xFFFF, 0xFFFE]),
        (Wire.INT16, -2, WordOrder.CDAB, [0xFFFE]),
        (Wire.UINT16, 65_535, WordOrder.ABCD, [0xFFFF]),
    ],
)
def test_known_registers(wire: Wire, value: float, order: WordOrder, registers: list[int]) -> None:
    assert encode(point(wire), value, order) == registers
    assert decode(point(wire), registers, order) == pytest.approx(value)


@given(st.sampled_from(list(LIMITS)), st.sampled_from(WordOrder), st.data())
@settings(max_examples=60, deadline=None)
def test_whole_numbers_survive_the_wire(wire: Wire, order: WordOrder, data: st.DataObject) -> None:
    value = data.draw(st.integers(*LIMITS[wire]))
    whole = point(wire, kind=Kind.INT)
    assert decode(whole, encode(whole, value, order), order) == value


def test_scaled_values_are_rounded_and_stop_at_the_end_of_the_register() -> None:
    tenth = point(Wire.INT16, 10.0)
    assert encode(tenth, 36.04, WordOrder.ABCD) == [360]
    assert encode(tenth, 1e9, WordOrder.ABCD) == [0x7FFF]
    assert decode(tenth, [361], WordOrder.ABCD) == pytest.approx(36.1)
