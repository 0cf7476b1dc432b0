"""What differs between the files of two projects, record by record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hmi.station.editing.records import Key
from hmi.station.editing.tag_lines import uids_in
from hmi.station.editing.texts import connection_documents
from hmi.station.editing.wording import change_line
from hmi.station.project_texts import CONNECTIONS_FILE, Texts

Records = dict[Key, tuple[bytes, bytes]]
"""Documents before and after."""


def with_files(texts: Texts, changed: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """The files of a project with other ones."""
    whole: dict[str, bytes | None] = {**texts, **changed}
    return {name: data for name, data in whole.items() if data is not None}


def changed_records(texts: Texts, changed: Mapping[str, bytes | None]) -> Records:
    """The records that other files would change; a tag that only moves to another file is none."""
    before: dict[Key, bytes] = {}
    after: dict[Key, bytes] = {}
    for name, data in changed.items():
        before.update(_records(name, texts.get(name) or b""))
        after.update(_records(name, data or b""))
    keys = sorted({*before, *after})
    pairs = {key: (before.get(key, b""), after.get(key, b"")) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def difference_lines(texts: Texts, changed: Mapping[str, bytes | None]) -> list[str]:
    """The same for people, and what else is another file."""
    lines = [change_line(key, old, new) for key, (old, new) in changed_records(texts, changed).items()]
    others = [name for name in sorted(changed) if name != CONNECTIONS_FILE and "/" not in name]
    return lines + [f"{name}: {'deleted' if changed[name] is None else 'changed'}" for name in others]


def _records(name: str, data: bytes) -> Iterator[tuple[Key, bytes]]:
    folder, _, rest = name.partition("/")
    if folder == "tags":
        yield from ((Key("tag", uid), line) for uid, line in uids_in(data))
    elif name == CONNECTIONS_FILE:
        try:
            documents = connection_documents(data)
        except ValueError:
            return  # the check of the files says what is wrong
        yield from ((Key("connection", n), document) for n, document in documents.items())
    elif folder == "types" and data:
        yield Key("type", rest.removesuffix(".json")), data
    elif folder == "displays" and data:
        yield Key("display", rest.removesuffix(".json")), data
