"""Times, ages and states in the words of the control room: one wording for banner, lists and status bar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from hmi.core.alarm_state import AlarmState
from hmi.core.instants import SECOND
from hmi.panel.painting.words import zone_of

NO_TIME: Final = "--:--:--"
STATE_WORDS: Final = {
    AlarmState.UNACKNOWLEDGED.value: "Unacknowledged",
    AlarmState.ACKNOWLEDGED.value: "Acknowledged",
    AlarmState.RETURNED_UNACKNOWLEDGED.value: "Returned, unack.",
    AlarmState.NORMAL.value: "Normal",
}
"""Alarm states as lists name them."""


def moment(utc: int, time_zone: str) -> datetime:
    """A station time (ns UTC) in the plant's zone."""
    return datetime.fromtimestamp(utc // SECOND, UTC).astimezone(zone_of(time_zone))


def clock_text(utc: int, time_zone: str) -> str:
    """`14:03:27 CEST`, dashes when no time is known."""
    return moment(utc, time_zone).strftime("%H:%M:%S %Z") if utc else NO_TIME


def date_text(utc: int, time_zone: str) -> str:
    """`2026-09-21`."""
    return moment(utc, time_zone).strftime("%Y-%m-%d") if utc else ""


def time_text(utc: int, time_zone: str, now: int = 0) -> str:
    """`14:03:27` today, `09-21 14:03:27` on another day than `now`."""
    if not utc:
        return NO_TIME
    at = moment(utc, time_zone)
    same_day = not now or at.date() == moment(now, time_zone).date()
    return at.strftime("%H:%M:%S" if same_day else "%m-%d %H:%M:%S")


def age_text(ns: int) -> str:
    """`0.4 s`, `12 s`, `3 min`, `5 h`, `2 d`: as exact as somebody who looks at it needs."""
    seconds = max(ns, 0) / SECOND
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    for limit, size, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 86_400)} d"


def size_text(size: float) -> str:
    """Bytes in the unit a person reads: `12.3 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1_000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1_000
    return f"{size:.1f} TB"
