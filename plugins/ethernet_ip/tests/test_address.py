"""Addresses, options and values are understood as the README says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, Described
from plugins.ethernet_ip.address import Step
from plugins.ethernet_ip.driver import DRIVER
from plugins.ethernet_ip.values import FLOATS, Kind, ValueRefusedError, bytes_of, held, shown, text_bytes, width_of

NUMBERS = [kind for kind in Kind if kind not in {Kind.BOOL, Kind.STRING}]


@pytest.mark.parametrize(
    ("text", "program", "steps", "bit"),
    [
        ("Level", "", (Step("Level"),), None),
        ("Word.5", "", (Step("Word"),), 5),
        ("Grid[1,2]", "", (Step("Grid", (1, 2)),), None),
        ("Program:Main.Step", "Program:Main", (Step("Step"),), None),
        ("Program:Main.Pump[3].Counts[2].7", "Program:Main", (Step("Pump", (3,)), Step("Counts", (2,))), 7),
        ("Local:1:I.Data.3", "", (Step("Local:1:I"), Step("Data")), 3),
    ],
)
def test_a_tag(text, program, steps, bit):
    found = DRIVER.parse_address(text, TagType.INT)
    assert (found.program, found.steps, found.bit) == (program, steps, bit)
    assert str(found) == (text if bit is None else text.rpartition(".")[0])


def test_a_bit_is_no_text():
    with pytest.raises(AddressError, match="the tag is a text"):
        DRIVER.parse_address("Word.5", TagType.STRING)


@pytest.mark.parametrize(
    "endpoint", ["", "eip://", "eip://h/x", "eip://h/1/2", "eip://h:0/1", "s7://h", "eip://[::1]/0"]
)
def test_what_is_no_endpoint_is_refused(endpoint):
    with pytest.raises(AddressError, match="Example: eip://"):
        DRIVER.parse_options(endpoint, {})


def test_an_endpoint_has_the_usual_port_and_slot():
    options = DRIVER.parse_options("eip://plc.line", {})
    assert (options.host, options.port, options.slot) == ("plc.line", 44818, 0)
    assert DRIVER.parse_options("eip://plc.line:5000/3", {}).slot == 3


def test_it_is_described_for_a_form():
    assert isinstance(DRIVER, Described)
    defaults = {field.name: field.default for field in DRIVER.fields}
    assert DRIVER.parse_options(DRIVER.endpoint_example, defaults) == DRIVER.parse_options(DRIVER.endpoint_example, {})
    DRIVER.parse_address(DRIVER.address_example, TagType.FLOAT)


def holds(kind, value):
    """Whether a kind can hold a number, worked out another way."""
    if kind in FLOATS:
        return kind is Kind.LREAL or abs(value) < 3.4028235677973366e38
    bits = 8 * width_of(kind)
    low, high = (0, 2**bits) if kind.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    return float(value).is_integer() and low <= value < high


@given(st.sampled_from(NUMBERS), st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_fits_or_is_refused(kind, value):
    if not holds(kind, value):
        with pytest.raises(ValueRefusedError):
            bytes_of(kind, value)
        return
    data = bytes_of(kind, value)
    assert len(data) == width_of(kind)
    if kind in FLOATS:
        assert held(kind, data, value) == value or kind is Kind.REAL
    else:
        assert int.from_bytes(data, "little", signed=not kind.startswith("U")) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, "1"])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueRefusedError):
        bytes_of(Kind.REAL, value)


def test_a_text_fills_its_structure():
    assert text_bytes("añb", 5, 12) == b"\x03\0\0\0a\xf1b" + bytes(5)
    for wrong in ("sixteen", "€", 1.0):
        with pytest.raises(ValueRefusedError):
            text_bytes(wrong, 5, 12)


@pytest.mark.parametrize(
    ("kind", "found", "status"),
    [
        (Kind.REAL, math.nan, Status.BAD_OUT_OF_RANGE),
        (Kind.LINT, 2**60, Status.UNCERTAIN),
        (Kind.LINT, 2**53, Status.GOOD),
        (Kind.DINT, "7", Status.BAD_TYPE_MISMATCH),
        (Kind.DINT, True, Status.BAD_TYPE_MISMATCH),
        (Kind.BOOL, 1, Status.BAD_TYPE_MISMATCH),
        (Kind.STRING, {"LEN": 1}, Status.BAD_TYPE_MISMATCH),
    ],
)
def test_a_value_has_the_status_it_deserves(kind, found, status):
    assert shown(kind, found)[1] == status
