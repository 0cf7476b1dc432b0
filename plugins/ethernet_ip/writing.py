"""Sends one value to a controller exactly once, or says why not."""

from __future__ import annotations

from hmi.core.quality import Status
from hmi.drivers.api import ConnectionSpec, Point, WriteOutcome, WriteResult
from hmi.drivers.supervisor import LinkLostError

from .catalogue import Held
from .controller import STATUS, Controller, Cpu, RefusedError
from .poller import resolved
from .values import Kind, ValueRefusedError, bytes_of, held, text_bytes
from .worker import Worker


def refused(status: int, text: str) -> WriteResult:
    """Nothing was sent, or the controller said no."""
    return WriteResult(WriteOutcome.REFUSED, int(status), text)


def prepared(
    spec: ConnectionSpec, controller: Controller, point: Point, value: float | str
) -> tuple[Held, bytes] | WriteResult:
    """What to write and the bytes, or the refusal."""
    if not (spec.writes_enabled and point.writable):
        text = f"{point.path} is not writable: enable it at the tag and its connection."
        return refused(Status.BAD_NOT_WRITABLE, text)
    place = resolved(controller, point)
    if not isinstance(place, Held):
        return refused(place, f"{point.path}: the controller has nothing that fits '{point.address}'.")
    if not place.writable:
        return refused(Status.BAD_NOT_WRITABLE, f"{point.path}: the controller gives it for reading only.")
    try:
        is_text = place.kind is Kind.STRING
        data = text_bytes(value, place.capacity, place.size) if is_text else bytes_of(place.kind, value)
    except ValueRefusedError as fault:
        return refused(Status.BAD_OUT_OF_RANGE, f"{point.path}: {fault}.")
    return place, data


async def send(
    controller: Controller, worker: Worker, point: Point, place: Held, data: bytes, value: float | str
) -> WriteResult:
    """Writes once; call it with the connection's turn."""
    sent, before = held(place.kind, data, value), controller.line.sent
    try:
        await worker.do(lambda: controller.write(place, data))
    except RefusedError as fault:
        status = STATUS.get(fault.code, Status.BAD_NOT_WRITABLE)
        return refused(status, f"{point.path}: the controller refused ({fault}).")
    except LinkLostError as fault:
        if controller.line.sent == before:
            return refused(Status.BAD_COMMUNICATION_ERROR, f"{point.path}: {fault} Nothing was sent.")
        text = f"{point.path}: sent, but not confirmed. {fault} Read the value back before writing again."
        return WriteResult(WriteOutcome.UNKNOWN, Status.BAD_COMMUNICATION_ERROR, text, sent)
    return WriteResult(WriteOutcome.DONE, Status.GOOD, sent=sent)


async def program(controller: Controller, worker: Worker) -> Cpu | str:
    """Whether the program runs at this moment; a sentence: it cannot be asked, and nothing was written."""
    try:
        return await worker.do(controller.cpu)
    except LinkLostError as fault:
        return str(fault)
