"""One Modbus TCP connection: polling, reading afresh and writing over the same wire."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hmi.core.batch import Batch
from hmi.core.quality import Status
from hmi.drivers.api import Clock, ConnectionSpec, Point, Sample, Sink, WriteOutcome, WriteResult
from hmi.drivers.backoff import Backoff
from hmi.drivers.modbus.address import Table
from hmi.drivers.modbus.jobs import Job, make_jobs
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.modbus.pdu import BadReplyError, DeviceError, Request, check_write, read_data, read_request
from hmi.drivers.modbus.poller import STATUS, Poller, ask
from hmi.drivers.modbus.wire import NoAnswerError, Wire
from hmi.drivers.modbus.writing import BitWrite, answered_with, build, refused, unknown
from hmi.drivers.supervisor import Link, LinkLostError, keep_connected, until_one_ends


class ModbusConnection:
    """Behaviour of one Modbus device or gateway; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: ModbusOptions, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._random = random
        self._wire: Wire | None = None

    async def run(self) -> None:
        """Connects, polls and reconnects until cancelled."""
        link = Link(self._spec.name, self._sink, self._clock)

        async def attempt() -> None:
            await self._attempt(link)

        await keep_connected(link, attempt, self._clock, self._sink, Backoff(), self._random)

    async def _attempt(self, link: Link) -> None:
        o = self._options
        wire = await Wire.open(self._spec.name, o.host, o.port, max(2.0, o.timeout), self._sink)
        try:
            poller = Poller(self._spec, o, self._sink, self._clock, wire, link)
            self._wire = wire
            await until_one_ends(poller.run(), wire.gone())
        finally:
            self._wire = None
            await wire.close()

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Fresh values straight from the device, in the fewest requests."""
        samples: dict[int, Sample] = {}
        for jobs in make_jobs([_keyed(p, key) for key, p in enumerate(points)], self._options).values():
            for job in jobs:
                samples.update(await self._read(job))
        return [samples[key] for key in range(len(points))]

    async def _read(self, job: Job) -> dict[int, Sample]:
        wire = self._wire
        if wire is None:
            return self._without(job, Status.BAD_NO_COMMUNICATION)
        try:
            data = await ask(wire, job, self._options, 1 + self._options.retries, self._sink)
        except DeviceError as fault:
            if fault.code in {2, 3} and len(job.points) > 1:
                one, two = job.split()
                return {**await self._read(one), **await self._read(two)}
            return self._without(job, STATUS.get(fault.code, Status.BAD_DEVICE_FAILURE))
        except BadReplyError:
            return self._without(job, Status.BAD_COMMUNICATION_ERROR)
        except (NoAnswerError, LinkLostError):
            return self._without(job, Status.BAD_NO_COMMUNICATION)
        return _samples(job.readout.changes(data, self._clock.now()))

    def _without(self, job: Job, status: int) -> dict[int, Sample]:
        now = self._clock.now().utc
        return {p.tag: Sample(float("nan"), status, now) for p in job.points}

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Sends one device number exactly once, or says why not."""
        order = build(self._spec, self._options, point, value)
        if isinstance(order, WriteResult):
            return order
        wire = self._wire
        if wire is None or not wire.is_open:
            return refused(
                Status.BAD_NO_COMMUNICATION, f"{point.path}: {self._spec.name} is not connected; nothing was sent."
            )
        try:
            # One exchange of the poller may be on its way; behind more than that the command would come late.
            async with asyncio.timeout(2 * self._options.timeout):
                await wire.lock.acquire()
        except TimeoutError:
            return refused(Status.BAD_TIMEOUT, f"{point.path}: {self._spec.name} is busy; nothing was sent.")
        try:
            if isinstance(order.request, BitWrite):
                result = await self._write_bit(wire, point, order.request)
            else:
                result = await self._send(wire, point, order.request)
        finally:
            wire.lock.release()
        return result if result.outcome is WriteOutcome.REFUSED else replace(result, sent=order.sent)

    async def _write_bit(self, wire: Wire, point: Point, bit: BitWrite) -> WriteResult:
        ask_first = read_request(bit.unit, Table.HOLDING, bit.address, 1)
        try:
            word = int.from_bytes(read_data(ask_first, await wire.exchange(ask_first, self._options.timeout)), "big")
        except (DeviceError, BadReplyError, NoAnswerError, LinkLostError) as fault:
            return refused(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: its register could not be read ({fault}).")
        return await self._send(wire, point, bit.applied(word))

    async def _send(self, wire: Wire, point: Point, request: Request) -> WriteResult:
        if not wire.is_open:
            return refused(Status.BAD_NO_COMMUNICATION, f"{point.path}: the connection was lost; nothing was sent.")
        self._sink.count("writes")
        try:
            check_write(request, await wire.exchange(request, self._options.timeout))
        except DeviceError as fault:
            return answered_with(point, fault)
        except NoAnswerError as fault:
            return unknown(Status.BAD_TIMEOUT, f"{point.path}: sent, but {fault}.")
        except BadReplyError as fault:
            return unknown(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: sent, but {fault}.")
        except LinkLostError as fault:
            return unknown(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: sent, but no confirmation. {fault}")
        return WriteResult(WriteOutcome.DONE, Status.GOOD)


def _keyed(point: Point, key: int) -> Point:
    """The point under its place in the caller's list: a tag may be asked for twice."""
    return Point(key, point.path, point.address, point.type, 1.0)


def _samples(batch: Batch) -> dict[int, Sample]:
    samples = {}
    for row in range(len(batch)):
        text = batch.text_at(row)
        value = float(batch.value[row]) if text is None else text
        samples[int(batch.tag[row])] = Sample(value, int(batch.status[row]), int(batch.time[row]))
    return samples
