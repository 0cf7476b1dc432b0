"""Every reason why a document does not decode, each with its path.

msgspec is quick but stops at the first error; pydantic finds all of them but is slow and heavy. So the structs are the
one model, and only for a document that failed they are turned into pydantic models to explain it.
"""

from __future__ import annotations

import difflib
import enum
import types
import typing
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
import pydantic


def explain(document: object, type_: object) -> list[tuple[str, str]]:
    """(path, sentence) of every error of a decoded JSON or TOML document; empty when there is none."""
    adapter = pydantic.TypeAdapter(_translate(type_, {}))
    try:
        adapter.validate_python(document, strict=False)
    except pydantic.ValidationError as error:
        return [
            (_path(document, item["loc"]), _sentence(item) + _meant(type_, item))
            for item in error.errors(include_url=False)
        ]
    return []


def _sentence(item: Any) -> str:
    given = item.get("input")
    text = str(item["msg"])
    if isinstance(given, str | int | float | bool) and item["type"] != "extra_forbidden":
        return f"{text} (found {given!r})"
    return {"Field required": "is missing", "Extra inputs are not permitted": "is not known here"}.get(text, text)


def _meant(type_: Any, item: Any) -> str:
    """The field that an unknown one was perhaps meant to be."""
    *place, wrong = item["loc"]
    if item["type"] != "extra_forbidden" or not isinstance(wrong, str):
        return ""
    for part in place:
        type_ = _type_at(type_, part)
    known = [f.encode_name for struct in _structs(type_) for f in msgspec.structs.fields(struct)]
    near = difflib.get_close_matches(wrong, known, 1)
    return f": perhaps {near[0]} is meant" if near else ""


def _structs(type_: Any) -> list[type[msgspec.Struct]]:
    members = get_args(type_) if get_origin(type_) in (typing.Union, types.UnionType) else (type_,)
    return [m for m in members if isinstance(m, type) and issubclass(m, msgspec.Struct)]


def _type_at(type_: Any, part: int | str) -> Any:
    """The type of a child by one step of pydantic's location, in which the kind of a union's member is a step too."""
    structs = _structs(type_)
    for struct in structs:
        if len(structs) > 1 and struct.__struct_config__.tag == part:
            return struct
        for field in msgspec.structs.fields(struct):
            if field.encode_name == part:
                return field.type
    for member in (type_, *get_args(type_)):
        if isinstance(part, int) and get_origin(member) in (list, tuple):
            return get_args(member)[0]
    return None


def _path(document: object, location: tuple[int | str, ...]) -> str:
    """`alarms[2].limit`; the name of a union's member, which pydantic puts between, is left out."""
    out = ""
    node: Any = document
    entered = False
    for part in location:
        if isinstance(node, dict) and not entered and part == node.get("kind"):
            entered = True
            continue
        entered = False
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
        node = _child(node, part)
    return out


def _child(node: Any, part: int | str) -> Any:
    if isinstance(node, dict):
        return node.get(part)
    if isinstance(node, list) and isinstance(part, int) and part < len(node):
        return node[part]
    return None


def _translate(type_: Any, known: dict[Any, Any]) -> Any:
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return known.get(type_) or _model(type_, known)
    if isinstance(type_, type) and issubclass(type_, enum.Enum):
        return type_
    origin = get_origin(type_)
    if origin in (typing.Union, types.UnionType):
        return _union(get_args(type_), known)
    if origin is None:
        return type_
    return origin[tuple(_translate(a, known) for a in get_args(type_))] if origin is not Literal else type_


def _union(members: tuple[Any, ...], known: dict[Any, Any]) -> Any:
    translated = tuple(_translate(m, known) for m in members)
    structs = [m for m in members if isinstance(m, type) and issubclass(m, msgspec.Struct)]
    union: Any = typing.Union[translated]  # noqa: UP007 - built from values, not written
    if len(structs) > 1 and len(structs) == len(members):
        field = structs[0].__struct_config__.tag_field
        return Annotated[union, pydantic.Field(discriminator=field)]
    return union


def _model(struct: type[msgspec.Struct], known: dict[Any, Any]) -> Any:
    config = struct.__struct_config__
    fields: dict[str, Any] = {}
    if config.tag_field is not None:
        fields[config.tag_field] = (Literal[config.tag], ...)
    for field in msgspec.structs.fields(struct):
        if field.default is not msgspec.NODEFAULT:
            default: Any = pydantic.Field(default=field.default, alias=field.encode_name)
        elif field.default_factory is not msgspec.NODEFAULT:
            default = pydantic.Field(default_factory=field.default_factory, alias=field.encode_name)
        else:
            default = pydantic.Field(alias=field.encode_name)
        # The prefix keeps fields such as `schema` apart from the model's own attributes.
        fields[f"field_{field.name}"] = (_translate(field.type, known), default)
    extra: Literal["forbid", "allow"] = "forbid" if config.forbid_unknown_fields else "allow"
    model = pydantic.create_model(
        struct.__name__,
        __config__=pydantic.ConfigDict(extra=extra, arbitrary_types_allowed=True, protected_namespaces=()),
        **fields,
    )
    known[struct] = model
    return model
