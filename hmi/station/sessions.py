"""One client's connection: a reader, a sender that nobody waits for, and the requests under way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from hmi.core.errors import LinesideError
from hmi.drivers.api import Clock
from hmi.link.codec import WireError, encode
from hmi.link.messages import ClientMessage, Failed, Goodbye, Message
from hmi.link.outbox import Latest
from hmi.link.server import ServerSession, SessionOver

REQUESTS_UNDER_WAY: Final = 16
"""Requests of one client that may wait for their answers; more end the session."""

REPLIES_KEPT: Final = 256
"""Answers a client may leave unread."""

_log = structlog.get_logger()

Handler = Callable[["Client", ClientMessage], Awaitable[None]]


class Client:
    """A session with its socket. `publish` side calls never wait."""

    def __init__(self, socket: WebSocket, session: ServerSession, clock: Clock, latest: Latest) -> None:
        self.session = session
        self._socket = socket
        self._clock = clock
        self._latest = latest
        self._scan = 0
        self._wake = asyncio.Event()
        self._replies: list[bytes] = []
        self._requests: set[asyncio.Task[None]] = set()
        self._over: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def send(self, message: Message) -> None:
        """Queues an answer; a client that leaves too many unread is dropped."""
        if len(self._replies) >= REPLIES_KEPT:
            self.end("The client does not read its answers.")
            return
        self._replies.append(_encoded(message))
        self._wake.set()

    def end(self, reason: str) -> None:
        """Ends the session with a sentence for the person."""
        if not self._over.done():
            self._over.set_result(reason)

    def scanned(self, scan: int) -> None:
        """A scan is done: perhaps a frame is due."""
        self._scan = scan
        silence = self.session.overdue(self._clock.now().mono)
        if silence:
            self.end(silence)
        self._wake.set()

    async def run(self, handle: Handler, opened: Callable[[Client], None]) -> str:
        """Serves the client until one side ends it; the reason, empty when the client left."""
        reader = asyncio.create_task(self._read(handle, opened), name="link reader")
        sender = asyncio.create_task(self._write(), name="link sender")
        try:
            await asyncio.wait({reader, sender, self._over}, return_when=asyncio.FIRST_COMPLETED)
            if self._over.done():
                reason = self._over.result()
            else:
                finished = reader if reader.done() else sender
                reason = finished.result()
        finally:
            tasks = {reader, sender, *self._requests}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._say_goodbye(reason)
        return reason

    async def _read(self, handle: Handler, opened: Callable[[Client], None]) -> str:
        try:
            while True:
                data = await self._received()
                was_open = self.session.is_open
                request = self.session.receive(data, self._clock.now().mono)
                self._replies += self.session.take_replies()
                if self.session.is_open and not was_open:
                    opened(self)
                if request is not None:
                    self._begin(handle, request)
                self._wake.set()
        except WebSocketDisconnect:
            return ""
        except (SessionOver, WireError) as error:
            return str(error)

    async def _received(self) -> bytes:
        try:
            return await self._socket.receive_bytes()
        except (KeyError, RuntimeError) as error:
            raise SessionOver("The client sent text where a message was expected.") from error

    def _begin(self, handle: Handler, request: ClientMessage) -> None:
        if len(self._requests) >= REQUESTS_UNDER_WAY:
            raise SessionOver("The client asked for too much at once.", "Wait for answers.")

        async def answer() -> None:
            await handle(self, request)

        task = asyncio.create_task(answer(), name=f"link {type(request).__name__}")
        self._requests.add(task)
        task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._requests.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("request failed", task=task.get_name(), error=repr(error))
            self.end("The station could not answer: an engineer finds the reason in its log.")

    async def _write(self) -> str:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                replies, self._replies = self._replies, []
                for data in replies:
                    await self._send_bytes(data)
                for data in self.session.frame(self._clock.now(), self._scan, self._latest):
                    await self._send_bytes(data)
        except WebSocketDisconnect:
            return ""

    async def _send_bytes(self, data: bytes) -> None:
        try:
            await self._socket.send_bytes(data)
        except RuntimeError as error:  # the server has closed the socket before the reader heard of it
            raise WebSocketDisconnect(1006) from error

    async def _say_goodbye(self, reason: str) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        # The peer may be gone or deaf: a last word is worth one second, no more.
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError, LinesideError):
            async with asyncio.timeout(1.0):
                if reason:
                    await self._socket.send_bytes(encode(Goodbye(reason)))
                await self._socket.close()


def _encoded(message: Message) -> bytes:
    """The bytes of an answer; one that no message carries (a giant display) fails alone, not its session."""
    try:
        return encode(message)
    except WireError as error:
        request = getattr(message, "request", None)
        if not isinstance(request, int):
            raise
        return encode(Failed(request, str(error)))
