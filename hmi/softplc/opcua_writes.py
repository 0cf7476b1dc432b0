"""Hands OPC UA clients' writes to the PLC, which may refuse them: asyncua itself stores any value of the right type."""

from collections.abc import Awaitable, Callable

from asyncua import ua
from asyncua.crypto.permission_rules import User
from asyncua.server.address_space import AddressSpace, AttributeService
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from hmi.softplc.opcua_ids import status

Write = Callable[[str, ua.Variant], Awaitable[int]]


class GuardedWrites(AttributeService):
    """Attribute service of the PLC: `write(name, value)` decides on its own points, the rest is left to the library."""

    def __init__(self, space: AddressSpace, index: int, write: Write) -> None:
        super().__init__(space)
        self._index = index
        self._decide = write

    async def write(self, params: ua.WriteParameters, user: User | None = None) -> list[ua.StatusCode]:
        """Write each item by its own rules; the results keep the order of the request."""
        results: list[ua.StatusCode] = []
        for item in params.NodesToWrite:
            if item.NodeId.NamespaceIndex == self._index:
                results.append(status(await self._write_point(item)))
            else:
                single = ua.WriteParameters(NodesToWrite=[item])
                results += await (super().write(single, user) if user else super().write(single))
        return results

    async def _write_point(self, item: ua.WriteValue) -> int:
        if item.AttributeId != AttributeIds.Value:
            return StatusCodes.BadNotWritable
        if item.Value.Value is None:
            return StatusCodes.BadTypeMismatch
        return await self._decide(str(item.NodeId.Identifier), item.Value.Value)
