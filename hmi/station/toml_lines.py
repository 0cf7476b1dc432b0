"""Finds the line of a TOML file at which a table or a key stands: the decoder does not tell, and a person needs it."""

from __future__ import annotations

import re
from typing import Final

_TABLE: Final = re.compile(r"\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY: Final = re.compile(r"\s*([\w\-.\"' ]+?)\s*=")


def line_of(text: str, where: str) -> int:
    """The line of the longest beginning of `where` (e.g. `plc.options.unit`) that stands there; 0 when none does."""
    lines = _lines(text)
    while where:
        if where in lines:
            return lines[where]
        where = where.rpartition(".")[0]
    return 0


def _lines(text: str) -> dict[str, int]:
    """Line of each table and key by its path; the first where there are several."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = _bare(match[1])
            found.setdefault(table, number)
        elif match := _KEY.match(line):
            key = _bare(match[1])
            found.setdefault(f"{table}.{key}" if table else key, number)
    return found


def _bare(name: str) -> str:
    return name.replace('"', "").replace("'", "")
