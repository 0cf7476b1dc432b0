"""Quantities out of counters: a rate needs the look before."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status

from .address import Look
from .counters import Counters, Cpu, Traffic

Reading = tuple[float, int]
"""Value and status."""
NOT_YET: Reading = (math.nan, int(Status.BAD_WAITING_FOR_INITIAL_DATA))
UNKNOWN: Reading = (math.nan, int(Status.BAD_NODE_ID_UNKNOWN))


class Machine:
    """This computer between two looks at the same points."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._before: dict[str, tuple[float, float]] = {}
        """Two counters at the last look, by the quantity that is made of their change."""

    def look(self, addresses: Iterable[Look], now: Instants) -> dict[Look, Reading]:
        """Everything asked for; each counter of the system is read once. May wait for the system."""
        wanted = set(addresses)
        kinds = {address.kind for address in wanted}
        cores = self._counters.cores() if "cpu" in kinds else []
        traffic = self._counters.traffic() if "net" in kinds else {}
        ways: dict[str, Callable[[Look], Reading]] = {
            "cpu": lambda a: self._cpu(a, cores),
            "net": lambda a: self._net(a, traffic, now),
            "disk": self._disk,
            "load": lambda a: _good(self._counters.load()[("1", "5", "15").index(a.field)]),
            "memory": lambda a: _good(self._counters.memory()[a.field]),
            "swap": lambda a: _good(self._counters.swap()[a.field]),
            "uptime": lambda _: _good(self._counters.uptime(now.utc / SECOND)),
            "processes": lambda _: _good(self._counters.processes()),
        }
        return {address: ways[address.kind](address) for address in wanted}

    def _cpu(self, address: Look, cores: list[Cpu]) -> Reading:
        if address.item:
            if int(address.item) >= len(cores):
                return UNKNOWN
            cores = [cores[int(address.item)]]
        busy, whole = sum(core.busy for core in cores), sum(core.whole for core in cores)
        share = self._change(f"cpu:{address.item}", busy, whole)
        return share if share[1] else (min(max(share[0] * 100.0, 0.0), 100.0), 0)

    def _net(self, address: Look, traffic: dict[str, Traffic], now: Instants) -> Reading:
        found = traffic.get(address.item)
        if found is None:
            return UNKNOWN
        if address.field == "errors":
            return _good(found.errors)
        count = found.received if address.field == "received" else found.sent
        return self._change(f"net:{address.item}:{address.field}", count, now.mono / SECOND)

    def _change(self, name: str, count: float, base: float) -> Reading:
        """How much a counter rose for each one of its base."""
        before = self._before.get(name)
        if before is not None and base <= before[1]:
            return NOT_YET  # two looks at one moment say nothing
        self._before[name] = (count, base)
        if before is None or count < before[0]:  # counters begin anew when an interface does
            return NOT_YET
        return _good((count - before[0]) / (base - before[1]))

    def _disk(self, address: Look) -> Reading:
        try:
            return _good(self._counters.disk(address.item)[address.field])
        except OSError:
            return UNKNOWN


def _good(value: float) -> Reading:
    return float(value), int(Status.GOOD)
