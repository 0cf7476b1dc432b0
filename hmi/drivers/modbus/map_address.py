"""Where a value is, as vendors write it: 40108, 4x108, 0x6B, HR107, `30001-30002`, or a number and its space apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hmi.core.sheet.cells import CellError
from hmi.drivers.modbus.address import Table


@dataclass(frozen=True, slots=True)
class Counting:
    """How a map counts; nobody can know it from the map, so an engineer has to say it and to see an example."""

    base: int = 0
    """Number of the first register where the map writes plain numbers: 0 as the protocol counts, or 1."""
    prefixed_base: int = 1
    """Last digits of the first register where the map writes 40001 (1) or 40000 (0)."""
    prefixed: bool | None = None
    """Whether 40108 is holding register 108; None: where it fits the column of the space, or there is none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is, as the map says."""

    table: Table
    address: int
    """As the protocol counts, from 0."""
    bit: int | None = None
    count: int | None = None
    """Registers, where the map gives a range."""


_PREFIXES: Final = {"0": Table.COIL, "1": Table.DISCRETE, "3": Table.INPUT, "4": Table.HOLDING}
_PREFIXED: Final = {5, 6}
"""Digits of a number that has its table in front."""
_FUNCTIONS: Final = {1: Table.COIL, 5: Table.COIL, 15: Table.COIL, 2: Table.DISCRETE, 4: Table.INPUT,
                     3: Table.HOLDING, 6: Table.HOLDING, 16: Table.HOLDING}  # fmt: skip
_SPACES: Final = {
    Table.HOLDING: "holding hr h holdingregister holdingregisters analogoutput analogueoutput ao x outputregister mw",
    Table.INPUT: "input ir inputregister inputregisters analoginput analogueinput ai iw",
    Table.DISCRETE: "discrete di discreteinput discreteinputs digitalinput inputstatus inputbit contact",
    Table.COIL: "coil coils c co do digitaloutput discreteoutput outputcoil coilstatus outputbit",
}
_BY_SPACE: Final = {word: table for table, words in _SPACES.items() for word in words.split()}

_HEX: Final = r"0[xX][0-9A-Fa-f]+|[0-9A-Fa-f]*\d[0-9A-Fa-f]*[hH]"
_ADDRESS: Final = re.compile(
    r"(?P<space>[134][xX](?=\d)|[0134]:|%?[A-Za-z][A-Za-z ]*?)?[ :#]*"
    rf"(?P<number>{_HEX}|\d+|[0-9A-Fa-f]+)"
    r"(?:[.:/](?P<bit>\d{1,2}))?"
    rf"(?:\s*(?:-|\.\.|…|to)\s*(?P<last>{_HEX}|[0-9A-Fa-f]+))?"
)
_BARE: Final = re.compile(rf"(?P<space>(?!))?(?P<number>{_HEX}|[0-9A-Fa-f]+)(?P<bit>(?!))?(?P<last>(?!))?")
"""A number alone, which may begin with a letter where it is hexadecimal."""


def space(text: str) -> Table | None:
    """The table that a cell names: by words, by `4x`, or by the function code that reads it; None for an empty cell."""
    plain = text.strip().lower()
    if not plain:
        return None
    code = re.match(r"(?:fc|fn|function|0x)?\s*0*(\d{1,2})(?!\d|x)", plain)
    if code is not None and int(code[1]) in _FUNCTIONS:
        return _FUNCTIONS[int(code[1])]
    prefix = re.match(r"([0134])x", plain)
    if prefix is not None:
        return _PREFIXES[prefix[1]]
    table = _BY_SPACE.get(re.sub(r"[^a-z]", "", re.sub(r"\(.*?\)", "", plain)))
    if table is None:
        raise CellError("names none of holding, input, discrete, coil and no function code")
    return table


def place(text: str, table: Table | None, counting: Counting, *, hexadecimal: bool) -> Place:
    """Where the value is; `table` is what the column of the space says.

    Raises:
        CellError: the cell is no address.
    """
    plain = text.strip()
    pattern = _BARE if hexadecimal or re.fullmatch(_HEX, plain) else _ADDRESS
    found = pattern.fullmatch(plain) or _ADDRESS.fullmatch(plain)
    if found is None:
        raise CellError("is no Modbus address, e.g. 40108, 107, 0x6B or HR107")
    first = _number(found["number"], hexadecimal=hexadecimal)
    address, table = _counted(found, first, table, counting)
    if address < 0:
        raise CellError("lies before the first register: does the map count from 0?")
    count = None if found["last"] is None else _number(found["last"], hexadecimal=hexadecimal) - first + 1
    if count is not None and count < 1:
        raise CellError("ends before it begins")
    return Place(table, address, None if found["bit"] is None else int(found["bit"]), count)


def _number(text: str, *, hexadecimal: bool) -> int:
    if text[:2].lower() == "0x":
        return int(text, 16)
    if text[-1] in "hH":
        return int(text[:-1], 16)
    if not hexadecimal and not text.isdecimal():
        raise CellError("is no decimal number: hexadecimal ones begin with 0x")
    return int(text, 16 if hexadecimal else 10)


def _counted(found: re.Match[str], number: int, table: Table | None, counting: Counting) -> tuple[int, Table]:
    """The protocol's address of a number, and its table."""
    written, digits = found["space"], found["number"]
    if written is not None and written[0] in _PREFIXES:
        return number - counting.prefixed_base, _PREFIXES[written[0]]
    if written is not None:
        return number - counting.base, _named(written)
    digit = _PREFIXES.get(digits[0]) if len(digits) in _PREFIXED and digits.isdecimal() else None
    fits = digit is not None and table in {None, digit} and int(digits[1:]) >= counting.prefixed_base
    if digit is not None and (fits if counting.prefixed is None else counting.prefixed):
        return int(digits[1:]) - counting.prefixed_base, digit
    return number - counting.base, table or Table.HOLDING


def _named(word: str) -> Table:
    table = _BY_SPACE.get(re.sub(r"[^a-z]", "", word.lower()))
    if table is None:
        raise CellError("names none of holding, input, discrete and coil")
    return table
