"""A session against brokers made of a few bytes each, for what a real one does only seldom."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from hmi.drivers.broker.endpoint import BrokerOptions, Version
from hmi.drivers.broker.session import Session, SessionEndedError
from hmi.drivers.supervisor import LinkLostError

CONNACK_V5 = bytes.fromhex("20 03 00 00 00")
CONNACK_V311 = bytes.fromhex("20 02 00 00")


@asynccontextmanager
async def broker(*said):
    """Answers a connect with these bytes and then goes silent."""
    writers = []

    async def serve(reader, writer):
        writers.append(writer)
        await reader.read(1000)
        for data in said:
            writer.write(data)
            await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    for writer in writers:
        writer.close()
    server.close()
    await server.wait_closed()


async def opened(port, heard=None, **more):
    options = BrokerOptions("127.0.0.1", port, False, timeout=0.3, client_id="s1", **more)
    take = (lambda *message: heard.append(message)) if heard is not None else (lambda *_: None)
    return await Session.open("plant", options, None, None, None, take, lambda _: None)


async def test_a_session_that_was_taken_over_says_so():
    async with broker(CONNACK_V5, bytes.fromhex("E0 02 8E 00")) as port:
        session = await opened(port)
        with pytest.raises(SessionEndedError, match="another client took the session 's1'") as ended:
            await session.lost()
        assert ended.value.taken
        assert not session.is_open
        await session.close(orderly=False)


async def test_a_refused_connect_says_why():
    for answer, version, told in [
        ("20 03 00 86 00", Version.V5, "user"),
        ("20 03 00 84 00", Version.V5, "'3.1.1'"),
        ("20 02 00 05", Version.V311, "user"),
    ]:
        async with broker(bytes.fromhex(answer)) as port:
            with pytest.raises(LinkLostError, match=told):
                await opened(port, version=version)


async def test_a_broker_that_never_answers_leaves_nothing():
    async with broker() as port:
        with pytest.raises(LinkLostError, match="no answer"):
            await opened(port)


async def test_nobody_there():
    with pytest.raises(LinkLostError, match="nothing listens there"):
        await opened(1)


async def test_a_connect_that_is_cancelled_leaves_nothing():
    async with broker() as port:
        job = asyncio.ensure_future(opened(port))
        await asyncio.sleep(0)
        job.cancel()
        assert isinstance((await asyncio.gather(job, return_exceptions=True))[0], asyncio.CancelledError)


async def test_a_fault_of_ours_is_seen_and_not_taken_for_a_lost_link():
    async with broker(CONNACK_V311, bytes.fromhex("30 04 00 01 61 62")) as port:
        session = await opened(port, heard=_Broken(), version=Version.V311)
        with pytest.raises(ZeroDivisionError):
            await session.lost()
        await session.close(orderly=False)


class _Broken(list):
    def append(self, _message):
        raise ZeroDivisionError


class _Telling:
    def __init__(self, heard, came):
        self.heard, self.came = heard, came

    def append(self, message):
        self.heard.append(message)
        self.came.set()


async def test_a_message_whose_topic_is_no_text_is_passed_over():
    heard, came = [], asyncio.Event()
    messages = bytes.fromhex("30 04 00 01 FF 62") + bytes.fromhex("30 04 00 01 61 62")
    async with broker(CONNACK_V311, messages) as port:
        session = await opened(port, _Telling(heard, came), version=Version.V311)
        job = asyncio.ensure_future(session.lost())
        await came.wait()
        assert heard == [("a", b"b", False)]
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        await session.close(orderly=True)
