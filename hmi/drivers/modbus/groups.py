"""What is read out of one table of one unit at one scan time: the fewest requests, learning from what is refused.

A refused block is halved until the tags at fault stand alone; the others are then joined again, so that one wrong
address costs one request more and not its neighbours. What was learnt holds while the connection lasts, and is tried
again from time to time: the device may have been given another program.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from hmi.drivers.api import Point
from hmi.drivers.modbus.address import Table
from hmi.drivers.modbus.blocks import Block, Limits, Span, covered, plan
from hmi.drivers.modbus.jobs import FASTEST, Job, Unit, address_of
from hmi.drivers.modbus.options import ModbusOptions

_HALVES: Final = 2
NEVER: Final = 2**62
"""Monotonic ns that nobody lives to see."""

Key = tuple[int, Table, float]
"""Unit, table and scan time, seconds."""


class Group:
    """The blocks of one unit, table and scan time."""

    def __init__(self, unit: Unit, table: Table, scan: float, points: Sequence[Point], others: Sequence[Span]) -> None:
        o = unit.options
        self.unit = unit
        self.table = table
        self.scan = scan
        self.jobs: list[Job] = []
        self.relearn = NEVER
        """Monotonic ns at which blocks that were refused whole are tried once more."""
        self.changed = False
        """There are blocks that have no place in the schedule."""
        self._points = tuple(points)
        self._spans = tuple(_span(point, key) for key, point in enumerate(points))
        self._limits = Limits(o.max_bits if table.is_bits else o.max_registers, o.max_gap)
        self._others = others
        self._alone: set[int] = set()
        """Tags that the device refuses."""
        self._cuts: set[int] = set()
        """Tags that it does not give together with those before them, though it gives both."""
        self._settle()

    @property
    def key(self) -> Key:
        """Its place on the line."""
        return self.unit.number, self.table, self.scan

    def reads(self, points: Sequence[Point], others: Sequence[Span]) -> bool:
        """Whether it would be the same if it were made of these."""
        return self._points == tuple(points) and list(self._others) == list(others)

    def adopt(self, old: Group) -> list[Job]:
        """Learns what a group that stood in this one's place knows; the blocks that go on as before."""
        places = {point.tag: key for key, point in enumerate(self._points)}
        refused = [old._points[key] for key in old._alone]
        alone = {places[p.tag] for p in refused if p.tag in places and self._points[places[p.tag]] == p}
        if alone:
            self._alone |= alone
            self._settle()
        before = {tuple(p.tag for p in job.points): job for job in old.jobs if job.trial is None}
        same = []
        for job in self.jobs:
            other = before.get(tuple(p.tag for p in job.points))
            if other is not None and other.points == job.points and other.request == job.request:
                job.take_over(other)
                same.append(job)
        return same

    def retire(self) -> None:
        """Nothing of it is read any more."""
        for job in self.jobs:
            job.replaced = True

    def split(self, job: Job) -> None:
        """A refused block of several tags becomes two blocks on trial."""
        parts = job.split()
        job.replaced, job.trial = True, None
        self.jobs = [other for other in self.jobs if other is not job] + list(parts)
        self.changed = True

    def given(self, job: Job, relearn: int) -> None:
        """A block was given; what could not be read together is tried again after `relearn` (monotonic ns)."""
        trial, job.trial = job.trial, None
        if trial is not None:
            trial.good += 1
            if trial.good == _HALVES:
                # Both are given, only not together: the device's limit is lower, or what lies between cannot be read.
                self._cuts.add(trial.border)
                self.relearn = relearn
            self._settle()
        elif self._alone and (key := job.block.members[0].key) in self._alone:
            self._alone.remove(key)
            self._settle()

    def refused(self, job: Job) -> None:
        """A block of one tag was refused for good."""
        job.trial = None
        key = job.block.members[0].key
        if key not in self._alone:
            self._alone.add(key)
            self._settle()

    def unclear(self, job: Job) -> None:
        """A block on trial was neither given nor refused."""
        if job.trial is not None:
            job.trial = None
            self._settle()

    def forget_cuts(self) -> None:
        """Blocks may be as long again as the device is said to allow."""
        self._cuts.clear()
        self.relearn = NEVER
        self._settle()

    def _settle(self) -> None:
        """Makes the fewest blocks out of what is known, as soon as no block is on trial any more.

        A block that stays keeps its job with all it knows.
        """
        if any(job.trial for job in self.jobs):
            return
        before = {job.block: job for job in self.jobs}
        good = [span for span in self._spans if span.key not in self._alone]
        blocks = plan(good, self._limits, covered([*good, *self._others]), self._cuts)
        blocks += [Block(s.address, s.count, (s,)) for s in self._spans if s.key in self._alone]
        self.jobs = [before.pop(block) if block in before else self._job(block) for block in blocks]
        for job in before.values():
            job.replaced = True
        self.changed = True

    def _job(self, block: Block) -> Job:
        return Job(self.unit, self.table, self.scan, block, [self._points[m.key] for m in block.members])


def make_groups(
    points: Sequence[Point], options: ModbusOptions, before: Mapping[Key, Group] = MappingProxyType({})
) -> list[Group]:
    """All groups of a line, by scan time, unit and table; units and equal groups of `before` are the same ones."""
    tables: dict[tuple[int, Table], list[Point]] = defaultdict(list)
    members: dict[tuple[float, int, Table], list[Point]] = defaultdict(list)
    for point in points:
        a = address_of(point)
        number = options.unit if a.unit is None else a.unit
        tables[number, a.table].append(point)
        members[max(point.scan, FASTEST), number, a.table].append(point)
    known = {group.unit.number: group.unit for group in before.values()}
    units = {number: known.get(number) or Unit(number, options.of(number)) for number, _ in tables}
    groups: list[Group] = []
    for (scan, number, table), found in sorted(members.items(), key=_order):
        others = _others(tables[number, table], scan)
        group = before.get((number, table, scan))
        if group is None or not group.reads(found, others):
            group = Group(units[number], table, scan, found, others)
        groups.append(group)
    return groups


def _others(points: Sequence[Point], scan: float) -> list[Span]:
    """The places of one table that are read at other times than `scan`: what they name can be passed over."""
    return [_span(point, 0) for point in points if max(point.scan, FASTEST) != scan]


def _order(item: tuple[tuple[float, int, Table], list[Point]]) -> tuple[float, int, Table]:
    return item[0]


def _span(point: Point, key: int) -> Span:
    a = address_of(point)
    return Span(a.address, a.count, key)
