"""What differs from a type: a merge patch, in which a list of alarms is patched by the alarms' ids."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from hmi.core.template.document import Document

ALARMS: Final = "alarms"


def merged(base: Document, patch: Mapping[str, Any]) -> Document:
    """A new document: fields of `patch` over those of `base`, null takes a field away, parts are merged in turn.

    `alarms` may be a list, which stands in place of the other, or `{"HH": {"limit": 90}, "L": null}` by id.
    """
    result = copy.deepcopy(base)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif key == ALARMS and isinstance(value, Mapping):
            result[key] = _merged_alarms(result.get(key, []), value)
        elif isinstance(value, Mapping) and isinstance(result.get(key), Mapping) and _same_kind(result[key], value):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def _same_kind(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """A source of another kind has other fields: it is another one, not a changed one."""
    return "kind" not in after or before.get("kind") == after["kind"]


def _merged_alarms(alarms: list[Document], patch: Mapping[str, Any]) -> list[Document]:
    result: list[Document] = []
    for alarm in alarms:
        change = patch.get(alarm.get("id", ""), {})
        if change is not None:
            result.append(merged(alarm, change))
    known = {alarm.get("id") for alarm in alarms}
    result += [{"id": id_, **change} for id_, change in patch.items() if id_ not in known and change is not None]
    return result


def difference(base: Document, wanted: Document) -> Document:
    """The smallest patch with which `merged(base, patch)` is `wanted`."""
    patch: Document = {key: None for key in base if key not in wanted}
    for key, value in wanted.items():
        before = base.get(key)
        if before == value:
            continue
        if key == ALARMS and isinstance(before, list):
            patch[key] = _alarm_difference(before, value)
        elif isinstance(value, dict) and isinstance(before, dict) and _same_kind(before, value):
            patch[key] = difference(before, value)
        else:
            patch[key] = value
    return patch


def _alarm_difference(before: list[Document], wanted: list[Document]) -> Any:
    """By id where that says it all; another order can only be said by the whole list."""
    old = {alarm.get("id", ""): alarm for alarm in before}
    new = {alarm.get("id", ""): alarm for alarm in wanted}
    patch: Document = {id_: None for id_ in old if id_ not in new}
    for id_, alarm in new.items():
        if id_ in old and old[id_] != alarm:
            patch[id_] = difference(old[id_], alarm)
        elif id_ not in old:
            patch[id_] = {key: value for key, value in alarm.items() if key != "id"}
    return patch if _merged_alarms(before, patch) == wanted else wanted
