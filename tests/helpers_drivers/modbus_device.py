"""A Modbus TCP device over raw asyncio that can misbehave in every way the driver must survive."""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import Callable

HEAD = struct.Struct(">HHHB")
Mischief = Callable[[int, int, bytes, bytes], "bytes | None"]
"""(transaction, unit, request PDU, right reply frame) -> what is sent instead; None = nothing."""


class ModbusDevice:
    """Registers, coils and a `mischief` hook behind a real socket."""

    def __init__(self) -> None:
        self.holding: dict[int, int] = {}
        self.inputs: dict[int, int] = {}
        self.coils: dict[int, int] = {}
        self.discretes: dict[int, int] = {}
        self.units = {1}
        self.requests: list[tuple[int, bytes]] = []
        self.writes: list[bytes] = []
        self.mischief: Mischief | None = None
        self.delay = 0.0
        self.most_at_once = 0
        self.has_mask_write = True
        self.port = 0
        self._now = 0
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._clients):
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server = None

    def cut(self) -> None:
        """Resets every connection at once."""
        for writer in list(self._clients):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._clients.add(writer)
        try:
            while True:
                transaction, _, length, unit = HEAD.unpack(await reader.readexactly(HEAD.size))
                pdu = await reader.readexactly(length - 1)
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
                if self.delay:
                    await asyncio.sleep(self.delay)
                answer = self.answer(transaction, unit, pdu)
                self._now -= 1
                if answer:
                    writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._clients.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    def answer(self, transaction: int, unit: int, pdu: bytes) -> bytes | None:
        self.requests.append((unit, pdu))
        if unit not in self.units:
            return None
        reply = frame(transaction, unit, self.reply(pdu))
        return self.mischief(transaction, unit, pdu, reply) if self.mischief else reply

    def reply(self, pdu: bytes) -> bytes:
        code = pdu[0]
        if code in {1, 2, 3, 4}:
            address, count = struct.unpack(">HH", pdu[1:5])
            table = {1: self.coils, 2: self.discretes, 3: self.holding, 4: self.inputs}[code]
            if any(a not in table for a in range(address, address + count)):
                return bytes([code | 0x80, 2])
            cells = [table[a] for a in range(address, address + count)]
            return read_reply(code, cells)
        self.writes.append(pdu)
        address = int.from_bytes(pdu[1:3], "big")
        if code == 5:
            self.coils[address] = int(pdu[3] == 0xFF)
        elif code == 6:
            self.holding[address] = int.from_bytes(pdu[3:5], "big")
        elif code == 15:
            count = int.from_bytes(pdu[3:5], "big")
            bits = int.from_bytes(pdu[6:], "little")
            self.coils.update((address + n, bits >> n & 1) for n in range(count))
        elif code == 22 and self.has_mask_write:
            keep, change = struct.unpack(">HH", pdu[3:7])
            self.holding[address] = self.holding[address] & keep | change & ~keep & 0xFFFF
            return pdu
        elif code == 16:
            count = int.from_bytes(pdu[3:5], "big")
            self.holding.update(enumerate(struct.unpack(f">{count}H", pdu[6:]), address))
        else:
            return bytes([code | 0x80, 1])
        return pdu[:5]


def read_reply(code: int, cells: list[int]) -> bytes:
    if code in {1, 2}:
        data = bytearray((len(cells) + 7) // 8)
        for at, bit in enumerate(cells):
            data[at // 8] |= bool(bit) << at % 8
    else:
        data = bytearray(struct.pack(f">{len(cells)}H", *cells))
    return bytes([code, len(data)]) + bytes(data)


def frame(transaction: int, unit: int, pdu: bytes) -> bytes:
    return HEAD.pack(transaction, 0, len(pdu) + 1, unit) + pdu


def exception(code: int, when: Callable[[bytes], bool] = lambda _pdu: True) -> Mischief:
    """Answers with an exception where `when` is true."""

    def hook(transaction: int, unit: int, pdu: bytes, reply: bytes) -> bytes:
        return frame(transaction, unit, bytes([pdu[0] | 0x80, code])) if when(pdu) else reply

    return hook


async def serve(port: int, count: int) -> None:
    """A device for benchmarks whose registers all change with every request; prints `ready`."""
    device = ModbusDevice()
    device.port = port
    turn = 0

    def answer(transaction: int, unit: int, pdu: bytes) -> bytes:
        nonlocal turn
        turn = (turn + 1) & 0x7FFF
        size = int.from_bytes(pdu[3:5], "big")
        return frame(transaction, unit, bytes([3, 2 * size]) + struct.pack(">H", turn) * min(size, count))

    device.answer = answer  # type: ignore[method-assign]  # the quick way past tables of single registers
    await device.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), 125))
