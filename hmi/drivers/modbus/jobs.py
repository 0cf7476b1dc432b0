"""The polling plan of a connection: which block is read when, and how it fared.

The plan learns from refusals while a connection lasts (a refused block is halved down to the tag that is at fault) and
starts afresh with the next one: the device may have been given another program in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hmi.core.instants import seconds
from hmi.drivers.api import AddressError, Point
from hmi.drivers.modbus.address import ModbusAddress, Table
from hmi.drivers.modbus.blocks import Block, Span, halves, plan
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.modbus.readout import Readout

FASTEST = 0.01
"""Shortest scan, seconds."""


def address_of(point: Point) -> ModbusAddress:
    """The point's parsed address.

    Raises:
        AddressError: it was parsed by another driver.
    """
    if not isinstance(point.address, ModbusAddress):
        raise AddressError(f"{point.path} has no Modbus address.", "Example: holding:107:float32.")
    return point.address


class Unit:
    """One device behind the connection (several behind a gateway)."""

    def __init__(self) -> None:
        self.silent = False
        """It did not answer last time; it gets a probe now and then so that it cannot starve its neighbours."""
        self.not_before = 0
        """Monotonic ns of the next probe."""
        self.answered = 0
        """Monotonic ns of its last reply of any kind."""


class Job:
    """One block, read once a scan."""

    def __init__(
        self, unit_id: int, unit: Unit, table: Table, block: Block, points: Sequence[Point], options: ModbusOptions
    ):
        self.unit_id = unit_id
        self.unit = unit
        self.table = table
        self.block = block
        self.points = tuple(points)
        self.readout = Readout(block, points, options.word_order)
        self.told: int | None = None
        """Bad status that its tags were given; None while they are Good."""
        self.failures = 0
        self.not_before = 0
        """Monotonic ns before which it is not read."""
        self.answered = 0
        """Monotonic ns of the last reply with data."""
        self._options = options

    def fresh_for(self, now: int, scan: float) -> bool:
        """Whether the last data are recent enough that nobody may have declared the tags stale."""
        return now - self.answered < seconds(max(1.0, 2 * scan))

    def split(self) -> tuple[Job, Job]:
        """The job as two.

        Raises:
            ValueError: it has one tag.
        """
        one, two = halves(self.block)
        cut = len(one.members)
        return self._part(one, self.points[:cut]), self._part(two, self.points[cut:])

    def _part(self, block: Block, points: Sequence[Point]) -> Job:
        return Job(self.unit_id, self.unit, self.table, block, points, self._options)


def make_jobs(points: Sequence[Point], options: ModbusOptions) -> dict[float, list[Job]]:
    """The fewest requests for these points, by scan time in seconds."""
    groups: dict[tuple[float, int, Table], list[Span]] = defaultdict(list)
    units: dict[int, Unit] = defaultdict(Unit)
    for key, point in enumerate(points):
        a = address_of(point)
        unit_id = options.unit if a.unit is None else a.unit
        groups[max(point.scan, FASTEST), unit_id, a.table].append(Span(a.address, a.count, key))
    jobs: dict[float, list[Job]] = defaultdict(list)
    for (scan, unit_id, table), spans in sorted(groups.items()):
        limit = options.max_bits if table.is_bits else options.max_registers
        for block in plan(spans, limit, options.max_gap):
            members = [points[m.key] for m in block.members]
            jobs[scan].append(Job(unit_id, units[unit_id], table, block, members, options))
    return dict(jobs)
