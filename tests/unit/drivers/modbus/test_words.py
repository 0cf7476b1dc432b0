"""Word and byte orders by the worked numbers, and values that do not fit."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.modbus.address import Kind, ModbusAddress, Table, WordOrder
from hmi.drivers.modbus.words import BCD, ValueRefusedError, byte_order, numbers, text, to_words


def at(kind, length=0):
    return ModbusAddress(Table.HOLDING, 0, kind, length=length)


def back(words, kind, order):
    raw = np.frombuffer(struct.pack(f">{len(words)}H", *words), np.uint8)
    return float(numbers(raw[byte_order(len(words), order)].view(f"u{2 * len(words)}"), kind)[0])


WORKED = {
    WordOrder.ABCD: ([0x42F6, 0xE979], [0x000F, 0x4240]),
    WordOrder.CDAB: ([0xE979, 0x42F6], [0x4240, 0x000F]),
    WordOrder.BADC: ([0xF642, 0x79E9], [0x0F00, 0x4042]),
    WordOrder.DCBA: ([0x79E9, 0xF642], [0x4042, 0x0F00]),
}


@pytest.mark.parametrize("order", WordOrder)
def test_worked_numbers_both_ways(order):
    floats, integers = WORKED[order]
    assert to_words(at(Kind.FLOAT32), order, 123.456) == (floats, pytest.approx(123.456, rel=1e-6))
    assert to_words(at(Kind.UINT32), order, 1_000_000) == (integers, 1_000_000)
    assert back(floats, Kind.FLOAT32, order) == pytest.approx(123.456, rel=1e-6)
    assert back(integers, Kind.UINT32, order) == 1_000_000


@pytest.mark.parametrize(
    ("order", "letters"),
    [("ABCD", "ABCDEFGH"), ("CDAB", "GHEFCDAB"), ("BADC", "BADCFEHG"), ("DCBA", "HGFEDCBA")],
)
def test_four_registers(order, letters):
    """Where the letters lie on the wire."""
    places = byte_order(4, WordOrder(order))
    assert "".join(letters[p] for p in places) == "ABCDEFGH"


def test_single_registers_are_big_endian_always():
    assert {tuple(byte_order(1, order)) for order in WordOrder} == {(0, 1)}
    assert to_words(at(Kind.INT16), WordOrder.DCBA, -2) == ([0xFFFE], -2)


def test_negative_int32():
    assert to_words(at(Kind.INT32), WordOrder.ABCD, -2) == ([0xFFFF, 0xFFFE], -2)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Kind.INT16, 32768), (Kind.INT16, -32769), (Kind.UINT16, -1), (Kind.UINT16, 65536), (Kind.INT16, 32767.6),
     (Kind.UINT32, 2**32), (Kind.FLOAT32, 1e39), (Kind.FLOAT64, math.inf), (Kind.INT32, math.nan),
     (Kind.BOOL, 2), (Kind.UINT16, "7"), (Kind.STRING, 7.0), (Kind.STRING, "toolong"), (Kind.STRING, "\u0394")],
)  # fmt: skip
def test_refuses_what_does_not_fit(kind, value):
    with pytest.raises(ValueRefusedError):
        to_words(at(kind, 4 if kind is Kind.STRING else 0), WordOrder.ABCD, value)


@pytest.mark.parametrize(("value", "sent"), [(2.5, 2), (3.5, 4), (-0.4, 0), (13107.0000001, 13107)])
def test_whole_numbers_are_rounded_half_to_even_and_told(value, sent):
    assert to_words(at(Kind.INT16), WordOrder.ABCD, value)[1] == sent


@given(st.sampled_from([k for k in Kind if k not in {Kind.STRING, Kind.BOOL}]), st.sampled_from(WordOrder), st.data())
def test_what_is_written_reads_back(kind, order, data):
    if kind in {Kind.FLOAT32, Kind.FLOAT64}:
        value = data.draw(st.floats(allow_nan=False, allow_infinity=False, width=32))
    elif kind in BCD:
        value = float(data.draw(st.integers(0, 10 ** BCD[kind] - 1)))
    else:
        bits = int(kind.value[-2:])
        low = 0 if kind.value[0] == "u" else -(2 ** (bits - 1))
        value = float(data.draw(st.integers(max(low, -(2**53)), min(low + 2**bits - 1, 2**53))))
    words, sent = to_words(at(kind), order, value)
    assert len(words) == at(kind).count
    assert back(words, kind, order) == sent == value


@pytest.mark.parametrize(
    ("kind", "value", "words"), [(Kind.BCD16, 1234, [0x1234]), (Kind.BCD32, 12345678, [0x5678, 0x1234])]
)
def test_decimal_digits_lie_in_nibbles(kind, value, words):
    assert to_words(at(kind), WordOrder.CDAB, value) == (words, value)


@pytest.mark.parametrize("value", [-1, 10000, 9999.6])
def test_what_has_no_room_in_four_digits_is_refused(value):
    with pytest.raises(ValueRefusedError, match="0 to 9999"):
        to_words(at(Kind.BCD16), WordOrder.ABCD, value)


@pytest.mark.parametrize("raw", [0x12A4, 0xF000, 0x000B])
def test_a_nibble_that_is_no_digit_is_no_number(raw):
    assert np.isnan(back([raw], Kind.BCD16, WordOrder.ABCD))


def test_texts():
    assert text(b"abc\0junk", 8) == "abc"
    assert text(b"abc     ", 8) == "abc"
    assert text("µ°".encode("latin-1"), 2) == "µ°"
    assert to_words(at(Kind.STRING, 5), WordOrder.ABCD, "AB") == ([0x4142, 0, 0], "AB")
    assert to_words(at(Kind.STRING, 4), WordOrder.BADC, "ABCD") == ([0x4241, 0x4443], "ABCD")
    assert byte_order(2, WordOrder.CDAB, text=True) == [0, 1, 2, 3]
