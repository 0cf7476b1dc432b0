"""Value with quality inside an evaluation, and the rules by which quality travels through a computation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from hmi.core.expression.operations import FAILURES
from hmi.core.quality import Status, code, is_bad, is_good

Reading = tuple[float | str, int]
"""Value (true = 1.0, false = 0.0; NaN when Bad) and status: 0, Uncertain_SubNormal or a Bad code."""

NAN: Final = math.nan
FAILED: Final[Reading] = (NAN, int(Status.BAD))
"""Division by zero, overflow, a root of a negative number and the like."""
_MISMATCH: Final[Reading] = (NAN, int(Status.BAD_TYPE_MISMATCH))
_RESERVED: Final = 0xC0000000
_BAD: Final = 0x80000000
_SUB_NORMAL: Final = int(Status.UNCERTAIN_SUB_NORMAL)


def worst(a: int, b: int) -> int:
    """The more doubtful of two statuses, the first of equally doubtful ones (by bits: this runs at every operator)."""
    return b if b >> 30 > a >> 30 else a


def bad(status: int) -> Reading:
    """A reading nobody may use, with the reason."""
    return (NAN, status)


def derived_status(status: int) -> int:
    """What a computation keeps of an input's status: Good, Uncertain_SubNormal, or the Bad code itself."""
    if status & _BAD:
        reserved = status & _RESERVED == _RESERVED
        return int(Status.BAD) if reserved else code(status)
    return _SUB_NORMAL if status & _RESERVED else 0


def read_number(value: float | str, status: int) -> Reading:
    """A number tag as the computation sees it; NaN and infinity are Bad whatever the status says."""
    kept = derived_status(status) if status else 0
    if kept & _BAD:
        return bad(kept)
    if isinstance(value, str):
        return _MISMATCH
    try:
        number = float(value)
    except FAILURES:
        return FAILED
    return (number, kept) if math.isfinite(number) else FAILED


def read_bool(value: float | str, status: int) -> Reading:
    """A boolean tag: anything but 0 is true."""
    number, kept = read_number(value, status)
    return (number, kept) if is_bad(kept) else (1.0 if number else 0.0, kept)


def read_text(value: float | str, status: int) -> Reading:
    """A string tag as the computation sees it."""
    kept = derived_status(status)
    if is_bad(kept):
        return bad(kept)
    return (value, kept) if isinstance(value, str) else _MISMATCH


def worst_of(readings: list[Reading]) -> int:
    """Worst status; of equally bad ones the first as written."""
    result = 0
    for _, status in readings:
        if status >> 30 > result >> 30:
            result = status
    return result


def strict(function: Callable[..., float | str], readings: list[Reading]) -> Reading:
    """Apply a function all of whose arguments count; any failure is Bad, never an exception."""
    status = worst_of(readings)
    if is_bad(status):
        return bad(status)
    try:
        value = function(*[value for value, _ in readings])
    except FAILURES:
        return FAILED
    if isinstance(value, str):
        return (value, status)
    return (float(value), status) if math.isfinite(value) else FAILED


def strict_two(function: Callable[..., float | str], left: Reading, right: Reading) -> Reading:
    """`strict` for the operators, which are most of any expression."""
    status = worst(left[1], right[1])
    if status & _BAD:
        return bad(status)
    try:
        value = function(left[0], right[0])
    except FAILURES:
        return FAILED
    if isinstance(value, str):
        return (value, status)
    return (float(value), status) if math.isfinite(value) else FAILED


def decide(left: Reading, right: Reading, deciding: bool) -> Reading:
    """`and` (deciding false) and `or` (deciding true): one *good* deciding operand is enough.

    Anything less than that is as doubtful as the worst operand.
    """
    for value, status in (left, right):
        if is_good(status) and bool(value) is deciding:
            return (float(deciding), 0)
    status = worst(left[1], right[1])
    if is_bad(status):
        return bad(status)
    decided = bool(left[0]) is deciding or bool(right[0]) is deciding
    return (float(deciding if decided else not deciding), status)


def choose(condition: Reading, then: Reading, otherwise: Reading) -> Reading:
    """`if`: the quality of the condition and of the chosen branch count, the other branch does not."""
    if is_bad(condition[1]):
        return bad(condition[1])
    value, status = then if condition[0] else otherwise
    return (value, worst(condition[1], status))


def redundant(function: Callable[..., float], readings: list[Reading], sources: list[bool]) -> Reading:
    """`min`, `max`, `avg`: with Bad arguments, Uncertain from the rest while under half are not Good, else Bad.

    `sources` marks the arguments that depend on a tag; constants are no sources and do not count.
    """
    tagged = [status for (_, status), counts in zip(readings, sources, strict=True) if counts]
    doubtful = sum(not is_good(status) for status in tagged)
    if not any(map(is_bad, tagged)) or 2 * doubtful >= len(tagged):
        return strict(function, readings)
    usable = [reading for reading in readings if not is_bad(reading[1])]
    value, status = strict(function, usable)
    return (value, worst(_SUB_NORMAL, status))


def quality_of(reading: Reading) -> Reading:
    """0 good, 1 uncertain, 2 bad; itself always Good."""
    return (float(reading[1] >> 30), 0)
