"""A small MQTT 3.1.1 client for soft devices, by the standard alone: it shares nothing with what it tests."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Will:
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True)
class Heard:
    topic: str
    payload: bytes
    qos: int
    retain: bool


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def packet(head: int, body: bytes) -> bytes:
    length, size = len(body), bytearray()
    while True:
        length, low = divmod(length, 128)
        size.append(low | (0x80 if length else 0))
        if not length:
            return bytes([head]) + bytes(size) + body


class SoftClient:
    """One session; `heard` has all messages, `on_message` may answer them."""

    def __init__(self, port: int, client_id: str, on_message: Callable[[Heard], None] | None = None) -> None:
        self.heard: list[Heard] = []
        self.news = asyncio.Event()
        self._port = port
        self._id = client_id
        self._on_message = on_message
        self._writer: asyncio.StreamWriter | None = None
        self._job: asyncio.Task[None] | None = None
        self._acks: dict[tuple[int, int], asyncio.Future[bytes]] = {}
        self._next = 0

    @property
    def is_open(self) -> bool:
        return self._job is not None and not self._job.done()

    async def connect(self, will: Will | None = None, user: str = "", password: str = "") -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        flags, rest = 0x02, text(self._id)
        if will is not None:
            flags |= 0x04 | will.qos << 3 | will.retain << 5
            rest += text(will.topic) + struct.pack(">H", len(will.payload)) + will.payload
        if user:
            flags |= 0xC0
            rest += text(user) + text(password)
        self._writer.write(packet(0x10, text("MQTT") + bytes([4, flags]) + struct.pack(">H", 60) + rest))
        answer = await reader.readexactly(4)
        assert answer[0] == 0x20, answer
        assert answer[3] == 0, f"the broker refused: {answer[3]}"
        self._job = asyncio.ensure_future(self._read(reader))

    async def subscribe(self, *filters: str, qos: int = 1) -> None:
        identity = self._identity()
        body = struct.pack(">H", identity) + b"".join(text(f) + bytes([qos]) for f in filters)
        await self._ask(0x82, body, 0x90, identity)

    async def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        head = 0x30 | qos << 1 | retain
        if qos == 0:
            self._send(packet(head, text(topic) + payload))
            return
        identity = self._identity()
        await self._ask(head, text(topic) + struct.pack(">H", identity) + payload, 0x40, identity)

    def send(self, topic: str, payload: bytes) -> None:
        """Publishes with QoS 0 at once."""
        self._send(packet(0x30, text(topic) + payload))

    async def until(self, fact: Callable[[], bool], sentence: str = "it never happened") -> None:
        try:
            async with asyncio.timeout(20):
                while not fact():
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"{sentence}; heard {self.heard}") from None

    async def close(self) -> None:
        """Says goodbye: the broker throws the will away."""
        if self.is_open:
            self._send(packet(0xE0, b""))
        await self._end()

    async def kill(self) -> None:
        """Vanishes: the broker publishes the will."""
        await self._end()

    async def _end(self) -> None:
        if self._writer is not None:
            with contextlib.suppress(ConnectionError):
                await self._writer.drain()
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()
        if self._job is not None:
            self._job.cancel()
            await asyncio.gather(self._job, return_exceptions=True)
        self._job = self._writer = None

    def _identity(self) -> int:
        self._next = self._next % 65535 + 1
        return self._next

    def _send(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    async def _ask(self, head: int, body: bytes, answer: int, identity: int) -> None:
        waiting = self._acks[answer, identity] = asyncio.get_running_loop().create_future()
        self._send(packet(head, body))
        async with asyncio.timeout(10):
            await waiting

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readexactly(1))[0]
                length = shift = 0
                while True:
                    byte = (await reader.readexactly(1))[0]
                    length |= (byte & 0x7F) << shift
                    shift += 7
                    if byte < 0x80:
                        break
                self._take(head, await reader.readexactly(length))
        self.news.set()

    def _take(self, head: int, body: bytes) -> None:
        if head & 0xF0 == 0x30:
            size = struct.unpack_from(">H", body)[0]
            at = 2 + size
            qos = head >> 1 & 3
            if qos:
                self._send(packet(0x40, body[at : at + 2]))
                at += 2
            message = Heard(body[2 : 2 + size].decode(), body[at:], qos, bool(head & 1))
            self.heard.append(message)
            if self._on_message is not None:
                self._on_message(message)
        elif head & 0xF0 in {0x40, 0x90}:
            waiting = self._acks.pop((head & 0xF0, struct.unpack_from(">H", body)[0]), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(body)
        self.news.set()
