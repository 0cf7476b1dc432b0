"""What a Modbus PLC answers: registers made from the process image at the moment they are asked for."""

from collections.abc import Callable, Mapping, Sequence

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import NoSuchIdException
from pymodbus.simulator.simcore import SimCore

from hmi.softplc.image import Change, Image
from hmi.softplc.modbus_map import Slot, Table
from hmi.softplc.points import Value
from hmi.softplc.words import WordOrder, decode, encode

UNIT_ID = 1
TABLE_OF_FUNCTION = {
    1: Table.COIL,
    5: Table.COIL,
    15: Table.COIL,
    2: Table.DISCRETE,
    4: Table.INPUT,
    3: Table.HOLDING,
    6: Table.HOLDING,
    16: Table.HOLDING,
    22: Table.HOLDING,
    23: Table.HOLDING,
}


class Registers(SimCore):
    """The data store behind a server; refuses addresses that are not there and values that may not be."""

    def __init__(  # pylint: disable=super-init-not-called
        self,
        image: Image,
        slots: Mapping[str, Slot],
        order: WordOrder,
        served: Callable[[Sequence[Change]], None],
        clock: Callable[[], int],
    ) -> None:
        self._image = image
        self._order = order
        self._served = served
        self._clock = clock
        self._slots: dict[Table, dict[int, Slot]] = {table: {} for table in Table}
        for slot in slots.values():
            for offset in range(slot.width):
                self._slots[slot.table][slot.address + offset] = slot

    def device_ids(self) -> list[int]:
        """Unit ids that answer."""
        return [UNIT_ID]

    async def async_getValues(  # noqa: N802 - the library's name
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """`count` registers or bits from `address`, or exception 02 when one of them does not exist."""
        slots = self._range(device_id, func_code, address, count)
        if slots is None:
            return ExcCodes.ILLEGAL_ADDRESS
        if TABLE_OF_FUNCTION[func_code].is_bits:
            return [bool(self._image.value(slot.point.name)) for slot in slots]
        words: list[int] = []
        for slot in _whole(slots):
            words += encode(slot.point, self._image.value(slot.point.name), self._order)
        skip = address - slots[0].address
        return words[skip : skip + count]

    async def async_setValues(  # noqa: N802 - the library's name
        self, device_id: int, func_code: int, address: int, values: list[int] | list[bool]
    ) -> ExcCodes | None:
        """Write whole points: all of the request or nothing of it."""
        slots = self._range(device_id, func_code, address, len(values))
        if slots is None:
            return ExcCodes.ILLEGAL_ADDRESS
        whole = _whole(slots)
        if whole[0].address != address or sum(slot.width for slot in whole) != len(values):
            return ExcCodes.ILLEGAL_ADDRESS
        wanted = list(self._decode(whole, address, values))
        if any(self._image.refuses(slot.point, value) for slot, value in wanted):
            return ExcCodes.ILLEGAL_VALUE
        self._served([self._image.write(slot.point.name, value, self._clock()) for slot, value in wanted])
        return None

    def _decode(self, slots: Sequence[Slot], address: int, values: list[int] | list[bool]) -> list[tuple[Slot, Value]]:
        wanted: list[tuple[Slot, Value]] = []
        for slot in slots:
            part = values[slot.address - address : slot.address - address + slot.width]
            value = bool(part[0]) if slot.table.is_bits else decode(slot.point, [int(x) for x in part], self._order)
            wanted.append((slot, value))
        return wanted

    def _range(self, device_id: int, func_code: int, address: int, count: int) -> list[Slot] | None:
        if device_id != UNIT_ID:
            raise NoSuchIdException(f"there is no unit {device_id}")
        table = self._slots[TABLE_OF_FUNCTION[func_code]]
        slots = [table.get(address + offset) for offset in range(count)]
        found = [slot for slot in slots if slot is not None]
        return found if found and len(found) == count else None


def _whole(slots: Sequence[Slot]) -> list[Slot]:
    """Each slot once, in order, however many of its registers were named."""
    return list({slot.address: slot for slot in slots}.values())
