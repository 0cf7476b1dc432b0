"""One Modbus line: polling, reading afresh and writing over the same wire."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hmi.core.quality import Status
from hmi.drivers.api import Clock, ConnectionSpec, Point, Sample, Sink, WriteOutcome, WriteResult
from hmi.drivers.backoff import Backoff
from hmi.drivers.modbus.address import Table
from hmi.drivers.modbus.opening import open_wire
from hmi.drivers.modbus.options import DeviceOptions, ModbusOptions
from hmi.drivers.modbus.pdu import BadReplyError, DeviceError, Request, check_write, read_data, read_request
from hmi.drivers.modbus.poller import Poller
from hmi.drivers.modbus.reading import Reader
from hmi.drivers.modbus.wire import GarbledError, NoAnswerError, Wire
from hmi.drivers.modbus.writing import BitWrite, answered_with, build
from hmi.drivers.outcome import refused, unknown
from hmi.drivers.supervisor import Link, LinkLostError, keep_connected, until_one_ends


class ModbusConnection:
    """Behaviour of one Modbus device, gateway or serial line; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: ModbusOptions, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._random = random
        self._link = Link(spec.name, sink, clock)
        self._wire: Wire | None = None
        self._poller: Poller | None = None

    async def run(self) -> None:
        """Connects, polls and reconnects until cancelled."""
        await keep_connected(self._link, self._attempt, self._clock, self._sink, Backoff(), self._random)

    async def _attempt(self) -> None:
        o = self._options
        wire = await open_wire(self._spec.name, o.endpoint, max(2.0, o.device.timeout), self._sink)
        try:
            poller = Poller(self._spec, o, self._sink, self._clock, wire, self._link)
            self._wire, self._poller = wire, poller
            await until_one_ends(poller.run(), wire.gone())
        finally:
            self._wire = self._poller = None
            await wire.close()

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """Reads these points from now on; what stays equal goes on undisturbed."""
        self._spec = replace(self._spec, points=points)
        if self._poller is not None:
            self._poller.repoint(points)

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Fresh values straight from the device, in the fewest requests."""
        return await Reader(self._options, self._wire, self._sink, self._clock).read(points)

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Sends one device number exactly once, or says why not."""
        order = build(self._spec, self._options, point, value)
        if isinstance(order, WriteResult):
            return order
        wire = self._wire
        # A line that nobody has answered on may return what is sent (echo), which looks like success.
        if wire is None or not wire.is_open or self._link.up_since is None:
            return refused(
                Status.BAD_NO_COMMUNICATION, f"{point.path}: {self._spec.name} is not connected; nothing was sent."
            )
        device = self._options.of(order.request.unit)
        try:
            # One exchange of the poller may be on its way; behind more than that the command would come late.
            async with asyncio.timeout(2 * self._options.longest):
                await wire.lock.acquire()
        except TimeoutError:
            return refused(Status.BAD_TIMEOUT, f"{point.path}: {self._spec.name} is busy; nothing was sent.")
        try:
            if isinstance(order.request, BitWrite):
                result = await self._write_bit(wire, point, order.request, device)
            else:
                result = await self._send(wire, point, order.request, device)
        finally:
            wire.lock.release()
        return result if result.outcome is WriteOutcome.REFUSED else replace(result, sent=order.sent)

    async def _write_bit(self, wire: Wire, point: Point, bit: BitWrite, device: DeviceOptions) -> WriteResult:
        first = read_request(bit.unit, Table.HOLDING, bit.address, 1)
        try:
            word = int.from_bytes(read_data(first, await wire.exchange(first, device.timeout, device.pause)), "big")
        except (DeviceError, BadReplyError, NoAnswerError, LinkLostError) as fault:
            return refused(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: its register could not be read ({fault}).")
        return await self._send(wire, point, bit.applied(word, device.register_write), device)

    async def _send(self, wire: Wire, point: Point, request: Request, device: DeviceOptions) -> WriteResult:
        if not wire.is_open:
            return refused(Status.BAD_NO_COMMUNICATION, f"{point.path}: the connection was lost; nothing was sent.")
        self._sink.count("writes")
        try:
            check_write(request, await wire.exchange(request, device.timeout, device.pause))
        except DeviceError as fault:
            return answered_with(point, fault)
        except NoAnswerError as fault:
            garbled = isinstance(fault, GarbledError)
            status = Status.BAD_COMMUNICATION_ERROR if garbled else Status.BAD_TIMEOUT
            return unknown(status, f"{point.path}: sent, but {fault}.")
        except BadReplyError as fault:
            return unknown(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: sent, but {fault}.")
        except LinkLostError as fault:
            return unknown(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: sent, but no confirmation. {fault}")
        return WriteResult(WriteOutcome.DONE, Status.GOOD)
