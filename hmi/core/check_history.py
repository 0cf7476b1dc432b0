"""What must hold for history: policies of tags that make sense, and retention groups that exist."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Final

from hmi.core.project import DEFAULT_GROUP, HistorySettings
from hmi.core.tag import Tag, TagType

GROUP: Final = re.compile(r"[a-z0-9_-]+")
"""A group's name becomes part of file names."""

Finding = tuple[str, str]
"""(path inside the tag or file, sentence)."""

_STATES: Final = (TagType.STRING, TagType.BOOL, TagType.ENUM)


def history_findings(tag: Tag) -> Iterator[Finding]:
    """Everything wrong with a tag's history policy that can be seen without the project."""
    history = tag.history
    for name in ("deadband", "min_interval", "max_interval", "swinging_door"):
        value = getattr(history, name)
        if value is not None and not (value >= 0 and math.isfinite(value)):
            yield f"history.{name}", f"must be a number that is not negative, not {value:g}"
    if 0 < history.max_interval < history.min_interval:
        what = f"{history.min_interval:g} s is longer than max_interval, {history.max_interval:g} s"
        yield "history.min_interval", what
    if history.deadband > 0 and tag.type in _STATES:
        yield "history.deadband", f"has no meaning for a tag of type {tag.type.value}: each change is one"
    yield from _door(tag)
    if history.group and GROUP.fullmatch(history.group) is None:
        yield "history.group", f"{history.group!r} is no group name: {_NAME}"


_NAME: Final = "small letters, digits, - and _ only"


def _door(tag: Tag) -> Iterator[Finding]:
    if tag.history.swinging_door is None:
        return
    instead = "store every change, or give a deadband or intervals"
    if tag.type is not TagType.FLOAT:
        yield (
            "history.swinging_door",
            f"is for measured numbers (float), the tag is of type {tag.type.value}: {instead}",
        )
    elif tag.is_stepped:
        yield "history.swinging_door", f"draws lines between samples, and this value holds (stepped): {instead}"


def check_history(settings: HistorySettings) -> list[Finding]:
    """Everything wrong with the project's retention groups."""
    found: list[Finding] = []
    for name, group in settings.groups.items():
        where = f"history.groups.{name}"
        if GROUP.fullmatch(name) is None:
            found.append((where, f"{name!r} is no group name: {_NAME}"))
        if group.max_age_days is not None and not (group.max_age_days > 0 and math.isfinite(group.max_age_days)):
            found.append((f"{where}.max_age_days", "must be more than 0 days; leave it out to keep everything"))
        if group.max_bytes is not None and group.max_bytes <= 0:
            found.append((f"{where}.max_bytes", "must be more than 0 bytes; leave it out for no limit"))
    return found


def check_groups(tags: Iterable[Tag], settings: HistorySettings) -> list[tuple[int, str, str]]:
    """(index of the tag, path inside it, sentence) of groups that the project does not have."""
    known = {"", DEFAULT_GROUP, *settings.groups}
    names = ", ".join(sorted(known - {""}))
    return [
        (at, "history.group", f"group {tag.history.group!r} does not exist in project.toml (known: {names})")
        for at, tag in enumerate(tags)
        if tag.history.group not in known and GROUP.fullmatch(tag.history.group)
    ]
