"""Reads a driver's options out of a project: every mistake becomes a sentence with the option's name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from hmi.drivers.api import AddressError, OptionField

E = TypeVar("E", bound=StrEnum)


class OptionReader:
    """Takes options one by one; `end` refuses what nobody took."""

    def __init__(self, options: Mapping[str, object]) -> None:
        self._rest = dict(options)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number within bounds."""
        value = self._rest.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise AddressError(f"Option '{name}' is {value!r}.", f"It is a number from {low:g} to {high:g}.")
        return float(value)

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = self.number(name, default, low, high)
        if not value.is_integer():
            raise AddressError(f"Option '{name}' is {value:g}.", "It is a whole number.")
        return int(value)

    def choice(self, name: str, default: E) -> E:
        """One of a set of words."""
        value = self._rest.pop(name, default.value)
        kind = type(default)
        if value not in set(kind):
            raise AddressError(f"Option '{name}' is {value!r}.", f"It is one of: {', '.join(kind)}.")
        return kind(str(value))

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        value = self._rest.pop(name, default)
        if not isinstance(value, str):
            raise AddressError(f"Option '{name}' is {value!r}.", "It is a text.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._rest.pop(name, default)
        if not isinstance(value, bool):
            raise AddressError(f"Option '{name}' is {value!r}.", "It is true or false.")
        return value

    def end(self, known: str) -> None:
        """Refuses options that nobody knows: a misspelt one must not be ignored silently."""
        if self._rest:
            raise AddressError(f"There is no option '{min(self._rest)}'.", f"Options: {known}.")


def read_fields(fields: Sequence[OptionField], options: Mapping[str, object]) -> dict[str, float | int | str | bool]:
    """The value of every field, given or default, in the type of its default.

    Raises:
        AddressError: out of bounds, of another type, or an option that is in no field.
    """
    known = {field.name: field for field in fields}
    for name in sorted(options.keys() - known.keys()):
        raise AddressError(f"There is no option '{name}'.", f"Options: {', '.join(known)}.")
    return {name: _value(field, options.get(name, field.default)) for name, field in known.items()}


def _value(field: OptionField, value: object) -> float | int | str | bool:
    wrong = f"Option '{field.name}' is {value!r}."
    if isinstance(field.default, bool):
        if not isinstance(value, bool):
            raise AddressError(wrong, "It is true or false.")
        return value
    if isinstance(field.default, str):
        if not isinstance(value, str):
            raise AddressError(wrong, "It is a text.")
        if field.choices and value not in field.choices:
            raise AddressError(wrong, f"It is one of: {', '.join(field.choices)}.")
        return value
    low = -math.inf if field.low is None else field.low
    high = math.inf if field.high is None else field.high
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise AddressError(wrong, f"It is a number from {low:g} to {high:g}.")
    if isinstance(field.default, float):
        return float(value)
    if value != int(value):
        raise AddressError(wrong, "It is a whole number.")
    return int(value)
