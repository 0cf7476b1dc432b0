"""Sends one value to a controller exactly once, or says why not."""

from __future__ import annotations

from collections.abc import Callable

from hmi.core.quality import Status
from hmi.drivers.api import ConnectionSpec, Point, WriteOutcome, WriteResult
from hmi.drivers.supervisor import LinkLostError

from .address import Area, S7Address
from .blocks import Block, address_of
from .kinds import Kind, ValueRefusedError, encoded, held
from .session import STATUS, Cpu, RefusedError, Session


def prepared(spec: ConnectionSpec, point: Point, value: float | str) -> bytes | WriteResult:
    """The bytes to send, or the refusal."""
    a = address_of(point)
    if not (spec.writes_enabled and point.writable):
        text = f"{point.path} is not writable: enable it at the tag and its connection."
        return refused(Status.BAD_NOT_WRITABLE, text)
    if a.area is Area.INPUTS:
        return refused(Status.BAD_NOT_WRITABLE, f"{point.path}: an input can only be read.")
    try:
        return encoded(a.kind, a.length, value)
    except ValueRefusedError as fault:
        return refused(Status.BAD_OUT_OF_RANGE, f"{point.path}: {fault}.")


async def send(
    session: Session, point: Point, data: bytes, value: float | str, watch: bool, seen: Callable[[Cpu], None]
) -> WriteResult:
    """Writes once. What must be known before is asked before; a controller that is lost then was sent nothing."""
    a = address_of(point)
    try:
        if watch:
            cpu = await session.cpu()
            seen(cpu)
            if cpu is Cpu.STOP:
                text = f"{point.path}: the controller's program is stopped; nothing was sent."
                return refused(Status.BAD_OUT_OF_SERVICE, text)
        if a.kind is Kind.STRING and not await _has_room(session, point, a, len(data) - 1):
            text = f"{point.path}: the string in the controller is shorter than {len(data) - 1} characters."
            return refused(Status.BAD_OUT_OF_RANGE, text)
    except (RefusedError, LinkLostError) as fault:
        return refused(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: {fault} Nothing was sent.")
    try:
        await session.write(a, data)
    except RefusedError as fault:
        status = STATUS.get(fault.code, Status.BAD_NOT_WRITABLE)
        return refused(status, f"{point.path}: the controller refused ({fault}).")
    except LinkLostError as fault:
        text = f"{point.path}: sent, but not confirmed. {fault} Read the value back before writing again."
        return WriteResult(WriteOutcome.UNKNOWN, Status.BAD_COMMUNICATION_ERROR, text, held(a.kind, data, value))
    return WriteResult(WriteOutcome.DONE, Status.GOOD, sent=held(a.kind, data, value))


async def _has_room(session: Session, point: Point, a: S7Address, length: int) -> bool:
    """Whether the string was declared long enough in the controller: behind it is somebody else's value."""
    (head,) = await session.read([Block(a.area, a.db, a.byte, 1, (point,))])
    if isinstance(head, int):
        raise RefusedError(head, f"its declared length cannot be read (code {head:#04x}).")
    return length <= head[0]


def refused(status: int, text: str) -> WriteResult:
    """Nothing was sent, or the controller said no."""
    return WriteResult(WriteOutcome.REFUSED, status, text)
