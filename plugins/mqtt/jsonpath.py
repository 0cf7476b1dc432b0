"""The place of one value inside a JSON document: `$.motor.speed`, `$['max speed'][2]`, `$[-1]`."""

from __future__ import annotations

import re
from typing import Final

JsonPath = tuple[str | int, ...]
"""Keys and indices from the root; empty is the document itself."""

ABSENT: Final = object()
"""What is found where the document has nothing; null is something."""

_STEP: Final = re.compile(
    r"\.(?P<name>[^.\[\];'\"#\s]+)|\['(?P<quoted>(?:[^'\\]|\\['\\])+)'\]|\[(?P<index>-?\d{1,6})\]"
)


def parse_path(text: str) -> tuple[JsonPath, str]:
    """The path at the beginning of a text, and the rest of the text.

    Raises:
        ValueError: it does not begin with a path.
    """
    if not text.startswith("$"):
        raise ValueError(f"'{text}' is no JSON path")
    steps: list[str | int] = []
    at = 1
    while step := _STEP.match(text, at):
        at = step.end()
        if step["index"] is not None:
            steps.append(int(step["index"]))
        elif step["quoted"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", step["quoted"]))
        else:
            steps.append(step["name"])
    return tuple(steps), text[at:]


def format_path(path: JsonPath) -> str:
    """The text of a path; `parse_path` gives the same path."""
    parts = ["$"]
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif re.fullmatch(r"[^.\[\];'\"#\s]+", step):
            parts.append(f".{step}")
        else:
            quoted = step.replace("\\", "\\\\").replace("'", "\\'")
            parts.append(f"['{quoted}']")
    return "".join(parts)


def find(document: object, path: JsonPath) -> object:
    """What the document has there, or `ABSENT`."""
    here = document
    for step in path:
        if isinstance(step, str):
            here = here.get(step, ABSENT) if isinstance(here, dict) else ABSENT
        elif isinstance(here, list) and -len(here) <= step < len(here):
            here = here[step]
        else:
            here = ABSENT
        if here is ABSENT:
            return ABSENT
    return here
