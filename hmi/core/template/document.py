"""What an engineer writes: `types/NAME.json`, and lines of `tags/*.jsonl` that make an instance of a type.

A type:
    {"parameters": {"base": null, "high": 80},
     "members": {"speed": {"type": "float", "source": {..., "address": "{base}.Speed"},
                           "alarms": [{"id": "H", "kind": "H", "limit": "{high}"}]},
                 "drive": {"of": "Drive", "parameters": {"base": "{base}.Drv"}}}}

An instance lists only what differs:
    {"uid": "7f3a", "path": "plant/packaging/conveyor1", "of": "Conveyor",
     "parameters": {"base": "DB10"}, "overrides": {"speed": {"alarms": {"H": {"limit": 70}}}, "brake": null}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec import Struct, field

Value = str | int | float | bool | None
"""What a parameter stands for; None: each instance must say."""

Document = dict[str, Any]
"""A tag without its uid and path, as JSON has it."""

OWN: Final = ("instance", "name")
"""Parameters that every type has: the instance's path, and the last name of it."""


class Template(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A type of equipment."""

    description: str = ""
    extends: str = ""
    """Type whose members, parameters and picture this one starts from."""
    parameters: Mapping[str, Value] = {}
    """Defaults by name; `{name}` in any text of a member is replaced by it."""
    members: Mapping[str, Document | None] = {}
    """Tags by their path below the instance; `of` makes a member an instance of another type. A member that is there
    already is changed field by field; null takes it away."""
    display: tuple[Document, ...] = ()
    """Elements of the type's picture, placed from its upper left corner; tags as `{instance}/speed`."""


class Instance(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One piece of equipment."""

    uid: str
    """Its members' uids begin with it, so that their history follows a rename of the instance."""
    path: str
    of: str
    """Name of its type."""
    description: str = ""
    parameters: Mapping[str, Value] = {}
    overrides: Mapping[str, Document | None] = field(default_factory=dict)
    """By member: the fields that differ from the type's; null: this instance has no such member."""


class Flaw(NamedTuple):
    """What is wrong with a type or an instance."""

    where: str
    """Path inside its document, e.g. `members.speed.of`."""
    what: str


def is_instance_line(line: bytes) -> bool:
    """Whether a line of `tags/*.jsonl` is an instance; a quote inside a text of a tag stands behind a backslash."""
    return b'"of":' in line or b'"of" :' in line
