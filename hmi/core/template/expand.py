"""Instances laid out as tags: quickly, since a plant has thousands of the same pump."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from hmi.core.template.document import Document, Flaw, Instance, Value
from hmi.core.template.parameters import substituted
from hmi.core.template.resolve import FlawError, Types, Whole, overridden, parameter_values


class Member(NamedTuple):
    """One tag of an instance."""

    name: str
    """Its path below the instance."""
    document: Document
    """The whole tag, uid and path included."""


class Expander:
    """The types of a project, ready to make instances of."""

    def __init__(self, types: Types) -> None:
        self._types = types

    def tags(self, instance: Instance) -> tuple[list[Member], list[Flaw]]:
        """The tags of an instance, or why it has none."""
        whole = self._types.whole.get(instance.of)
        if whole is None:
            broken = instance.of in self._types.flaws
            what = f"the type {instance.of!r} has an error" if broken else f"there is no type {instance.of!r}"
            return [], [Flaw("of", what)]
        try:
            values = parameter_values(whole, instance.parameters, "parameters")
            members = overridden(whole.members, instance.overrides, "overrides")
        except FlawError as error:
            return [], [error.flaw]
        every = {**values, **_own(instance.path)}
        return [Member(name, _tag(instance, name, member, every)) for name, member in members.items()], []

    def plain(self, instance: Instance, member: str) -> Document | None:
        """A member as it would be without the instance's overrides: what an edit of it is compared with."""
        bare = Instance(uid=instance.uid, path=instance.path, of=instance.of, parameters=instance.parameters)
        return next((tag.document for tag in self.tags(bare)[0] if tag.name == member), None)

    def whole(self, name: str) -> Whole | None:
        """A type with what it inherits and contains."""
        return self._types.whole.get(name)


def _own(path: str) -> dict[str, Value]:
    return {"instance": path, "name": path.rpartition("/")[2]}


def _tag(instance: Instance, name: str, member: Document, values: Mapping[str, Value]) -> Document:
    document: Document = substituted(member, values, f"{instance.path}/")
    document["uid"] = f"{instance.uid}.{name}"
    document["path"] = f"{instance.path}/{name}"
    return document


_PLACED: Final = ("x", "y")


def symbol_elements(whole: Whole, element: Mapping[str, Any], parameters: Mapping[str, Value]) -> list[Document]:
    """The elements of a type's picture for an element `{"kind": "instance", "id", "x", "y", "instance", "scale"}`.

    `parameters` are the instance's. Positions and sizes are multiplied by `scale`, ids begin with the element's.
    """
    scale = float(element.get("scale", 1))
    values = {**whole.parameters, **parameters, **_own(str(element["instance"]))}
    made: list[Document] = []
    for each in whole.display:
        part: Document = substituted(each, values, f"{element['instance']}/")
        for key in ("x", "y", "w", "h", "size"):
            if isinstance(part.get(key), int | float):
                part[key] = part[key] * scale + (float(element.get(key, 0)) if key in _PLACED else 0)
        part["id"] = f"{element['id']}.{part.get('id', len(made))}"
        made.append(part)
    return made


def encoded(document: Document) -> bytes:
    """A tag as a line of a file."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False).encode()
