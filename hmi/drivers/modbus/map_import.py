"""A vendor's register map as tags: every line that can be understood, and a sentence for each cell that cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hmi.core.sheet import Fault, read_csv
from hmi.core.sheet.cells import Cell, CellError
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError
from hmi.drivers.modbus.address import Kind, parse_address
from hmi.drivers.modbus.map_address import Counting, Place, place, space
from hmi.drivers.modbus.map_cells import number, path, writable
from hmi.drivers.modbus.map_headings import Heading, Headings, find
from hmi.drivers.modbus.map_types import Form, form, word_order

__all__ = ["Counting", "MapReading", "MapRow", "read_map"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MapRow:
    """One value of a register map, ready to become a tag."""

    row: int
    """As a spreadsheet numbers it."""
    path: str
    address: str
    type: TagType
    unit: str = ""
    scale: float = 1.0
    """Engineering value = register value x scale + offset."""
    offset: float = 0.0
    writable: bool = False
    description: str = ""


@dataclass(slots=True)
class MapReading:
    """What a register map says."""

    rows: list[MapRow] = field(default_factory=list)
    """The sound ones, in the map's order."""
    faults: list[Fault] = field(default_factory=list)
    """Every cell that cannot be understood; its row is not in `rows`."""
    columns: dict[str, str] = field(default_factory=dict)
    """What each column was taken for: the vendor's heading by what it means."""
    example: str = ""
    """One decoded address, for the engineer to compare with the manual before anything is made of the map."""


def read_map(data: bytes, counting: Counting | None = None) -> MapReading:
    """Reads a CSV file (UTF-8; separated by comma, semicolon or tab) as vendors print them.

    Needed are columns of the address and of a name or description; the others may be missing. Lines above the headings
    and lines without an address (titles of chapters) are passed over.

    Raises:
        LinesideError: the bytes are no CSV file.
    """
    table = read_csv(data)
    found = find(table)
    if found is None:
        fault = Fault(1, "", "no row has headings: one column must be called Address, others Name, Type, Unit, Scale")
        return MapReading(faults=[fault])
    top, headings = found
    reading = MapReading(columns={heading.value: text for heading, text in headings.texts.items()})
    paths: dict[str, int] = {}
    for at, line in enumerate(table[top + 1 :], top + 2):
        row = _Row(at, line, headings, reading.faults)
        if row.text(Heading.ADDRESS):
            _take(row, counting or Counting(), reading, paths)
    return reading


class _Row:
    """One line of the map; what it says wrongly goes to the faults."""

    def __init__(self, number: int, line: Sequence[Cell], headings: Headings, faults: list[Fault]) -> None:
        self.number = number
        self.sound = True
        self.hexadecimal = headings.hexadecimal
        self._line = line
        self._headings = headings
        self._faults = faults

    def text(self, heading: Heading) -> str:
        """The cell, empty where there is none."""
        place = self._headings.places.get(heading)
        return "" if place is None or place >= len(self._line) else str(self._line[place] or "").strip()

    def read(self, heading: Heading, call: Callable[[str], T], default: T) -> T:
        """What `call` makes of the cell, or a fault and the default."""
        try:
            return call(self.text(heading))
        except CellError as fault:
            self.fault(heading, f"{self.text(heading)!r} {fault}")
            return default

    def fault(self, heading: Heading, what: str) -> None:
        """The row cannot be taken."""
        self.sound = False
        self._faults.append(Fault(self.number, self._headings.texts.get(heading, heading.value), what))


def _take(row: _Row, counting: Counting, reading: MapReading, paths: dict[str, int]) -> None:
    made = _decode(row, counting)
    if made is None:
        return
    if made.path in paths:
        row.fault(Heading.NAME, f"'{made.path}' is also in row {paths[made.path]}: two tags cannot have one path")
        return
    paths[made.path] = row.number
    reading.rows.append(made)
    reading.example = reading.example or f"{row.text(Heading.ADDRESS)} is read as {made.address} ({made.path})"


def _decode(row: _Row, counting: Counting) -> MapRow | None:
    named = Heading.NAME if row.text(Heading.NAME) else Heading.DESCRIPTION
    name = row.read(named, path, "")
    where = _place(row, counting)
    what = None if where is None else _form(row, where)
    scale, offset = _scale(row), row.read(Heading.OFFSET, lambda text: number(text) if text else 0.0, 0.0)
    may_write = row.read(Heading.ACCESS, writable, default=False)
    if where is None or what is None or not row.sound:
        return None
    kind = _tag_type(what, scale, offset)
    address = _address(where, what)
    try:
        parse_address(address, kind)
    except AddressError as fault:
        row.fault(Heading.ADDRESS, fault.what)
        return None
    if may_write and where.table.is_read_only:
        row.fault(Heading.ACCESS, f"says that it can be written, but nothing in the table '{where.table}' can")
        return None
    unit, text = row.text(Heading.UNIT), row.text(Heading.DESCRIPTION)
    return MapRow(row.number, name, address, kind, "" if unit in {"-", "--"} else unit, scale, offset, may_write, text)


def _place(row: _Row, counting: Counting) -> Place | None:
    table = row.read(Heading.SPACE, space, None)
    where = row.read(Heading.ADDRESS, lambda text: place(text, table, counting, hexadecimal=row.hexadecimal), None)
    if where is None or not row.text(Heading.BIT) or where.bit is not None:
        return where
    return replace(where, bit=row.read(Heading.BIT, _whole, None))


def _form(row: _Row, where: Place) -> Form | None:
    told = row.read(Heading.LENGTH, lambda text: _whole(text) if text else None, None)
    count = where.count if told is None else told
    row.read(Heading.ORDER, word_order, None)
    if not row.sound:
        return None
    order = row.text(Heading.ORDER)
    return row.read(Heading.TYPE, lambda text: form(text, order, count, where.table, where.bit), None)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise CellError("is no whole number")
    return int(text)


def _scale(row: _Row) -> float:
    scale = row.read(Heading.SCALE, lambda text: number(text) if text else 1.0, 1.0)
    divisor = row.read(Heading.DIVISOR, lambda text: number(text) if text else 1.0, 1.0)
    for heading, factor in ((Heading.SCALE, scale), (Heading.DIVISOR, divisor)):
        if factor == 0:
            row.fault(heading, f"{row.text(heading)!r} would make every value the same")
    return scale / (divisor or 1.0)


def _tag_type(what: Form, scale: float, offset: float) -> TagType:
    if what.kind is Kind.STRING:
        return TagType.STRING
    if what.kind is Kind.BOOL:
        return TagType.BOOL
    is_whole = what.kind not in {Kind.FLOAT32, Kind.FLOAT64} and scale.is_integer() and offset.is_integer()
    return TagType.INT if is_whole else TagType.FLOAT


def _address(where: Place, what: Form) -> str:
    text = f"{where.table}:{where.address}"
    if where.bit is not None:
        return f"{text}.{where.bit}"
    if where.table.is_bits:
        return text
    length = f"[{what.length}]" if what.kind is Kind.STRING else ""
    order = f":{what.order}" if what.order is not None else ""
    return f"{text}:{what.kind}{length}{order}"
