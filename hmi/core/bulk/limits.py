"""Limits typed into a table: a number where there was none is a new alarm, an empty cell is none any more."""

from __future__ import annotations

import copy
import re
from typing import Final

from hmi.core.sheet.columns import ALARMS, Document

LIMIT: Final = re.compile(r"alarms\.(LL|L|H|HH)\.limit")
_WORDS: Final = {"LL": "very low", "L": "low", "H": "high", "HH": "very high"}


def without_limit(document: Document, heading: str) -> Document | None:
    """A copy without the alarm whose limit was emptied; None when the heading is no limit."""
    match = LIMIT.fullmatch(heading)
    if match is None:
        return None
    made = copy.deepcopy(document)
    kept = [alarm for alarm in made.pop(ALARMS, ()) if alarm.get("id") != match[1]]
    return {**made, ALARMS: kept} if kept else made


def with_kinds(document: Document) -> Document:
    """A copy in which alarms that have only a limit are of the kind that their column says, with a message."""
    if all("kind" in alarm for alarm in document.get(ALARMS, ())):
        return document
    name = document.get("description") or document["path"]
    alarms = [
        alarm
        if "kind" in alarm
        else {"kind": alarm["id"], "message": f"{name} {_WORDS.get(alarm['id'], alarm['id'])}", **alarm}
        for alarm in document[ALARMS]
    ]
    return {**document, ALARMS: alarms}
