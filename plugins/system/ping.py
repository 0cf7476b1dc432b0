"""Whether another computer answers, and how soon: by a TCP connection, or an ICMP echo where a user may send one."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
from collections.abc import Callable
from typing import Final

from hmi.core.quality import Status

from .address import Ping

_ECHO: Final = 8
_ECHO_6: Final = 128
_REPLY: Final = {_ECHO: 0, _ECHO_6: 129}
_DATA: Final = b"lineside"

Answer = tuple[float, int]
"""Milliseconds and status."""


async def ping(address: Ping, patience: float, number: int, seconds: Callable[[], float]) -> Answer:
    """Asks once; Bad_Timeout without an answer, Bad_NotSupported where the system forbids it.

    `patience`: seconds. `number` tells the answer from one to an earlier question; `seconds` is a monotonic clock.
    """
    began = seconds()
    try:
        async with asyncio.timeout(patience):
            if address.port is None:
                await _echo(address.host, number & 0xFFFF)
            else:
                await _connect(address.host, address.port)
    except TimeoutError:
        return math.nan, int(Status.BAD_TIMEOUT)
    except PermissionError:
        return math.nan, int(Status.BAD_NOT_SUPPORTED)
    except OSError:
        return math.nan, int(Status.BAD_NO_COMMUNICATION)
    return (seconds() - began) * 1000.0, int(Status.GOOD)


async def _connect(host: str, port: int) -> None:
    _, writer = await asyncio.open_connection(host, port)
    writer.transport.abort()


async def _echo(host: str, number: int) -> None:
    loop = asyncio.get_running_loop()
    family, _, _, _, place = (await loop.getaddrinfo(host, 0, type=socket.SOCK_DGRAM))[0]
    six = family == socket.AF_INET6
    kind = _ECHO_6 if six else _ECHO
    protocol = socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP
    with socket.socket(family, socket.SOCK_DGRAM, protocol) as wire:
        wire.setblocking(False)
        await loop.sock_connect(wire, place)
        await loop.sock_sendall(wire, request(kind, number))
        while not is_answer(await loop.sock_recv(wire, 1500), kind, number):
            pass


def request(kind: int, number: int) -> bytes:
    """An echo request; systems that fill the identifier and the sum in by themselves overwrite ours."""
    body = struct.pack("!HH", 0, number) + _DATA
    total = sum(struct.unpack(f"!{len(body) // 2}H", body)) + (kind << 8)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!BBH", kind, 0, ~total & 0xFFFF) + body


def is_answer(data: bytes, kind: int, number: int) -> bool:
    """Whether these bytes answer the echo request of this number; some systems leave the IP header before it."""
    if len(data) > 20 and data[0] >> 4 == 4:
        data = data[(data[0] & 0x0F) * 4 :]
    if len(data) < 8:
        return False
    return data[0] == _REPLY[kind] and struct.unpack("!H", data[6:8])[0] == number
