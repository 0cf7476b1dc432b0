"""Frames on a serial line: check sums, noise, echo, and what is no frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.modbus.address import Table
from hmi.drivers.modbus.pdu import read_request, write_coil, write_coils, write_mask, write_registers
from hmi.drivers.modbus.rtu_frames import Receiver, crc16, reply_bytes, rtu_bytes
from tests.helpers_drivers.modbus_rtu_device import crc, request_bytes, rtu_frame

READ = read_request(1, Table.HOLDING, 0, 2)
REPLY = rtu_frame(1, b"\x03\x04\x00\x01\x00\x02")


def receiver(request=READ):
    made = Receiver()
    made.begin(request, b"" if request is None else rtu_bytes(request))
    return made


def test_the_example_of_the_standard():
    assert rtu_bytes(READ).hex() == "010300000002c40b"


@given(st.binary(max_size=256))
def test_the_check_sum_is_that_of_another_implementation(data):
    assert crc16(data) == crc(data)


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (READ, "0304" + "00010002"),
        (read_request(1, Table.COIL, 0, 9), "0102" + "ff01"),
        (write_coil(1, 5, on=True), "050005ff00"),
        (write_registers(1, 5, [1]), "0600050001"),
        (write_coils(1, 5, [True]), "0f00050001"),
        (write_registers(1, 5, [1, 2]), "1000050002"),
        (write_mask(1, 5, 0xFFFE, 1), "160005fffe0001"),
    ],
)
def test_replies_are_as_long_as_they_should(request_, reply):
    frame = rtu_frame(1, bytes.fromhex(reply))
    assert len(frame) == reply_bytes(request_)
    assert request_bytes(rtu_bytes(request_)) == len(rtu_bytes(request_))
    assert receiver(request_).feed(frame) == [(1, bytes.fromhex(reply))]
    assert receiver(request_).feed(rtu_frame(1, bytes([request_.function | 0x80, 2]))) == [
        (1, bytes([request_.function | 0x80, 2]))
    ]


def test_a_frame_in_pieces():
    r = receiver()
    assert [r.feed(REPLY[n : n + 1]) for n in range(len(REPLY))][-1] == [(1, REPLY[1:-2])]
    assert not r.is_torn


def test_a_wrong_check_sum_is_no_frame():
    for place in range(len(REPLY)):
        r = receiver()
        assert r.feed(REPLY[:place] + bytes([REPLY[place] ^ 4]) + REPLY[place + 1 :]) == []
        assert r.is_torn


@given(st.binary(min_size=1, max_size=20).filter(lambda noise: noise[0] != 1), st.integers(0, 30))
def test_noise_before_a_frame_is_passed_over(noise, cut):
    r = receiver()
    data = noise + REPLY
    frames = r.feed(data[:cut]) + r.feed(data[cut:])
    assert frames[-1:] == [(1, REPLY[1:-2])]
    assert r.noise >= 1 or len(frames) > 1


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_nothing_is_a_frame_without_a_right_check_sum(pieces):
    r = receiver()
    for frame in [frame for piece in pieces for frame in r.feed(piece)]:
        assert rtu_frame(*frame) in b"".join(pieces)


def test_nothing_is_kept_for_ever():
    r = receiver()
    for _ in range(100):
        r.feed(b"\x00" * 100)
    assert len(r._rest) <= 512


def test_the_echo_of_a_read_shows_that_the_line_echoes_and_is_taken_away():
    r = receiver()
    assert r.feed(rtu_bytes(READ)) == []
    assert r.feed(REPLY) == [(1, REPLY[1:-2])]
    assert r.echoes


@pytest.mark.parametrize("table", [Table.HOLDING, Table.COIL])
def test_an_echo_that_looks_like_a_reply_is_still_an_echo(table):
    """A read at 0x0300 tells, as a reply, that three bytes of data follow: the check sum of the request fits."""
    request = read_request(1, table, 0x0305, 20)
    r = receiver(request)
    assert r.feed(rtu_bytes(request)) == []
    assert r.echoes


def test_on_a_line_that_echoes_the_echo_of_a_write_is_not_its_success():
    r = receiver()
    r.feed(rtu_bytes(READ) + REPLY)
    write = write_registers(1, 5, [1])
    r.begin(write, rtu_bytes(write))
    assert r.feed(rtu_bytes(write)[:3]) == []
    assert r.feed(rtu_bytes(write)[3:]) == []
    assert r.feed(rtu_bytes(write)) == [(1, write.pdu)]


def test_what_nobody_waits_for_is_a_frame_too():
    assert receiver(None).feed(REPLY + REPLY) == [(1, REPLY[1:-2])] * 2
    assert receiver(None).feed(b"\x07" + REPLY) == []
