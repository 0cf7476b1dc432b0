"""One OPC UA session over asyncua: connected, asked, taken up again after a loss, closed - and nothing left running.

The library's own supervisor, watchdog and publish loop stay unused: their tasks outlive a lost connection, and a
publish request of its own decoding is what makes large systems slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Self, TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.utils import Buffer
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import struct_from_binary
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from hmi.core.errors import LinesideError
from hmi.drivers.opcua.faults import FAULTS, why
from hmi.drivers.opcua.limits import LIMIT_NODES, Limits, in_parts
from hmi.drivers.opcua.nodes import make_node_id
from hmi.drivers.opcua.options import OpcUaOptions
from hmi.drivers.opcua.security.channel import Credentials, secure, sign_in
from hmi.drivers.supervisor import LinkLostError, NeedsActionError

_SESSION_TIMEOUT: Final = 60_000
"""Milliseconds after which a server may forget a station that vanished."""
_NAMESPACES: Final = make_node_id(ObjectIds.Server_NamespaceArray)
_ADVICE: Final = {
    "BadCertificateUntrusted": "Trust the station's certificate at the server.",
    "BadSecurityChecksFailed": "Trust the station's certificate at the server.",
    "BadCertificateTimeInvalid": "Set the clocks of station and server.",
    "BadCertificateUriInvalid": "Delete the station's own certificate, so that it is made anew.",
    "BadUserAccessDenied": "Check the user and set the password with `hmi secret set`.",
    "BadIdentityTokenRejected": "Check the user and set the password with `hmi secret set`.",
    "BadIdentityTokenInvalid": "Check the user and set the password with `hmi secret set`.",
    "BadTooManySessions": "Close other clients, or raise the server's limit of sessions.",
}

R = TypeVar("R")


class Session:
    """A connected session; made by `open`, ended by `close`."""

    def __init__(self, client: Client, name: str, options: OpcUaOptions, credentials: Credentials) -> None:
        self._client = client
        self._name = name
        self._options = options
        self._credentials = credentials
        self._closed: asyncio.Future[None] | None = None
        self.limits = Limits()
        self.indexes: dict[str, int] = {}
        """Index of every namespace by its URI."""

    @classmethod
    async def open(cls, name: str, options: OpcUaOptions, credentials: Credentials, now: int) -> Self:
        """A session on a fresh connection; `now` in ns UTC, for the validity of certificates.

        Raises:
            LinkLostError: no server, or one that refuses the session.
        """
        session = cls(_client(options), name, options, credentials)
        client = session._client
        try:
            await secure(client, options, credentials, now)
            await session._channel()
            await client.create_session()
            await session._activate()
            await session.learn()
        except FAULTS as fault:
            await session.close(orderly=False)
            raise session._refusal(fault) from fault
        except LinesideError as fault:
            await session.close(orderly=False)
            raise NeedsActionError(f"{name}: {fault.what}.", fault.do) from fault
        except asyncio.CancelledError:
            await session.close(orderly=False)
            raise
        return session

    async def resume(self, subscription: int) -> None:
        """The same session on a fresh connection, after the former one was lost, with its subscription.

        Raises:
            FAULTS, LinesideError: the server does not answer, or has forgotten one of them.
        """
        await self._channel()
        self._client.uaclient.session.rebind_authentication_token()
        await self._activate()
        before = self.indexes
        await self.learn()
        if before != self.indexes:
            # What lives on the subscription was made by the former ones, and a new session is compared with them.
            self.indexes = before
            raise UaError("the server's namespaces have changed")
        request = ua.SetPublishingModeRequest()
        request.Parameters.SubscriptionIds = [subscription]
        request.Parameters.PublishingEnabled = True
        (status,) = (await self.call(request, ua.SetPublishingModeResponse)).Parameters.Results
        status.check()

    async def _channel(self) -> None:
        """Connects, and opens a secure channel."""
        client, policy = self._client, self._client.security_policy
        await client.connect_socket()
        protocol = client.uaclient.protocol
        assert protocol is not None  # noqa: S101 - connect_socket has set it
        self._closed = asyncio.get_running_loop().create_future()
        protocol.on_connection_lost = self._on_lost
        await client.send_hello()
        # Where nothing is secured the library has learned a certificate from the session: a channel must not name it.
        learned = policy.peer_certificate
        if policy.Mode == ua.MessageSecurityMode.None_:
            policy.peer_certificate = None
        await client.open_secure_channel()
        policy.peer_certificate = learned

    async def _activate(self) -> None:
        arguments: dict[str, Any] = sign_in(self._client, self._options, self._credentials)
        await self._client.activate_session(**arguments)

    async def learn(self) -> None:
        """Asks for what may have changed with a restart of the server: its limits and its namespaces.

        Raises:
            FAULTS: it does not answer.
        """
        nodes = [_NAMESPACES, *(make_node_id(node) for node in LIMIT_NODES)]
        array, *limits = await self.read(nodes, AttributeIds.Value)
        uris = array.Value.Value if array.Value is not None else None
        self.indexes = {str(uri): index for index, uri in enumerate(uris or ())}
        self.limits = Limits.of(limits)

    async def transfer(self, subscription: int) -> bool:
        """Takes over a subscription of a former session; whether the server went along.

        Raises:
            FAULTS: it does not answer.
        """
        request = ua.TransferSubscriptionsRequest()
        request.Parameters.SubscriptionIds = [subscription]
        request.Parameters.SendInitialValues = False
        try:
            (result,) = (await self.call(request, ua.TransferSubscriptionsResponse)).Parameters.Results
        except UaStatusCodeError:
            return False
        return bool(result.StatusCode.is_good())

    def _on_lost(self, _fault: Exception | None) -> None:
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._closed is not None and not self._closed.done()

    async def lost(self) -> None:
        """Returns when the connection is gone."""
        if self._closed is not None:
            await asyncio.shield(self._closed)

    async def raw(self, request: Any, patience: float | None = None) -> Buffer:
        """The undecoded answer to one request; `patience` 0 waits for as long as the connection lasts.

        Raises:
            FAULTS: no answer, a lost connection or a service fault.
        """
        protocol = self._client.uaclient.protocol
        if protocol is None or not self.is_open:
            raise ConnectionError("the connection is closed")
        return await protocol.send_request(request, patience)

    async def call(self, request: Any, response: type[R], patience: float | None = None) -> R:
        """The decoded answer to one request; `patience` as for `raw`.

        Raises:
            FAULTS: as `raw`.
        """
        return struct_from_binary(response, await self.raw(request, patience))

    async def read(self, nodes: Sequence[ua.NodeId], attribute: AttributeIds) -> list[ua.DataValue]:
        """One attribute of many nodes, in requests that the server takes."""
        return await self.read_all([ua.ReadValueId(NodeId=node, AttributeId=attribute) for node in nodes])

    async def read_all(self, wanted: Sequence[ua.ReadValueId]) -> list[ua.DataValue]:
        """Any attributes of many nodes, in requests that the server takes."""

        async def one(part: Sequence[ua.ReadValueId]) -> list[ua.DataValue]:
            request = ua.ReadRequest()
            request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
            request.Parameters.NodesToRead = list(part)
            return list((await self.call(request, ua.ReadResponse)).Results)

        return await in_parts(wanted, self.limits.read, one)

    async def follow(
        self, node: ua.NodeId, reference: ua.NodeId, direction: ua.BrowseDirection, classes: int = 0
    ) -> list[ua.NodeId]:
        """Where the references of one kind lead to, as far as one answer tells; empty when there are none."""
        request = ua.BrowseRequest()
        request.Parameters.NodesToBrowse = [
            ua.BrowseDescription(
                NodeId=node,
                BrowseDirection=direction,
                ReferenceTypeId=reference,
                IncludeSubtypes=True,
                NodeClassMask=classes,
                ResultMask=ua.BrowseResultMask.All,
            )
        ]
        (found,) = (await self.call(request, ua.BrowseResponse)).Results
        references = found.References if found.StatusCode.is_good() else None
        return [ua.NodeId(one.NodeId.Identifier, one.NodeId.NamespaceIndex) for one in references or ()]

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
                raise LinkLostError(f"{self._options.url}: the channel was not renewed ({why(fault)}).") from fault

    async def close(self, *, orderly: bool) -> None:
        """Ends session and connection; `orderly` says goodbye first, so that the server frees its memory at once."""
        if orderly and self.is_open:
            try:
                async with asyncio.timeout(1.0):
                    await self._client.close_session()
                    await self._client.close_secure_channel()
            except FAULTS:
                pass  # The server did not answer the goodbye; its own time-out frees the session.
        await self.drop()

    async def drop(self) -> None:
        """Ends the connection only: the server keeps the session for a while, so that it can be taken up again."""
        self.abort()
        if self.is_open:
            await self.lost()

    def abort(self) -> None:
        """Gives the connection up at once: what is known of it can no longer be relied on."""
        protocol = self._client.uaclient.protocol
        if protocol is not None and protocol.transport is not None:
            protocol.transport.abort()

    def _refusal(self, fault: BaseException) -> LinkLostError:
        what = f"{self._name}: no session at {self._options.url} ({why(fault)})."
        advice = _ADVICE.get(type(fault).__name__)
        if advice:
            return NeedsActionError(what, advice)
        if isinstance(fault, OSError):
            return LinkLostError(what, "Check that the server is running and reachable.")
        return LinkLostError(what, "Check the server's security settings and session limits.")


def _client(options: OpcUaOptions) -> Client:
    client = Client(options.url, timeout=options.timeout)
    client.name = client.description = "Lineside"
    client.application_uri = "urn:lineside:station"
    client.session_timeout = _SESSION_TIMEOUT
    client.uaclient.pre_request_hook = None
    return client
