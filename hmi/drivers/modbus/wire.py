"""The line to Modbus devices, with one request on its way at a time.

Cheap devices answer in the order they like when asked twice at once; one at a time is what all of them can do. Own
code rather than a client library: what came late, from another unit or in pieces must have one defined outcome each.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Any, cast

from hmi.drivers.api import Sink
from hmi.drivers.modbus.pdu import Request
from hmi.drivers.supervisor import LinkLostError

_TRIES_OF_SILENCE = 5


class StreamBrokenError(LinkLostError):
    """The device sent bytes that are no reply; what was asked last has no answer to believe."""


class NoAnswerError(Exception):
    """No reply within the time-out; the request may or may not have had an effect."""


class GarbledError(NoAnswerError):
    """Something came, but no reply to believe: noise, a torn frame, another unit's answer."""


class Wire(asyncio.Protocol):
    """Sends requests and matches replies; `open_wire` makes it, `close` ends it."""

    def __init__(self, name: str, sink: Sink) -> None:
        self._name = name
        self._sink = sink
        self._transport: asyncio.Transport | None = None
        self._lost: LinkLostError | None = None
        self._pending: asyncio.Future[Any] | None = None
        """Who waits for a reply, in the form that the wire gives it."""
        self._closed = asyncio.get_running_loop().create_future()
        self._active = -1e9
        """When the line last carried something, loop seconds; long ago before the first time."""
        self.lock = asyncio.Lock()
        """Held for one exchange; held by a writer over all parts of a read-modify-write."""

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._lost is None and self._transport is not None

    @abstractmethod
    async def exchange(self, request: Request, patience: float, pause: float = 0.0) -> bytes:
        """Sends one request once, after `pause` seconds of silence, and returns the reply's PDU; needs `lock` held.

        Raises:
            NoAnswerError: nothing to believe within `patience` seconds.
            BadReplyError: the answer is another unit's.
            LinkLostError: the connection is gone, or was ended because of what came.
        """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        why = f" ({exc})" if exc else ""
        self._fail(LinkLostError(f"{self._name}: the device closed the connection{why}.", "It is made anew by itself."))
        if not self._closed.done():
            self._closed.set_result(None)

    def _fail(self, lost: LinkLostError) -> None:
        """Ends the line, for who waits as well; the first reason stands."""
        if self._lost is None:
            self._lost = lost
        if self._transport is not None:
            self._transport.abort()
        if self._pending is not None and not self._pending.done():
            self._pending.set_exception(self._lost)

    def _ready(self) -> asyncio.Transport:
        """The open transport.

        Raises:
            LinkLostError: there is none.
        """
        if self._lost is not None or self._transport is None:
            raise self._lost or LinkLostError(f"{self._name}: not connected.")
        return self._transport

    async def _silence(self, seconds: float) -> None:
        """Waits until the line has carried nothing for so long, though not for ever: some line babbles."""
        loop = asyncio.get_running_loop()
        for _ in range(_TRIES_OF_SILENCE):
            left = self._active + seconds - loop.time()
            if left <= 0:
                return
            await asyncio.sleep(left)

    async def gone(self) -> None:
        """Waits until the connection is gone.

        Raises:
            LinkLostError: why.
        """
        await asyncio.shield(self._closed)
        if self._lost is not None:
            raise self._lost

    async def close(self) -> None:
        """Closes the connection; returns when the socket or port is free again."""
        if self._transport is not None:
            self._transport.abort()
            await asyncio.shield(self._closed)
