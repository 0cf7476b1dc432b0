"""What an engineer may set on a Modbus connection, declared in one table and parsed once.

A connection is one line: a TCP socket or a serial port. Several devices may share it (units); each may differ from the
line's defaults by an entry in `units`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hmi.drivers.api import AddressError, OptionField
from hmi.drivers.modbus.address import WordOrder, is_unit
from hmi.drivers.modbus.blocks import MAX_BITS, MAX_REGISTERS
from hmi.drivers.modbus.endpoint import Endpoint, Parity, SerialEndpoint, parse_endpoint
from hmi.drivers.options import read_fields


class RegisterWrite(StrEnum):
    """Function by which one register is written; several are always written by FC16."""

    FC06 = "fc06"
    FC16 = "fc16"


class CoilWrite(StrEnum):
    """Function by which a coil is written."""

    FC05 = "fc05"
    FC15 = "fc15"


DEVICE_FIELDS: Final = (
    OptionField("word_order", "Order of the registers and bytes of values of more than one register.", "ABCD",
                choices=tuple(WordOrder)),
    OptionField("timeout", "Seconds until a request counts as unanswered.", 0.5, 0.02, 60),
    OptionField("retries", "Further tries of a read; a write is never repeated.", 1, 0, 5),
    OptionField("pause", "Seconds of silence that the device needs before a request.", 0.0, 0, 5),
    OptionField("max_registers", "Registers that the device gives in one read.", MAX_REGISTERS, 1, MAX_REGISTERS),
    OptionField("max_bits", "Coils or inputs that the device gives in one read.", MAX_BITS, 1, MAX_BITS),
    OptionField("max_gap", "Addresses without a tag that a read may pass over, if all of them can be read.", 0, 0,
                MAX_BITS),
    OptionField("register_write", "Function that writes one register.", "fc06", choices=tuple(RegisterWrite)),
    OptionField("coil_write", "Function that writes a coil.", "fc05", choices=tuple(CoilWrite)),
    OptionField("mask_write", "The device has FC22, which changes one bit of a register and leaves the others.", False),
)  # fmt: skip
"""Options that each unit may have its own of."""

FIELDS: Final = (
    OptionField("unit", "Unit id of addresses that name none: 1 to 247, or 255 for the TCP device itself.", 1, 0, 255),
    *DEVICE_FIELDS,
    OptionField("units", "Units that differ, e.g. 3: timeout=2 retries=0; 7: word_order=CDAB.", ""),
    OptionField("baud", "Bits a second of a serial port.", 19200, 300, 921_600),
    OptionField("parity", "Parity of a serial port.", "even", choices=tuple(Parity)),
    OptionField("stop_bits", "Stop bits of a serial port; 2 is usual without parity.", 1, 1, 2),
)
"""All options in reading order."""

_SERIAL: Final = {"baud", "parity", "stop_bits"}


@dataclass(frozen=True, slots=True)
class DeviceOptions:
    """How one unit wants to be talked to."""

    word_order: WordOrder = WordOrder.ABCD
    timeout: float = 0.5
    """Seconds until a request counts as unanswered."""
    retries: int = 1
    """Further tries of a read; a write is never repeated."""
    pause: float = 0.0
    """Seconds of silence on the line before a request."""
    max_registers: int = MAX_REGISTERS
    """Registers the device gives in one read."""
    max_bits: int = MAX_BITS
    max_gap: int = 0
    """Addresses without a tag that a block may read over; only where all of them are readable."""
    register_write: RegisterWrite = RegisterWrite.FC06
    coil_write: CoilWrite = CoilWrite.FC05
    mask_write: bool = False
    """It has FC22."""


@dataclass(frozen=True, slots=True)
class ModbusOptions:
    """Endpoint and options of one line and the units on it."""

    endpoint: Endpoint
    unit: int = 1
    """Unit id of addresses that name none."""
    device: DeviceOptions = DeviceOptions()
    """Of every unit that is not in `units`."""
    units: Mapping[int, DeviceOptions] = field(default_factory=dict)

    def of(self, unit: int) -> DeviceOptions:
        """How this unit wants to be talked to."""
        return self.units.get(unit, self.device)

    @property
    def longest(self) -> float:
        """Seconds of the longest time-out on the line."""
        return max(self.device.timeout, *(device.timeout for device in self.units.values()), 0.0)


def parse_options(endpoint: str, options: Mapping[str, object]) -> ModbusOptions:
    """The endpoint (see `hmi.drivers.modbus.endpoint`) with its options.

    Raises:
        AddressError: with what is wrong.
    """
    read = read_fields(FIELDS, options)
    unit = int(read["unit"])
    if not is_unit(unit):
        raise AddressError(f"Option 'unit' is {unit}.", "It names one device: 1 to 247, or 255 for the TCP device.")
    line = parse_endpoint(endpoint, int(read["baud"]), Parity(str(read["parity"])), int(read["stop_bits"]))
    if not isinstance(line, SerialEndpoint) and (misplaced := _SERIAL & options.keys()):
        raise AddressError(f"Option '{min(misplaced)}' is for a serial port.", f"'{endpoint}' is none: remove it.")
    return ModbusOptions(line, unit, _device(read), _units(str(read["units"]), read))


def _device(read: Mapping[str, float | int | str | bool]) -> DeviceOptions:
    return DeviceOptions(
        WordOrder(str(read["word_order"])),
        float(read["timeout"]),
        int(read["retries"]),
        float(read["pause"]),
        int(read["max_registers"]),
        int(read["max_bits"]),
        int(read["max_gap"]),
        RegisterWrite(str(read["register_write"])),
        CoilWrite(str(read["coil_write"])),
        bool(read["mask_write"]),
    )


def _units(text: str, defaults: Mapping[str, float | int | str | bool]) -> dict[int, DeviceOptions]:
    units: dict[int, DeviceOptions] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        number, colon, settings = entry.partition(":")
        if not colon or not number.strip().isdecimal() or not is_unit(int(number)):
            raise AddressError(f"Option 'units' has '{entry}'.", "Example: 3: timeout=2 retries=0; 7: word_order=CDAB.")
        if int(number) in units:
            raise AddressError(f"Option 'units' names unit {int(number)} twice.", "Join the two entries.")
        read = read_fields(DEVICE_FIELDS, dict(_setting(word) for word in settings.split()))
        given = {word.partition("=")[0] for word in settings.split()}
        units[int(number)] = _device({**defaults, **{name: read[name] for name in given}})
    return units


def _setting(word: str) -> tuple[str, object]:
    """`name=value` with the value as the option's own type, or as text, which the option then refuses."""
    name, _, text = word.partition("=")
    kind = next((type(known.default) for known in DEVICE_FIELDS if known.name == name), str)
    if kind is bool:
        return name, {"true": True, "false": False}.get(text, text)
    if kind is str:
        return name, text
    try:
        return name, float(text)
    except ValueError:
        return name, text
