"""The columns of a tag table, made from the tag's own fields: a field that is added to `Tag` has its column at once.

`write.low` is a field in a field; `range.low` and `range.high` are the two numbers of a pair; `alarms.HH.limit` is the
limit of the alarm with the id HH. `alarms` lists a tag's alarms in order; `write` and `scaling` say whether it has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import inspect

from hmi.core.alarm import Alarm
from hmi.core.sheet import cells
from hmi.core.sheet.cells import Read, Write
from hmi.core.tag import Tag

ALARMS: Final = "alarms"
_ENDS: Final = ("low", "high")


@dataclass(frozen=True, slots=True)
class Column:
    """One field, or one number of a pair."""

    name: str
    path: tuple[str | int, ...]
    """Keys from the tag's (or alarm's) document down to the value; a number is a place in a pair."""
    write: Write
    read: Read
    presence: bool = False
    """Says `yes` where the part that the path leads to is there at all."""


@lru_cache(maxsize=1)
def tag_columns() -> Mapping[str, Column]:
    """Every column of a tag but those of its alarms, in reading order."""
    return {column.name: column for column in _of_struct(Tag, ()) if column.path[0] != ALARMS}


@lru_cache(maxsize=1)
def alarm_columns() -> Mapping[str, Column]:
    """The columns of one alarm, without its id: that is in the column's name."""
    return {column.name: column for column in _of_struct(Alarm, ()) if column.path != ("id",)}


def column_of(name: str) -> tuple[str | None, Column] | None:
    """(alarm id or None, column) of a heading; None when there is no such column."""
    if not name.startswith(f"{ALARMS}."):
        column = tag_columns().get(name)
        return None if column is None else (None, column)
    # An id may hold a point itself, a field's name may too: the field is the longest end that is one.
    rest = name.removeprefix(f"{ALARMS}.")
    for at in (i for i, letter in enumerate(rest) if letter == "." and i):
        column = alarm_columns().get(rest[at + 1 :])
        if column is not None:
            return rest[:at], column
    return None


def _of_struct(struct: type[msgspec.Struct], above: tuple[str | int, ...]) -> Iterator[Column]:
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise AssertionError(f"{struct} is no struct")
    for field in info.fields:
        yield from _of_type(field.type, (*above, field.encode_name))


def _of_type(type_: inspect.Type, path: tuple[str | int, ...]) -> Iterator[Column]:
    members = type_.types if isinstance(type_, inspect.UnionType) else (type_,)
    members = tuple(member for member in members if not isinstance(member, inspect.NoneType))
    structs = [member for member in members if isinstance(member, inspect.StructType)]
    if len(structs) > 1:
        yield from _of_union(structs, path)
    elif structs:
        if len(members) < len(getattr(type_, "types", members)):
            yield Column(_name(path), path, cells.write_flag, cells.read_flag, presence=True)
        yield from _of_struct(structs[0].cls, path)
    elif isinstance(members[0], inspect.TupleType):
        for at, end in enumerate(_ENDS):
            yield Column(f"{_name(path)}.{end}", (*path, at), cells.write_number, cells.read_number)
    else:
        write, read = _form(members)
        yield Column(_name(path), path, write, read)


def _of_union(structs: list[inspect.StructType], path: tuple[str | int, ...]) -> Iterator[Column]:
    """Kinds of one thing: the kind, then each field once, whichever kinds have it."""
    kind = structs[0].tag_field or "type"
    yield Column(_name((*path, kind)), (*path, kind), cells.write_text, cells.read_text)
    seen: set[str] = set()
    for struct in structs:
        for column in _of_struct(struct.cls, path):
            if column.name not in seen:
                seen.add(column.name)
                yield column


def _form(members: tuple[inspect.Type, ...]) -> tuple[Write, Read]:
    number = any(isinstance(member, inspect.FloatType | inspect.IntType) for member in members)
    if number and any(isinstance(member, inspect.StrType) for member in members):
        return cells.write_either, cells.read_either
    match members[0]:
        case inspect.BoolType():
            return cells.write_flag, cells.read_flag
        case inspect.EnumType() as enum if not issubclass(enum.cls, int):
            return cells.write_text, cells.read_text
        case inspect.FloatType() | inspect.IntType() | inspect.EnumType():
            return cells.write_number, cells.read_number
        case inspect.DictType(value_type=inspect.StrType()):
            return cells.write_states, cells.read_states
    is_text = isinstance(members[0], inspect.StrType)
    return (cells.write_text, cells.read_text) if is_text else (cells.write_json, cells.read_json)


def _name(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))


Document = dict[str, Any]
"""A tag as the project's files have it."""
