"""Harnesses of the two built-in drivers: devices that conformance starts, kills and looks into."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hmi.drivers.conformance import Sites
from hmi.drivers.modbus import DRIVER as MODBUS
from hmi.drivers.modbus.driver import ModbusDriver
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.opcua import DRIVER as OPCUA
from tests.helpers_drivers.modbus_device import ModbusDevice
from tests.helpers_drivers.modbus_rtu_device import PtyDevice, RtuOverTcpDevice


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OpcUaProcess:
    """The test server as a child process on a port of its own."""

    def __init__(self, spare: int = 0, many: int = 0) -> None:
        self.port = free_port()
        self.spare = spare
        self.many = many
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}/"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Starts it and waits until it listens; importing the library takes seconds."""
        command = [sys.executable, *self._command()]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._ask(None) == "ready"

    def _command(self) -> list[str]:
        script = Path(__file__).with_name("opcua_server.py")
        return [str(script), str(self.port), str(self.spare), str(self.many)]

    def kill(self) -> None:
        """Ends it without a goodbye."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None

    async def ask(self, **command: object) -> Any:
        return json.loads(await asyncio.to_thread(self._ask, json.dumps(command)))

    def _ask(self, line: str | None) -> str:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if line is not None:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        return self._process.stdout.readline().strip()


class RichOpcUaProcess(OpcUaProcess):
    """The server with structures, alarms, history, security and limits (see `opcua_rich`)."""

    def __init__(self, **config: object) -> None:
        super().__init__()
        self.config = config

    def _command(self) -> list[str]:
        return [str(Path(__file__).with_name("opcua_rich.py")), str(self.port), json.dumps(self.config)]


class OpcUaHarness:
    """Conformance's view of the OPC UA test server, behind a proxy that can die and garble.

    The process behind it lives on, since starting one takes seconds; that a real one may die is an integration test.
    """

    driver = OPCUA
    sites = Sites(
        number="ns=2;s=Mixer.Setpoint",
        text="ns=2;s=Mixer.Name",
        missing="ns=2;s=Mixer.Nowhere",
        wrong=("", "Mixer.Level", "ns=x;s=a", "ns=2;i=twelve", "ns=2;i=10[3]", "ns=2;g=no-guid", "method:"),
        wrong_options=(
            {"publising": 1},
            {"publishing": "fast"},
            {"security": "Basic256"},
            {"user": "x"},
            {"time": "never"},
        ),
    )

    def __init__(self, server: OpcUaProcess) -> None:
        self.server = server
        self.proxy = Proxy(server.port)

    @property
    def endpoint(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.proxy.port}/"

    async def start(self) -> None:
        await self.proxy.start()

    async def kill(self) -> None:
        await self.proxy.stop()

    async def put(self, address: str, value: float | str) -> None:
        await self.server.ask(set=[address.rpartition(".")[2], value])

    async def writes(self, address: str) -> list[float | str]:
        seen = await self.server.ask(writes=None)
        return [value for name, value in seen if name == address.rpartition(".")[2]]

    async def garble(self) -> None:
        self.proxy.garble()


class Proxy:
    """A TCP relay that can go silent or send rubbish to its clients."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.change: Callable[[bytes], bytes] | None = None
        """What happens to the bytes on their way to the client."""
        self.delay = 0.0
        """Seconds that every answer takes on its way to the client."""
        self._target = target
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._flow = asyncio.Event()
        self._flow.set()

    async def start(self) -> None:
        self._flow.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def cut(self) -> None:
        """Ends every connection that there is; new ones are taken."""
        for task in list(self._tasks):
            task.cancel()

    def freeze(self) -> None:
        """Sockets stay open, nothing passes any more."""
        self._flow.clear()

    def thaw(self) -> None:
        self._flow.set()

    def garble(self) -> None:
        for client in self._clients:
            client.write(b"\xff\x00garbage\x01\x02" * 10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._clients.add(writer)
        onward = None
        try:
            back, onward = await asyncio.open_connection("127.0.0.1", self._target)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._relay(reader, onward, changed=False))
                group.create_task(self._relay(back, writer, changed=True))
        except* (ConnectionError, EOFError, asyncio.CancelledError):
            pass
        finally:
            self._clients.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()
            if onward is not None:
                onward.transport.abort()

    async def _relay(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, changed: bool) -> None:
        while data := await source.read(65536):
            await self._flow.wait()
            if changed and self.delay:
                asyncio.get_running_loop().call_later(self.delay, target.write, data)
                continue
            target.write(self.change(data) if changed and self.change else data)
            await target.drain()
        raise EOFError


class WithoutParity(ModbusDriver):
    """The driver on a pseudo terminal, which has no parity."""

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> ModbusOptions:
        return super().parse_options(endpoint, {"parity": "none", **options})


class ModbusHarness:
    """Conformance's view of a raw Modbus device; number is a float32 at 100, text 8 characters at 120."""

    driver: ModbusDriver = MODBUS
    sites = Sites(
        number="holding:100:float32",
        text="holding:120:string[8]",
        missing="holding:900:float32",
        wrong=(
            "",
            "40108",
            "holding",
            "holding:70000",
            "coil:1:int16",
            "holding:5:int24",
            "holding:5:string[0]",
            "input:1@0",
            "holding:3.16",
            "holding:1:int16:ABDC",
            "holding:1:string[4]",
        ),
        wrong_options=(
            {"unit": 0},
            {"unit": 248},
            {"word_order": "XYZ"},
            {"timeout": 0},
            {"speed": 1},
            {"retries": 0.5},
            {"register_write": "fc5"},
            {"mask_write": "yes"},
            {"units": "3 timeout=1"},
        ),
    )

    def __init__(self, device: ModbusDevice) -> None:
        self.device = device
        self.device.port = free_port()
        if isinstance(device, PtyDevice):
            self.driver = WithoutParity()

    @property
    def endpoint(self) -> str:
        if isinstance(self.device, PtyDevice | RtuOverTcpDevice):
            return self.device.endpoint
        return f"modbus://127.0.0.1:{self.device.port}"

    async def start(self) -> None:
        self.device.mischief = None
        self.device.holding.update(dict.fromkeys(range(100, 130), 0))
        await self.device.start()

    async def kill(self) -> None:
        await self.device.stop()

    async def put(self, address: str, value: float | str) -> None:
        at = int(address.split(":")[1])
        data = value.encode().ljust(8, b"\0") if isinstance(value, str) else struct.pack(">f", value)
        self.device.holding.update(enumerate(struct.unpack(f">{len(data) // 2}H", data), at))

    async def writes(self, address: str) -> list[float | str]:
        at = int(address.split(":")[1])
        seen = [pdu for pdu in self.device.writes if int.from_bytes(pdu[1:3], "big") == at]
        return [struct.unpack(">f", pdu[6:10])[0] for pdu in seen]

    async def garble(self) -> None:
        self.device.mischief = lambda *_: b"\xff\x00garbage\x01\x02" * 3
