"""Times as people and programs give them, and as files show them: ISO 8601 on one side, ns since 1970 UTC on the other.

A `datetime` ends at microseconds and a float at some hundred ns; a sample's time is exact to the nanosecond, so
neither stands between a text and an integer here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Final

import numpy as np

from hmi.core.errors import LinesideError
from hmi.core.instants import SECOND

TimeLike = int | str | datetime | np.datetime64
"""ns since 1970 UTC; ISO 8601 (UTC when it has no offset); a datetime with a time zone; a numpy time (UTC)."""

SpanLike = int | str | timedelta | np.timedelta64
"""ns; `500ms`, `60s`, `5m`, `1.5h`, `1d`, `0`; a timedelta."""

EARLIEST: Final = -(1 << 63)
LATEST: Final = (1 << 63) - 1
"""What 64 bits of nanoseconds hold: 1677-09-21 to 2262-04-11."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_ISO: Final = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?)? ?([Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
"""`datetime.fromisoformat` would cut the second after six digits and not look at what follows them."""
_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3_600 * SECOND,
    "d": 86_400 * SECOND,
}
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d)", re.ASCII)
_INTERVAL_DO: Final = "Write 500ms, 60s, 5m, 1h, 1d, or 0 for the whole range."
_DO: Final = "Write 2026-01-31T08:00:00Z, or nanoseconds since 1970."


def ns_of_span(length: SpanLike) -> int:
    """ns of a length of time in any form.

    Raises:
        LinesideError: it is none, negative, or shorter than a nanosecond.
    """
    if isinstance(length, str):
        return _ns_of_length(length)
    if isinstance(length, timedelta):
        ns = ((length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds) * 1000
    elif isinstance(length, np.timedelta64):
        ns = int(length.astype("timedelta64[ns]").astype(np.int64))
    else:
        ns = int(length)
    if ns < 0:
        raise LinesideError(f"{length!r} is no interval.", _INTERVAL_DO)
    return ns


def _ns_of_length(text: str) -> int:
    found = _LENGTH.fullmatch(text.strip())
    if found is None and text.strip() != "0":
        raise LinesideError(f"{text!r} is no interval.", _INTERVAL_DO)
    ns = round(float(found[1]) * _UNITS[found[2]]) if found is not None else 0
    if found is not None and not ns:
        raise LinesideError(f"{text!r} is shorter than a nanosecond.", _INTERVAL_DO)
    return ns


def iso(ns: int) -> str:
    """`2026-01-31T08:00:00.000000000Z`: always nine digits, so that it reads back exactly."""
    seconds, rest = divmod(ns, SECOND)
    return f"{np.datetime64(seconds, 's')}.{rest:09d}Z"


def ns_of_iso(text: str) -> tuple[int, bool]:
    """The time an ISO 8601 text means, and whether the text says its offset (without one it is taken for UTC).

    Raises:
        ValueError: it is no such text, has more than nine digits of a second, or lies outside 1677 to 2262.
    """
    found = _ISO.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no ISO 8601 time")
    *parts, fraction, offset = found.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    days, clock = date(year, month, day).toordinal() - _EPOCH, clock_time(hour, minute, second)
    since = ((days * 24 + clock.hour) * 60 + clock.minute) * 60 + clock.second - _offset(offset)
    digits = (fraction or "").rstrip("0")
    ns = since * SECOND + int(digits.ljust(9, "0"))
    if len(digits) > 9 or not EARLIEST <= ns <= LATEST:
        raise ValueError(f"{text!r} is finer than a nanosecond or outside the years 1677 to 2262")
    return ns, offset is not None


def _offset(text: str | None) -> int:
    """Seconds that `+01:00` is before UTC."""
    if text is None or text in "Zz":
        return 0
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    clock_time(hours, minutes)
    return (hours * 60 + minutes) * (-60 if text[0] == "-" else 60)


def ns_of(when: TimeLike) -> int:
    """ns since 1970 UTC of a time in any form.

    Raises:
        LinesideError: it is none, or a datetime without a time zone.
    """
    if isinstance(when, str):
        return _ns_of_text(when)
    if isinstance(when, datetime):
        return _ns_of_datetime(when)
    if isinstance(when, np.datetime64):
        return _ns_of_numpy(when)
    return _within(int(when))


def _within(ns: int) -> int:
    if not EARLIEST <= ns <= LATEST:
        raise LinesideError(f"{ns} ns lie outside the years 1677 to 2262.", _DO)
    return ns


def _ns_of_text(text: str) -> int:
    try:
        return _within(int(text)) if text.strip().lstrip("+-").isdecimal() else ns_of_iso(text)[0]
    except ValueError as error:
        raise LinesideError(f"{text!r} is no time.", _DO) from error


def _ns_of_datetime(when: datetime) -> int:
    if when.tzinfo is None:
        # Python takes it for local time, numpy and pandas for UTC: a wrong guess would be hours off.
        raise LinesideError(f"{when!r} has no time zone.", "Give it one, e.g. tzinfo=datetime.UTC.")
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return micros * 1000 + int(getattr(when, "nanosecond", 0))  # a pandas.Timestamp has more than a datetime


def _ns_of_numpy(when: np.datetime64) -> int:
    if np.isnat(when):
        raise LinesideError("NaT is no time.", _DO)
    # In two steps of integers: a cast to ns wraps around without a word where 64 bits end.
    seconds = when.astype("datetime64[s]")
    rest = (when - seconds).astype("timedelta64[ns]")
    return _within(int(seconds.astype(np.int64)) * SECOND + int(rest.astype(np.int64)))
