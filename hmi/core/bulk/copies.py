"""Copies of tags by a pattern: pump 1 as an example, pumps 2 to 20 from it."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from hmi.core.errors import LinesideError
from hmi.core.sheet.columns import Document

MOST: Final = 10_000
"""Copies in one step; more is a slip of the hand."""
_NUMBER: Final = re.compile(r"\{n(?::(\d{1,2}))?\}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """`find` in path, description, address and expression becomes `replace`; `{n}` in it counts: `p{n:2}` is p02."""

    find: str
    replace: str
    first: int = 1
    count: int = 1
    step: int = 1


def copies(documents: Iterable[Document], pattern: Pattern, new_uid: Callable[[], str]) -> list[Document]:
    """New tags, each with a uid of its own; nothing of the originals' history is theirs.

    Raises:
        LinesideError: no such number of copies, or copies that would all have one path.
    """
    originals = list(documents)
    if not 1 <= pattern.count * len(originals) <= MOST:
        raise LinesideError(
            f"{pattern.count * len(originals):,} copies cannot be made at once.", f"Ask for 1 to {MOST:,}."
        )
    if not pattern.find:
        raise LinesideError("There is nothing to replace.", "Type the part of the path that differs in each copy.")
    made = [_copy(original, pattern, number, new_uid()) for number in _numbers(pattern) for original in originals]
    uses = Counter(document["path"] for document in (*originals, *made))
    double = next((path for path, times in uses.items() if times > 1), None)
    if double is not None:
        raise LinesideError(f"More than one tag would be {double}.", "Write {n} where the copies differ.")
    return made


def _numbers(pattern: Pattern) -> Iterator[int]:
    return (pattern.first + at * pattern.step for at in range(pattern.count))


def _copy(original: Document, pattern: Pattern, number: int, uid: str) -> Document:
    def width(match: re.Match[str]) -> str:
        return f"{number:0{int(match[1] or 1)}d}"

    new = _NUMBER.sub(width, pattern.replace)
    made = copy.deepcopy(original)
    made["uid"] = uid
    for part, key in ((made, "path"), (made, "description"), *((made["source"], k) for k in ("address", "expression"))):
        _replace(part, key, pattern.find, new)
    if "write" in made:
        for key in ("status_tag", "interlock"):
            _replace(made["write"], key, pattern.find, new)
    return made


def _replace(part: dict[str, Any], key: str, find: str, new: str) -> None:
    if isinstance(part.get(key), str):
        part[key] = part[key].replace(find, new)
