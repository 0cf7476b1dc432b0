"""Reads points afresh by hand, in the fewest requests, between two polls."""

from __future__ import annotations

from collections.abc import Sequence

from hmi.core.batch import Batch
from hmi.core.quality import Status
from hmi.drivers.api import Clock, Point, Sample, Sink
from hmi.drivers.modbus.groups import make_groups
from hmi.drivers.modbus.jobs import Job
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.modbus.pdu import BadReplyError, DeviceError, EmptyReplyError, read_data
from hmi.drivers.modbus.poller import STATUS
from hmi.drivers.modbus.wire import NoAnswerError, Wire
from hmi.drivers.outcome import no_value
from hmi.drivers.supervisor import LinkLostError


class Reader:
    """One reading of some points."""

    def __init__(self, options: ModbusOptions, wire: Wire | None, sink: Sink, clock: Clock) -> None:
        """`wire` is None while there is no connection."""
        self._options = options
        self._wire = wire
        self._sink = sink
        self._clock = clock

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """A sample a point; Bad_NoCommunication where the device does not answer."""
        samples: dict[int, Sample] = {}
        for group in make_groups([_keyed(p, key) for key, p in enumerate(points)], self._options):
            for job in group.jobs:
                samples.update(await self._read(job))
        return [samples[key] for key in range(len(points))]

    async def _read(self, job: Job) -> dict[int, Sample]:
        if self._wire is None or job.unit.silent:
            return self._without(job, Status.BAD_NO_COMMUNICATION)
        try:
            data = await self._ask(self._wire, job)
        except (DeviceError, EmptyReplyError) as fault:
            code = fault.code if isinstance(fault, DeviceError) else 2
            if code in {2, 3} and len(job.points) > 1:
                one, two = job.split()
                return {**await self._read(one), **await self._read(two)}
            return self._without(job, STATUS.get(code, Status.BAD_DEVICE_FAILURE))
        except BadReplyError:
            return self._without(job, Status.BAD_COMMUNICATION_ERROR)
        except (NoAnswerError, LinkLostError):
            job.unit.silent = True  # Whoever reads a hundred blocks must not wait for a dead unit a hundred times.
            return self._without(job, Status.BAD_NO_COMMUNICATION)
        return _samples(job.readout.changes(data, self._clock.now()))

    async def _ask(self, wire: Wire, job: Job) -> bytes:
        o = job.unit.options
        for _ in range(o.retries):
            try:
                async with wire.lock:
                    return read_data(job.request, await wire.exchange(job.request, o.timeout, o.pause))
            except NoAnswerError:
                self._sink.count("retries")
        async with wire.lock:
            return read_data(job.request, await wire.exchange(job.request, o.timeout, o.pause))

    def _without(self, job: Job, status: int) -> dict[int, Sample]:
        now = self._clock.now().utc
        return {p.tag: no_value(status, now) for p in job.points}


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
