"""A soft device behind a real broker: publishes its values again and again, takes commands, and can vanish."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from hmi.drivers.conformance import Sites
from plugins.mqtt.driver import DRIVER
from tests.helpers_drivers.harness import Proxy
from tests.helpers_drivers.mosquitto import Mosquitto
from tests.helpers_drivers.mqtt_client import Heard, SoftClient

SPEED = "line/speed"
CYCLE = 0.05
"""Seconds between two reports, as a simple sensor does it."""


class SoftDevice:
    """Values by topic, in a JSON document or plain; a command is what arrives at `.../set`."""

    def __init__(self, port: int) -> None:
        self.values: dict[str, float | str] = {"line/speed": 0.0, "line/name": "mixer"}
        self.commands: list[tuple[str, str]] = []
        self._client = SoftClient(port, "soft-device", self._on_message)
        self._job: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._client.connect()
        await self._client.subscribe("line/+/set")
        self._job = asyncio.ensure_future(self._report())

    async def stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            await asyncio.gather(self._job, return_exceptions=True)
            self._job = None
        await self._client.kill()

    def _on_message(self, message: Heard) -> None:
        topic = message.topic.removesuffix("/set")
        self.commands.append((topic, message.payload.decode()))
        self.values[topic] = json.loads(message.payload) if topic == SPEED else message.payload.decode()
        self._tell(topic)

    def _tell(self, topic: str) -> None:
        value = self.values[topic]
        self._client.send(topic, json.dumps({"value": value}).encode() if topic == SPEED else str(value).encode())

    async def _report(self) -> None:
        while True:
            for topic in self.values:
                self._tell(topic)
            await asyncio.sleep(CYCLE)


class MqttHarness:
    """Conformance's view: the soft device, the broker and a proxy that can garble what the broker says."""

    driver = DRIVER
    sites = Sites(
        number="line/speed#$.value;write=line/speed/set",
        text="line/name#;write=line/name/set",
        missing="line/nowhere",
        wrong=(
            "",
            "line/+/speed",
            "line/#",
            "#",
            "line/speed#value",
            "line/speed#$.value;colour=red",
            "line/speed#$.value;qos=3",
            "line/speed#$.value;write=$SYS/x",
            "line/speed#$.value;template={}",
            "line/speed#$.value;max_age=long",
            "line/speed#$.value;on=RUN",
            "line/speed#$.value;time=stamp",
            "$share/group/line/speed",
        ),
        wrong_options=(
            {"qos": 3},
            {"status": "line/+"},
            {"version": "4"},
            {"ca": "ca.pem"},
            {"certificate": "a.pem"},
            {"timeout": 0},
            {"echo": 0},
            {"user": 5},
            {"colour": "red"},
        ),
    )

    def __init__(self, folder: Path) -> None:
        self.broker = Mosquitto(folder)
        self.proxy = Proxy(self.broker.port)
        self.device: SoftDevice | None = None
        self._commands: list[tuple[str, str]] = []

    @property
    def endpoint(self) -> str:
        return f"mqtt://127.0.0.1:{self.proxy.port}"

    async def start(self) -> None:
        await self.kill()
        await self.broker.start()
        await self.proxy.start()
        self.device = SoftDevice(self.broker.port)
        self.device.commands = self._commands
        await self.device.start()

    async def kill(self) -> None:
        await self.proxy.stop()
        if self.device is not None:
            await self.device.stop()
            self.device = None
        self.broker.kill()

    async def put(self, address: str, value: float | str) -> None:
        assert self.device is not None
        self.device.values[address.partition("#")[0]] = value

    async def writes(self, address: str) -> list[float | str]:
        topic = address.partition("#")[0]
        return [json.loads(value) if topic == SPEED else value for name, value in self._commands if name == topic]

    async def garble(self) -> None:
        self.proxy.garble()
