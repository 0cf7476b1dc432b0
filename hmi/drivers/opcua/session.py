"""One OPC UA session over asyncua: connected, asked, closed - and nothing of it left running.

The library's own supervisor, watchdog and publish loop stay unused: their tasks outlive a lost connection, and a
publish request of its own decoding is what makes large systems slow.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Self, TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UASocketProtocol
from asyncua.common.utils import Buffer
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.ua_binary import struct_from_binary
from asyncua.ua.uaerrors import BadTooManyOperations, UaError, UaStatusCodeError

from hmi.drivers.opcua.options import OpcUaOptions
from hmi.drivers.supervisor import LinkLostError

FAULTS: Final = (
    OSError,
    UaError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    struct.error,
)
"""What the library raises when a server, a network or malformed answer trips it; TimeoutError is an OSError."""

CHUNK: Final = 1000
"""Nodes in one request: works with every server met, 20,000 do not."""
_SESSION_TIMEOUT: Final = 60_000
"""Milliseconds after which a server may forget a station that vanished."""

R = TypeVar("R")

T = TypeVar("T")


async def in_parts(items: Sequence[T], limit: int, one: Callable[[Sequence[T]], Awaitable[list[R]]]) -> list[R]:
    """The results of one request a part, in order; parts are halved as long as the server finds them too large.

    Raises:
        FAULTS: as `one`.
    """
    results: list[R] = []
    at = 0
    while at < len(items):
        try:
            results += await one(items[at : at + limit])
        except BadTooManyOperations:
            if limit == 1:
                raise
            limit = max(1, limit // 2)
        else:
            at += limit
    return results


class Session:
    """A connected session; made by `open`, ended by `close`."""

    def __init__(self, client: Client, protocol: UASocketProtocol, options: OpcUaOptions) -> None:
        self._client = client
        self._protocol = protocol
        self._options = options
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        protocol.on_connection_lost = self._on_lost

    @classmethod
    async def open(cls, name: str, options: OpcUaOptions) -> Self:
        """A session on a fresh connection.

        Raises:
            LinkLostError: no server, or one that refuses the session.
        """
        client = Client(options.url, timeout=options.timeout)
        client.name = client.description = "Lineside"
        client.application_uri = "urn:lineside:station"
        client.session_timeout = _SESSION_TIMEOUT
        client.uaclient.pre_request_hook = None
        session: Self | None = None
        try:
            await client.connect_socket()
            assert client.uaclient.protocol is not None  # noqa: S101 - connect_socket has set it
            session = cls(client, client.uaclient.protocol, options)
            await client.send_hello()
            await client.open_secure_channel()
            await client.create_session()
            await client.activate_session()
        except FAULTS as fault:
            if session is not None:
                await session.close(orderly=False)
            raise LinkLostError(f"{name}: no session at {options.url} ({_why(fault)}).", _advice(fault)) from fault
        except asyncio.CancelledError:
            if session is not None:
                await session.close(orderly=False)
            raise
        return session

    def _on_lost(self, _fault: Exception | None) -> None:
        if not self._closed.done():
            self._closed.set_result(None)

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return not self._closed.done()

    async def lost(self) -> None:
        """Returns when the connection is gone."""
        await asyncio.shield(self._closed)

    async def raw(self, request: Any, patience: float | None = None) -> Buffer:
        """The undecoded answer to one request; `patience` 0 waits for as long as the connection lasts.

        Raises:
            FAULTS: no answer, a lost connection or a service fault.
        """
        return await self._protocol.send_request(request, patience)

    async def call(self, request: Any, response: type[R]) -> R:
        """The decoded answer to one request.

        Raises:
            FAULTS: as `raw`.
        """
        return struct_from_binary(response, await self.raw(request))

    async def read(self, nodes: Sequence[ua.NodeId], attribute: AttributeIds) -> list[ua.DataValue]:
        """One attribute of many nodes, in requests that every server takes."""

        async def one(part: Sequence[ua.NodeId]) -> list[ua.DataValue]:
            request = ua.ReadRequest()
            request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
            request.Parameters.NodesToRead = [ua.ReadValueId(NodeId=n, AttributeId=attribute) for n in part]
            return list((await self.call(request, ua.ReadResponse)).Results)

        return await in_parts(nodes, CHUNK, one)

    async def keep_channel(self) -> None:
        """Renews the secure channel at three quarters of its life until cancelled.

        Raises:
            LinkLostError: the server refuses.
        """
        while True:
            await asyncio.sleep(self._client.secure_channel_timeout * 0.75 / 1000)
            try:
                await self._client.open_secure_channel(renew=True)
                self._client.uaclient.revolve_security_token()
            except FAULTS as fault:
                raise LinkLostError(f"{self._options.url}: the channel was not renewed ({_why(fault)}).") from fault

    async def close(self, *, orderly: bool) -> None:
        """Ends session and connection; `orderly` says goodbye first, so that the server frees its memory at once."""
        if orderly and self.is_open:
            try:
                async with asyncio.timeout(1.0):
                    await self._client.close_session()
                    await self._client.close_secure_channel()
            except FAULTS:
                pass  # The server did not answer the goodbye; its own time-out frees the session.
        transport = self._protocol.transport
        self._client.uaclient.disconnect_socket()
        if transport is not None:
            transport.abort()
        if self.is_open:
            await asyncio.shield(self._closed)


def _why(fault: BaseException) -> str:
    if isinstance(fault, TimeoutError):
        return "no answer"
    if isinstance(fault, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(fault, UaStatusCodeError):
        return type(fault).__name__
    return str(fault) or type(fault).__name__


def _advice(fault: BaseException) -> str:
    if isinstance(fault, OSError):
        return "Check that the server is running and reachable."
    return "Check the server's security settings and session limits."
