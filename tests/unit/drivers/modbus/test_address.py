"""Modbus addresses as people write them, and as they must not."""

import pytest

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError
from hmi.drivers.modbus.address import Kind, ModbusAddress, Table, WordOrder, parse_address


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("holding:107:float32", TagType.FLOAT, ModbusAddress(Table.HOLDING, 107, Kind.FLOAT32)),
        ("input:12", TagType.INT, ModbusAddress(Table.INPUT, 12, Kind.UINT16)),
        ("input:12", TagType.BOOL, ModbusAddress(Table.INPUT, 12, Kind.BOOL)),
        ("coil:5", TagType.BOOL, ModbusAddress(Table.COIL, 5, Kind.BOOL)),
        ("discrete:9@3", TagType.BOOL, ModbusAddress(Table.DISCRETE, 9, Kind.BOOL, unit=3)),
        ("holding:20.3", TagType.BOOL, ModbusAddress(Table.HOLDING, 20, Kind.BOOL, bit=3)),
        ("holding:4:int32:CDAB@255", TagType.INT,
         ModbusAddress(Table.HOLDING, 4, Kind.INT32, order=WordOrder.CDAB, unit=255)),
        ("holding:40:string[15]", TagType.STRING, ModbusAddress(Table.HOLDING, 40, Kind.STRING, length=15)),
        (" holding:65535 ", TagType.INT, ModbusAddress(Table.HOLDING, 65535, Kind.UINT16)),
    ],
)  # fmt: skip
def test_reads(text, type_, expected):
    assert parse_address(text, type_) == expected
    assert hash(parse_address(text, type_)) == hash(expected)


@pytest.mark.parametrize(("kind", "count"), [("int16", 1), ("uint32", 2), ("float64", 4), ("bool", 1)])
def test_counts_registers(kind, count):
    assert parse_address(f"holding:1:{kind}", TagType.FLOAT).count == count


def test_counts_registers_of_a_string():
    assert parse_address("holding:1:string[15]", TagType.STRING).count == 8


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("", TagType.FLOAT),
        ("register:5", TagType.FLOAT),
        ("holding:-1", TagType.FLOAT),
        ("holding:65535:float32", TagType.FLOAT),
        ("holding:65536", TagType.FLOAT),
        ("coil:5:int16", TagType.INT),
        ("coil:5.2", TagType.BOOL),
        ("holding:5.16", TagType.BOOL),
        ("holding:5.1:int16", TagType.INT),
        ("holding:5:int8", TagType.INT),
        ("holding:5:int32:AABB", TagType.INT),
        ("holding:5@0", TagType.INT),
        ("holding:5@248", TagType.INT),
        ("holding:5:string[0]", TagType.STRING),
        ("holding:5:string", TagType.STRING),
        ("holding:5:string[247]", TagType.STRING),
        ("holding:5:string[4]", TagType.FLOAT),
        ("holding:5", TagType.STRING),
        ("holding:5:int16[4]", TagType.INT),
    ],
)
def test_refuses_with_a_way_out(text, type_):
    with pytest.raises(AddressError) as refusal:
        parse_address(text, type_)
    assert refusal.value.do


@pytest.mark.parametrize(
    ("manual", "form"),
    [("40108", "holding:107"), ("400001", "holding:0"), ("30013", "input:12"), ("00006", "coil:5"),
     ("10010", "discrete:9"), ("465536", "holding:65535")],
)  # fmt: skip
def test_manual_numbers_are_refused_with_the_right_form(manual, form):
    with pytest.raises(AddressError) as refusal:
        parse_address(manual, TagType.FLOAT)
    assert f"Write {form} if the manual counts from 1" in refusal.value.do
