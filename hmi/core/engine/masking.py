"""Masking: carries out what people and judges of devices put before tags' own values, or takes it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from hmi.core.actions import Action, Halt, ScanOff, Substitute
from hmi.core.batch import Int32
from hmi.core.effects import Notice, Refusal
from hmi.core.engine.columns import Columns
from hmi.core.engine.entering import scan_objection, substitute_objection
from hmi.core.engine.masks import Mask, Masks
from hmi.core.engine.rows import Rows

MASKING: Final = (Substitute, ScanOff, Halt)
"""Actions that do this."""


def carry_out(actions: Sequence[Action], masks: Masks, columns: Columns, scan: Rows) -> list[Refusal]:
    """Carry out the actions that mask, in order; `scan`: rows of this scan, which are not live yet."""
    refusals = []
    for action in actions:
        why = ""
        match action:
            case Substitute():
                why = _substitute(action, masks, columns, scan)
            case ScanOff(tags, off):
                why = scan_objection(columns, action)
                if not why:
                    _switch(tags, Mask.OFF, off, masks, scan)
            case Halt(tags, halted):
                known = tags[(tags >= 0) & (tags < columns.size)]
                _switch(known[columns.connected[known]], Mask.HALTED, halted, masks, scan)
            case _:
                pass
        if why and isinstance(action, Substitute | ScanOff):
            refusals.append(Refusal(action, why))
    return refusals


def _substitute(action: Substitute, masks: Masks, columns: Columns, scan: Rows) -> str:
    why = substitute_objection(columns, action, stands=action.tag in masks.substitutes)
    if why:
        return why
    if action.value is None:
        masks.lift(np.array([action.tag], np.intp), Mask.SUBSTITUTE)
    else:
        masks.substitute(action.tag, action.value, scan)
    return ""


def _switch(tags: Int32, mask: Mask, on: bool, masks: Masks, scan: Rows) -> None:
    ids = np.unique(tags).astype(np.intp)
    if on:
        masks.put(ids, mask, scan)
    else:
        masks.lift(ids, mask)


def load_masks(saved: Mapping[str, Any], masks: Masks, columns: Columns, *, running: bool) -> list[Notice]:
    """Take over what was saved of the masks; what to tell of those that do not fit any more."""
    return [
        Notice(
            "substitute-dropped",
            f"{columns.tags[tag].path}: what stood in its place is gone, the tag is another one now.",
            tag,
        )
        for tag in masks.load(saved, running=running)
    ]
