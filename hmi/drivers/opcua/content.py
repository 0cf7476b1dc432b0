"""What a server's texts and times are for the station: clean, bounded, and in ns UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from asyncua import ua

from hmi.drivers.columns import clean

_UNIX: Final = datetime(1970, 1, 1, tzinfo=UTC)


def text_of(value: object) -> str:
    """A text, in whichever language the server gives it; empty where the value is none."""
    if isinstance(value, ua.LocalizedText):
        value = value.Text
    return clean(value) if isinstance(value, str) else ""


def nanoseconds(stamp: datetime) -> int:
    """A stamp in ns UTC; one without a zone is UTC, as everything in the protocol."""
    aware = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return (aware - _UNIX) // timedelta(microseconds=1) * 1000
