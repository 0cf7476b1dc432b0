"""What a message says: its value in the tag's type with a status, and its time."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.columns import EXACT, clean

from .address import MqttAddress
from .jsonpath import ABSENT

Value = tuple[float | str, int]
"""Value and status."""

FUTURE: Final = 60 * SECOND
"""A stamp further ahead than this is a wrong clock: the station's time is used."""
LONGEST: Final = 1 << 20
"""Bytes of a message that are looked at; a longer one is no measurement."""

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_ODD: Final = re.compile(r"[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE)
_TRUE: Final = frozenset({"true", "on", "yes", "1"})
_FALSE: Final = frozenset({"false", "off", "no", "0"})
_UNITS: Final = ((1e17, 1), (1e14, 1_000), (1e11, 1_000_000), (0.0, SECOND))
"""Numbers from this on count (ns, us, ms, s): no plant has stamps of the years 1973 or 5138."""


class NoJsonError(ValueError):
    """A payload that is no JSON."""


def document(payload: bytes) -> object:
    """The JSON of a payload.

    Raises:
        NoJsonError: it is none, or nested beyond reason.
    """
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise NoJsonError(str(fault)) from fault


def plain(payload: bytes) -> object:
    """The text of a payload that is one plain value; bytes that are no text stay bytes."""
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return payload


def read(content: object, type_: TagType, address: MqttAddress) -> Value:
    """Value and status of what was found; NaN or the empty text where it is not one of the tag's type."""
    if type_ is TagType.STRING:
        return _text(content)
    if content is None or content is ABSENT:
        return math.nan, Status.BAD_NO_DATA
    if type_ is TagType.BOOL:
        return _bit(content, address)
    return _number(content)


def _text(content: object) -> Value:
    if content is None or content is ABSENT:
        return "", Status.BAD_NO_DATA
    if isinstance(content, str):
        return clean(content), Status.GOOD
    if isinstance(content, bool):
        return "true" if content else "false", Status.GOOD
    if isinstance(content, int | float):
        return clean(str(content)), Status.GOOD
    return "", Status.BAD_TYPE_MISMATCH


def _bit(content: object, address: MqttAddress) -> Value:
    if isinstance(content, bool):
        return float(content), Status.GOOD
    word = content.strip() if isinstance(content, str) else str(content)
    if word == address.on if address.on else word.lower() in _TRUE:
        return 1.0, Status.GOOD
    if word == address.off if address.off else word.lower() in _FALSE:
        return 0.0, Status.GOOD
    return math.nan, Status.BAD_TYPE_MISMATCH


def _number(content: object) -> Value:
    if isinstance(content, str):
        word = content.strip()
        if _ODD.fullmatch(word):
            return math.nan, Status.BAD_OUT_OF_RANGE
        if word.lower() in {"true", "false"}:
            return float(word.lower() == "true"), Status.GOOD
        if len(word) > 400 or not _NUMBER.fullmatch(word):
            return math.nan, Status.BAD_TYPE_MISMATCH
        content = int(word) if word.lstrip("+-").isdecimal() else float(word)
    if not isinstance(content, int | float):
        return math.nan, Status.BAD_TYPE_MISMATCH
    if isinstance(content, int) and not -EXACT <= content <= EXACT:
        return (float(content), Status.UNCERTAIN) if abs(content) < 10**300 else (math.nan, Status.BAD_OUT_OF_RANGE)
    value = float(content)
    return (value, Status.GOOD) if math.isfinite(value) else (math.nan, Status.BAD_OUT_OF_RANGE)


def stamp(content: object) -> int | None:
    """ns UTC of a time in a message: seconds, ms, us or ns since 1970, or ISO 8601; None when it is none of them."""
    if isinstance(content, str):
        number = float(content) if len(content) < 40 and _NUMBER.fullmatch(content.strip()) else None
        return _iso(content) if number is None else stamp(number)
    if isinstance(content, bool) or not isinstance(content, int | float) or not 0 < content < 9e18:
        return None
    scale = next(factor for least, factor in _UNITS if content >= least)
    return content * scale if isinstance(content, int) else round(content * scale)


def _iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * 1_000
