"""Blocks as the poller knows them: what is asked, of whom, how it fared, and when it is due again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hmi.core.instants import seconds
from hmi.drivers.api import AddressError, Point
from hmi.drivers.modbus.address import ModbusAddress, Table
from hmi.drivers.modbus.blocks import Block, halves
from hmi.drivers.modbus.options import DeviceOptions
from hmi.drivers.modbus.pdu import read_request
from hmi.drivers.modbus.readout import Readout

NEVER_YET: Final = -1
"""In place of the monotonic ns of what has not happened."""
FASTEST: Final = 0.01
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
    """One device on the line."""

    def __init__(self, number: int, options: DeviceOptions) -> None:
        self.number = number
        self.options = options
        self.missed = 0
        """Tries in a row that it did not answer."""
        self.silent = False
        """It answered none of its tries; it gets a probe now and then so that it cannot starve its neighbours."""
        self.not_before = 0
        """Monotonic ns before which it is not asked."""
        self.answered = 0
        """Monotonic ns of its last reply of any kind."""
        self.gives: set[Table] = set()
        """Tables out of which it gave data."""


@dataclass(slots=True)
class Trial:
    """A block that was refused as a whole and is asked for in two halves."""

    border: int
    """Key of the second half's first tag."""
    good: int = 0
    """Halves that were given."""


class Job:
    """One block, read once a scan."""

    def __init__(self, unit: Unit, table: Table, scan: float, block: Block, points: Sequence[Point]) -> None:
        self.unit = unit
        self.table = table
        self.scan = scan
        self.block = block
        self.points = tuple(points)
        """In the order of the block's members."""
        self.request = read_request(unit.number, table, block.address, block.count)
        self.readout = Readout(block, points, unit.options.word_order)
        self.due = 0
        """Monotonic ns of its next regular turn."""
        self.again: int | None = None
        """Monotonic ns of a turn before that."""
        self.told: int | None = None
        """Bad status that its tags were given; None while they are Good."""
        self.missed = 0
        """Tries in a row that were not answered."""
        self.failures = 0
        self.not_before = 0
        """Monotonic ns before which it is not read."""
        self.answered = NEVER_YET
        """Monotonic ns of the last reply with data."""
        self.trial: Trial | None = None
        """It is half of a block that was refused, and was not asked for yet."""
        self.waits = False
        """It has its place in the schedule."""
        self.ticket = 0
        """Number of that place: another one does not count any more."""
        self.replaced = False
        """Its tags are in other blocks now."""

    @property
    def turn(self) -> int:
        """Monotonic ns of its next turn, regular or not."""
        return self.due if self.again is None else min(self.due, self.again)

    def take_over(self, other: Job) -> None:
        """Goes on where a job of the same tags and request was: what it has read and was told stays known."""
        self.readout, self.due, self.again = other.readout, other.due, other.again
        self.told, self.answered, self.not_before = other.told, other.answered, other.not_before
        self.missed, self.failures = other.missed, other.failures

    def fresh(self, now: int) -> bool:
        """Whether the last data are recent enough that nobody may have declared the tags stale."""
        return now - self.answered < seconds(max(1.0, 2 * self.scan))

    def split(self) -> tuple[Job, Job]:
        """The job as two, each on trial.

        Raises:
            ValueError: it has one tag.
        """
        one, two = halves(self.block)
        cut = len(one.members)
        trial = Trial(two.members[0].key)
        return self._part(one, self.points[:cut], trial), self._part(two, self.points[cut:], trial)

    def _part(self, block: Block, points: Sequence[Point], trial: Trial) -> Job:
        part = Job(self.unit, self.table, self.scan, block, points)
        part.told, part.trial = self.told, trial
        return part
