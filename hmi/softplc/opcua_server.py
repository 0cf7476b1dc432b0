"""The process PLC as an OPC UA server on a real socket."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from hmi.softplc.image import Change, Image
from hmi.softplc.opcua_ids import node_id, status
from hmi.softplc.opcua_space import VARIANTS, build
from hmi.softplc.opcua_writes import GuardedWrites
from hmi.softplc.packml import TRANSITIONS, Command, State

EPOCH = ua.DateTime(1970, 1, 1, tzinfo=UTC)


class OpcUaPlc:
    """Serves an image: writes only what changed, with source time and status."""

    def __init__(
        self,
        image: Image,
        address: tuple[str, int],
        written: Callable[[Change], None],
        clock: Callable[[], int],
        policies: Sequence[ua.SecurityPolicyType] = (ua.SecurityPolicyType.NoSecurity,),
    ) -> None:
        self.image = image
        self._address = address
        self._written = written
        self._clock = clock
        self._policies = list(policies)
        self._server: Server | None = None
        self._index = 0

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"opc.tcp://{self._address[0]}:{self._address[1]}"

    async def open(self) -> None:
        """Build the address space and listen; a port 0 becomes a free one and stays."""
        if self._server is not None:
            return
        if self._address[1] == 0:
            self._address = (self._address[0], _free_port(self._address[0]))
        server = Server()
        await server.init()
        server.set_endpoint(self.endpoint)
        server.set_server_name("Lineside process PLC")
        server.set_security_policy(self._policies)
        server.set_identity_tokens([ua.AnonymousIdentityToken])
        values = {name: self.image.value(name) for name in self.image.points}
        self._index = await build(server, self.image.points, values, self._press)
        space = server.iserver.aspace
        server.iserver.attribute_service = GuardedWrites(space, self._index, self.image, self._apply, self._clock)
        await server.start()
        self._server = server
        await self.publish(self.image.current())

    async def close(self) -> None:
        """Stop serving."""
        server, self._server = self._server, None
        if server is not None:
            await _stop_clock(server)
            await server.stop()

    async def publish(self, changes: Sequence[Change]) -> None:
        """Put changed values into the address space; subscriptions see each of them."""
        if self._server is None:
            return
        write = self._server.iserver.aspace.write_attribute_value
        for change in changes:
            await write(node_id(change.point.name, self._index), AttributeIds.Value, _data_value(change))

    async def _apply(self, change: Change) -> None:
        self._written(change)
        await self.publish([change])

    async def _press(self, unit: str, command: str) -> ua.StatusCode:
        """Push a machine's button on behalf of a method call; refused when its state does not allow it."""
        state = State(int(self.image.value(f"{unit}.state")))
        if (state, Command[command.upper()]) not in TRANSITIONS:
            return status(StatusCodes.BadInvalidState)
        await self._apply(self.image.write(f"{unit}.cmd_{command}", True, self._clock()))
        return status(StatusCodes.Good)


async def _stop_clock(server: Server) -> None:
    """The library's own stop waits up to a second for its clock; this does not."""
    clock, server.iserver.time_task = server.iserver.time_task, None
    if clock is not None:
        clock.cancel()
        await asyncio.wait([clock])


def _data_value(change: Change) -> ua.DataValue:
    stamp = EPOCH + timedelta(microseconds=change.time // 1000)
    return ua.DataValue(
        ua.Variant(change.value, VARIANTS[change.point.kind]),
        StatusCode=status(change.status),
        SourceTimestamp=stamp,
        ServerTimestamp=stamp,
    )


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
