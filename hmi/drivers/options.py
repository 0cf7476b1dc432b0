"""Reads a driver's options out of a project: every mistake becomes a sentence with the option's name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from hmi.drivers.api import AddressError, OptionField

Values = Mapping[str, float | int | str | bool]
"""Options by name, each in the type of its field's default."""


def read_fields(fields: Sequence[OptionField], options: Mapping[str, object]) -> Values:
    """The value of every field but secrets, given or default, in the type of its default.

    Raises:
        AddressError: out of bounds, of another type, an option that is in no field, or a secret.
    """
    for name in sorted(field.name for field in fields if field.secret and field.name in options):
        raise AddressError(f"'{name}' does not belong into a project.", "Run `hmi secret set` for it.")
    known = {field.name: field for field in fields if not field.secret}
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
