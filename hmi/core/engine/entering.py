"""Entering: which values may be set inside the station."""

from __future__ import annotations

import math

from hmi.core.actions import SetValue
from hmi.core.engine.columns import Columns


def objection(columns: Columns, action: SetValue) -> str:
    """Why a value cannot be set, as a sentence; empty when it can."""
    tag = columns.tags.get(action.tag)
    if tag is None:
        return f"There is no tag with id {action.tag}."
    if not columns.kept[action.tag]:
        return f"{tag.path} is not held by the station: only memory and manual tags can be set."
    if isinstance(action.value, str) is not bool(columns.is_text[action.tag]):
        return f"{tag.path} takes {'a text' if columns.is_text[action.tag] else 'a number'}."
    if not isinstance(action.value, str) and not math.isfinite(action.value):
        return f"{tag.path} cannot be set to {action.value}: enter a finite number."
    return ""
