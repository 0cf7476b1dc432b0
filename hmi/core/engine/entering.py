"""Entering: which values may be set inside the station, and what people may put in place of others."""

from __future__ import annotations

import math

from hmi.core.actions import ScanOff, SetValue, Substitute
from hmi.core.command import discrete_objection
from hmi.core.engine.columns import Columns
from hmi.core.tag import Tag


def objection(columns: Columns, action: SetValue) -> str:
    """Why a value cannot be set, as a sentence; empty when it can."""
    tag = columns.tags.get(action.tag)
    if tag is None:
        return f"There is no tag with id {action.tag}."
    if not columns.kept[action.tag]:
        return f"{tag.path} is not held by the station: only memory and manual tags can be set."
    return _unfit(columns, action.tag, tag, action.value)


def _unfit(columns: Columns, at: int, tag: Tag, value: float | str) -> str:
    if isinstance(value, str) is not bool(columns.is_text[at]):
        return f"{tag.path} takes {'a text' if columns.is_text[at] else 'a number'}."
    if not isinstance(value, str) and not math.isfinite(value):
        return f"{tag.path} cannot be set to {value}: enter a finite number."
    return ""


def substitute_objection(columns: Columns, action: Substitute, *, stands: bool) -> str:
    """Why a value cannot stand in place of a tag's own, or not be taken away; empty when it can.

    `stands`: whether one does so now.
    """
    tag, value = columns.tags.get(action.tag), action.value
    if tag is None:
        return f"There is no tag with id {action.tag}."
    if not action.user.strip():
        return f"The value of {tag.path} was not substituted: sign in first, a substitute needs a name."
    if columns.kept[action.tag]:
        return f"{tag.path} is held by the station: enter its value instead of substituting it."
    if value is None:
        return "" if stands else f"{tag.path} has no substitute that could be taken away."
    unfit = _unfit(columns, action.tag, tag, value)
    if unfit or isinstance(value, str):
        return unfit
    return discrete_objection(tag, value) or _outside(tag, value)


def _outside(tag: Tag, value: float) -> str:
    low, high = tag.range or (-math.inf, math.inf)
    if low <= value <= high:
        return ""
    return f"{value:g} is outside the range of {tag.path}, {low:g} to {high:g} {tag.unit}".rstrip() + "."


def scan_objection(columns: Columns, action: ScanOff) -> str:
    """Why the acquisition of some tags cannot be switched; empty when it can."""
    if not action.user.strip():
        return "Nothing was switched: sign in first, switching acquisition needs a name."
    for at in action.tags.tolist():
        tag = columns.tags.get(at)
        if tag is None:
            return f"There is no tag with id {at}: nothing was switched."
        if not columns.connected[at]:
            return f"{tag.path} is not read from a device: its acquisition cannot be switched, and nothing was."
    return ""
