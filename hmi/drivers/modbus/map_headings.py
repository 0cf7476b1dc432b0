"""Which column of a vendor's register map is which: headings are matched loosely, since no two vendors agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from hmi.core.sheet.cells import Cell


class Heading(StrEnum):
    """What a column of a register map tells."""

    NAME = "name"
    ADDRESS = "address"
    SPACE = "space"
    BIT = "bit"
    TYPE = "type"
    LENGTH = "length"
    ORDER = "order"
    UNIT = "unit"
    SCALE = "scale"
    DIVISOR = "divisor"
    OFFSET = "offset"
    ACCESS = "access"
    DESCRIPTION = "description"


_WORDS: Final = {
    Heading.NAME: "name tag tagname parameter parametername signal signalname variable point pointname datapoint label"
    " symbol item quantityname registername bezeichnung",
    Heading.ADDRESS: "address addr register reg registeraddress registernumber registerno modbusaddress modbusregister"
    " startaddress startregister registeroffset addressoffset modbus adresse",
    Heading.SPACE: "space table area registertype regtype objecttype modbustype memory memoryarea function functioncode"
    " fc fcread readfc readfunction readfunctioncode modbusfunction",
    Heading.BIT: "bit bitno bitnumber bitposition bitoffset",
    Heading.TYPE: "type datatype format dataformat vartype variabletype encoding datentyp",
    Heading.LENGTH: "length len size count registers words numberofregisters noofregisters registercount numregisters"
    " wordcount quantity anzahl",
    Heading.ORDER: "order wordorder byteorder endian endianness endianess",
    Heading.UNIT: "unit units engineeringunit engineeringunits eu uom unitofmeasure einheit",
    Heading.SCALE: "scale scaling scalefactor scalingfactor factor multiplier gain resolution faktor skalierung",
    Heading.DIVISOR: "divisor divider divideby division teiler",
    Heading.OFFSET: "offset valueoffset scaleoffset scalingoffset",
    Heading.ACCESS: "access accessmode accesstype accessrights rw ro readwrite mode permission permissions rights"
    " writable writeable zugriff",
    Heading.DESCRIPTION: "description desc comment comments remark remarks note notes meaning explanation beschreibung"
    " kommentar bemerkung",
}
_BY_WORD: Final = {word: heading for heading, words in _WORDS.items() for word in words.split()}


@dataclass(slots=True)
class Headings:
    """The columns of one map."""

    places: dict[Heading, int] = field(default_factory=dict)
    texts: dict[Heading, str] = field(default_factory=dict)
    """The headings as the vendor wrote them."""
    hexadecimal: bool = False
    """Addresses are hexadecimal, says their heading."""


def find(rows: Sequence[Sequence[Cell]]) -> tuple[int, Headings] | None:
    """The row of the headings (from 0) and what they mean; None where none tells an address.

    Vendors put titles and revisions above the table: the first row that names an address and one thing more is it.
    """
    for at, row in enumerate(rows):
        found = _match([str(cell or "") for cell in row])
        if Heading.ADDRESS in found.places and len(found.places) > 1:
            return at, found
    return None


def _match(cells: Sequence[str]) -> Headings:
    found = Headings()
    for match in (_exactly, _nearly):
        for place, text in enumerate(cells):
            heading = match(text)
            if heading is not None and heading not in found.places and place not in found.places.values():
                found.places[heading] = place
                found.texts[heading] = text.strip()
    if Heading.ADDRESS not in found.places and Heading.OFFSET in found.places:
        # Alone, it is the register's offset and not the value's.
        found.places[Heading.ADDRESS] = found.places.pop(Heading.OFFSET)
        found.texts[Heading.ADDRESS] = found.texts.pop(Heading.OFFSET)
    found.hexadecimal = "hex" in found.texts.get(Heading.ADDRESS, "").lower()
    return found


def _exactly(text: str) -> Heading | None:
    """By the whole heading, without what stands in brackets."""
    bare = re.sub(r"[(\[{].*?[)\]}]", "", text)
    return _BY_WORD.get(_letters(bare)) or _BY_WORD.get(_letters(text))


def _nearly(text: str) -> Heading | None:
    """By one of its words, the last that says something: of `Register data type` it is the type."""
    words = [_letters(word) for word in re.split(r"[^A-Za-z/]+", text)]
    pairs = [a + b for a, b in pairwise(words)]
    for word in [*reversed(pairs), *reversed(words)]:
        if word in _BY_WORD:
            return _BY_WORD[word]
    return None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
