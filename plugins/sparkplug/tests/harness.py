"""Conformance's view: a soft edge node behind a real broker, and a proxy that can garble what the broker says."""

from __future__ import annotations

from pathlib import Path

from hmi.drivers.conformance import Sites
from plugins.sparkplug.driver import DRIVER
from plugins.sparkplug.tests.edge import SoftEdge
from tests.helpers_drivers.harness import Proxy
from tests.helpers_drivers.mosquitto import Mosquitto


class SparkplugHarness:
    driver = DRIVER
    sites = Sites(
        number="Plant/Press/Dosing#Setpoints/Flow rate",
        text="Plant/Press#Recipe",
        missing="Plant/Press#Nowhere",
        wrong=(
            "",
            "Plant/Press",
            "Plant/Press#",
            "Plant#Level",
            "Plant/Press/Dosing/Valve#Level",
            "Plant/+/Dosing#Level",
            "/Press#Level",
        ),
        wrong_options=(
            {"host_id": ""},
            {"host_id": "a/b"},
            {"groups": "A,+"},
            {"reorder": -1},
            {"rebirth": 0},
            {"time": "never"},
            {"version": 5},
            {"colour": "red"},
        ),
    )

    def __init__(self, folder: Path) -> None:
        self.broker = Mosquitto(folder)
        self.proxy = Proxy(self.broker.port)
        self.edge = SoftEdge(self.broker.port)
        self.edge.add("Setpoints/Flow rate", 10, 0.0, "Dosing")
        self.edge.add("Recipe", 12, "none")

    @property
    def endpoint(self) -> str:
        return f"mqtt://127.0.0.1:{self.proxy.port}"

    async def start(self) -> None:
        await self.kill()
        await self.broker.start()
        await self.proxy.start()
        await self.edge.start()

    async def kill(self) -> None:
        await self.proxy.stop()
        await self.edge.kill()
        self.broker.kill()

    async def put(self, address: str, value: float | str) -> None:
        place, _, name = address.partition("#")
        device = place.split("/")[2] if place.count("/") == 2 else ""
        if self.edge.metrics[device][name].value != value:
            self.edge.report(name, value, device)

    async def writes(self, address: str) -> list[float | str]:
        name = address.partition("#")[2]
        return [value for _, metric, value in self.edge.commands if metric == name]

    async def garble(self) -> None:
        self.proxy.garble()
