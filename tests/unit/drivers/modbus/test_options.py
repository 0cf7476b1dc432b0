"""Options of Modbus lines and of the units on them."""

import pytest

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, Described
from hmi.drivers.modbus import DRIVER
from hmi.drivers.modbus.address import WordOrder
from hmi.drivers.modbus.options import FIELDS, DeviceOptions, parse_options

SERIAL = {"baud", "parity", "stop_bits"}


def test_defaults_are_quick():
    options = parse_options("plc", {})
    device = options.device
    assert (device.timeout, device.retries, options.unit, device.max_gap, device.pause) == (0.5, 1, 1, 0, 0)
    assert (device.max_registers, device.max_bits, device.word_order) == (125, 2000, WordOrder.ABCD)
    assert (device.register_write, device.coil_write, device.mask_write) == ("fc06", "fc05", False)


def test_the_table_of_options_and_the_defaults_are_one():
    assert parse_options("plc", {field.name: field.default for field in FIELDS if field.name not in SERIAL}) == (
        parse_options("plc", {})
    )
    assert parse_options("plc", {}).device == DeviceOptions()
    assert isinstance(DRIVER, Described)
    assert {field.name for field in DRIVER.fields} == {field.name for field in FIELDS}
    DRIVER.parse_address(DRIVER.address_example, TagType.FLOAT)
    DRIVER.parse_options(DRIVER.endpoint_example, {})


def test_units_differ_where_they_say_so():
    options = parse_options("plc", {"timeout": 2, "units": "3: timeout=0.1 mask_write=true; 7:word_order=CDAB;"})
    assert (options.of(1).timeout, options.of(3).timeout, options.of(7).timeout) == (2, 0.1, 2)
    assert (options.of(3).mask_write, options.of(7).mask_write) == (True, False)
    assert options.of(7).word_order is WordOrder.CDAB
    assert options.longest == 2


@pytest.mark.parametrize(
    "units",
    ["3", "0: timeout=1", "300: timeout=1", "x: timeout=1", "3: timeout=fast", "3: speed=1", "3: timeout", "3: unit=4",
     "3: retries=1; 3: retries=2", "3: mask_write=yes", "3: word_order=ABDC", "3: baud=9600"],
)  # fmt: skip
def test_wrong_units(units):
    with pytest.raises(AddressError):
        parse_options("plc", {"units": units})


@pytest.mark.parametrize("option", [{"baud": 9600}, {"parity": "none"}, {"stop_bits": 1}])
def test_options_of_a_serial_port_do_not_belong_to_a_socket(option):
    assert parse_options("rtu:///dev/ttyUSB0", option)
    with pytest.raises(AddressError, match="serial port"):
        parse_options("rtu+tcp://gateway:4001", option)


@pytest.mark.parametrize(
    "options",
    [{"unit": 0}, {"unit": 300}, {"unit": True}, {"timeout": "1"}, {"word_order": "abcd"}, {"max_registers": 126},
     {"retries": 1.5}, {"time_out": 1}, {"mask_write": 1}, {"register_write": "fc07"}, {"pause": -1}, {"units": 3}],
)  # fmt: skip
def test_wrong_options_are_named(options):
    with pytest.raises(AddressError) as refusal:
        parse_options("plc", options)
    assert next(iter(options)) in refusal.value.what
