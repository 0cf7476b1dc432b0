"""Where connections run: in the station's own process, or in driver processes that several of them may share."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final

from hmi.core.project import ConnectionConfig
from hmi.drivers.api import Clock, Driver
from hmi.drivers.backoff import Backoff
from hmi.drivers.plugin.place import Place
from hmi.drivers.plugin.switched_off import SwitchedOff
from hmi.drivers.process.host import DriverProcess
from hmi.drivers.process.hosted import HostedDriver
from hmi.drivers.registry import Found

AGAIN: Final = Backoff(first=0.5, cap=30.0)
"""Waits before a process that died is started again."""


class Hosting:
    """The driver processes of one station, by name; none is started before a connection runs in it."""

    def __init__(self, known: Mapping[str, Found], clock: Clock) -> None:
        """`known`: where the code of every driver is."""
        self._places: dict[str, Place] = {name: found.place for name, found in known.items() if found.place is not None}
        self._clock = clock
        self._processes: dict[str, DriverProcess] = {}

    def driver_of(self, name: str, config: ConnectionConfig, driver: Driver) -> Driver:
        """The driver as the connection `name` uses it."""
        place = self._places.get(config.driver)
        if place is None or isinstance(driver, SwitchedOff):
            return driver
        home = _home(name, config, place)
        return driver if home is None else HostedDriver(driver, place, lambda _: self._process(home))

    def _process(self, name: str) -> DriverProcess:
        if name not in self._processes:
            self._processes[name] = DriverProcess(name, self._clock, Random(), AGAIN)
        return self._processes[name]


def _home(name: str, config: ConnectionConfig, place: Place) -> str | None:
    """The name of the process in which a connection runs; None is the station's own.

    Foreign code may hang or crash where nothing can end it but the end of its process, so it has one unless an engineer
    says otherwise.
    """
    if config.process is None:
        return None if place.built_in else config.driver
    if isinstance(config.process, str):
        return config.process
    return name if config.process else None
