"""The files of the project that runs, byte by byte, and what they would be after an edit."""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

import tomlkit
from tomlkit.items import AbstractTable, Item

from hmi.link.messages import Record
from hmi.station.editing.records import Document, Key, Kind, decoded, digest, line_of
from hmi.station.editing.tag_lines import find_lines, line_numbers, uids_in, with_lines
from hmi.station.project_texts import CONNECTIONS_FILE, Texts, file_digest, revision_of
from hmi.station.toml_lines import line_of as toml_line

Changed = Mapping[str, bytes | None]
"""New content by file; None: the file goes."""

_FOLDER: Final[dict[Kind, str]] = {"type": "types", "display": "displays"}


class ProjectTexts:
    """Content of every file that runs, and in which file each tag stands."""

    def __init__(self, texts: Texts) -> None:
        self.texts: dict[str, bytes] = dict(texts)
        self._digests = digests_of(texts)
        self._homes = homes_in(texts)

    @property
    def revision(self) -> str:
        """Of the files as they run."""
        return revision_of(self._digests.items())

    def revision_with(self, changed: Changed) -> str:
        """As it would be with other files."""
        digests = {**self._digests, **digests_of(changed)}
        return revision_of((name, value) for name, value in digests.items() if changed.get(name, b"") is not None)

    def take(self, changed: Changed, digests: Mapping[str, bytes], homes: Mapping[str, str | None]) -> None:
        """These files run now, with their digests; `homes` are those of new lines by uid, None for lines that are gone.

        It is called between two scans, which must not wait until megabytes are digested.
        """
        for name, data in changed.items():
            if data is None:
                self.texts.pop(name, None)
                self._digests.pop(name, None)
            else:
                self.texts[name] = data
                self._digests[name] = digests[name]
        for uid, home in homes.items():
            if home is None:
                self._homes.pop(uid, None)
            else:
                self._homes[uid] = home

    def has_tag(self, uid: str) -> bool:
        """Whether there is a line with this uid: a tag's or an instance's."""
        return uid in self._homes

    # ---- reading ----

    def names(self, kind: Kind) -> list[str]:
        """The names of all records of a kind but tags."""
        if kind == "connection":
            return list(connection_documents(self.texts.get(CONNECTIONS_FILE, b"")))
        folder = f"{_FOLDER[kind]}/"
        return sorted(n.removeprefix(folder).removesuffix(".json") for n in self.texts if n.startswith(folder))

    def records(self, keys: Collection[Key]) -> dict[Key, Record]:
        """Records as they stand; those that are not there are missing."""
        found: dict[Key, Record] = {}
        for home, uids in self._by_home(key.name for key in keys if key.kind == "tag").items():
            text = self.texts[home]
            lines = find_lines(text, uids)
            for uid, number in line_numbers(text, lines).items():
                data = text[lines[uid].begin : lines[uid].end]
                found[Key("tag", uid)] = Record("tag", uid, data, digest(data), f"{home}:{number}")
        if any(key.kind == "connection" for key in keys):
            found.update(self._connection_records({key.name for key in keys if key.kind == "connection"}))
        for key in keys:
            if key.kind in _FOLDER and (file := file_of(key)) in self.texts:
                data = self.texts[file]
                found[key] = Record(key.kind, key.name, data, digest(data), file)
        return found

    def _connection_records(self, names: Collection[str]) -> dict[Key, Record]:
        documents = connection_documents(self.texts.get(CONNECTIONS_FILE, b""))
        text = self.texts.get(CONNECTIONS_FILE, b"").decode()
        found: dict[Key, Record] = {}
        for name in names:
            if name in documents:
                data = documents[name]
                place = f"{CONNECTIONS_FILE}:{toml_line(text, name)}"
                found[Key("connection", name)] = Record("connection", name, data, digest(data), place)
        return found

    def _by_home(self, uids: Iterable[str]) -> dict[str, set[str]]:
        homes: defaultdict[str, set[str]] = defaultdict(set)
        for uid in uids:
            if uid in self._homes:
                homes[self._homes[uid]].add(uid)
        return homes

    # ---- writing ----

    def with_records(
        self, documents: Mapping[Key, bytes], near: Callable[[str], tuple[str, str] | None]
    ) -> tuple[dict[str, bytes | None], dict[str, str | None]]:
        """The files that change when these records do (empty: the record goes), and where tags then stand.

        `near` gives path and uid of the record whose path is most like a new one's: the new one goes to its file.
        """
        changed: dict[str, bytes | None] = {}
        homes: dict[str, str | None] = {}
        tags = {key.name: document for key, document in documents.items() if key.kind == "tag"}
        here = self._by_home(tags)
        new: defaultdict[str, list[bytes]] = defaultdict(list)
        for uid, document in tags.items():
            if uid in self._homes:
                if not document:
                    homes[uid] = None
            elif document:
                homes[uid] = home = self._home_for(str(decoded(document).get("path", "")), near)
                new[home].append(document)
        for file in {*here, *new}:
            lines = {uid: tags[uid] for uid in here.get(file, ())}
            changed[file] = with_lines(self.texts.get(file, b""), lines, new.get(file, ()))
        connections = {key.name: document for key, document in documents.items() if key.kind == "connection"}
        if connections:
            changed[CONNECTIONS_FILE] = _with_connections(self.texts.get(CONNECTIONS_FILE, b""), connections)
        for key, document in documents.items():
            if key.kind in _FOLDER:
                changed[file_of(key)] = document or None
        return {n: data for n, data in changed.items() if data != self.texts.get(n)}, homes

    def _home_for(self, path: str, near: Callable[[str], tuple[str, str] | None]) -> str:
        area = path.split("/", maxsplit=1)[0]
        sibling, uid = near(path) or ("", "")
        if sibling.split("/", maxsplit=1)[0] == area and uid in self._homes:
            return self._homes[uid]
        return f"tags/{re.sub(r'[^A-Za-z0-9_-]+', '_', area) or 'tags'}.jsonl"


def file_of(key: Key) -> str:
    """The file of a record that has one for itself."""
    return f"{_FOLDER[key.kind]}/{key.name}.json"


def digests_of(texts: Changed) -> dict[str, bytes]:
    """What stands for each file in a revision; of those that go there is none."""
    return {name: file_digest(data) for name, data in texts.items() if data is not None}


def homes_in(texts: Mapping[str, bytes | None]) -> dict[str, str]:
    """The file of each tag and instance of some files, by uid."""
    return {
        uid: name
        for name, data in texts.items()
        if data is not None and name.startswith("tags/")
        for uid, _ in uids_in(data)
    }


def pretty(document: Document) -> bytes:
    """A document that has a file for itself, as people read it: one line an element."""
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def connection_documents(text: bytes) -> dict[str, bytes]:
    """Every connection of `connections.toml` as a JSON document.

    Raises:
        ValueError: it is no TOML.
    """
    found = tomllib.loads(text.decode())
    return {name: line_of(table) for name, table in found.items() if isinstance(table, dict)}


def _with_connections(text: bytes, documents: Mapping[str, bytes]) -> bytes:
    """The file with other tables for some connections; comments and all else stay."""
    whole = tomlkit.parse(text.decode())
    for name, document in documents.items():
        if not document:
            whole.pop(name, None)
            continue
        wanted = decoded(document)
        if name not in whole:
            table = tomlkit.table()
            _merge(table, wanted)
            if text:
                whole.add(tomlkit.nl())
            whole.add(name, table)
        else:
            here: Any = whole[name]
            _merge(here, wanted)
    return tomlkit.dumps(whole).encode()


def _merge(table: AbstractTable, wanted: Document) -> None:
    """Makes a table say what is wanted and touches nothing that says it already; TOML knows no null."""
    wanted = {key: value for key, value in wanted.items() if value is not None}
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        present: Any = table.get(key)
        if isinstance(value, dict) and isinstance(present, AbstractTable):
            _merge(present, value)
        elif isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            table[key] = inline
        elif not isinstance(present, Item) or present.unwrap() != value or type(present.unwrap()) is not type(value):
            table[key] = value
