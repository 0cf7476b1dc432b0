"""Connects a line: the right wire on the right kind of endpoint."""

from __future__ import annotations

import asyncio

from hmi.drivers.api import Sink
from hmi.drivers.modbus.endpoint import Endpoint, SerialEndpoint, TcpEndpoint
from hmi.drivers.modbus.rtu_wire import RtuWire
from hmi.drivers.modbus.serial_port import SerialTransport, open_port
from hmi.drivers.modbus.tcp_wire import TcpWire
from hmi.drivers.modbus.wire import Wire
from hmi.drivers.supervisor import LinkLostError


async def open_wire(name: str, endpoint: Endpoint, patience: float, sink: Sink) -> Wire:
    """A connected wire.

    Raises:
        LinkLostError: nobody listens there, or not within `patience` seconds; the port cannot be had.
    """
    if isinstance(endpoint, SerialEndpoint):
        wire = RtuWire(name, sink, endpoint)
        SerialTransport(open_port(name, endpoint), wire)
        return wire
    return await _open_socket(name, endpoint, patience, sink)


async def _open_socket(name: str, endpoint: TcpEndpoint, patience: float, sink: Sink) -> Wire:
    def make() -> Wire:
        return RtuWire(name, sink, endpoint) if endpoint.rtu else TcpWire(name, sink)

    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(patience):
            _, wire = await loop.create_connection(make, endpoint.host, endpoint.port)
    except (OSError, TimeoutError) as fault:
        why = "no answer" if isinstance(fault, TimeoutError) else "refused or unreachable"
        raise LinkLostError(
            f"{name}: no connection to {endpoint} ({why}).", "Check that the device is on and in the network."
        ) from fault
    return wire
