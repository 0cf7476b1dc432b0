"""Requests byte by byte; replies are believed only when they fit."""

import pytest

from hmi.drivers.modbus.address import Table
from hmi.drivers.modbus.pdu import (
    BadReplyError,
    DeviceError,
    EmptyReplyError,
    check_write,
    read_data,
    read_request,
    write_coil,
    write_registers,
)

READ = read_request(1, Table.HOLDING, 107, 3)


def test_requests():
    assert READ.pdu.hex() == "03006b0003"
    assert read_request(1, Table.COIL, 19, 37).pdu.hex() == "0100130025"
    assert write_coil(1, 172, True).pdu.hex() == "0500acff00"
    assert write_coil(1, 172, False).pdu.hex() == "0500ac0000"
    assert write_registers(1, 1, [3]).pdu.hex() == "0600010003"
    assert write_registers(1, 1, [10, 258]).pdu.hex() == "100001000204000a0102"


@pytest.mark.parametrize("count", [0, 124])
def test_too_many_registers_are_refused_here(count):
    with pytest.raises(ValueError, match="1 to 123"):
        write_registers(1, 0, [0] * count)


def test_read_data():
    assert read_data(READ, bytes.fromhex("0306022b00000064")) == bytes.fromhex("022b00000064")
    assert read_data(read_request(1, Table.COIL, 19, 9), bytes.fromhex("0102cd01")) == b"\xcd\x01"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("8302", DeviceError),
        ("0300", EmptyReplyError),
        ("03", EmptyReplyError),
        ("", BadReplyError),
        ("0304022b0000", BadReplyError),
        ("0306022b0000", BadReplyError),
        ("0306022b000000640000", BadReplyError),
        ("0406022b00000064", BadReplyError),
        ("8402", BadReplyError),
    ],
)
def test_reads_that_do_not_fit(reply, error):
    with pytest.raises(error):
        read_data(READ, bytes.fromhex(reply))


def test_writes_are_confirmed_by_their_echo():
    check_write(write_registers(1, 1, [3]), bytes.fromhex("0600010003"))
    check_write(write_registers(1, 1, [10, 258]), bytes.fromhex("1000010002"))
    with pytest.raises(BadReplyError):
        check_write(write_registers(1, 1, [3]), bytes.fromhex("0600010004"))
    with pytest.raises(DeviceError) as refusal:
        check_write(write_registers(1, 1, [3]), bytes.fromhex("8603"))
    assert refusal.value.code == 3
    assert "illegal data value" in str(refusal.value)
