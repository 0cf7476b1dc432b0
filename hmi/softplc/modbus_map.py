"""Where each point of a Modbus PLC lies: four tables, one block per scan task, no address served twice.

Points of one task lie side by side, so that a client polls a task with one request a table. Between the blocks there is
nothing, and reading nothing is an error, as on a real device.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from hmi.softplc.points import Kind, Point


class Table(Enum):
    """The four tables of Modbus; the value is how tools write it in addresses."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"

    @property
    def is_bits(self) -> bool:
        """Whether an address is one bit."""
        return self in (Table.COIL, Table.DISCRETE)


BLOCK_OF_TASK = {100: 0, 500: 1000, 1000: 2000, 5000: 3000}


@dataclass(frozen=True, slots=True)
class Slot:
    """A point's place."""

    table: Table
    address: int
    point: Point

    @property
    def width(self) -> int:
        """Addresses it takes."""
        return 1 if self.table.is_bits else self.point.wire.words

    @property
    def text(self) -> str:
        """The address as tools write it, e.g. `holding:1004:float32`."""
        return f"{self.table.value}:{self.address}" + ("" if self.table.is_bits else f":{self.point.wire.value}")


def table_of(point: Point) -> Table:
    """Writable points live in coils and holding registers, the others in discrete inputs and input registers."""
    if point.kind is Kind.BOOL:
        return Table.COIL if point.writable else Table.DISCRETE
    return Table.HOLDING if point.writable else Table.INPUT


def allocate(points: Iterable[Point]) -> Mapping[str, Slot]:
    """Every point's slot by name; the same list always gives the same map."""
    ends: dict[tuple[Table, int], int] = {}
    slots: dict[str, Slot] = {}
    for point in points:
        table = table_of(point)
        block = BLOCK_OF_TASK[point.scan_ms]
        slot = Slot(table, ends.get((table, block), block), point)
        ends[table, block] = slot.address + slot.width
        slots[point.name] = slot
    return slots
