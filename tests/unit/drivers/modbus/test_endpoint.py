"""Where a line is, as people write it."""

import pytest

from hmi.drivers.api import AddressError
from hmi.drivers.modbus.endpoint import Parity, SerialEndpoint, TcpEndpoint, parse_endpoint


def parse(text):
    return parse_endpoint(text, 19200, Parity.EVEN, 1)


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("10.0.0.5", TcpEndpoint("10.0.0.5", 502)),
        ("plc:1502", TcpEndpoint("plc", 1502)),
        ("modbus://[::1]:99", TcpEndpoint("::1", 99)),
        ("tcp://a", TcpEndpoint("a", 502)),
        ("rtu+tcp://gateway:4001", TcpEndpoint("gateway", 4001, rtu=True)),
        ("rtu:///dev/ttyUSB0", SerialEndpoint("/dev/ttyUSB0")),
        ("serial:///dev/serial/by-id/usb-FTDI_A1-if00", SerialEndpoint("/dev/serial/by-id/usb-FTDI_A1-if00")),
        ("rtu://COM12", SerialEndpoint("COM12")),
    ],
)
def test_endpoints(text, endpoint):
    assert parse(text) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://plc",
        "plc:port",
        "plc:99999",
        "modbus://plc/path",
        "rtu://",
        "rtu://gateway:4001",
        "rtu+tcp://gateway",
    ],
)
def test_wrong_endpoints(text):
    with pytest.raises(AddressError) as refusal:
        parse(text)
    assert "://" in refusal.value.do


def test_a_character_has_eleven_bits_by_the_standard_and_ten_without_parity():
    assert parse("rtu://COM1").character * 19200 == pytest.approx(11)
    assert SerialEndpoint("COM1", 9600, Parity.NONE, 1).character * 9600 == pytest.approx(10)
    assert SerialEndpoint("COM1", 9600, Parity.NONE, 2).character * 9600 == pytest.approx(11)


def test_frames_are_three_and_a_half_characters_apart_but_not_less_than_the_standard_says():
    assert SerialEndpoint("COM1", 9600).silence == pytest.approx(3.5 * 11 / 9600)
    assert SerialEndpoint("COM1", 115_200).silence == 0.00175
