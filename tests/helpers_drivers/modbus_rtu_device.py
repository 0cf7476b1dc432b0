"""Modbus RTU devices behind a pseudo terminal or a TCP socket, which can misbehave like everything on a serial line.

The check sum is computed bit by bit here, by other code than the driver's.
"""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Callable
from pathlib import Path

from tests.helpers_drivers.modbus_device import Mischief, ModbusDevice

Send = Callable[[bytes], None]
WITH_COUNT = {15, 16}


def crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return bytes([value & 0xFF, value >> 8])


def rtu_frame(unit: int, pdu: bytes) -> bytes:
    return bytes([unit]) + pdu + crc(bytes([unit]) + pdu)


def rtu_exception(code: int, when: Callable[[int, bytes], bool] = lambda _unit, _pdu: True) -> Mischief:
    """Answers with an exception where `when(unit, pdu)` is true."""

    def hook(_: int, unit: int, pdu: bytes, reply: bytes) -> bytes:
        return rtu_frame(unit, bytes([pdu[0] | 0x80, code])) if when(unit, pdu) else reply

    return hook


class RtuDevice(ModbusDevice):
    """Registers and a `mischief` hook behind a serial line that may echo."""

    def __init__(self) -> None:
        super().__init__()
        self.echo = False
        self.on_write: Callable[[], None] | None = None
        """Called instead of answering a write that was carried out."""
        self._rest = b""

    def hears(self, data: bytes, send: Send) -> None:
        """Takes what the line carries and answers whole requests."""
        self._rest += data
        while (length := request_bytes(self._rest)) and len(self._rest) >= length:
            request, self._rest = self._rest[:length], self._rest[length:]
            if crc(request[:-2]) != request[-2:]:
                self._rest = b""
                return
            if self.echo:
                send(request)
            before = len(self.writes)
            answer = self.answer(0, request[0], request[1:-2])
            if self.on_write and len(self.writes) > before:
                self.on_write()
            elif answer:
                send(answer)

    def answer(self, transaction: int, unit: int, pdu: bytes) -> bytes | None:
        self.requests.append((unit, pdu))
        if unit not in self.units:
            return None
        reply = rtu_frame(unit, self.reply(pdu))
        return self.mischief(transaction, unit, pdu, reply) if self.mischief else reply


def request_bytes(data: bytes) -> int:
    """Bytes of the request that these begin with; 0 while it is not known."""
    if len(data) < 7:
        return 0
    if data[1] in WITH_COUNT:
        return 9 + data[6]
    return 10 if data[1] == 22 else 8


class PtyDevice(RtuDevice):
    """On a pseudo terminal; `path` is a link, so that it is found again after a cable pull."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._ends: tuple[int, int] | None = None

    @property
    def endpoint(self) -> str:
        return f"rtu://{self.path}"

    async def start(self) -> None:
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._ends, self._rest = (master, slave), b""
        self.path.symlink_to(os.ttyname(slave))
        asyncio.get_running_loop().add_reader(master, self._came)

    async def stop(self) -> None:
        """The adapter is pulled out."""
        if self._ends is None:
            return
        asyncio.get_running_loop().remove_reader(self._ends[0])
        for end in self._ends:
            os.close(end)
        self._ends = None
        self.path.unlink()

    def send(self, data: bytes) -> None:
        if self._ends is not None:
            os.write(self._ends[0], data)

    def _came(self) -> None:
        assert self._ends is not None
        try:
            data = os.read(self._ends[0], 4096)
        except OSError:
            return
        self.hears(data, self.send)

    def pull(self) -> None:
        """`stop` at once."""
        asyncio.get_running_loop().create_task(self.stop())


class RtuOverTcpDevice(RtuDevice):
    """Behind a transparent gateway."""

    @property
    def endpoint(self) -> str:
        return f"rtu+tcp://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._clients.add(writer)
        self._rest = b""
        try:
            while data := await reader.read(4096):
                self.hears(data, writer.write)
        except ConnectionError:
            pass
        finally:
            self._clients.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    def send(self, data: bytes) -> None:
        for writer in self._clients:
            writer.write(data)

    def pull(self) -> None:
        """Every connection is reset at once."""
        self.cut()
