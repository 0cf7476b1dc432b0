"""Builds the requests that change something in a Modbus device, or says why none may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hmi.core.quality import Status
from hmi.drivers.api import ConnectionSpec, Point, WriteOutcome, WriteResult
from hmi.drivers.modbus.address import ModbusAddress, Table
from hmi.drivers.modbus.jobs import address_of
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.modbus.pdu import DeviceError, Request, write_coil, write_registers
from hmi.drivers.modbus.words import ValueRefusedError, as_bit, to_words


@dataclass(frozen=True, slots=True)
class Order:
    """What to send, and the value that a read-back must show then."""

    request: Request | BitWrite
    sent: float | str


@dataclass(frozen=True, slots=True)
class BitWrite:
    """A bit inside a register that is wholly ours: read, change, write in one go."""

    unit: int
    address: int
    bit: int
    on: bool

    def applied(self, word: int) -> Request:
        """The write for a register that reads `word`."""
        changed = word | 1 << self.bit if self.on else word & ~(1 << self.bit)
        return write_registers(self.unit, self.address, [changed])


def build(spec: ConnectionSpec, options: ModbusOptions, point: Point, value: float | str) -> Order | WriteResult:
    """The one request to send, or the refusal."""
    a = address_of(point)
    unit = options.unit if a.unit is None else a.unit
    if not spec.writes_enabled or not point.writable:
        return refused(
            Status.BAD_NOT_WRITABLE, f"{point.path} is not writable: enable it at the tag and its connection."
        )
    if a.table in {Table.DISCRETE, Table.INPUT}:
        return refused(Status.BAD_NOT_WRITABLE, f"{point.path}: a {a.table} address can only be read.")
    try:
        return _request(a, unit, options, point, value)
    except ValueRefusedError as fault:
        return refused(Status.BAD_OUT_OF_RANGE, f"{point.path}: {fault}")


def _request(
    a: ModbusAddress, unit: int, options: ModbusOptions, point: Point, value: float | str
) -> Order | WriteResult:
    if a.table is Table.COIL:
        return Order(write_coil(unit, a.address, as_bit(value)), float(as_bit(value)))
    if a.bit is None:
        words, held = to_words(a, a.order or options.word_order, value)
        return Order(write_registers(unit, a.address, words), held)
    if point.options.get("hmi_owned") is not True:
        return refused(
            Status.BAD_NOT_WRITABLE,
            f"{point.path}: writing one bit rewrites the other 15 of its register. "
            "Set the tag's driver option hmi_owned if nobody else writes that register.",
        )
    return Order(BitWrite(unit, a.address, a.bit, as_bit(value)), float(as_bit(value)))


def refused(status: int, text: str) -> WriteResult:
    """Nothing was sent, or the device said no."""
    return WriteResult(WriteOutcome.REFUSED, status, text)


def unknown(status: int, text: str) -> WriteResult:
    """It was sent and may have had its effect."""
    return WriteResult(WriteOutcome.UNKNOWN, status, f"{text} Read the value back before writing again.")


_REFUSALS: Final = {
    1: Status.BAD_NOT_SUPPORTED,
    2: Status.BAD_CONFIGURATION_ERROR,
    3: Status.BAD_OUT_OF_RANGE,
    6: Status.BAD_DEVICE_FAILURE,
    0x0A: Status.BAD_NO_COMMUNICATION,
}
_DOUBTS: Final = {0x0B: Status.BAD_TIMEOUT}


def answered_with(point: Point, fault: DeviceError) -> WriteResult:
    """What an exception means for a write: 04, 05, 08 and 0B come after the device may have begun."""
    text = f"{point.path}: the device answered {fault}."
    if fault.code in _REFUSALS:
        return refused(_REFUSALS[fault.code], text)
    return unknown(_DOUBTS.get(fault.code, Status.BAD_DEVICE_FAILURE), text)
