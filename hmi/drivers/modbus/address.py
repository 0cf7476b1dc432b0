"""Modbus addresses as people write them: `holding:107:float32`, `coil:5`, `holding:20.3`, `input:12@2`.

Numbers are the protocol's own, counted from 0. Manuals often count from 1 and put the table in front (40108 is
`holding:107`): such a number is refused with the form it should have, because a guess would read the neighbour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError

_EXAMPLES: Final = "Examples: holding:107:float32, input:12, coil:5, discrete:9, holding:20.3, holding:40:string[16]@2."
_FORM: Final = re.compile(
    r"(?P<table>[a-z]+):(?P<address>\d{1,5})(?:\.(?P<bit>\d{1,2}))?"
    r"(?::(?P<type>[a-z]+\d*)(?:\[(?P<length>\d{1,3})\])?)?(?::(?P<order>[A-D]{4}))?(?:@(?P<unit>\d{1,3}))?"
)


class Table(StrEnum):
    """The four tables of a Modbus device."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"

    @property
    def is_bits(self) -> bool:
        """Whether one address holds one bit (a register otherwise)."""
        return self is Table.COIL or self is Table.DISCRETE

    @property
    def is_read_only(self) -> bool:
        """Whether the protocol has no way to write it."""
        return self in {Table.DISCRETE, Table.INPUT}


class Kind(StrEnum):
    """What the registers of one value mean."""

    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BCD16 = "bcd16"
    """Four decimal digits, one a nibble."""
    BCD32 = "bcd32"
    STRING = "string"
    BOOL = "bool"
    """One bit: a coil, or a bit of a register; a whole register is true when it is not 0."""


class WordOrder(StrEnum):
    """Order in which the bytes A (highest) to D of a 32-bit value arrive; 64-bit values follow the same rule."""

    ABCD = "ABCD"
    CDAB = "CDAB"
    BADC = "BADC"
    DCBA = "DCBA"


@dataclass(frozen=True, slots=True)
class ModbusAddress:
    """One value's place in a Modbus device."""

    table: Table
    address: int
    """First coil or register, counted from 0."""
    kind: Kind
    bit: int | None = None
    """Bit of the register, 0 = lowest; None for the whole."""
    length: int = 0
    """Characters of a string."""
    order: WordOrder | None = None
    """None = as the connection says."""
    unit: int | None = None
    """None = as the connection says."""

    @property
    def count(self) -> int:
        """Coils or registers it occupies."""
        if self.table.is_bits or self.kind is Kind.BOOL:
            return 1
        if self.kind is Kind.STRING:
            return (self.length + 1) // 2
        return _REGISTERS[self.kind]


def parse_address(text: str, type_: TagType) -> ModbusAddress:
    """The parsed address.

    Raises:
        AddressError: not an address, or one that does not fit the tag's type.
    """
    if text.strip().isdigit():
        raise AddressError(f"'{text}' is a manual's number, not a Modbus address.", _from_manual(text.strip()))
    form = _FORM.fullmatch(text.strip())
    table = None if form is None else _TABLES.get(form["table"])
    if form is None or table is None:
        raise AddressError(f"'{text}' is not a Modbus address.", _EXAMPLES)
    address = ModbusAddress(
        table,
        int(form["address"]),
        _kind(text, table, form["type"], form["bit"], type_),
        None if form["bit"] is None else int(form["bit"]),
        int(form["length"] or 0),
        _order(text, form["order"]),
        None if form["unit"] is None else int(form["unit"]),
    )
    _check(text, address, type_)
    return address


def _kind(text: str, table: Table, written: str | None, bit: str | None, type_: TagType) -> Kind:
    if written is None:
        return Kind.BOOL if table.is_bits or bit is not None or type_ is TagType.BOOL else Kind.UINT16
    kind = _KINDS.get(written)
    if kind is None:
        raise AddressError(f"'{text}': there is no data type '{written}'.", f"Types: {', '.join(Kind)} (string[n]).")
    return kind


def _order(text: str, written: str | None) -> WordOrder | None:
    if written is None:
        return None
    order = _ORDERS.get(written)
    if order is None:
        raise AddressError(f"'{text}': there is no word order '{written}'.", f"Orders: {', '.join(WordOrder)}.")
    return order


# Looked up, not searched for: a project has 100,000 addresses.
_TABLES: Final = {table.value: table for table in Table}
_KINDS: Final = {kind.value: kind for kind in Kind}
_ORDERS: Final = {order.value: order for order in WordOrder}
_REGISTERS: Final = {kind: max(1, int(kind.value[-2:]) // 16) for kind in Kind if kind.value[-2:].isdigit()}


def _check(text: str, a: ModbusAddress, type_: TagType) -> None:
    if (a.table.is_bits or a.bit is not None) and a.kind is not Kind.BOOL:
        raise AddressError(f"'{text}': a single bit is always bool.", "Leave the type away, e.g. coil:5.")
    if a.bit is not None and (a.table.is_bits or a.bit > 15):
        raise AddressError(f"'{text}': a register has the bits 0 to 15.", "Example: holding:20.3.")
    if (a.kind is Kind.STRING) != (a.length > 0):
        raise AddressError(f"'{text}': the length in brackets belongs to a string.", "Example: holding:40:string[16].")
    if a.count > 123:
        raise AddressError(f"'{text}': a value has at most 123 registers.", "Example: holding:40:string[246].")
    if a.address + a.count > 65536:
        raise AddressError(f"'{text}' ends behind the last address, 65535.", _EXAMPLES)
    if a.unit is not None and not is_unit(a.unit):
        raise AddressError(f"'{text}': unit {a.unit} is no single device.", "Units are 1 to 247, or 255.")
    if (a.kind is Kind.STRING) != (type_ is TagType.STRING):
        raise AddressError(f"'{text}' does not fit a tag of type {type_}.", "A string tag has a string[n] address.")


def is_unit(unit: int) -> bool:
    """Whether it names one device; 0 would be a broadcast, which nobody answers and everybody obeys."""
    return 1 <= unit <= 247 or unit == 255


def _from_manual(digits: str) -> str:
    tables = {"0": Table.COIL, "1": Table.DISCRETE, "3": Table.INPUT, "4": Table.HOLDING}
    table = tables.get(digits[0])
    number = int(digits[1:] or 0)
    if len(digits) in {5, 6} and table is not None and 1 <= number <= 65536:
        return f"Write {table}:{number - 1} if the manual counts from 1, {table}:{number} if it counts from 0."
    return _EXAMPLES
