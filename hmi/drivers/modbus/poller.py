"""Reads the blocks of one connection in time, and knows what each kind of failure means for the tags.

Scan times are kept on a fixed grid: a late poll does not shift the later ones, and missed ones are skipped, not
caught up. Nothing is ever reported alive that did not answer; turning silent tags Bad is the station's, by their age.
"""

from __future__ import annotations

import asyncio
from typing import Final

from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import Status
from hmi.drivers.api import Clock, ConnectionSpec, Sink
from hmi.drivers.backoff import Backoff
from hmi.drivers.columns import marked
from hmi.drivers.modbus.jobs import Job, make_jobs
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.modbus.pdu import BadReplyError, DeviceError, EmptyReplyError, read_data, read_request
from hmi.drivers.modbus.wire import NoAnswerError, StreamBrokenError, Wire
from hmi.drivers.supervisor import Link, LinkLostError

REPROBE: Final = seconds(300.0)
"""What a device refuses for good is tried again after this long: somebody may have repaired its program."""
PROBE: Final = seconds(10.0)
"""A silent unit behind a gateway is asked this rarely."""
_BUSY: Final = Backoff(first=0.25, cap=10.0)
"""A busy device is asked again after these waits, or at the next scan if that comes sooner."""
_FAILURE: Final = Backoff(first=1.0, cap=30.0)

STATUS: Final = {
    1: Status.BAD_CONFIGURATION_ERROR,
    2: Status.BAD_CONFIGURATION_ERROR,
    3: Status.BAD_CONFIGURATION_ERROR,
    0x0A: Status.BAD_NO_COMMUNICATION,
    0x0B: Status.BAD_TIMEOUT,
}
"""What an exception code makes of a tag that is read; every other one is Bad_DeviceFailure."""


async def ask(wire: Wire, job: Job, options: ModbusOptions, tries: int, sink: Sink) -> bytes:
    """The data of one block.

    Raises:
        NoAnswerError: not after all tries.
        DeviceError, BadReplyError, LinkLostError: as `Wire.exchange` and `read_data`.
    """
    request = read_request(job.unit_id, job.table, job.block.address, job.block.count)
    while True:
        tries -= 1
        try:
            async with wire.lock:
                return read_data(request, await wire.exchange(request, options.timeout))
        except NoAnswerError:
            if tries <= 0:
                raise
            sink.count("retries")


class Poller:
    """The acquisition of one connection, from connected to lost."""

    def __init__(self, spec: ConnectionSpec, options: ModbusOptions, sink: Sink, clock: Clock, wire: Wire, link: Link):
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._wire = wire
        self._link = link
        self._jobs = make_jobs(spec.points, options)
        self._again: dict[Job, tuple[int, float]] = {}
        """Blocks of slow scans that a busy device is asked for again soon: when (monotonic ns), and their scan."""
        self._units = {id(j.unit): j.unit for jobs in self._jobs.values() for j in jobs}

    async def run(self) -> None:
        """Polls until the link is lost.

        Raises:
            LinkLostError: the connection is gone or nobody behind it answers.
        """
        if not self._jobs:
            self._link.up()
            await self._wire.gone()
        start = self._clock.now().mono
        due = dict.fromkeys(sorted(self._jobs), start)
        while True:
            scan = min(due, key=lambda s: (due[s], s))
            busy = min(self._again, key=lambda j: self._again[j][0], default=None)
            if busy is not None and self._again[busy][0] < due[scan]:
                await self._ask_again(busy)
                continue
            await self._until(due[scan])
            await self._scan(scan)
            due[scan] = self._next(due[scan], seconds(scan))

    async def _until(self, at: int) -> None:
        wait = at - self._clock.now().mono
        if wait > 0:
            await asyncio.sleep(wait / SECOND)

    async def _ask_again(self, job: Job) -> None:
        at, scan = self._again.pop(job)
        await self._until(at)
        if self._clock.now().mono >= job.unit.not_before:
            await self._poll(job, scan)

    def _next(self, due: int, period: int) -> int:
        missed = (self._clock.now().mono - due) // period
        if missed > 0:
            self._sink.count("overruns", missed)
        return due + period * (max(0, missed) + 1)

    async def _scan(self, scan: float) -> None:
        for job in list(self._jobs[scan]):
            now = self._clock.now().mono
            if now >= max(job.not_before, job.unit.not_before):
                await self._poll(job, scan)
            elif job.told is not None and now - job.unit.answered < seconds(max(2.0, 3 * scan)):
                # The refusal was the device's own answer and it still talks: the status stands.
                self._sink.alive(job.readout.tags)

    async def _poll(self, job: Job, scan: float) -> None:
        # One question at a time, whichever door it came in by: a block that is split now must not be asked for whole
        # later, and a device that is busy for an hour must not collect an appointment a scan.
        self._again.pop(job, None)
        tries = 1 if job.unit.silent else 1 + self._options.retries
        try:
            data = await ask(self._wire, job, self._options, tries, self._sink)
        except NoAnswerError:
            self._silent(job)
        except DeviceError as fault:
            self._answered(job)
            await self._refused(job, fault.code, scan)
        except EmptyReplyError:
            self._answered(job)
            await self._refused(job, 2, scan)
        except BadReplyError:
            self._answered(job)
            self._sink.count("bad_replies")
            self._tell(job, Status.BAD_COMMUNICATION_ERROR)
        except StreamBrokenError:
            self._tell(job, Status.BAD_COMMUNICATION_ERROR)
            raise
        else:
            self._answered(job)
            self._good(job, data, scan)

    def _good(self, job: Job, data: bytes, scan: float) -> None:
        now = self._clock.now()
        if job.told is not None or not job.fresh_for(now.mono, scan):
            job.readout.forget()
        job.told, job.failures, job.not_before, job.answered = None, 0, 0, now.mono
        changes = job.readout.changes(data, now)
        if len(changes):
            self._sink.deliver(changes)
        if len(changes) < len(job.readout.tags):
            self._sink.alive(job.readout.tags)

    def _answered(self, job: Job) -> None:
        job.unit.silent = False
        job.unit.not_before = 0
        job.unit.answered = self._clock.now().mono
        self._link.up()

    def _silent(self, job: Job) -> None:
        job.unit.silent = True
        job.unit.not_before = self._clock.now().mono + PROBE
        if all(unit.silent for unit in self._units.values()):
            raise LinkLostError(
                f"{self._spec.name}: {self._spec.endpoint} is connected but does not answer.",
                f"Check that unit {job.unit_id} is right and the device is running.",
            )

    async def _refused(self, job: Job, code: int, scan: float) -> None:
        now = self._clock.now()
        self._sink.count(f"exception_{code:02X}")
        if code in {5, 6}:
            # Still working: nothing is told, the station sees to the age of the values.
            job.failures += 1
            wait = _BUSY.delay(job.failures, 0.5)
            if wait < scan / 2:
                self._again[job] = (now.mono + seconds(wait), scan)
            return
        if code in {2, 3} and len(job.points) > 1:
            await self._split(job, scan)
            return
        self._tell(job, STATUS.get(code, Status.BAD_DEVICE_FAILURE))
        if code in {1, 2, 3}:
            job.not_before = now.mono + REPROBE
        elif code in {0x0A, 0x0B}:
            self._unit_unreachable(job, STATUS[code], now)
        else:
            job.failures += 1
            job.not_before = now.mono + seconds(_FAILURE.delay(job.failures, 0.5))

    async def _split(self, job: Job, scan: float) -> None:
        parts = job.split()
        jobs = self._jobs[scan]
        at = jobs.index(job)
        jobs[at : at + 1] = parts
        for part in parts:
            part.told = job.told
            await self._poll(part, scan)

    def _unit_unreachable(self, job: Job, status: Status, now: Instants) -> None:
        job.unit.not_before = now.mono + PROBE
        job.unit.answered = 0
        for other in (j for jobs in self._jobs.values() for j in jobs if j.unit is job.unit):
            if other.not_before <= now.mono:  # What the device itself refused for good stays so.
                self._tell(other, status)

    def _tell(self, job: Job, status: int) -> None:
        if job.told == status:
            self._sink.alive(job.readout.tags)
            return
        job.told = status
        self._sink.deliver(marked(job.points, status, self._clock.now()))
