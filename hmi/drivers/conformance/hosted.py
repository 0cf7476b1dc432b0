"""The same checks for a driver whose connections run in a process of their own."""

from __future__ import annotations

from random import Random

from hmi.drivers.api import Driver
from hmi.drivers.backoff import Backoff
from hmi.drivers.conformance.harness import Harness, Sites
from hmi.drivers.conformance.recorder import SystemClock
from hmi.drivers.plugin.place import Place
from hmi.drivers.process.host import DriverProcess
from hmi.drivers.process.hosted import HostedDriver


class _Hosted:
    """A harness whose driver runs elsewhere; the device stays where it is."""

    def __init__(self, harness: Harness, place: Place) -> None:
        self.driver: Driver = HostedDriver(
            harness.driver, place, lambda name: DriverProcess(name, SystemClock(), Random(), Backoff(cap=30.0))
        )
        self.sites: Sites = harness.sites
        self._harness = harness

    @property
    def endpoint(self) -> str:
        return self._harness.endpoint

    async def start(self) -> None:
        await self._harness.start()

    async def kill(self) -> None:
        await self._harness.kill()

    async def put(self, address: str, value: float | str) -> None:
        await self._harness.put(address, value)

    async def writes(self, address: str) -> list[float | str]:
        return await self._harness.writes(address)

    async def garble(self) -> None:
        await self._harness.garble()


def in_process(harness: Harness, place: Place) -> Harness:
    """The same device behind the driver at `place`, each connection in a process of its own."""
    return _Hosted(harness, place)
