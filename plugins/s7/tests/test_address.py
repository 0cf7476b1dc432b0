"""Addresses and options are understood as the README says."""

import pytest

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, Described
from plugins.s7.address import Area, S7Address
from plugins.s7.driver import DRIVER
from plugins.s7.kinds import Kind


@pytest.mark.parametrize(
    ("text", "type_", "place"),
    [
        ("DB10.DBX0.3", TagType.BOOL, S7Address(Area.DB, 10, 0, 3, Kind.BOOL, 0)),
        ("db10.dbw4:int", TagType.INT, S7Address(Area.DB, 10, 4, None, Kind.INT, 0)),
        ("DB10.DBD8:real", TagType.FLOAT, S7Address(Area.DB, 10, 8, None, Kind.REAL, 0)),
        ("DB10.DBB0:string[20]", TagType.STRING, S7Address(Area.DB, 10, 0, None, Kind.STRING, 20)),
        ("DB10.DBB0:string", TagType.STRING, S7Address(Area.DB, 10, 0, None, Kind.STRING, 254)),
        ("DB10.DBB8:lreal", TagType.FLOAT, S7Address(Area.DB, 10, 8, None, Kind.LREAL, 0)),
        ("DB10.DBB8:dt", TagType.STRING, S7Address(Area.DB, 10, 8, None, Kind.DATE_AND_TIME, 0)),
        ("MW20", TagType.INT, S7Address(Area.FLAGS, 0, 20, None, Kind.WORD, 0)),
        ("MD20", TagType.INT, S7Address(Area.FLAGS, 0, 20, None, Kind.DWORD, 0)),
        ("I0.1", TagType.BOOL, S7Address(Area.INPUTS, 0, 0, 1, Kind.BOOL, 0)),
        ("E0.1", TagType.BOOL, S7Address(Area.INPUTS, 0, 0, 1, Kind.BOOL, 0)),
        ("Q0.1", TagType.BOOL, S7Address(Area.OUTPUTS, 0, 0, 1, Kind.BOOL, 0)),
        ("AB3", TagType.INT, S7Address(Area.OUTPUTS, 0, 3, None, Kind.BYTE, 0)),
    ],
)
def test_a_place(text, type_, place):
    assert DRIVER.parse_address(text, type_) == place


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("DB1.DBD0:real", TagType.STRING),
        ("DB1.DBB0:string[4]", TagType.FLOAT),
        ("DB1.DBW0", TagType.BOOL),
    ],
)
def test_a_type_that_cannot_show_it_is_refused(text, type_):
    with pytest.raises(AddressError, match="tag is of type"):
        DRIVER.parse_address(text, type_)


def test_a_bit_may_be_shown_as_a_number():
    assert DRIVER.parse_address("M0.0", TagType.INT).kind is Kind.BOOL


@pytest.mark.parametrize("endpoint", ["", "s7://", "s7://a:b", "s7://h/1", "s7://h:0", "modbus://h", "s7://u@h", "h"])
def test_what_is_no_endpoint_is_refused(endpoint):
    with pytest.raises(AddressError, match="Example: s7://"):
        DRIVER.parse_options(endpoint, {})


def test_an_endpoint_has_the_usual_port():
    assert DRIVER.parse_options("s7://plc.line", {}).port == 102
    assert DRIVER.parse_options("s7://[::1]:1102", {}).host == "::1"


def test_it_is_described_for_a_form():
    assert isinstance(DRIVER, Described)
    defaults = {field.name: field.default for field in DRIVER.fields}
    assert DRIVER.parse_options(DRIVER.endpoint_example, defaults) == DRIVER.parse_options(DRIVER.endpoint_example, {})
    DRIVER.parse_address(DRIVER.address_example, TagType.FLOAT)
