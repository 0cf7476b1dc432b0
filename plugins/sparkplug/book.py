"""The tags of one connection and what was last told of each."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hmi.core.batch import Int32
from hmi.core.instants import Instants
from hmi.core.quality import Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import Point, Sample
from hmi.drivers.broker.outbox import Outbox

from .address import SparkplugAddress
from .node import Born, EdgeNode, News, Reading
from .options import TimePolicy
from .topics import NodeId
from .values import fit

_NOTHING: Final = Sample(math.nan, Status.BAD_WAITING_FOR_INITIAL_DATA, 0)


@dataclass(slots=True)
class Entry:
    """One point and what was last told of it."""

    point: Point
    address: SparkplugAddress
    told: bool = False
    """Something was told in this session."""
    sample: Sample = _NOTHING
    bad_since: int = 0
    """ns UTC of the last mark that it is not Good; a stamp before it would lie behind the mark in history."""
    reports: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by everything that is told of it."""

    def blank(self, status: int, time: int) -> Sample:
        """What is told when there is no value."""
        return Sample("" if self.point.type is TagType.STRING else math.nan, status, time)


def address_of(point: Point) -> SparkplugAddress:
    """The parsed address of a point."""
    if not isinstance(point.address, SparkplugAddress):
        raise TypeError(f"{point.path} has an address of another driver")
    return point.address


def found(address: SparkplugAddress, node: EdgeNode) -> tuple[Born | None, tuple[str, ...] | None]:
    """The metric of an address and the element in it; brackets may belong to a metric's name."""
    exact = node.metrics.get((address.device, address.metric))
    if exact is not None:
        return exact, None
    inside = address.element
    if inside is None:
        return None, None
    return node.metrics.get((address.device, inside[0])), inside[1]


class Book:
    """Entries by the place they show."""

    def __init__(self, policy: TimePolicy, outbox: Outbox) -> None:
        self._policy = policy
        self._outbox = outbox
        self._entries: dict[int, Entry] = {}
        self._by_metric: dict[tuple[NodeId, str, str], list[Entry]] = {}
        self._by_device: dict[tuple[NodeId, str], list[Entry]] = {}

    def set_points(self, points: Iterable[Point]) -> list[Entry]:
        """Takes these points; those that stay keep what is known of them. Returns the new ones."""
        old, self._entries = self._entries, {}
        for point in points:
            known = old.get(point.tag)
            same = known is not None and known.point == point
            self._entries[point.tag] = known if known and same else Entry(point, address_of(point))
        by_metric: dict[tuple[NodeId, str, str], list[Entry]] = defaultdict(list)
        by_device: dict[tuple[NodeId, str], list[Entry]] = defaultdict(list)
        for entry in self._entries.values():
            a = entry.address
            inside = a.element
            by_metric[a.node, a.device, a.metric].append(entry)
            if inside is not None:
                by_metric[a.node, a.device, inside[0]].append(entry)
            by_device[a.node, a.device].append(entry)
        self._by_metric, self._by_device = dict(by_metric), dict(by_device)
        return [entry for tag, entry in self._entries.items() if old.get(tag) is not entry]

    @property
    def nodes(self) -> frozenset[NodeId]:
        """Nodes that have tags."""
        return frozenset(entry.address.node for entry in self._entries.values())

    def entry(self, point: Point) -> Entry | None:
        """The entry of a point that is among those of the connection."""
        known = self._entries.get(point.tag)
        return known if known is not None and known.address == point.address else None

    def begin(self) -> None:
        """A session begins: nothing is known in it yet."""
        for entry in self._entries.values():
            entry.told = False

    def lost(self, now: Instants) -> None:
        """The session has ended: the station marks all tags now."""
        for entry in self._entries.values():
            entry.told, entry.bad_since = False, now.utc
            entry.sample = entry.blank(Status.BAD_NO_COMMUNICATION, now.utc)

    def take(self, node: EdgeNode, news: News, now: Instants) -> None:
        """Takes what was learnt of a node."""
        for reading in news.readings:
            for entry in self._by_metric.get((node.identity, reading.device, reading.name), ()):
                born, element = found(entry.address, node)
                if born is None or born.name == reading.name:
                    self._tell(entry, reading, element, now)
        for device in news.born:
            for entry in self._by_device.get((node.identity, device), ()):
                if found(entry.address, node)[0] is None:
                    self.mark([entry], Status.BAD_NODE_ID_UNKNOWN, now)

    def tell_known(self, entries: Iterable[Entry], nodes: Mapping[NodeId, EdgeNode], now: Instants) -> None:
        """Tells new entries what is known already, and that the rest is not."""
        for entry in entries:
            node = nodes.get(entry.address.node)
            born, element = (None, None) if node is None else found(entry.address, node)
            if born is not None:
                reading = Reading(born.device, born.name, born.content, born.status, born.time)
                self._tell(entry, reading, element, now)
            elif node is not None and node.is_there(entry.address.device):
                self.mark([entry], Status.BAD_NODE_ID_UNKNOWN, now)
            else:
                self.mark([entry], Status.BAD_NO_COMMUNICATION, now)

    def _tell(self, entry: Entry, reading: Reading, element: tuple[str, ...] | None, now: Instants) -> None:
        value, status = fit(reading.content, reading.status, entry.point.type, element)
        time = now.utc if self._policy is TimePolicy.RECEIVE and not reading.old else reading.time
        if reading.old:
            self._outbox.add_old(entry.point.tag, time, value, status, now)
            return
        if is_good(status) and time <= entry.bad_since:
            time = now.utc
        elif not is_good(status):
            entry.bad_since = max(entry.bad_since, time)
        entry.told, entry.sample = True, Sample(value, status, time)
        entry.reports.set()
        self._outbox.add(entry.point.tag, time, value, status, now)

    def mark(self, entries: Iterable[Entry], status: int, now: Instants) -> None:
        """Tells that these have no value."""
        for entry in entries:
            entry.told, entry.bad_since = True, now.utc
            entry.sample = entry.blank(status, now.utc)
            self._outbox.add(entry.point.tag, now.utc, entry.sample.value, status, now)

    def untold(self) -> list[Entry]:
        """Entries of which nothing was told in this session."""
        return [entry for entry in self._entries.values() if not entry.told]

    def all_there(self, nodes: Mapping[NodeId, EdgeNode]) -> bool:
        """Whether every node and device that has tags is there."""
        return all(identity in nodes and nodes[identity].is_there(device) for identity, device in self._by_device)

    def alive(self, nodes: Mapping[NodeId, EdgeNode]) -> Int32:
        """Tags whose node and device are there, as far as the broker knows: silence means no change."""
        there = [
            entry.point.tag
            for (identity, device), entries in self._by_device.items()
            if identity in nodes and nodes[identity].is_there(device)
            for entry in entries
        ]
        return np.array(there, np.int32)
