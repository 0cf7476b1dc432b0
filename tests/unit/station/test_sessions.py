"""A client's connection over a socket made of queues."""

import asyncio
from typing import Any, cast

from starlette.websockets import WebSocket, WebSocketState

from hmi.link.codec import decode_station, encode
from hmi.link.messages import PROTOCOL, ClientMessage, Display, Failed, GetDisplay, Goodbye, Hello, Message, Proof
from hmi.link.server import ServerSession, StationFacts
from hmi.station.sessions import Client

from .fakes import FakeClock, latest

FACTS = StationFacts("s", "Line", "r", "active", "UTC", "", view_without_sign_in=False)


class Socket:
    """What a `Client` needs of a WebSocket; `breaks` is raised by the next send."""

    application_state = WebSocketState.CONNECTED

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self.outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self.breaks: Exception | None = None

    async def receive_bytes(self) -> bytes:
        return await self.incoming.get()

    async def send_bytes(self, data: bytes) -> None:
        if self.breaks is not None:
            raise self.breaks
        await self.outgoing.put(data)

    async def close(self) -> None:
        self.application_state = WebSocketState.DISCONNECTED


class Peer:
    """The client's end, and the station's `Client` at work."""

    def __init__(self, handle: Any) -> None:
        self.socket = Socket()
        clock = FakeClock()
        session = ServerSession(FACTS, b"k" * 32, b"n" * 32, "", 1, clock.mono)
        self.client = Client(cast("WebSocket", self.socket), session, clock, latest)
        self.running = asyncio.create_task(self.client.run(handle, lambda _: None))
        self.say(Hello(PROTOCOL, "test", "pc", b"c" * 32))
        self.say(Proof(b""))

    def say(self, message: Message) -> None:
        self.socket.incoming.put_nowait(encode(message))

    async def hear(self, kind: type[Message]) -> Message:
        while True:
            message = decode_station(await self.socket.outgoing.get())
            if isinstance(message, kind):
                return message


async def test_an_answer_too_large_for_a_message_fails_alone() -> None:
    async def handle(client: Client, request: ClientMessage) -> None:
        assert isinstance(request, GetDisplay)
        client.send(Display(request.request, request.name, b"x" * (300_000 if request.name == "giant" else 3)))

    peer = Peer(handle)
    peer.say(GetDisplay(1, "giant"))
    failed = await peer.hear(Failed)
    assert isinstance(failed, Failed)
    assert failed.request == 1
    assert "limit" in failed.reason
    peer.say(GetDisplay(2, "small"))
    await peer.hear(Display)
    peer.client.end("enough")
    assert await peer.running == "enough"
    await peer.hear(Goodbye)


async def test_a_socket_that_dies_while_something_is_sent_ends_the_session_in_order() -> None:
    async def handle(client: Client, request: ClientMessage) -> None:
        client.send(Failed(1, "no"))

    peer = Peer(handle)
    peer.socket.breaks = RuntimeError("Unexpected ASGI message 'websocket.send', after sending 'websocket.close'.")
    peer.say(GetDisplay(1, "x"))
    assert await peer.running == ""
