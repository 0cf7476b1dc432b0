"""One TCP connection to a Modbus device, with one request on its way at a time.

Cheap devices answer in the order they like when asked twice at once; one at a time is what all of them can do. Own
code rather than a client library: a retry must carry a new transaction id (a late reply to the first try is otherwise
taken for the second's), and a foreign or torn frame must end the connection at once instead of in a time-out.
"""

from __future__ import annotations

import asyncio
from typing import Self, cast

from hmi.drivers.api import Sink
from hmi.drivers.modbus.frames import Frame, GarbageError, Splitter, frame_bytes
from hmi.drivers.modbus.pdu import BadReplyError, Request
from hmi.drivers.supervisor import LinkLostError


class StreamBrokenError(LinkLostError):
    """The device sent bytes that are no reply; what was asked last has no answer to believe."""


class NoAnswerError(Exception):
    """No reply within the time-out; the request may or may not have had an effect."""


class Wire(asyncio.Protocol):
    """Sends requests and matches replies; made by `open`, ended by `close`."""

    def __init__(self, name: str, sink: Sink) -> None:
        self._name = name
        self._sink = sink
        self._splitter = Splitter()
        self._transport: asyncio.Transport | None = None
        self._transaction = 0
        self._pending: asyncio.Future[Frame] | None = None
        self._lost: LinkLostError | None = None
        self._closed = asyncio.get_running_loop().create_future()
        self.lock = asyncio.Lock()
        """Held for one exchange; held by a writer over all parts of a read-modify-write."""

    @classmethod
    async def open(cls, name: str, host: str, port: int, patience: float, sink: Sink) -> Self:
        """A connected wire.

        Raises:
            LinkLostError: nobody listens there, or not within `patience` seconds.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience):
                _, wire = await loop.create_connection(lambda: cls(name, sink), host, port)
        except (OSError, TimeoutError) as fault:
            why = "no answer" if isinstance(fault, TimeoutError) else "refused or unreachable"
            raise LinkLostError(
                f"{name}: no connection to {host}:{port} ({why}).", "Check that the device is on and in the network."
            ) from fault
        return wire

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._lost is None and self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: hands a reply to who waits for it, ignores late ones."""
        try:
            frames = self._splitter.feed(data)
        except GarbageError as fault:
            self._break(str(fault))
            return
        for frame in frames:
            if self._pending is None or self._pending.done() or frame.transaction != self._transaction:
                self._sink.count("late_replies")
            else:
                self._pending.set_result(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        why = f" ({exc})" if exc else ""
        self._fail(LinkLostError(f"{self._name}: the device closed the connection{why}.", "It is made anew by itself."))
        if not self._closed.done():
            self._closed.set_result(None)

    def _break(self, what: str) -> None:
        self._sink.count("garbage")
        self._fail(StreamBrokenError(f"{self._name}: {what}.", "It is connected anew; check the device if it repeats."))

    def _fail(self, lost: LinkLostError) -> None:
        if self._lost is None:
            self._lost = lost
        if self._pending is not None and not self._pending.done():
            self._pending.set_exception(self._lost)
        if self._transport is not None:
            self._transport.abort()

    async def exchange(self, request: Request, patience: float) -> bytes:
        """Sends one request once and returns the reply's PDU; call it with `lock` held.

        Raises:
            NoAnswerError: nothing within `patience` seconds.
            BadReplyError: another unit answered.
            LinkLostError: the connection is gone, or was ended because of what came.
        """
        if self._lost is not None or self._transport is None:
            raise self._lost or LinkLostError(f"{self._name}: not connected.")
        self._transaction = self._transaction % 0xFFFF + 1
        self._pending = asyncio.get_running_loop().create_future()
        self._sink.count("requests")
        self._transport.write(frame_bytes(self._transaction, request.unit, request.pdu))
        try:
            async with asyncio.timeout(patience):
                frame = await self._pending
        except TimeoutError as fault:
            self._sink.count("timeouts")
            if self._splitter.is_torn:
                self._break("the device stopped in the middle of a reply")
                raise cast("LinkLostError", self._lost) from fault
            raise NoAnswerError(f"no answer within {patience:g} s") from fault
        finally:
            self._pending = None
        if frame.unit != request.unit:
            raise BadReplyError(f"unit {frame.unit} answered instead of {request.unit}")
        return frame.pdu

    async def gone(self) -> None:
        """Waits until the connection is gone.

        Raises:
            LinkLostError: why.
        """
        await asyncio.shield(self._closed)
        if self._lost is not None:
            raise self._lost

    async def close(self) -> None:
        """Closes the connection; returns when the socket is gone."""
        if self._transport is not None:
            self._transport.abort()
            await asyncio.shield(self._closed)
