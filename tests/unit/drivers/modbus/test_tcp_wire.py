"""The wire without a socket: which bytes answer which request, and which end the connection."""

import asyncio

import pytest

from hmi.drivers.conformance import Recorder
from hmi.drivers.modbus.address import Table
from hmi.drivers.modbus.pdu import BadReplyError, read_request
from hmi.drivers.modbus.tcp_frames import frame_bytes
from hmi.drivers.modbus.tcp_wire import TcpWire
from hmi.drivers.modbus.wire import NoAnswerError, StreamBrokenError
from hmi.drivers.supervisor import LinkLostError

REQUEST = read_request(1, Table.HOLDING, 7, 1)
REPLY = b"\x03\x02\x00\x2a"
LONG = 60.0
"""Seconds that no test waits."""


class Socket(asyncio.Transport):
    """The other end: remembers what was sent and answers as it is told."""

    def __init__(self):
        super().__init__()
        self.wire = None
        self.sent = []
        self.answer = lambda _sent: None
        self.aborted = False

    def write(self, data):
        self.sent.append(bytes(data))
        answer = self.answer(data)
        if answer is not None:
            asyncio.get_running_loop().call_soon(self.wire.data_received, answer)

    def abort(self):
        if not self.aborted:
            self.aborted = True
            asyncio.get_running_loop().call_soon(self.wire.connection_lost, None)


@pytest.fixture
async def socket():
    made = Socket()
    made.wire = TcpWire("plc", Recorder())
    made.wire.connection_made(made)
    yield made
    await made.wire.close()


def counters(socket):
    return socket.wire._sink.counters


def transaction(data):
    return int.from_bytes(data[:2], "big")


async def test_a_reply_answers_its_request(socket):
    socket.answer = lambda sent: frame_bytes(transaction(sent), 1, REPLY)
    assert await socket.wire.exchange(REQUEST, LONG) == REPLY
    assert socket.sent == [frame_bytes(1, 1, REQUEST.pdu)]


async def test_a_reply_in_pieces_is_put_together(socket):
    def in_pieces(sent):
        for byte in frame_bytes(transaction(sent), 1, REPLY):
            asyncio.get_running_loop().call_soon(socket.wire.data_received, bytes([byte]))

    socket.answer = in_pieces
    assert await socket.wire.exchange(REQUEST, LONG) == REPLY


async def test_every_try_has_its_own_number_and_a_late_reply_is_not_taken_for_it(socket):
    with pytest.raises(NoAnswerError):
        await socket.wire.exchange(REQUEST, 0)
    socket.answer = lambda sent: (
        frame_bytes(transaction(sent) - 1, 1, b"\x03\x02\xde\xad") + frame_bytes(transaction(sent), 1, REPLY)
    )
    assert await socket.wire.exchange(REQUEST, LONG) == REPLY
    assert [transaction(data) for data in socket.sent] == [1, 2]
    assert counters(socket) == {"requests": 2, "timeouts": 1, "late_replies": 1}


async def test_numbers_begin_again_behind_the_last(socket):
    socket.wire._transaction = 0xFFFF
    socket.answer = lambda sent: frame_bytes(transaction(sent), 1, REPLY)
    assert await socket.wire.exchange(REQUEST, LONG) == REPLY
    assert transaction(socket.sent[0]) == 1


async def test_a_reply_that_nobody_asked_for_is_counted_and_ignored(socket):
    socket.wire.data_received(frame_bytes(9, 1, REPLY))
    assert counters(socket) == {"late_replies": 1}
    assert socket.wire.is_open


async def test_the_answer_of_another_unit_is_not_believed(socket):
    socket.answer = lambda sent: frame_bytes(transaction(sent), 2, REPLY)
    with pytest.raises(BadReplyError, match="unit 2 answered instead of 1"):
        await socket.wire.exchange(REQUEST, LONG)
    assert socket.wire.is_open


async def test_garbage_ends_the_connection_at_once(socket):
    socket.answer = lambda _: b"\xff" * 20
    with pytest.raises(StreamBrokenError, match="no Modbus TCP frame"):
        await socket.wire.exchange(REQUEST, LONG)
    assert socket.aborted
    assert not socket.wire.is_open


async def test_half_a_reply_ends_the_connection_when_the_time_is_over(socket):
    socket.wire.data_received(frame_bytes(1, 1, REPLY)[:5])
    with pytest.raises(StreamBrokenError, match="stopped in the middle of a reply"):
        await socket.wire.exchange(REQUEST, 0)
    assert socket.aborted


async def test_a_connection_that_is_lost_meanwhile_ends_the_exchange(socket):
    socket.answer = lambda _: socket.abort()
    with pytest.raises(LinkLostError, match="plc: the device closed the connection"):
        await socket.wire.exchange(REQUEST, LONG)
    with pytest.raises(LinkLostError, match="closed"):
        await socket.wire.gone()
    with pytest.raises(LinkLostError, match="closed"):
        await socket.wire.exchange(REQUEST, LONG)
    assert len(socket.sent) == 1, "nothing is sent into a lost connection"
