"""Endpoints and options of Modbus connections."""

import pytest

from hmi.drivers.api import AddressError
from hmi.drivers.modbus.address import WordOrder
from hmi.drivers.modbus.options import parse_options


@pytest.mark.parametrize(
    ("endpoint", "host", "port"),
    [("10.0.0.5", "10.0.0.5", 502), ("plc:1502", "plc", 1502), ("modbus://[::1]:99", "::1", 99), ("tcp://a", "a", 502)],
)
def test_endpoints(endpoint, host, port):
    options = parse_options(endpoint, {})
    assert (options.host, options.port) == (host, port)


def test_defaults_are_quick():
    options = parse_options("plc", {})
    assert (options.timeout, options.retries, options.unit, options.max_gap) == (0.5, 1, 1, 0)
    assert (options.max_registers, options.max_bits, options.word_order) == (125, 2000, WordOrder.ABCD)


@pytest.mark.parametrize("endpoint", ["", "http://plc", "plc:port", "plc:99999", "modbus://plc/path"])
def test_wrong_endpoints(endpoint):
    with pytest.raises(AddressError, match="Example"):
        parse_options(endpoint, {})


@pytest.mark.parametrize(
    "options",
    [{"unit": 0}, {"unit": 300}, {"unit": True}, {"timeout": "1"}, {"word_order": "abcd"}, {"max_registers": 126},
     {"retries": 1.5}, {"time_out": 1}],
)  # fmt: skip
def test_wrong_options_are_named(options):
    with pytest.raises(AddressError) as refusal:
        parse_options("plc", options)
    assert next(iter(options)) in refusal.value.what
