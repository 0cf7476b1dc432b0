"""One TCP connection to a controller, with one message on its way at a time.

Messages are built and taken apart by python-snap7. Its connections are not used: they cannot be cancelled at any
moment, wait for five seconds whatever is configured, and one of them repeats messages.
"""

from __future__ import annotations

import asyncio
from typing import Self, cast

from hmi.drivers.api import Sink
from hmi.drivers.supervisor import LinkLostError

from .frames import DisconnectedError, GarbageError, Splitter, call, packed


class Wire(asyncio.Protocol):
    """Made by `open`, ended by `close`."""

    def __init__(self, name: str, sink: Sink) -> None:
        self._name = name
        self._sink = sink
        self._splitter = Splitter()
        self._transport: asyncio.Transport | None = None
        self._pending: asyncio.Future[bytes] | None = None
        self._lost: LinkLostError | None = None
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, name: str, host: str, port: int, remote: int, patience: float, sink: Sink) -> Self:
        """A connected wire to the place `remote` in a controller.

        Raises:
            LinkLostError: nobody is there, or the place is taken or does not exist.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience):
                _, wire = await loop.create_connection(lambda: cls(name, sink), host, port)
        except (OSError, TimeoutError) as fault:
            why = "no answer" if isinstance(fault, TimeoutError) else "refused or unreachable"
            what = f"{name}: no connection to {host}:{port} ({why})."
            raise LinkLostError(what, "Check that the controller is on and in the network.") from fault
        try:
            if await wire._ask(call(remote), patience):
                wire._break("the controller sent data instead of a confirmation")
                raise cast("LinkLostError", wire._lost)
        except BaseException:
            await wire.close()
            raise
        return wire

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._lost is None and self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: hands a message to who waits for it."""
        try:
            messages = self._splitter.feed(data)
        except GarbageError as fault:
            self._break(str(fault))
            return
        except DisconnectedError as fault:
            do = "Check rack and slot, and that the CPU has a free connection of this role."
            self._fail(LinkLostError(f"{self._name}: {fault}.", do))
            return
        for message in messages:
            if self._pending is None or self._pending.done():
                self._break("the controller sent a message that nobody asked for")
            else:
                self._pending.set_result(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        why = f" ({exc})" if exc else ""
        what = f"{self._name}: the controller closed the connection{why}."
        self._fail(LinkLostError(what, "It is made anew by itself."))
        if not self._closed.done():
            self._closed.set_result(None)

    def garbage(self, what: str) -> LinkLostError:
        """Ends the wire because of what came; the error to raise."""
        self._break(what)
        return cast("LinkLostError", self._lost)

    def _break(self, what: str) -> None:
        self._sink.count("garbage")
        self._fail(LinkLostError(f"{self._name}: {what}.", "It is connected anew; check the controller if it repeats."))

    def _fail(self, lost: LinkLostError) -> None:
        if self._lost is None:
            self._lost = lost
        if self._pending is not None and not self._pending.done():
            self._pending.set_exception(self._lost)
        if self._transport is not None:
            self._transport.abort()

    async def exchange(self, message: bytes, patience: float) -> bytes:
        """Sends one message once and returns the answer. A late answer must never pass for that to the next message:
        one that is waited for in vain, or no longer, ends the wire.

        Raises:
            LinkLostError: the connection is gone, or was ended.
        """
        self._sink.count("requests")
        return await self._ask(packed(message), patience)

    async def _ask(self, data: bytes, patience: float) -> bytes:
        if self._lost is not None or self._transport is None:
            raise self._lost or LinkLostError(f"{self._name}: not connected.")
        pending: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._pending = pending
        self._transport.write(data)
        try:
            async with asyncio.timeout(patience):
                return await pending
        except TimeoutError as fault:
            self._sink.count("timeouts")
            what = f"{self._name}: no answer within {patience:g} s."
            self._fail(LinkLostError(what, "Check the controller's load and the network."))
            raise cast("LinkLostError", self._lost) from fault
        except asyncio.CancelledError:
            self._fail(LinkLostError(f"{self._name}: a question was given up.", "It is made anew by itself."))
            raise
        finally:
            self._pending = None
            if pending.done() and not pending.cancelled():
                pending.exception()

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
