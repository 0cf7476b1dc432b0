"""Quantities out of counters: a rate needs the look before."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status

from .address import Look
from .counters import Counters
from .glance import Glance

Reading = tuple[float, int]
"""Value and status."""
NOT_YET: Reading = (math.nan, int(Status.BAD_WAITING_FOR_INITIAL_DATA))
UNKNOWN: Reading = (math.nan, int(Status.BAD_NODE_ID_UNKNOWN))
AT_ANY_TIME: Final = 0.0
"""The scan of looks that belong to none."""


class Machine:
    """This computer between two looks of the same scan."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._before: dict[tuple[float, str], tuple[float, float]] = {}
        """Two counters at the last look, by the scan and the quantity that is made of their change."""

    def look(self, addresses: Iterable[Look], now: Instants, scan: float) -> dict[Look, Reading]:
        """Everything asked for; each counter of the system is read once. May wait for the system.

        `scan`: seconds between two such looks; a rate is that since the look before of the same scan.
        """
        glance = Glance(self._counters)
        ways: dict[str, Callable[[Look], Reading]] = {
            "cpu": lambda a: self._cpu(a, glance, scan),
            "net": lambda a: self._net(a, glance, now, scan),
            "disk": lambda a: _field(glance.disk(a.item), a.field),
            "load": lambda a: _field(glance.load, a.field),
            "memory": lambda a: _field(glance.memory, a.field),
            "swap": lambda a: _field(glance.swap, a.field),
            "uptime": lambda _: _good(self._counters.uptime(now.utc / SECOND)),
            "processes": lambda _: _good(self._counters.processes()),
        }
        return {address: ways[address.kind](address) for address in set(addresses)}

    def _cpu(self, address: Look, glance: Glance, scan: float) -> Reading:
        cores = glance.cores
        if address.item:
            if int(address.item) >= len(cores):
                return UNKNOWN
            cores = [cores[int(address.item)]]
        busy, whole = sum(core.busy for core in cores), sum(core.whole for core in cores)
        share = self._change((scan, f"cpu:{address.item}"), busy, whole)
        return share if share[1] else (min(max(share[0] * 100.0, 0.0), 100.0), 0)

    def _net(self, address: Look, glance: Glance, now: Instants, scan: float) -> Reading:
        found = glance.traffic.get(address.item)
        if found is None:
            return UNKNOWN
        if address.field == "errors":
            return _good(found.errors)
        count = found.received if address.field == "received" else found.sent
        return self._change((scan, f"net:{address.item}:{address.field}"), count, now.mono / SECOND)

    def _change(self, key: tuple[float, str], count: float, base: float) -> Reading:
        """How much a counter rose for each one of its base."""
        before = self._before.get(key)
        if before is not None and base <= before[1]:
            return NOT_YET  # two looks at one moment say nothing
        self._before[key] = (count, base)
        if before is None or count < before[0]:  # counters begin anew when an interface does
            return NOT_YET
        return _good((count - before[0]) / (base - before[1]))


def _field(found: dict[str, float] | None, name: str) -> Reading:
    return UNKNOWN if found is None else _good(found[name])


def _good(value: float) -> Reading:
    return float(value), int(Status.GOOD)
