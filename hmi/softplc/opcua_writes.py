"""Guards what OPC UA clients may write: asyncua itself would let an anonymous client overwrite a measurement."""

from collections.abc import Awaitable, Callable

from asyncua import ua
from asyncua.crypto.permission_rules import User
from asyncua.server.address_space import AddressSpace, AttributeService
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from hmi.softplc.image import Change, Image
from hmi.softplc.opcua_ids import status
from hmi.softplc.opcua_space import VARIANTS

Apply = Callable[[Change], Awaitable[None]]


class GuardedWrites(AttributeService):
    """Attribute service of the PLC: its own points are checked and handed to the image, the rest is left alone."""

    def __init__(self, space: AddressSpace, index: int, image: Image, apply: Apply, clock: Callable[[], int]) -> None:
        super().__init__(space)
        self._index = index
        self._image = image
        self._apply = apply
        self._clock = clock

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
        point = self._image.points.get(str(item.NodeId.Identifier))
        if point is None:
            return StatusCodes.BadNodeIdUnknown
        if item.AttributeId != AttributeIds.Value or not point.writable:
            return StatusCodes.BadNotWritable
        variant = item.Value.Value
        if variant is None or variant.VariantType is not VARIANTS[point.kind] or variant.is_array:
            return StatusCodes.BadTypeMismatch
        if self._image.refuses(point, variant.Value):
            return StatusCodes.BadOutOfRange
        await self._apply(self._image.write(point.name, variant.Value, self._clock()))
        return StatusCodes.Good
