"""Elements of arrays and structures: how a tag names one, and how it is taken out of a node's value.

An element path stands behind the last `#` of an address: `#[3]`, `#Speed`, `#Steps[2].Speed`. A path that is empty
means the whole value, so that an identifier which holds a `#` itself is written with another one at its end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Step = int | str
Path = tuple[Step, ...]
"""Index or field name, from the outside to the inside."""

MARK: Final = "#"
_FORM: Final = re.compile(r"(?:\[\d{1,9}\]|[^\W\d][^.\[\]#]*)(?:\[\d{1,9}\]|\.[^\W\d][^.\[\]#]*)*")
_STEP: Final = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class Missing:
    """What an element that the value does not have is taken to be."""


MISSING: Final = Missing()


def parse_path(text: str) -> Path | None:
    """The steps of a path; None when the text is no path."""
    if not text:
        return ()
    if not _FORM.fullmatch(text):
        return None
    return tuple(int(index) if index else name for index, name in _STEP.findall(text))


def path_text(path: Path) -> str:
    """How a path is written."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def element(value: object, path: Path) -> object:
    """The element at the end of a path; `MISSING` when the value has none there."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list | tuple) or step >= len(value):
                return MISSING
            value = value[step]
        elif isinstance(value, Mapping):
            if step not in value:
                return MISSING
            value = value[step]
        else:
            # Structures of the standard itself (Range, EUInformation ...) are the library's own records.
            fields = getattr(type(value), "__dataclass_fields__", {})
            if step not in fields:
                return MISSING
            value = getattr(value, step)
    return value
