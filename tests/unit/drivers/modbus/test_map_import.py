"""Register maps as vendors print them, and every way in which a cell can be wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.errors import LinesideError
from hmi.core.tag import TagType
from hmi.drivers.modbus.address import parse_address
from hmi.drivers.modbus.map_import import Counting, MapRow, read_map


def rows(text, **counting):
    reading = read_map(text.encode(), Counting(**counting))
    assert reading.faults == []
    return reading.rows


def one(heading, cells, **counting):
    (row,) = rows(f"Name,{heading}\nx,{cells}\n", **counting)
    return row


def fault(heading, cells):
    reading = read_map(f"Name,{heading}\nx,{cells}\n".encode())
    assert reading.rows == []
    return [(f.row, f.column, f.what) for f in reading.faults]


def test_a_power_meter():
    assert rows(
        "PM5000 register list;;;;;;\n"
        "Revision 7;;;;;;\n"
        "Register (dec);Name;Data Type;Size;Unit;Multiplier;R/W;Remarks\n"
        "3000;Current A;FLOAT32;2;A;;R;Phase A\n"
        ";;;;;;;\n"
        "Energy;;;;;;;\n"
        "3204;Active energy;INT64;4;Wh;1;R;\n"
        "3110;Frequency;UINT16;1;Hz;x0,01;R;\n"
        "5000;Relay 1 command;UINT16;1;-;;RW;0 = off\n".replace("Energy;", ";Energy", 1),
        base=1,
    ) == [
        MapRow(4, "Current A", "holding:2999:float32", TagType.FLOAT, "A", description="Phase A"),
        MapRow(7, "Active energy", "holding:3203:int64", TagType.INT, "Wh"),
        MapRow(8, "Frequency", "holding:3109:uint16", TagType.FLOAT, "Hz", 0.01),
        MapRow(9, "Relay 1 command", "holding:4999:uint16", TagType.INT, "", writable=True, description="0 = off"),
    ]


def test_an_inverter_with_manual_numbers_and_ranges():
    assert rows(
        "Address\tParameter\tFormat\tScale factor\tOffset\tEngineering units\tAccess\n"
        "30001-30002\tSerial\tU32\t\t\t\tRO\n"
        "40108..40109\tSpeed\tReal\t1\t\trpm\tRead/Write\n"
        "30010\tTemp\tS16\t0.1 °C\t-40\t°C\tR\n"
        "00005\tRun\tBOOL\t\t\t\tRW\n"
        "10009\tDoor\tBit\t\t\t\tR\n"
        "40020.3\tFault\t\t\t\t\tR\n"
    ) == [
        MapRow(2, "Serial", "input:0:uint32", TagType.INT),
        MapRow(3, "Speed", "holding:107:float32", TagType.FLOAT, "rpm", writable=True),
        MapRow(4, "Temp", "input:9:int16", TagType.FLOAT, "°C", 0.1, -40.0),
        MapRow(5, "Run", "coil:4", TagType.BOOL, writable=True),
        MapRow(6, "Door", "discrete:8", TagType.BOOL),
        MapRow(7, "Fault", "holding:19.3", TagType.BOOL),
    ]


@pytest.mark.parametrize(
    ("heading", "cell", "counting", "address"),
    [
        ("Address", "107", {}, "holding:107:uint16"),
        ("Address", "107", {"base": 1}, "holding:106:uint16"),
        ("Address", "40108", {}, "holding:107:uint16"),
        ("Address", "40108", {"prefixed_base": 0}, "holding:108:uint16"),
        ("Address", "40108", {"prefixed": False}, "holding:40108:uint16"),
        ("Address", "400108", {}, "holding:107:uint16"),
        ("Address", "465536", {}, "holding:65535:uint16"),
        ("Address", "4x0108", {}, "holding:107:uint16"),
        ("Address", "3x0001", {"base": 0}, "input:0:uint16"),
        ("Address", "0x6B", {}, "holding:107:uint16"),
        ("Address", "6Bh", {}, "holding:107:uint16"),
        ("Address", "HR107", {}, "holding:107:uint16"),
        ("Address", "IR 5", {"base": 1}, "input:4:uint16"),
        ("Address", "DI3", {}, "discrete:3"),
        ("Address", "holding:7", {}, "holding:7:uint16"),
        ("Address", "%MW12", {}, "holding:12:uint16"),
        ("Address", "107/3", {}, "holding:107.3"),
        ("Address", "00001", {}, "coil:0"),
        ("Register address [hex]", "6B", {}, "holding:107:uint16"),
        ("Register address [hex]", "A0", {}, "holding:160:uint16"),
        ("Offset", "7", {}, "holding:7:uint16"),
    ],
)
def test_addresses(heading, cell, counting, address):
    assert one(heading, cell, **counting).address == address


@pytest.mark.parametrize(
    ("space", "address", "made"),
    [
        ("Holding Register", "107", "holding:107:uint16"),
        ("Input Registers", "5", "input:5:uint16"),
        ("Discrete Inputs", "5", "discrete:5"),
        ("Coils", "5", "coil:5"),
        ("3x", "5", "input:5:uint16"),
        ("FC04", "5", "input:5:uint16"),
        ("03/06/16", "5", "holding:5:uint16"),
        ("4", "30005", "input:4:uint16"),
        ("input", "40108", "input:40108:uint16"),
        ("", "40108", "holding:107:uint16"),
    ],
)
def test_spaces(space, address, made):
    assert one("Function code,Address", f"{space},{address}").address == made


@pytest.mark.parametrize(
    ("text", "count", "made"),
    [
        ("UINT", "", "uint16"), ("unsigned int 16", "1", "uint16"), ("WORD", "", "uint16"), ("enum16", "", "uint16"),
        ("U32", "", "uint32"), ("unsigned", "2", "uint32"), ("DWORD", "2", "uint32"), ("acc64", "4", "uint64"),
        ("16-bit signed", "", "int16"), ("INT", "", "int16"), ("Int", "2", "int32"), ("dint", "", "int32"),
        ("signed 32 bit", "", "int32"), ("S64", "", "int64"), ("Float", "", "float32"), ("IEEE 754", "2", "float32"),
        ("float", "4", "float64"), ("double", "", "float64"), ("Float CDAB", "", "float32:CDAB"), ("BCD", "", "bcd16"),
        ("BCD32", "2", "bcd32"), ("string20", "", "string[20]"), ("String[7]", "4", "string[7]"),
        ("ASCII", "8", "string[16]"),
        ("bool", "", "bool"), ("", "", "uint16"), ("UTF-8", "5", "string[10]"),
    ],
)  # fmt: skip
def test_types(text, count, made):
    assert one("Address,Data type,Length", f"5,{text},{count}").address == f"holding:5:{made}"


@pytest.mark.parametrize(
    ("order", "made"),
    [("ABCD", ":ABCD"), ("big endian", ":ABCD"), ("Word swap", ":CDAB"), ("byte swapped", ":BADC"), ("LE", ":DCBA"),
     ("", "")],
)  # fmt: skip
def test_orders(order, made):
    assert one("Address,Type,Byte order", f"5,U32,{order}").address == f"holding:5:uint32{made}"
    assert one("Address,Type,Byte order", f"5,U16,{order}").address == "holding:5:uint16", "one register has none"


@pytest.mark.parametrize(
    ("text", "scale"),
    [("0.1", 0.1), ('"0,1"', 0.1), ("x0.1", 0.1), ("1/10", 0.1), ("/10", 0.1), ("÷10", 0.1), ("10^-1", 0.1),
     ("1e-1", 0.1),
     ("0.1 kW", 0.1), ("*10", 10), ("", 1), ("-2", -2)],
)  # fmt: skip
def test_scales(text, scale):
    assert one("Address,Scale", f"5,{text}").scale == pytest.approx(scale)


def test_a_divisor_divides():
    assert one("Address,Scaling factor,Divider", "5,2,100").scale == 0.02


@pytest.mark.parametrize(
    ("name", "path"),
    [("Spannung L1-N", "Spannung L1-N"), ("Übergabe (°C)", "Ubergabe _C"),
     ("Line 1 / Motor/ Speed ", "Line 1/Motor/Speed"),
     ("=cmd", "cmd"), ("Größe", "Grosse"), ("a\tb", "a_b")],
)  # fmt: skip
def test_names_become_paths(name, path):
    (row,) = rows(f'Name;Address\n"{name}";5\n')
    assert row.path == path


def test_without_a_name_the_description_is_one():
    assert rows("Address,Description\n5,Motor speed\n")[0].path == "Motor speed"


@pytest.mark.parametrize(
    ("heading", "cells", "column", "part"),
    [
        ("Address", "4O108", "Address", "'4O108' "),
        ("Address", "XY5", "Address", "names none of"),
        ("Address", "6B", "Address", "begin with 0x"),
        ("Address", "0", "", ""),
        ("Address", "70000", "Address", "behind the last address"),
        ("Address", "9-7", "Address", "ends before it begins"),
        ("Address", "5.16", "Address", "bits 0 to 15"),
        ("Address,Space", "5,memory", "Space", "names none of holding"),
        ("Address,Type", "5,quaternion", "Type", "is no known type"),
        ("Address,Type,Size", "5,U32,1", "Type", "has 2 registers, but the map says 1"),
        ("Address,Type,Size", "5,float,3", "Type", "no form of 3 registers"),
        ("Address,Type,Size", "5,,2", "Type", "name its type"),
        ("Address,Type", "5,string", "Type", "unknown length"),
        ("Address,Type,Size", "5,U16,two", "Size", "whole number"),
        ("Address,Scale", "5,abc", "Scale", "no number"),
        ("Address,Scale", "5,0", "Scale", "every value the same"),
        ("Address,Scale", "5,1/0", "Scale", "no number"),
        ("Address,Scale", "5,10^99999999999", "Scale", "no number"),
        ("Address,Offset", "5,?", "Offset", "no number"),
        ("Address,Access", "5,maybe", "Access", "neither R nor RW"),
        ("Address,Access", "30005,RW", "Access", "nothing in the table 'input' can"),
        ("Address,Byte order", "5,sideways", "Byte order", "no order of registers"),
        ("Address,Bit", "5,x", "Bit", "whole number"),
    ],
)
def test_faults_name_their_row_and_column(heading, cells, column, part):
    found = read_map(f"Name,{heading}\nx,{cells}\n".encode(), Counting(base=0))
    assert [(f.row, f.column) for f in found.faults] == ([(2, column)] if column else [])
    assert all(part in f.what for f in found.faults)
    assert len(found.rows) == (0 if column else 1)


def test_a_number_before_the_first_register_asks_how_the_map_counts():
    (found,) = read_map(b"Name,Address\nx,0\n", Counting(base=1)).faults
    assert "does the map count from 0" in found.what


def test_every_fault_of_a_row_is_told_and_sound_rows_are_taken():
    reading = read_map(b"Name,Address,Type,Scale,Access\na,5,foo,bar,baz\nb,6,U16,,\n")
    assert [f.column for f in reading.faults] == ["Type", "Scale", "Access"]
    assert [row.path for row in reading.rows] == ["b"]


def test_one_path_twice_is_a_fault():
    reading = read_map(b"Name,Address\na,5\na,6\n")
    assert [str(f) for f in reading.faults] == ["row 3, Name: 'a' is also in row 2: two tags cannot have one path"]


def test_it_says_what_it_took_and_shows_an_example():
    reading = read_map(b"Tag Name,Modbus Address,Data Type\nSpeed,40108,REAL\n")
    assert reading.columns == {"name": "Tag Name", "address": "Modbus Address", "type": "Data Type"}
    assert reading.example == "40108 is read as holding:107:float32 (Speed)"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Address\n5\n", "\n\n"])
def test_a_file_without_headings_is_said(text):
    reading = read_map(text.encode())
    assert reading.rows == []
    assert "headings" in reading.faults[0].what


def test_a_file_of_another_encoding_is_refused():
    with pytest.raises(LinesideError, match="UTF-8"):
        read_map("Name,Address\nÜ,5\n".encode("latin-1"))


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=9), max_size=9), max_size=5
    )
)
def test_whatever_stands_in_it_every_row_is_an_address_and_the_rest_are_faults(lines):
    text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    reading = read_map(f"Name,Address,Space,Type,Length,Byte order,Scale,Offset,Access\n{text}\n".encode())
    for row in reading.rows:
        parse_address(row.address, row.type)
    assert all(found.what for found in reading.faults)
