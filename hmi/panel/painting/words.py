"""Words: a value as a person reads it - digits by the tag's resolution, states by name, ages and times in short."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hmi.core.look import DASHES, Mark, look
from hmi.core.quality import status_name
from hmi.link.messages import TagInfo
from hmi.panel.stores import Shown

UNKNOWN_TAG: Final = "unknown tag"
NANO: Final = 1_000_000_000


def decimals_of(info: TagInfo | None, given: int | None = None) -> int:
    """Digits after the point: the display's, the tag's, else a thousandth of the range."""
    if given is not None:
        return given
    if info is None or info.type != "float":
        return 0 if info is not None else 1
    if info.decimals is not None:
        return info.decimals
    span = (info.high - info.low) if info.high is not None and info.low is not None else 0.0
    return min(max(math.ceil(-math.log10(span / 1000)), 0), 4) if span > 0 else 2


def number(value: float, decimals: int) -> str:
    """Digits with a thin gap every three, so that large counts can be read."""
    if not math.isfinite(value):
        return DASHES
    text = f"{value:,.{decimals}f}".replace(",", "\u00a0")
    return text.replace("-", "\u2212") if any(c in "123456789" for c in text) else text.replace("-", "")


def value_text(shown: Shown, decimals: int | None = None) -> str:
    """What stands in the value's field: number with its mark of doubt, state name, dashes, or that there is no tag."""
    if shown.unknown:
        return UNKNOWN_TAG
    found = look(shown.status)
    if not found.shows_value:
        return found.placeholder
    if shown.value is None:
        return "…"
    return plain_text(shown.value, shown.info, decimals) + found.suffix


def plain_text(value: float | str, info: TagInfo | None, decimals: int | None = None) -> str:
    """A value without regard to its quality."""
    if isinstance(value, str):
        return value
    if info is not None and info.type in {"bool", "enum"} and value == int(value):
        return info.states.get(str(int(value)), f"{value:g}")
    return number(value, decimals_of(info, decimals))


def unit_of(shown: Shown) -> str:
    """The unit, empty until the tag is resolved."""
    return shown.info.unit if shown.info is not None else ""


def age_text(time: int, now: int) -> str:
    """`12 s`, `3 min`, `2 h`, `5 d`: how long ago a source time is."""
    seconds = max(0, (now - time) // NANO)
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds // size} {unit}"
    return f"{seconds // 86_400} d"


def zone_of(name: str) -> tzinfo:
    """The station's time zone; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def clock_text(time: int, zone: tzinfo, *, date: bool = True) -> str:
    """A UTC ns stamp in the station's zone, to the second."""
    when = datetime.fromtimestamp(time / NANO, zone)
    return when.strftime("%Y-%m-%d %H:%M:%S %Z" if date else "%H:%M:%S")


def tooltip(path: str, shown: Shown, now: int, zone: tzinfo) -> str:
    """Everything known of a tag's value in a few lines; the one place a Bad tag's last value is told."""
    if shown.unknown:
        return f"{path}\nThe station has no tag of this path: correct the display."
    lines = [path]
    if shown.info is not None and shown.info.description:
        lines.append(shown.info.description)
    found = look(shown.status)
    if shown.value is not None and found.mark is not Mark.WAITING:
        text = f"{plain_text(shown.value, shown.info)} {unit_of(shown)}".rstrip()
        lines.append(f"Value: {text}" if found.shows_value else f"Last value: {text} (do not use)")
    lines.append(f"Quality: {status_name(shown.status)}")
    if shown.time:
        lines.append(f"Time: {clock_text(shown.time, zone)}, {age_text(shown.time, now)} ago")
    return "\n".join(lines)
