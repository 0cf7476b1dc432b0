"""The station's port on real sockets: who has reached it directly, and who only through something between."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect

from hmi.core.batch import Batch, Int32, join
from hmi.core.errors import RefusedError
from hmi.core.instants import Instants
from hmi.link.client import ClientSession, Ended, Event, Opened
from hmi.link.messages import SignIn
from hmi.link.proof import end_of
from hmi.link.server import StationFacts
from hmi.station.gateway import Gateway
from hmi.station.turned_away import TurnedAway

KEY = b"k" * 32
FACTS = StationFacts("s", "Line", "r", "active", "UTC", "", view_without_sign_in=False)


class Clock:
    def now(self) -> Instants:
        return Instants(1, 1)


class Server(uvicorn.Server):
    """Leaves the signals of the test alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


def nothing(_: Int32) -> Batch:
    return join([])


@contextlib.asynccontextmanager
async def station(host: str, *, v6: bool = False) -> AsyncIterator[int]:
    """A station's port; its number."""
    none: Any = None
    away = TurnedAway(Clock(), lambda *_: None)
    gateway = Gateway(FACTS, KEY, Clock(), 1, nothing, none, lambda: ([], 0), none, none, away)
    with socket.socket(socket.AF_INET6 if v6 else socket.AF_INET) as listener:
        if v6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((host, 0))
        listener.listen()
        config = uvicorn.Config(gateway.app([]), ws="websockets-sansio", log_config=None, lifespan="off")
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


@contextlib.asynccontextmanager
async def relay(to: int) -> AsyncIterator[int]:
    """Somebody without a key who listens on another port and hands everything on; the port's number."""

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(hand_on(reader, forth), hand_on(back, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def shake_hands(host: str, port: int) -> tuple[ClientSession, Event]:
    """A session of a client with the key, and how its handshake ended."""
    async with connect(f"ws://{host}:{port}/link", compression=None, proxy=None) as wire:
        session = ClientSession("test", "pc", b"c" * 32, KEY, end_of(*wire.remote_address[:2]), 0)
        while True:
            for data in session.outgoing():
                await wire.send(data)
            events = session.received(await wire.recv(decode=False), 0)
            if events:
                return session, events[0]


@pytest.mark.parametrize("dialled", ["127.0.0.1", "localhost"])
async def test_a_station_is_proved_by_whatever_name_it_was_reached(dialled: str) -> None:
    async with station("127.0.0.1") as port:
        session, event = await shake_hands(dialled, port)
        assert isinstance(event, Opened)
        assert event.proved
        assert event.admitted.local
        session.send(SignIn(1, "ann", "secret"))


@pytest.mark.parametrize("dialled", ["127.0.0.1", "[::1]"])
async def test_a_station_that_listens_everywhere_is_proved_in_both_families(dialled: str) -> None:
    async with station("::", v6=True) as port:
        _, event = await shake_hands(dialled, port)
        assert isinstance(event, Opened)
        assert event.proved


async def test_a_relay_proves_nothing_and_is_sent_no_password() -> None:
    async with station("127.0.0.1") as port, relay(port) as between:
        session, event = await shake_hands("127.0.0.1", between)
        assert isinstance(event, Ended)
        assert "something relays to it" in event.sentence
        with pytest.raises(RefusedError):
            session.send(SignIn(1, "ann", "secret"))
