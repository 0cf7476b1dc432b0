"""Spans of time as options: `500ms`, `60s`, `5m`, `1h`, `1d`."""

from __future__ import annotations

import re
from typing import Any, Final

import click

_UNITS: Final = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "min": 60 * 10**9, "h": 3600 * 10**9, "d": 86_400 * 10**9}
_FORM: Final = re.compile(r"([1-9]\d{0,8})\s*([a-z]+)")


class Duration(click.ParamType[int]):
    """A whole number with a unit; the command gets nanoseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """ns of a text; a number passes."""
        if isinstance(value, int):
            return value
        found = _FORM.fullmatch(value.strip().lower())
        if found is None or found.group(2) not in _UNITS:
            self.fail(f"{value!r} is no span of time: write e.g. 500ms, 60s, 5m, 1h or 1d.", param, ctx)
        return int(found.group(1)) * _UNITS[found.group(2)]
