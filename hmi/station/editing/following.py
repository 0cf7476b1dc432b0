"""Renaming: what reads a tag follows it to its new path, in the same edit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from hmi.core.expression import ExpressionError, rename_all
from hmi.station.editing.records import Document, Key, decoded, line_of

Paths = Mapping[str, str]
"""New path by old one."""
_NO_PATH: Final = rb'("(?:id|name|title|label)"\s*:\s*)?'
"""What a text stands behind that is not the path of a tag, whatever it looks like."""


def followed(key: Key, document: bytes, paths: Paths) -> bytes:
    """A record's document with renamed tags under their new paths; the same bytes where it names none of them."""
    match key.kind:
        case "tag":
            return _through(document, lambda d: _tag(d, paths))
        case "connection":
            return _through(document, lambda d: _fields(d, ("heartbeat", "cpu_state"), paths))
        case "display":
            return _display(document, paths)
        case _:
            return document


def _through(document: bytes, change: Callable[[Document], bool]) -> bytes:
    content = decoded(document)
    return line_of(content) if change(content) else document


def _tag(document: Document, paths: Paths) -> bool:
    if "of" in document:
        return _instance(document, paths)
    source, write = document.get("source"), document.get("write")
    changed = isinstance(source, dict) and _expression(source, "expression", paths)
    if isinstance(write, dict):
        changed |= _expression(write, "interlock", paths)
        changed |= _fields(write, ("status_tag",), paths)
    return changed


def _instance(document: Document, paths: Paths) -> bool:
    """What an instance itself says; what its type says is not for one instance to change."""
    parameters, overrides = document.get("parameters"), document.get("overrides")
    changed = False
    if isinstance(parameters, dict):
        changed |= _fields(parameters, tuple(parameters), paths)
    if isinstance(overrides, dict):
        for patch in overrides.values():
            changed |= isinstance(patch, dict) and _tag(patch, paths)
    return changed


def _expression(part: Document, field: str, paths: Paths) -> bool:
    text = part.get(field)
    if not isinstance(text, str):
        return False
    try:
        renamed = rename_all(text, paths)
    except ExpressionError:
        return False  # the check of the tag says what is wrong
    part[field] = renamed
    return renamed != text


def _fields(part: Document, fields: tuple[str, ...], paths: Paths) -> bool:
    changed = False
    for field in fields:
        path = part.get(field)
        if isinstance(path, str) and path in paths:
            part[field] = paths[path]
            changed = True
    return changed


def _display(document: bytes, paths: Paths) -> bytes:
    """By the text: a display is written by hand too, and stays as it was laid out."""
    quoted = {json.dumps(old).encode(): json.dumps(new).encode() for old, new in paths.items()}
    either = re.compile(_NO_PATH + b"(" + b"|".join(re.escape(old) for old in quoted) + b")")
    return either.sub(lambda found: found[0] if found[1] else quoted[found[2]], document)
