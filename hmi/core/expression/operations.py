"""The arithmetic itself: finite floats in, a finite float out, or `ArithmeticError`/`ValueError`.

Both ways of evaluating use these, so that they cannot disagree about a number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

FAILURES: Final = (ArithmeticError, ValueError, TypeError)
"""What a computation may raise; every one of them becomes a Bad result."""

_EXACT: Final = 2.0**53
MAX_RESULT_TEXT: Final = 4_096
"""Characters a computed text may have."""


def fail() -> float:
    """Give up this computation (a function, so that it can stand inside an expression)."""
    raise ArithmeticError


def avg(*values: float) -> float:
    """Mean of its arguments."""
    return math.fsum(values) / len(values)


def bit(value: float, number: float) -> bool:
    """Whether bit `number` (0 = lowest) of a whole number is set; negative numbers are two's complement."""
    if not (value.is_integer() and number.is_integer() and abs(value) <= _EXACT and 0 <= number <= 52):
        raise ValueError
    return bool(int(value) >> int(number) & 1)


def ceil(value: float) -> float:
    """Next whole number upwards."""
    return float(math.ceil(value))


def clamp(value: float, low: float, high: float) -> float:
    """`value` held between the two ends; ends the wrong way round are a failure."""
    if low > high:
        raise ValueError
    return low if value < low else min(value, high)


def floor(value: float) -> float:
    """Next whole number downwards."""
    return float(math.floor(value))


def join(left: str, right: str) -> str:
    """Two texts in one; a failure when it grows beyond `MAX_RESULT_TEXT`."""
    joined = left + right
    if len(joined) > MAX_RESULT_TEXT:
        raise ValueError
    return joined


def modulo(value: float, divisor: float) -> float:
    """Remainder with the sign of the divisor, so that angles and counters wrap."""
    return value % divisor


def round_half_even(value: float, digits: float = 0.0) -> float:
    """Nearest number with `digits` decimals; a half goes to the even neighbour."""
    return float(round(value, int(digits)))


def between(value: float, low: float, high: float) -> bool:
    """Whether `value` lies in the range, both ends included."""
    return low <= value <= high


NUMERIC: Final = MappingProxyType[str, Callable[..., float]](
    {
        "abs": abs,
        "sqrt": math.sqrt,
        "exp": math.exp,
        "ln": math.log,
        "log10": math.log10,
        "sin": math.sin,
        "cos": math.cos,
        "floor": floor,
        "ceil": ceil,
        "round": round_half_even,
        "clamp": clamp,
        "between": between,
        "bit": bit,
        "min": min,
        "max": max,
        "avg": avg,
    }
)
"""Functions of numbers, by the name used in expressions."""

POWER: Final = math.pow
"""Never complex and never a huge integer, unlike `**`."""
