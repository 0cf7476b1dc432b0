"""A soft edge node: is born, reports by exception with aliases, takes commands, is born again on demand."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass

from plugins.sparkplug.tests import encoder as e
from tests.helpers_drivers.mqtt_client import Heard, SoftClient, Will

REBIRTH = "Node Control/Rebirth"


@dataclass
class SoftMetric:
    datatype: int
    value: float | str | bool
    more: bytes = b""

    def encoded(self) -> bytes:
        """The field with its value."""
        if self.datatype == 9:
            return e.float_value(float(self.value))
        if self.datatype == 10:
            return e.double_value(float(self.value))
        if self.datatype == 11:
            return e.bool_value(bool(self.value))
        if self.datatype == 12:
            return e.string_value(str(self.value))
        return e.long_value(int(self.value)) if self.datatype in {4, 8, 13} else e.int_value(int(self.value))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class SoftEdge:
    """`metrics[device][name]`; the empty device is the node itself."""

    def __init__(self, port: int, group: str = "Plant", edge: str = "Press", client_id: str = "") -> None:
        self.metrics: dict[str, dict[str, SoftMetric]] = {"": {}}
        self.commands: list[tuple[str, str, float | str | bool]] = []
        self.raw_commands: list[Heard] = []
        self.births = 0
        self.obedient = True
        """Does what commands say."""
        self.clock_error = 0
        """ms by which its clock is ahead."""
        self.bd = -1
        self.seq = 0
        self.client: SoftClient | None = None
        self._port = port
        self._place = group, edge
        self._id = client_id or f"edge-{group}-{edge}"
        self._aliases: dict[int, tuple[str, str]] = {}

    def topic(self, kind: str, device: str = "") -> str:
        group, edge = self._place
        return f"spBv1.0/{group}/{kind}/{edge}" + (f"/{device}" if device else "")

    def add(self, name: str, datatype: int, value: float | str | bool, device: str = "", more: bytes = b"") -> None:
        self.metrics.setdefault(device, {})[name] = SoftMetric(datatype, value, more)

    async def start(self) -> None:
        """Connects with the next bdSeq and is born."""
        self.bd = (self.bd + 1) % 256
        self.client = SoftClient(self._port, self._id, self._on_message)
        death = e.payload(e.metric("bdSeq", 4, e.long_value(self.bd)))
        await self.client.connect(Will(self.topic("NDEATH"), death, qos=1))
        group, edge = self._place
        await self.client.subscribe(f"spBv1.0/{group}/NCMD/{edge}", f"spBv1.0/{group}/DCMD/{edge}/+")
        self.born()

    async def kill(self) -> None:
        """Vanishes; the broker tells its death."""
        if self.client is not None:
            await self.client.kill()
            self.client = None

    def stamp(self) -> int:
        return now_ms() + self.clock_error

    def send(
        self, kind: str, *metrics: bytes, device: str = "", time: int | None = None, seq: int | None = None
    ) -> None:
        """One message with the next number."""
        self.emit(kind, self.build(*metrics, time=time, seq=seq), device)

    def build(self, *metrics: bytes, time: int | None = None, seq: int | None = None) -> bytes:
        number = self.seq if seq is None else seq
        self.seq = (number + 1) % 256
        return e.payload(*metrics, time=self.stamp() if time is None else time, seq=number)

    def emit(self, kind: str, data: bytes, device: str = "") -> None:
        assert self.client is not None
        self.client.send(self.topic(kind, device), data)

    def born(self) -> None:
        """Tells everything."""
        self.births += 1
        self.seq, self._aliases = 0, {}
        own = [e.metric("bdSeq", 4, e.long_value(self.bd)), e.metric(REBIRTH, 11, e.bool_value(False))]
        self.send("NBIRTH", *own, *self._birth(""))
        for device in self.metrics:
            if device:
                self.device_born(device)

    def device_born(self, device: str) -> None:
        self.send("DBIRTH", *self._birth(device), device=device)

    def device_died(self, device: str, time: int | None = None) -> None:
        self.send("DDEATH", device=device, time=time)

    def _birth(self, device: str) -> list[bytes]:
        found = []
        for name, one in self.metrics[device].items():
            alias = 1 + len(self._aliases)
            self._aliases[alias] = device, name
            found.append(e.metric(name, one.datatype, one.encoded(), alias=alias, time=self.stamp(), more=one.more))
        return found

    def alias(self, name: str, device: str = "") -> int:
        return next(alias for alias, place in self._aliases.items() if place == (device, name))

    def report(self, name: str, value: float | str | bool, device: str = "", more: bytes = b"") -> None:
        """Changes a value and tells it by its alias."""
        one = self.metrics[device][name]
        one.value = value
        alias = self.alias(name, device)
        data = e.metric(alias=alias, time=self.stamp(), value=one.encoded(), more=more)
        self.send("DDATA" if device else "NDATA", data, device=device)

    def _on_message(self, message: Heard) -> None:
        self.raw_commands.append(message)
        parts = message.topic.split("/")
        device = parts[4] if len(parts) == 5 else ""
        for found in e.fields(message.payload):
            if found.number == 2 and isinstance(found.value, bytes):
                self._obey(device, found.value)

    def _obey(self, device: str, data: bytes) -> None:
        inside = {f.number: f.value for f in e.fields(data)}
        name = inside.get(1, b"")
        assert isinstance(name, bytes)
        if name.decode() == REBIRTH:
            self.commands.append(("", REBIRTH, True))
            if self.obedient:
                self.born()
            return
        owner, metric = (device, name.decode()) if name else self._aliases[int(str(inside[2]))]
        assert owner == device
        value = _value(self.metrics[device][metric].datatype, inside)
        self.commands.append((device, metric, value))
        if self.obedient:
            self.report(metric, value, device)


def _value(datatype: int, inside: dict[int, int | bytes]) -> float | str | bool:
    if datatype == 12:
        return bytes(inside[15]).decode()  # type: ignore[arg-type]
    if datatype == 10:
        return float(struct.unpack("<d", inside[13])[0])  # type: ignore[arg-type]
    if datatype == 9:
        return float(struct.unpack("<f", inside[12])[0])  # type: ignore[arg-type]
    if datatype == 11:
        return bool(inside[14])
    raw = int(inside[11 if datatype in {4, 8, 13} else 10])  # type: ignore[arg-type]
    bits = {1: 8, 2: 16, 3: 32, 4: 64}.get(datatype)
    return raw if bits is None else ((raw & (1 << bits) - 1) ^ 1 << bits - 1) - (1 << bits - 1)
