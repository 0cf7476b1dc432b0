"""How a place in an S7 controller is written: `DB10.DBX0.3`, `DB10.DBD8:real`, `MW20`, `I0.1`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hmi.core.tag import TagType
from hmi.drivers.api import AddressError

from .kinds import LONGEST, Kind, fits, size_of


class Area(StrEnum):
    """Where in the controller."""

    DB = "DB"
    FLAGS = "M"
    INPUTS = "I"
    OUTPUTS = "Q"


_AREAS: Final = MappingProxyType(
    {"M": Area.FLAGS, "I": Area.INPUTS, "E": Area.INPUTS, "Q": Area.OUTPUTS, "A": Area.OUTPUTS}
)
"""E and A are what German engineering tools write."""
_FORM: Final = re.compile(
    r"(?:DB(?P<db>\d{1,5})\.DB|(?P<area>[MIQEA]))(?P<width>[XBWD]?)(?P<byte>\d{1,5})(?:\.(?P<bit>\d))?"
    r"(?::(?P<kind>[A-Z_]+)(?:\[(?P<length>\d{1,3})\])?)?"
)
_BY_WIDTH: Final = MappingProxyType({"X": Kind.BOOL, "B": Kind.BYTE, "W": Kind.WORD, "D": Kind.DWORD})
"""What a place without a type holds."""
_WIDTHS: Final = MappingProxyType({"W": 2, "D": 4})
_SYNONYMS: Final = MappingProxyType({"DATE_AND_TIME": Kind.DATE_AND_TIME, "DT": Kind.DATE_AND_TIME})
_EXAMPLES: Final = "Examples: DB10.DBX0.3, DB10.DBD8:real, DB10.DBB20:string[16], MW20:int, I0.1."


@dataclass(frozen=True, slots=True)
class S7Address:
    """One place."""

    area: Area
    db: int
    """Number of the data block; 0 elsewhere."""
    byte: int
    bit: int | None
    """0 to 7 of a bool."""
    kind: Kind
    length: int
    """Characters of a string."""

    @property
    def size(self) -> int:
        """Bytes that are read for it."""
        return size_of(self.kind, self.length)


def parse_address(text: str, type_: TagType) -> S7Address:
    """The place that an address names.

    Raises:
        AddressError: with examples that are right.
    """
    match = _FORM.fullmatch(text.strip().upper())
    if match is None:
        raise AddressError(f"'{text}' is no S7 address.", _EXAMPLES)
    part = match.groupdict()
    bit = None if part["bit"] is None else int(part["bit"])
    width = part["width"] or ("X" if bit is not None else "")
    kind = _kind(text, width, part["kind"])
    length = _length(text, kind, part["length"])
    db = int(part["db"] or 0)
    _require(text, (bit is not None) == (kind is Kind.BOOL), "a bool has a bit, and nothing else has one")
    _require(text, (width == "X") == (kind is Kind.BOOL), "X stands for a bit, B, W and D for bytes")
    _require(text, bit is None or bit <= 7, "a byte has the bits 0 to 7")
    _require(
        text, width not in _WIDTHS or _WIDTHS[width] == size_of(kind, length), f"a {kind} is not as wide as {width}"
    )
    _require(text, part["area"] is not None or 1 <= db <= 65535, "data blocks have numbers from 1 to 65535")
    _require(text, int(part["byte"]) + size_of(kind, length) <= 65536, "an area ends at byte 65535")
    if not fits(kind, type_):
        what = f"'{text}' is of type {kind}, the tag is of type {type_}."
        raise AddressError(what, "Change the tag's type or the address.")
    return S7Address(Area.DB if part["db"] else _AREAS[part["area"]], db, int(part["byte"]), bit, kind, length)


def _kind(text: str, width: str, name: str | None) -> Kind:
    if name is None:
        if width not in _BY_WIDTH:
            raise AddressError(f"'{text}' does not say how wide it is.", "Write e.g. MB20, MW20, MD20 or M20.0.")
        return _BY_WIDTH[width]
    kind = _SYNONYMS.get(name) or next((known for known in Kind if known == name.lower()), None)
    if kind is None:
        raise AddressError(f"'{text}': there is no type '{name.lower()}'.", f"Types: {', '.join(Kind)}.")
    _require(text, width != "", "the width is missing before the number: B, W or D")
    return kind


def _length(text: str, kind: Kind, digits: str | None) -> int:
    if kind is not Kind.STRING:
        _require(text, digits is None, "only a string has a length")
        return 0
    length = int(digits or LONGEST)
    _require(text, 1 <= length <= LONGEST, f"a string has 1 to {LONGEST} characters")
    return length


def _require(text: str, fact: bool, sentence: str) -> None:
    if not fact:
        raise AddressError(f"'{text}': {sentence}.", _EXAMPLES)
