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
from plugins.s7.driver import DRIVER
from tests.helpers_drivers.harness import free_port

NUMBER, TEXT = 0, 10
"""First bytes of the two values in DB1."""


class SoftS7:
    """A child process on a port of its own that it keeps over restarts."""

    driver = DRIVER
    sites = Sites(
        number="DB1.DBD0:real",
        text="DB1.DBB10:string[16]",
        missing="DB9.DBD0:real",
        wrong=(
            "",
            "DB1",
            "DB1.DBX0",
            "DB1.DBX0.8",
            "DB1.DBW0.1",
            "DB0.DBW0",
            "DB70000.DBW0",
            "DB1.DBW0:real",
            "DB1.DBD0:word",
            "DB1.DBD0:float",
            "DB1.DBB0:int[3]",
            "DB1.DBB0:string[255]",
            "DB1.DBB65535:int",
            "M20",
            "M20:int",
            "T5",
            "MW70000",
        ),
        wrong_options=(
            {"rack": 9},
            {"slot": 1.5},
            {"role": "root"},
            {"timeout": 0},
            {"pdu": 10},
            {"max_gap": -1},
            {"cpu_watch": "yes"},
            {"solt": 2},
        ),
    )

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[str] | None = None

    @property
    def endpoint(self) -> str:
        return f"s7://127.0.0.1:{self.port}"

    async def start(self) -> None:
        await self.kill()
        script = str(Path(__file__).with_name("soft_plc.py"))
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
        if isinstance(value, str):
            raw = bytes([16, len(value)]) + value.encode("latin-1")
            await self.ask("poke", "DB", 1, TEXT, raw.hex())
        else:
            await self.ask("poke", "DB", 1, NUMBER, struct.pack(">f", value).hex())

    async def writes(self, address: str) -> list[float | str]:
        return [struct.unpack(">f", bytes.fromhex(w[4]))[0] for w in await self.ask("writes") if w[2] == NUMBER]

    async def garble(self) -> None:
        await self.ask("mood", "garbled", True)
