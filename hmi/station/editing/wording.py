"""Changes of a project in words: one line a record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hmi.station.editing.records import Document, Key, decoded

_MOST: Final = 5
"""Fields that are named of one record."""
_LONGEST: Final = 60
"""Characters of a value."""


def change_line(key: Key, before: bytes, after: bytes) -> str:
    """`tag plant/a/level: alarms.H.limit 80 -> 85`."""
    old, new = _read(before), _read(after)
    name = str((old or new).get("path", key.name)) if key.kind == "tag" else key.name
    title = f"{key.kind} {name}"
    if not before:
        return f"{title}: new"
    if not after:
        return f"{title}: deleted"
    if key.kind == "tag" and old.get("path") != new.get("path"):
        title = f"{title} becomes {new.get('path')}"
    fields = [line for line in _differences("", old, new) if not line.startswith("path ")]
    if not fields:
        return title
    more = f" and {len(fields) - _MOST} more" if len(fields) > _MOST else ""
    return f"{title}: {', '.join(fields[:_MOST])}{more}"


def _read(document: bytes) -> Document:
    try:
        return decoded(document) if document else {}
    except ValueError:
        return {}


def _differences(place: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted({*old, *new}):
            where = f"{place}.{name}" if place else name
            yield from _differences(where, old.get(name), new.get(name))
    elif _by_id(old) is not None and _by_id(new) is not None:
        yield from _differences(place, _by_id(old), _by_id(new))
    elif old != new:
        yield f"{place} {_shown(old)} -> {_shown(new)}"


def _by_id(value: Any) -> dict[str, Any] | None:
    """Alarms and elements by their ids; None where it is no such list."""
    if value is None or not isinstance(value, list):
        return None
    if not all(isinstance(part, dict) and isinstance(part.get("id"), str) for part in value):
        return None
    found = {part["id"]: part for part in value}
    return found if value and len(found) == len(value) else None


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
