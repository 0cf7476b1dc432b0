"""The soft controller under a test's control, and conformance's view of it."""

from __future__ import annotations

import asyncio
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from hmi.drivers.conformance import Sites
from plugins.ethernet_ip.driver import DRIVER
from tests.helpers_drivers.harness import free_port


class SoftController:
    """A child process on a port of its own that it keeps over restarts."""

    driver = DRIVER
    sites = Sites(
        number="Program:Main.Pump.Speed",
        text="Recipe",
        missing="Program:Main.Pump.Torque",
        wrong=(
            "",
            "1Level",
            "Level.",
            "Table[]",
            "Table[-1]",
            "Grid[1,2,3,4]",
            "Pump..Speed",
            "Program:Main",
            "Level;x",
            "Word.64",
            "Table[1",
            "Größe",
        ),
        wrong_options=({"timeout": 0}, {"timeout": "1"}, {"cpu_watch": -1}, {"program_tags": 1}, {"timeuot": 1}),
    )

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[str] | None = None

    @property
    def endpoint(self) -> str:
        return f"eip://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        await self.kill()
        script = str(Path(__file__).with_name("soft_logix.py"))
        pipe = subprocess.PIPE
        self._process = await asyncio.to_thread(
            subprocess.Popen, [sys.executable, script, str(self.port)], stdin=pipe, stdout=pipe, text=True
        )
        assert await asyncio.to_thread(self._line, None) == "ready"

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    async def ask(self, *command: object) -> Any:
        return json.loads(await asyncio.to_thread(self._line, json.dumps(command)))

    def _line(self, line: str | None) -> str:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        if line is not None:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        return process.stdout.readline().strip()

    async def put(self, address: str, value: float | str) -> None:
        is_text = isinstance(value, str)
        raw = struct.pack("<I", len(value)) + value.encode() if is_text else struct.pack("<f", value)
        await self.ask("put", address, raw.hex())

    async def writes(self, address: str) -> list[float | str]:
        seen = await self.ask("tell", "writes")
        return [struct.unpack("<f", bytes.fromhex(raw))[0] for text, raw in seen if text == address]

    async def garble(self) -> None:
        await self.ask("set", "garbled", True)
