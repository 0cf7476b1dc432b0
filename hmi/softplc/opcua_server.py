"""The process PLC as an OPC UA server on a real socket."""

import asyncio
import os
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
        served: Callable[[Sequence[Change]], None],
        clock: Callable[[], int],
        policies: Sequence[ua.SecurityPolicyType] = (ua.SecurityPolicyType.NoSecurity,),
    ) -> None:
        self.image = image
        self._address = address
        self._served = served
        self._clock = clock
        self._policies = list(policies)
        self._server: Server | None = None
        self._index = 0
        self._turn = asyncio.Lock()
        """Scans and clients' writes take turns: an older value must never be published after a newer one."""

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"opc.tcp://{self._address[0]}:{self._address[1]}"

    async def open(self) -> None:
        """Build the address space and listen; a port 0 becomes a free one and stays.

        Raises:
            OSError: the port is taken.
        """
        if self._server is not None:
            return
        self._address = (self._address[0], _bindable(*self._address))
        server = Server()
        await server.init()
        server.set_endpoint(self.endpoint)
        server.set_server_name("Lineside process PLC")
        server.set_security_policy(self._policies)
        server.set_identity_tokens([ua.AnonymousIdentityToken])
        values = {name: self.image.value(name) for name in self.image.points}
        self._index = await build(server, self.image.points, values, self._press)
        space = server.iserver.aspace
        server.iserver.attribute_service = GuardedWrites(space, self._index, self._write)
        await server.start()
        self._server = server
        await self._publish(self.image.current())

    async def close(self) -> None:
        """Stop serving."""
        server, self._server = self._server, None
        if server is not None:
            await _stop_clock(server)
            await server.stop()

    async def scan(self, tick: int, time: int) -> None:
        """Read what is due and put what changed into the address space; subscriptions see each change."""
        async with self._turn:
            changes = self.image.scan(tick, time)
            self._served(changes)
            await self._publish(changes)

    async def _write(self, name: str, variant: ua.Variant) -> int:
        """A client's write; returns the status code it gets."""
        point = self.image.points.get(name)
        if point is None:
            return StatusCodes.BadNodeIdUnknown
        if not point.writable:
            return StatusCodes.BadNotWritable
        if variant.VariantType is not VARIANTS[point.kind] or variant.is_array:
            return StatusCodes.BadTypeMismatch
        async with self._turn:
            if self.image.refuses(point, variant.Value):
                return StatusCodes.BadOutOfRange
            change = self.image.write(name, variant.Value, self._clock())
            self._served([change])
            await self._publish([change])
        return StatusCodes.Good

    async def _press(self, unit: str, command: str) -> ua.StatusCode:
        """Push a machine's button on behalf of a method call; refused when its state does not allow it."""
        state = State(int(self.image.value(f"{unit}.state")))
        if (state, Command[command.upper()]) not in TRANSITIONS:
            return status(StatusCodes.BadInvalidState)
        return status(await self._write(f"{unit}.cmd_{command}", ua.Variant(True, ua.VariantType.Boolean)))

    async def _publish(self, changes: Sequence[Change]) -> None:
        if self._server is None:
            return
        write = self._server.iserver.aspace.write_attribute_value
        for change in changes:
            await write(node_id(change.point.name, self._index), AttributeIds.Value, _data_value(change))


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


def _bindable(host: str, port: int) -> int:
    """A port that can be bound now, before two seconds go into an address space that nobody could reach."""
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere the option would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(f"{host}:{port} is taken") from error
        found: int = probe.getsockname()[1]
        return found
