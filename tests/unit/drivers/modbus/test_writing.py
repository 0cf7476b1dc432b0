"""Nothing is built that may not be written."""

import pytest

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import ConnectionSpec, Point, WriteOutcome, WriteResult
from hmi.drivers.modbus.address import parse_address
from hmi.drivers.modbus.options import RegisterWrite, parse_options
from hmi.drivers.modbus.pdu import DeviceError
from hmi.drivers.modbus.writing import BitWrite, answered_with, build

OPTIONS = parse_options("plc", {"word_order": "CDAB", "unit": 9})


def point(text, type_=TagType.FLOAT, *, writable=True, **options):
    return Point(1, "line/valve", parse_address(text, type_), type_, 1, writable, options)


def order(p, value, *, enabled=True, options=OPTIONS):
    return build(ConnectionSpec("plc", "plc", options, (p,), enabled), options, p, value)


@pytest.mark.parametrize(
    ("text", "value", "pdu", "sent"),
    [
        ("coil:5", 1, "050005ff00", 1),
        ("holding:6:int16", -2, "060006fffe", -2),
        ("holding:7:uint32", 1_000_000, "10000700020442" + "40000f", 1_000_000),
        ("holding:7:uint32:ABCD", 1_000_000, "1000070002040" + "00f4240", 1_000_000),
    ],
)
def test_requests(text, value, pdu, sent):
    built = order(point(text), value)
    assert (built.request.pdu.hex(), built.request.unit, built.sent) == (pdu, 9, sent)


@pytest.mark.parametrize(
    ("option", "text", "value", "pdu"),
    [
        ({"register_write": "fc16"}, "holding:6:int16", -2, "1000060001" + "02fffe"),
        ({"coil_write": "fc15"}, "coil:5", 1, "0f000500010101"),
        ({"coil_write": "fc15"}, "coil:5", 0, "0f000500010100"),
        ({"mask_write": True}, "holding:20.3", 1, "160014fff70008"),
        ({"mask_write": True}, "holding:20.3", 0, "160014fff70000"),
        ({"units": "9: register_write=fc16 word_order=DCBA"}, "holding:6:int16@9", 1, "1000060001020001"),
        ({"units": "8: register_write=fc16"}, "holding:6:int16@9", 1, "0600060001"),
    ],
)
def test_functions_that_the_device_wants(option, text, value, pdu):
    assert order(point(text), value, options=parse_options("plc", option)).request.pdu.hex() == pdu


@pytest.mark.parametrize(
    ("p", "value", "enabled", "status"),
    [
        (point("coil:5", writable=False), 1, True, Status.BAD_NOT_WRITABLE),
        (point("coil:5"), 1, False, Status.BAD_NOT_WRITABLE),
        (point("discrete:5"), 1, True, Status.BAD_NOT_WRITABLE),
        (point("input:5"), 1, True, Status.BAD_NOT_WRITABLE),
        (point("holding:5.1"), 1, True, Status.BAD_NOT_WRITABLE),
        (point("holding:5.1", hmi_owned=1), 1, True, Status.BAD_NOT_WRITABLE),
        (point("coil:5"), 2, True, Status.BAD_OUT_OF_RANGE),
        (point("holding:5:uint16"), 65536, True, Status.BAD_OUT_OF_RANGE),
    ],
)
def test_refusals(p, value, enabled, status):
    result = order(p, value, enabled=enabled)
    assert isinstance(result, WriteResult)
    assert (result.outcome, result.status) == (WriteOutcome.REFUSED, status)
    assert "line/valve" in result.text


def test_a_bit_of_an_owned_register_leaves_the_others():
    built = order(point("holding:5.1", hmi_owned=True), 1)
    assert isinstance(built.request, BitWrite)
    assert built.request.applied(0b1000, RegisterWrite.FC06).pdu.hex() == "060005000a"
    assert built.request.applied(0b1000, RegisterWrite.FC16).pdu.hex() == "100005000102000a"
    off = order(point("holding:5.1", hmi_owned=True), 0)
    assert off.request.applied(0b1010, RegisterWrite.FC06).pdu.hex() == "0600050008"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(1, "refused"), (2, "refused"), (3, "refused"), (4, "unknown"), (5, "unknown"), (6, "refused"), (0x0A, "refused"),
     (0x0B, "unknown")],
)  # fmt: skip
def test_what_exceptions_mean_for_a_write(code, outcome):
    result = answered_with(point("coil:1"), DeviceError(code))
    assert result.outcome == outcome
    assert result.status & 0x80000000
