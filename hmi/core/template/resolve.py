"""Types made whole: what they inherit is merged in, members that are instances of other types are laid out flat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hmi.core.template.document import OWN, Document, Flaw, Template, Value
from hmi.core.template.override import merged
from hmi.core.template.parameters import NAME, substituted

_DEEPEST: Final = 16
"""Types within types; more is a mistake."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A type without what it inherits from or contains."""

    parameters: Mapping[str, Value]
    members: Mapping[str, Document]
    """By path below the instance, with the type's own parameters still in the texts."""
    display: tuple[Document, ...]


@dataclass(slots=True)
class Types:
    """All types of a project; those with flaws are missing from `whole`."""

    whole: dict[str, Whole] = field(default_factory=dict)
    flaws: dict[str, list[Flaw]] = field(default_factory=dict)
    """By type."""


class _TypeError(Exception):
    def __init__(self, where: str, what: str) -> None:
        super().__init__(what)
        self.flaw = Flaw(where, what)


def resolve(templates: Mapping[str, Template]) -> Types:
    """Every type, whole or with the reason why not."""
    types = Types()
    for name in templates:
        try:
            types.whole[name] = _whole(name, templates, (name,))
        except _TypeError as error:
            types.flaws[name] = [error.flaw]
    return types


def _whole(name: str, templates: Mapping[str, Template], inside: tuple[str, ...]) -> Whole:
    if len(inside) > _DEEPEST:
        raise _TypeError("members", f"more than {_DEEPEST} types lie within each other: {' > '.join(inside[:4])} ...")
    parameters, members, display = _inherited(name, templates)
    flat: dict[str, Document] = {}
    for member, document in members.items():
        where = f"members.{member}"
        if "of" in document:
            for below, inner in _nested(where, document, templates, inside).items():
                flat[f"{member}/{below}"] = substituted(inner, {}, f"./{member}/")
        else:
            _check_member(where, member, document)
            flat[member] = document
    return Whole(parameters, flat, display)


def _inherited(name: str, templates: Mapping[str, Template]) -> tuple[dict[str, Value], dict[str, Document], Any]:
    """Parameters, members and picture along the line of ancestors, the oldest first."""
    line: list[str] = []
    here = name
    while here:
        if here in line:
            raise _TypeError("extends", f"goes round in a circle: {' > '.join([*line, here])}")
        if here not in templates:
            known = ", ".join(sorted(templates)) or "none"
            raise _TypeError("extends" if line else "", f"there is no type {here!r} (types: {known})")
        line.append(here)
        here = templates[here].extends
    parameters: dict[str, Value] = {}
    members: dict[str, Document] = {}
    display: tuple[Document, ...] = ()
    for each in (templates[ancestor] for ancestor in reversed(line)):
        parameters |= each.parameters
        display = each.display or display
        for member, patch in each.members.items():
            if patch is None:
                if member not in members:
                    raise _TypeError(f"members.{member}", "is taken away, but no type above has it")
                del members[member]
            else:
                members[member] = merged(members.get(member, {}), patch)
    for parameter in parameters:
        if NAME.fullmatch(parameter) is None or parameter in OWN:
            what = f"{parameter!r} is no name of a parameter: letters, digits and _, and not {' or '.join(OWN)}"
            raise _TypeError(f"parameters.{parameter}", what)
    return parameters, members, display


def _nested(
    where: str, document: Document, templates: Mapping[str, Template], inside: tuple[str, ...]
) -> dict[str, Document]:
    of = document["of"]
    if unknown := set(document) - {"of", "parameters", "overrides", "description"}:
        raise _TypeError(
            f"{where}.{min(unknown)}", "is not known here: a member of a type has parameters and overrides"
        )
    if not isinstance(of, str) or of not in templates:
        raise _TypeError(f"{where}.of", f"there is no type {of!r} (types: {', '.join(sorted(templates))})")
    if of in inside:
        raise _TypeError(f"{where}.of", f"lies within itself: {' > '.join([*inside, of])}")
    whole = _whole(of, templates, (*inside, of))
    given = document.get("parameters", {})
    values = parameter_values(whole, given, f"{where}.parameters")
    members = overridden(whole.members, document.get("overrides", {}), f"{where}.overrides")
    return {path: substituted(inner, values, "./") for path, inner in members.items()}


def parameter_values(whole: Whole, given: Any, where: str) -> dict[str, Value]:
    """A value for each parameter of a type.

    Raises:
        _TypeError: one is missing, unknown, or no plain value.
    """
    if not isinstance(given, Mapping):
        raise _TypeError(where, "must be an object of values by name")
    for name, value in given.items():
        if name not in whole.parameters:
            known = ", ".join(whole.parameters) or "none"
            raise _TypeError(f"{where}.{name}", f"the type has no such parameter (parameters: {known})")
        if not isinstance(value, str | int | float):
            raise _TypeError(f"{where}.{name}", "must be a text, a number, true or false")
    values = {**whole.parameters, **given}
    for name, value in values.items():
        if value is None:
            raise _TypeError(f"{where}.{name}", "is missing: the type has no default for it")
    return values


def overridden(members: Mapping[str, Document], overrides: Any, where: str) -> dict[str, Document]:
    """Members with what differs; null takes one away.

    Raises:
        _TypeError: a member that the type does not have, or no object.
    """
    if not isinstance(overrides, Mapping):
        raise _TypeError(where, "must be an object of fields by member")
    result = dict(members)
    for member, patch in overrides.items():
        if member not in members:
            raise _TypeError(f"{where}.{member}", f"the type has no such member (members: {', '.join(members)})")
        if patch is None:
            del result[member]
        elif isinstance(patch, Mapping) and not {"uid", "path", "of"} & set(patch):
            result[member] = merged(members[member], patch)
        else:
            raise _TypeError(f"{where}.{member}", "must be an object of a tag's fields, without uid and path")
    return result


def _check_member(where: str, member: str, document: Document) -> None:
    for key in ("uid", "path"):
        if key in document:
            raise _TypeError(f"{where}.{key}", f"a member has none of its own: it is the instance's and {member!r}")


FlawError = _TypeError
