"""What an engineer may set on a Modbus connection, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from hmi.drivers.api import AddressError
from hmi.drivers.modbus.address import WordOrder, is_unit
from hmi.drivers.modbus.blocks import MAX_BITS, MAX_REGISTERS
from hmi.drivers.options import OptionReader

_KNOWN = "unit, word_order, timeout, retries, max_registers, max_bits, max_gap"


@dataclass(frozen=True, slots=True)
class ModbusOptions:
    """Endpoint and options of one Modbus TCP device or gateway."""

    host: str
    port: int
    unit: int = 1
    """Unit id of addresses that name none."""
    word_order: WordOrder = WordOrder.ABCD
    timeout: float = 0.5
    """Seconds until a request counts as unanswered."""
    retries: int = 1
    """Further tries of a read; a write is never repeated."""
    max_registers: int = MAX_REGISTERS
    """Registers the device gives in one read."""
    max_bits: int = MAX_BITS
    max_gap: int = 0
    """Addresses without a tag that a block may read over; only where all of them are readable."""


def parse_options(endpoint: str, options: Mapping[str, object]) -> ModbusOptions:
    """Endpoint `host`, `host:port` or `modbus://host:port` with its options.

    Raises:
        AddressError: with what is wrong.
    """
    host, port = _endpoint(endpoint)
    take = OptionReader(options)
    unit = take.integer("unit", 1, 0, 255)
    if not is_unit(unit):
        raise AddressError(f"Option 'unit' is {unit}.", "It names one device: 1 to 247, or 255 for the TCP device.")
    parsed = ModbusOptions(
        host,
        port,
        unit,
        take.choice("word_order", WordOrder.ABCD),
        take.number("timeout", 0.5, 0.02, 60),
        take.integer("retries", 1, 0, 5),
        take.integer("max_registers", MAX_REGISTERS, 1, MAX_REGISTERS),
        take.integer("max_bits", MAX_BITS, 1, MAX_BITS),
        take.integer("max_gap", 0, 0, MAX_BITS),
    )
    take.end(_KNOWN)
    return parsed


def _endpoint(endpoint: str) -> tuple[str, int]:
    wrong = AddressError(f"'{endpoint}' is no Modbus TCP endpoint.", "Example: modbus://192.168.0.20:502.")
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"modbus://{endpoint}")
        port = parts.port
    except ValueError as fault:
        raise wrong from fault
    if parts.scheme not in {"modbus", "modbus-tcp", "tcp"} or not parts.hostname or parts.path.strip("/"):
        raise wrong
    return parts.hostname, 502 if port is None else port
