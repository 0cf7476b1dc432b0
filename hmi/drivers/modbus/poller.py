"""Reads the blocks of one line in time, and knows what each kind of failure means for the tags.

Scan times are kept on a fixed grid: a late poll does not shift the later ones, and missed ones are skipped, not
caught up. Nothing is ever reported alive that did not answer; turning silent tags Bad is the station's, by their age.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import Status
from hmi.drivers.api import Clock, ConnectionSpec, Point, Sink
from hmi.drivers.backoff import Backoff
from hmi.drivers.columns import marked
from hmi.drivers.modbus.groups import Group, make_groups
from hmi.drivers.modbus.jobs import NEVER_YET, Job
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.modbus.pdu import BadReplyError, DeviceError, EmptyReplyError, read_data
from hmi.drivers.modbus.schedule import Schedule
from hmi.drivers.modbus.wire import GarbledError, NoAnswerError, StreamBrokenError, Wire
from hmi.drivers.supervisor import Link, LinkLostError

REPROBE: Final = seconds(300.0)
"""What a device refuses for good is tried again after this long: somebody may have repaired its program."""
REST: Final = 0.5
"""Seconds of sleep at most: other points may have come meanwhile."""
PROBE: Final = seconds(10.0)
"""A silent unit, and a block that is never answered, is asked this rarely."""
_BUSY: Final = Backoff(first=0.25, cap=10.0)
"""A busy device is asked again after these waits, or at the next scan if that comes sooner."""
_FAILURE: Final = Backoff(first=1.0, cap=30.0)
_WORKING: Final = {5, 6}
"""Exceptions of a device that will answer later."""
_UNREACHABLE: Final = {0x0A, 0x0B}
"""Exceptions by which a gateway tells that it cannot reach the unit."""

STATUS: Final = {
    1: Status.BAD_CONFIGURATION_ERROR,
    2: Status.BAD_CONFIGURATION_ERROR,
    3: Status.BAD_CONFIGURATION_ERROR,
    0x0A: Status.BAD_NO_COMMUNICATION,
    0x0B: Status.BAD_TIMEOUT,
}
"""What an exception code makes of a tag that is read; every other one is Bad_DeviceFailure."""


class Poller:
    """The acquisition of one line, from connected to lost."""

    def __init__(self, spec: ConnectionSpec, options: ModbusOptions, sink: Sink, clock: Clock, wire: Wire, link: Link):
        self._spec = spec
        self._sink = sink
        self._clock = clock
        self._wire = wire
        self._link = link
        self._options = options
        groups = make_groups(spec.points, options)
        self._groups = {group.key: group for group in groups}
        self._units = {group.unit.number: group.unit for group in groups}
        self._schedule = Schedule(self._units.values())

    async def run(self) -> None:
        """Polls until the link is lost.

        Raises:
            LinkLostError: the connection is gone or nobody behind it answers.
        """
        if not self._groups:
            self._link.up()
        start = self._clock.now().mono
        for group in self._groups.values():
            self._plan(group, start)
        while True:
            now = self._clock.now().mono
            job = self._schedule.next(now)
            if job is not None:
                await self._turn(job, now)
            elif (wait := self._schedule.first() - now) > 0:
                await asyncio.sleep(min(wait / SECOND, REST))

    def repoint(self, points: Sequence[Point]) -> None:
        """Reads these points from now on; blocks that stay equal keep their time and all they know."""
        before, now = self._groups, self._clock.now().mono
        groups = make_groups(points, self._options, before)
        self._groups = {group.key: group for group in groups}
        self._units = {group.unit.number: group.unit for group in groups}
        self._schedule.repoint(self._units.values())
        for group in groups:
            old = before.get(group.key)
            if old is group:
                continue
            for job in group.adopt(old) if old is not None else ():
                self._schedule.put(job)
            self._plan(group, now)
        for key, old in before.items():
            if self._groups.get(key) is not old:
                old.retire()

    async def _turn(self, job: Job, now: int) -> None:
        group = self._groups[job.unit.number, job.table, job.scan]
        job.again, began = None, now
        if now >= job.not_before:
            now = await self._poll(job, group, now)
        elif job.told is not None and now - job.unit.answered < seconds(max(2.0, 3 * job.scan)):
            # The refusal was the device's own answer and it still talks: the status stands.
            self._sink.alive(job.readout.tags)
        if now >= group.relearn:
            group.forget_cuts()
        if began >= job.due:
            job.due = self._next(job, now)
        if not job.replaced:
            self._schedule.put(job)
        if group.changed and self._groups.get((job.unit.number, job.table, job.scan)) is group:
            self._plan(group, job.due)

    def _plan(self, group: Group, due: int) -> None:
        """Gives every new block of a group its place in the schedule; one on trial comes next."""
        group.changed = False
        for job in group.jobs:
            if not job.waits:
                job.due = due
                if job.trial is not None:
                    job.again = self._clock.now().mono
                self._schedule.put(job)

    def _next(self, job: Job, now: int) -> int:
        """The next regular turn on the grid; what was missed meanwhile is counted, unless the unit was left alone."""
        period = seconds(job.scan)
        missed = (now - max(job.due, job.unit.not_before)) // period
        if missed > 0:
            self._sink.count("overruns", missed)
        return job.due + period * (max(0, now - job.due) // period + 1)

    def _soon(self, job: Job, wait: float) -> None:
        """Gives a block of a slow scan a turn in `wait` seconds, before its regular one."""
        if wait < job.scan / 2:
            job.again = self._clock.now().mono + seconds(wait)

    async def _poll(self, job: Job, group: Group, began: int) -> int:
        """Asks for a block and draws the conclusions; the monotonic ns at which the answer, or none, was there."""
        try:
            data = await self._ask(job)
        except StreamBrokenError:
            self._tell(job, Status.BAD_COMMUNICATION_ERROR)
            raise
        except (NoAnswerError, DeviceError, BadReplyError) as fault:
            now = self._clock.now().mono
            self._failed(job, group, fault, began, now)
            return now
        moment = self._clock.now()
        self._answered(job, moment.mono)
        self._good(job, group, data, moment)
        return moment.mono

    def _failed(self, job: Job, group: Group, fault: Exception, began: int, now: int) -> None:
        if isinstance(fault, NoAnswerError):
            self._schedule.failed(began, now)
            group.unclear(job)
            self._missed(job, fault)
            return
        self._answered(job, now)
        if isinstance(fault, DeviceError):
            self._refused(job, group, fault.code)
        elif isinstance(fault, EmptyReplyError):
            self._refused(job, group, 2)
        else:
            group.unclear(job)
            self._sink.count("bad_replies")
            self._tell(job, Status.BAD_COMMUNICATION_ERROR)

    async def _ask(self, job: Job) -> bytes:
        o = job.unit.options
        async with self._wire.lock:
            return read_data(job.request, await self._wire.exchange(job.request, o.timeout, o.pause))

    def _good(self, job: Job, group: Group, data: bytes, now: Instants) -> None:
        if job.told is not None or not job.fresh(now.mono):
            job.readout.forget()
        job.told, job.failures, job.not_before, job.answered = None, 0, 0, now.mono
        job.unit.gives.add(job.table)
        changes = job.readout.changes(data, now)
        if len(changes):
            self._sink.deliver(changes)
        if len(changes) < len(job.readout.tags):
            self._sink.alive(job.readout.tags)
        group.given(job, now.mono + REPROBE)

    def _answered(self, job: Job, now: int) -> None:
        unit = job.unit
        unit.silent, unit.missed, job.missed, unit.answered = False, 0, 0, now
        unit.not_before = min(unit.not_before, now)
        self._link.up()

    def _missed(self, job: Job, fault: NoAnswerError) -> None:
        unit, retries = job.unit, job.unit.options.retries
        unit.missed += 1
        job.missed += 1
        witness = self._witness(job) if job.missed > retries and not unit.silent else None
        if unit.silent or (unit.missed > retries and witness is None):
            if isinstance(fault, GarbledError):
                self._tell(job, Status.BAD_COMMUNICATION_ERROR)
            self._silent(job, fault)
        elif job.missed > retries:
            self._never_answered(job, fault, witness)
        else:
            self._sink.count("retries")
            job.again = self._clock.now().mono

    def _witness(self, job: Job) -> Job | None:
        """Another block of the unit, which was answered before: by it the unit can show whether it is there at all."""
        jobs = (other for group in self._groups.values() if group.unit is job.unit for other in group.jobs)
        return next((o for o in jobs if o is not job and o.answered != NEVER_YET and not o.missed), None)

    def _never_answered(self, job: Job, fault: NoAnswerError, witness: Job | None) -> None:
        """Gives one block up for a while, and lets the unit prove that it answers for its others."""
        now = self._clock.now().mono
        self._tell(job, Status.BAD_COMMUNICATION_ERROR if isinstance(fault, GarbledError) else Status.BAD_TIMEOUT)
        job.missed, job.not_before = 0, now + PROBE
        self._soon(job, PROBE / SECOND)
        if witness is not None:
            job.unit.missed = job.unit.options.retries
            witness.again = now
            self._schedule.put(witness)

    def _silent(self, job: Job, fault: NoAnswerError) -> None:
        unit, job.missed = job.unit, 0
        unit.silent = True
        unit.not_before = self._clock.now().mono + PROBE
        self._soon(job, PROBE / SECOND)
        if all(other.silent for other in self._units.values()):
            where = f"{self._spec.name}: {self._spec.endpoint} is connected but"
            if isinstance(fault, GarbledError):
                raise LinkLostError(
                    f"{where} sends no valid reply ({fault}).", "Check the unit, and speed and parity of a serial line."
                )
            raise LinkLostError(
                f"{where} does not answer.", f"Check that unit {unit.number} is right and the device is running."
            )

    def _refused(self, job: Job, group: Group, code: int) -> None:
        now = self._clock.now().mono
        self._sink.count(f"exception_{code:02X}")
        if code in {2, 3} or (code == 1 and job.table in job.unit.gives):
            # Some devices answer an address that they do not have as if they had no such table.
            self._misplaced(job, group, code, now)
            return
        group.unclear(job)
        if code in _WORKING:
            # Nothing is told, the station sees to the age of the values.
            job.failures += 1
            self._soon(job, _BUSY.delay(job.failures, 0.5))
            return
        self._tell(job, STATUS.get(code, Status.BAD_DEVICE_FAILURE))
        if code == 1:
            job.not_before = now + REPROBE
            self._soon(job, REPROBE / SECOND)
        elif code in _UNREACHABLE:
            self._unreachable(job, STATUS[code], now)
        else:
            job.failures += 1
            wait = _FAILURE.delay(job.failures, 0.5)
            job.not_before = now + seconds(wait)
            self._soon(job, wait)

    def _misplaced(self, job: Job, group: Group, code: int, now: int) -> None:
        if len(job.points) > 1:
            group.split(job)
            return
        self._tell(job, STATUS[code])
        job.not_before = now + REPROBE
        self._soon(job, REPROBE / SECOND)
        group.refused(job)

    def _unreachable(self, job: Job, status: Status, now: int) -> None:
        job.unit.not_before = now + PROBE
        job.unit.answered = 0
        for group in self._groups.values():
            for other in group.jobs if group.unit is job.unit else ():
                if other.not_before <= now:  # What the device itself refused for good stays so.
                    self._tell(other, status)
        self._soon(job, PROBE / SECOND)

    def _tell(self, job: Job, status: int) -> None:
        if job.told == status:
            self._sink.alive(job.readout.tags)
            return
        job.told = status
        self._sink.deliver(marked(job.points, status, self._clock.now()))
