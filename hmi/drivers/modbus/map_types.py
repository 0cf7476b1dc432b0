"""What a value's registers mean, as vendors write it: `U32`, `Float`, `INT (2 registers)`, `enum16`, `string20`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hmi.core.sheet.cells import CellError
from hmi.drivers.modbus.address import Kind, Table, WordOrder

_FAMILIES: Final = {
    "uint": {1: Kind.UINT16, 2: Kind.UINT32, 4: Kind.UINT64},
    "int": {1: Kind.INT16, 2: Kind.INT32, 4: Kind.INT64},
    "float": {2: Kind.FLOAT32, 4: Kind.FLOAT64},
    "bcd": {1: Kind.BCD16, 2: Kind.BCD32},
}
_TYPES: Final = {
    "uint": "uint unsigned unsignedint unsignedinteger u enum bitfield bitmap bitmask bitstring flags status acc count"
    " hex",
    "uint16": "uint16 u16 word ushort unsignedshort unsignedint16 uint16t uword",
    "uint32": "uint32 u32 dword udint ulong unsignedlong unsignedint32 uint32t udword",
    "uint64": "uint64 u64 lword ulint unsignedint64 uint64t qword",
    "int": "int integer signed signedint signedinteger s i",
    "int16": "int16 i16 s16 sint16 short signedint16 int16t sword",
    "int32": "int32 i32 s32 sint32 dint long longint signedint32 int32t",
    "int64": "int64 i64 s64 sint64 lint signedint64 int64t longlong",
    "float": "float real floatingpoint fp ieee",
    "float32": "float32 f32 real32 single float4 ieee754",
    "float64": "float64 f64 real64 double lreal float8",
    "bcd": "bcd",
    "bcd16": "bcd16 bcd4",
    "bcd32": "bcd32 bcd8",
    "bool": "bool boolean bit binary digital flag onoff coil",
    "string": "string str char ascii text utf8 characters",
}
_BY_TYPE: Final = {word: kind for kind, words in _TYPES.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Form:
    """What the registers of a value mean."""

    kind: Kind
    length: int = 0
    """Characters of a string."""
    order: WordOrder | None = None


def form(text: str, order: str, count: int | None, table: Table, bit: int | None) -> Form:
    """Type, length and order of a value of `count` registers (None: the map does not say)."""
    if table.is_bits or bit is not None:
        return Form(Kind.BOOL)
    plain = text.strip().lower()
    mark = re.search(r"\b(abcd|cdab|badc|dcba)\b", plain)
    wanted = word_order(order) or (WordOrder(mark[1].upper()) if mark else None)
    if mark is not None:
        plain = plain.replace(mark[1], "")
    letters = re.sub(r"[^a-z0-9]", "", re.sub(r"[\[(].*?[\])]", "", plain))
    kind = _BY_TYPE.get(letters) or _with_number(letters)
    if not letters and count not in {None, 1}:
        raise CellError(f"is empty, but the value has {count} registers: name its type")
    if kind == "string":
        return Form(Kind.STRING, _characters(plain, count), wanted)
    if letters and kind is None:
        raise CellError(f"is no known type: {', '.join(Kind)}")
    sized = _sized(kind or "uint", count)
    return Form(sized, 0, wanted if sized not in {Kind.UINT16, Kind.INT16, Kind.BCD16, Kind.BOOL} else None)


def _with_number(letters: str) -> str | None:
    """`enum16`, `float 32 bit`, `string20`: a word and a size."""
    found = re.fullmatch(r"([a-z]+?)(\d+)(?:bits?|b)?", letters) or re.fullmatch(r"(\d+)bit([a-z]*)", letters)
    if found is None:
        return None
    word, number = (found[2], found[1]) if found[1].isdecimal() else (found[1], found[2])
    family = _BY_TYPE.get(word or "uint")
    if family == "string":
        return family
    if family not in _FAMILIES or not number.isdecimal():
        return None
    size = int(number) // 16
    return _FAMILIES[family].get(size)


def _sized(kind: str, count: int | None) -> Kind:
    if kind not in _FAMILIES:
        exact = Kind(kind)
        registers = 1 if exact is Kind.BOOL else max(1, int(exact.value[-2:]) // 16)
        if count not in {None, registers}:
            raise CellError(f"has {registers} registers, but the map says {count}")
        return exact
    sizes = _FAMILIES[kind]
    if (count or min(sizes)) not in sizes:
        raise CellError(f"has no form of {count} registers")
    return sizes[count or min(sizes)]


def _characters(text: str, count: int | None) -> int:
    told = re.search(r"\d+", re.sub(r"utf-?8", "", text))
    if told is not None:
        return int(told[0])
    if count is None:
        raise CellError("is a text of unknown length: write string[16], or give its registers")
    return 2 * count


def word_order(text: str) -> WordOrder | None:
    """The order of the registers and bytes; None for an empty cell."""
    plain = re.sub(r"[^a-z]", "", text.lower())
    if not plain:
        return None
    for order, words in {
        WordOrder.ABCD: "abcd big bigendian be msb msbfirst highfirst highwordfirst mswfirst normal",
        WordOrder.CDAB: "cdab swapped wordswap wordswapped lowfirst lowwordfirst lswfirst middlelittle midlittleendian",
        WordOrder.BADC: "badc byteswap byteswapped midbigendian",
        WordOrder.DCBA: "dcba little littleendian le lsb lsbfirst",
    }.items():
        if plain in words.split():
            return order
    raise CellError("is no order of registers: ABCD, CDAB, BADC or DCBA")
