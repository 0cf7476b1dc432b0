"""Builds the requests that change something in a Modbus device, or says why none may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hmi.core.quality import Status
from hmi.drivers.api import ConnectionSpec, Point, WriteResult
from hmi.drivers.modbus.address import ModbusAddress, Table
from hmi.drivers.modbus.jobs import address_of
from hmi.drivers.modbus.options import CoilWrite, DeviceOptions, ModbusOptions, RegisterWrite
from hmi.drivers.modbus.pdu import DeviceError, Request, write_coil, write_coils, write_mask, write_registers
from hmi.drivers.modbus.words import ValueRefusedError, as_bit, to_words
from hmi.drivers.outcome import refused, unknown


@dataclass(frozen=True, slots=True)
class Order:
    """What to send, and the value that a read-back must show then."""

    request: Request | BitWrite
    sent: float | str


@dataclass(frozen=True, slots=True)
class BitWrite:
    """A bit inside a register that is wholly ours, on a device without FC22: read, change, write in one go."""

    unit: int
    address: int
    bit: int
    on: bool

    def applied(self, word: int, function: RegisterWrite) -> Request:
        """The write for a register that reads `word`."""
        changed = word | 1 << self.bit if self.on else word & ~(1 << self.bit)
        return write_registers(self.unit, self.address, [changed], single=function is RegisterWrite.FC06)


def build(spec: ConnectionSpec, options: ModbusOptions, point: Point, value: float | str) -> Order | WriteResult:
    """The one request to send, or the refusal."""
    a = address_of(point)
    unit = options.unit if a.unit is None else a.unit
    if not spec.writes_enabled or not point.writable:
        return refused(
            Status.BAD_NOT_WRITABLE, f"{point.path} is not writable: enable it at the tag and its connection."
        )
    if a.table.is_read_only:
        return refused(Status.BAD_NOT_WRITABLE, f"{point.path}: a {a.table} address can only be read.")
    try:
        return _request(a, unit, options.of(unit), point, value)
    except ValueRefusedError as fault:
        return refused(Status.BAD_OUT_OF_RANGE, f"{point.path}: {fault}")


def _request(
    a: ModbusAddress, unit: int, device: DeviceOptions, point: Point, value: float | str
) -> Order | WriteResult:
    if a.table is Table.COIL:
        on = as_bit(value)
        single = device.coil_write is CoilWrite.FC05
        return Order(write_coil(unit, a.address, on) if single else write_coils(unit, a.address, [on]), float(on))
    if a.bit is None:
        words, held = to_words(a, a.order or device.word_order, value)
        single = device.register_write is RegisterWrite.FC06
        return Order(write_registers(unit, a.address, words, single=single), held)
    on = as_bit(value)
    if device.mask_write:
        mask = 1 << a.bit
        return Order(write_mask(unit, a.address, 0xFFFF ^ mask, mask if on else 0), float(on))
    if point.options.get("hmi_owned") is not True:
        return refused(
            Status.BAD_NOT_WRITABLE,
            f"{point.path}: writing one bit rewrites the other 15 of its register. Set the connection's option "
            "mask_write if the device has FC22, or the tag's hmi_owned if nobody else writes that register.",
        )
    return Order(BitWrite(unit, a.address, a.bit, on), float(on))


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
