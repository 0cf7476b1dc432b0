"""One cell: how a field's value is written, read back, and kept from being run as a formula by a spreadsheet."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Cell = str | float | int | bool | None
"""As a spreadsheet has it; a CSV file has texts only. None and "" are an empty cell."""


class CellError(ValueError):
    """A cell that does not say what its column needs; the sentence goes on after the cell's text."""


_RUNS: Final = re.compile(r"'*[=+\-@\t\r]")
"""A spreadsheet runs a cell that begins with one of these as a formula; a quote before it makes it a text."""


def harmless(text: str) -> str:
    """A text that no spreadsheet runs; `plain` gives it back."""
    return f"'{text}" if _RUNS.match(text) else text


def plain(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if text.startswith("'") and _RUNS.match(text) else text


def write_text(value: Any) -> Cell:
    """A text, harmless."""
    return harmless(str(value))


def read_text(cell: Cell) -> Any:
    """A text; a spreadsheet may have taken it for a number."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return plain(str(cell))


def write_number(value: Any) -> Cell:
    """A number as it is: a number is no formula."""
    number: float | int = value
    return number


def read_number(cell: Cell) -> Any:
    """A whole number as such, so that a file's text does not change."""
    if isinstance(cell, bool):
        raise CellError("is no number")
    if isinstance(cell, int):
        return cell
    try:
        number = float(cell.strip()) if isinstance(cell, str) else float(cell or 0.0)
    except ValueError:
        hint = ": write the fraction with a point" if isinstance(cell, str) and "," in cell else ""
        raise CellError(f"is no number{hint}") from None
    if not math.isfinite(number):
        raise CellError("is no number that can be used")
    whole = not isinstance(cell, str) or re.fullmatch(r"\s*[+-]?\d+\s*", cell)
    return int(number) if whole and number.is_integer() and abs(number) <= 2**53 else number


_YES: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def write_flag(value: Any) -> Cell:
    """`yes` or `no`: a spreadsheet translates true and false."""
    return "yes" if value else "no"


def read_flag(cell: Cell) -> Any:
    """What people and spreadsheets write for it."""
    text = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip().lower()
    if text not in _YES:
        raise CellError("is neither yes nor no")
    return _YES[text]


def write_states(value: Any) -> Cell:
    r"""`0=Stopped; 1=Running`; a `;`, `=` or `\` inside a text gets a `\` before it."""
    pairs: Mapping[str, str] = value
    return harmless("; ".join(f"{_escaped(key)}={_escaped(text)}" for key, text in pairs.items()))


def _escaped(text: str) -> str:
    return re.sub(r"([\\;=])", r"\\\1", text)


def read_states(cell: Cell) -> Any:
    """Texts by value."""
    found: dict[str, str] = {}
    for part in re.findall(r"((?:\\.|[^;\\])+)", plain(str(cell))):
        halves = re.fullmatch(r"((?:\\.|[^=\\])*)=((?:\\.|[^=\\])*)", part.lstrip(" "), re.DOTALL)
        if halves is None:
            raise CellError("does not read as 0=Stopped; 1=Running")
        key, text = (re.sub(r"\\(.)", r"\1", half, flags=re.DOTALL) for half in halves.groups())
        if key.strip() in found:
            raise CellError(f"names {key.strip()} twice")
        found[key.strip()] = text
    return found


def write_json(value: Any) -> Cell:
    """What has no form of its own, as JSON."""
    return harmless(json.dumps(value, ensure_ascii=False, sort_keys=True))


def read_json(cell: Cell) -> Any:
    """An object of a driver's options."""
    try:
        return json.loads(plain(str(cell)))
    except json.JSONDecodeError as error:
        raise CellError(f"is no valid JSON: {error.msg.removesuffix(' at')} (column {error.colno})") from None


def write_either(value: Any) -> Cell:
    """A number, or a text in JSON's quotes: both may stand there, and `1` is not `"1"`."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else write_number(value)


def read_either(cell: Cell) -> Any:
    """A number where it reads as one, else a text, with or without quotes."""
    if isinstance(cell, str) and cell.startswith('"'):
        return read_json(cell)
    try:
        return read_number(cell)
    except CellError:
        return read_text(cell)


Write = Callable[[Any], Cell]
Read = Callable[[Cell], Any]
