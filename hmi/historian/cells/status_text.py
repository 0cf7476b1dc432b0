"""A status as people read it, with nothing left out: `Uncertain_DataSubNormal,Interpolated,Partial`.

The words after the name are the lower bits of the code: how a value of history came about, limits and overflow. A code
without a name, or with bits that have no word, is written as a number, so that every code reads back as it was.
"""

from __future__ import annotations

from typing import Final

from hmi.core.quality import (
    CALCULATED,
    EXTRA_DATA,
    INFO_DATA_VALUE,
    INTERPOLATED,
    LIMIT_HIGH,
    LIMIT_LOW,
    MULTI_VALUE,
    OVERFLOW,
    PARTIAL,
    Status,
    code,
    status_name,
)

_WORDS: Final = (
    ("Calculated", CALCULATED),
    ("Interpolated", INTERPOLATED),
    ("Partial", PARTIAL),
    ("ExtraData", EXTRA_DATA),
    ("MultiValue", MULTI_VALUE),
    ("LimitConstant", LIMIT_LOW | LIMIT_HIGH),
    ("LimitLow", LIMIT_LOW),
    ("LimitHigh", LIMIT_HIGH),
    ("Overflow", OVERFLOW),
)


def status_text(status: int) -> str:
    """A code as name and words, or `0x80AB0000` when that would not say all of it."""
    words = [status_name(status)]
    left = status & 0xFFFF & ~INFO_DATA_VALUE
    for word, bits in _WORDS:
        if left & bits == bits:
            words.append(word)
            left &= ~bits
    text = ",".join(words)
    try:
        return text if status_of_text(text) == status else f"0x{status:08X}"
    except ValueError:
        return f"0x{status:08X}"


def status_of_text(text: str) -> int:
    """The code of a text like `Good`, `Bad_NoData`, `Good,Partial`, `0x80310000` or `2150694912`; empty is Good.

    Capitals and underscores do not matter: other systems write `BadNoData`.

    Raises:
        ValueError: it is none of these.
    """
    name, *words = (part.strip() for part in text.split(","))
    if not words and name[:1].isdigit():
        return _number(name)
    known = _CODES.get(_plain(name)) if name else int(Status.GOOD)
    if known is None:
        raise ValueError(f"{text!r} is no status: write a name such as Good or Bad_NoData, or the number of the code")
    bits = 0
    for word in words:
        found = _BITS.get(_plain(word))
        if found is None:
            raise ValueError(f"{word!r} is no word of a status; there are {', '.join(w for w, _ in _WORDS)}")
        bits |= found
    return known | (bits | INFO_DATA_VALUE if bits else 0)


def _number(text: str) -> int:
    try:
        value = int(text, 0)
    except ValueError as error:
        raise ValueError(f"{text!r} is no status: write a name such as Good, or the number of the code") from error
    if value > 0xFFFFFFFF:
        raise ValueError(f"{text!r} is no status: a code has 32 bits")
    return value


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


_CODES: Final = {_plain(status_name(status)): code(status) for status in Status}
_BITS: Final = {_plain(word): bits for word, bits in _WORDS}
