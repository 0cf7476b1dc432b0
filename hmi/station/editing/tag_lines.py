"""The lines of `tags/*.jsonl`: found by uid, and changed without touching any other line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

_FEW: Final = 8
"""Lines that are looked for one by one; for more the whole file is gone through."""


class Line(NamedTuple):
    """One tag's line of a file."""

    begin: int
    end: int
    """Without the line break."""


class _Identified(msgspec.Struct):
    uid: str = ""


_UID: Final = msgspec.json.Decoder(_Identified)


def find_lines(text: bytes, uids: Collection[str]) -> dict[str, Line]:
    """Where the lines of some tags are; those that are not there are missing."""
    if len(uids) > _FEW:
        return _gone_through(text, frozenset(uids))
    found: dict[str, Line] = {}
    rest = []
    for uid in uids:
        line = _searched(text, uid)
        if line is None:
            rest.append(uid)
        else:
            found[uid] = line
    if rest:  # it may be spelled with other escapes
        found.update(_gone_through(text, frozenset(rest)))
    return found


def line_numbers(text: bytes, lines: Mapping[str, Line]) -> dict[str, int]:
    """The 1-based numbers of some lines, in their order; the text is gone through once."""
    found: dict[str, int] = {}
    number, done = 1, 0
    for uid, line in sorted(lines.items(), key=lambda item: item[1]):
        number += text.count(b"\n", done, line.begin)
        found[uid], done = number, line.begin
    return found


def with_lines(text: bytes, changed: Mapping[str, bytes], new: Iterable[bytes]) -> bytes:
    """The text with other lines for some tags (empty: the line goes), and new ones at the end.

    Raises:
        KeyError: a tag has no line here.
    """
    at = find_lines(text, changed)
    parts: list[bytes] = []
    done = 0
    for uid in sorted(changed, key=lambda uid: at[uid]):
        begin, end = at[uid]
        parts += [text[done:begin], changed[uid]]
        done = end
        if not changed[uid] and text[done : done + 1] == b"\n":
            done += 1
    parts.append(text[done:])
    whole = b"".join(parts)
    added = b"".join(line + b"\n" for line in new)
    if added and whole and not whole.endswith(b"\n"):
        whole += b"\n"
    return whole + added


def uids_in(text: bytes) -> Iterator[tuple[str, bytes]]:
    """(uid, line) of every tag of a file; lines that are none are left out."""
    for row in text.split(b"\n"):
        if row.strip() and (uid := _uid_of(row)):
            yield uid, row


def _searched(text: bytes, uid: str) -> Line | None:
    needle = json.dumps(uid, ensure_ascii=False).encode()
    at = text.find(needle)
    while at >= 0:
        begin = text.rfind(b"\n", 0, at) + 1
        end = text.find(b"\n", at)
        line = Line(begin, len(text) if end < 0 else end)
        if _uid_of(text[line.begin : line.end]) == uid:
            return line
        at = text.find(needle, at + 1)
    return None


def _gone_through(text: bytes, uids: frozenset[str]) -> dict[str, Line]:
    found: dict[str, Line] = {}
    begin = 0
    for row in text.split(b"\n"):
        if row.strip():
            uid = _uid_of(row)
            if uid in uids:
                found[uid] = Line(begin, begin + len(row))
        begin += len(row) + 1
    return found


def _uid_of(line: bytes) -> str:
    try:
        return _UID.decode(line).uid
    except msgspec.DecodeError:
        return ""
