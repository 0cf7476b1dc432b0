"""From what a person asks for to a candidate: documents decoded, conflicts found, renames followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

from hmi.core.check import is_connection_name
from hmi.core.project import ConnectionConfig
from hmi.core.tag import Tag
from hmi.core.template import Template
from hmi.drivers.api import Driver
from hmi.link.messages import Edit, Record
from hmi.station.editing.following import followed
from hmi.station.editing.model import Candidate, Model
from hmi.station.editing.records import KINDS, Document, Key, decoded, digest, line_of
from hmi.station.editing.texts import pretty
from hmi.station.editing.uses import uses_of_connection, uses_of_display, uses_of_tag

FindDrivers = Callable[[Iterable[str]], tuple[dict[str, Driver], dict[str, str]]]
"""Drivers of some names, and why others cannot be used."""

_TAG: Final = msgspec.json.Decoder(Tag)


class Fault(NamedTuple):
    """Something wrong with a record."""

    key: Key
    where: str
    what: str
    warns: bool = False


@dataclass
class Proposal:
    """What an edit would make of the project."""

    candidate: Candidate
    faults: list[Fault] = field(default_factory=list)
    conflicts: dict[Key, Record] = field(default_factory=dict)
    """Records that are not as the person saw them, as they are; an empty document: there is none."""
    before: dict[Key, Record] = field(default_factory=dict)
    """The records that change, as they are."""
    renamed: dict[str, str] = field(default_factory=dict)
    """New path by old one."""


def propose(model: Model, edits: Sequence[Edit], find_drivers: FindDrivers) -> Proposal:
    """Every edit taken in; with conflicts nothing else is looked at."""
    running = model.running
    candidate = Candidate(model, connections=dict(running.connections), displays=dict(running.displays))
    candidate.drivers = dict(running.drivers)
    made = Proposal(candidate)
    wanted = _wanted(made, edits)
    made.before = model.texts.records(wanted)
    _look_for_conflicts(made, edits)
    if made.conflicts or made.faults:
        return made
    contents = {key: content for key, data in wanted.items() if (content := _content(made, key, data)) is not None}
    if made.faults:
        return made
    _follow(made, contents)
    for key, document in made.candidate.documents.items():
        _take(made, key, document)
    configs = candidate.connections.values()
    lacking = {config.driver for config in configs} - set(candidate.drivers)
    if lacking:
        found, candidate.missing = find_drivers(lacking)
        candidate.drivers.update(found)
    return made


def _wanted(made: Proposal, edits: Sequence[Edit]) -> dict[Key, bytes]:
    wanted: dict[Key, bytes] = {}
    for edit in edits:
        kind = next((kind for kind in KINDS if kind == edit.kind), None)
        key = Key(kind or "tag", edit.key)
        if kind is None:
            made.faults.append(Fault(key, "", f"{edit.kind!r} is no kind of record: {', '.join(KINDS)}"))
        elif key in wanted:
            made.faults.append(Fault(key, "", "stands twice in this edit"))
        elif kind != "tag" and not is_connection_name(edit.key):
            made.faults.append(Fault(key, "", f"{edit.key!r} is no name: letters, digits, spaces and _ . - only"))
        else:
            wanted[key] = edit.document
    return wanted


def _look_for_conflicts(made: Proposal, edits: Sequence[Edit]) -> None:
    for edit in edits:
        kind = next((kind for kind in KINDS if kind == edit.kind), None)
        if kind is None:
            continue
        key = Key(kind, edit.key)
        record = made.before.get(key)
        if edit.before != (record.digest if record is not None else ""):
            made.conflicts[key] = record or Record(kind, edit.key, b"", "")


def _content(made: Proposal, key: Key, document: bytes) -> bytes | None:
    """The document as the file is to have it; None: a fault, or there is nothing to change."""
    before = made.before.get(key)
    if not document:
        return document if before is not None else None
    try:
        wanted = decoded(document)
        present = decoded(before.document) if before is not None else {}
    except ValueError as error:
        made.faults.append(Fault(key, "", str(error)))
        return None
    if key.kind == "tag" and wanted.get("uid") != key.name:
        made.faults.append(Fault(key, "uid", "cannot change: a tag is told by it; make a copy instead"))
        return None
    return None if wanted == present else _as_written(key, document, wanted, present)


def _as_written(key: Key, document: bytes, wanted: Document, present: Document) -> bytes:
    match key.kind:
        case "tag":
            return line_of(_without_defaults(wanted, present))
        case "connection":
            return line_of(wanted)
        case _:
            return document if b"\n" in document.strip() else pretty(wanted)


def _without_defaults(wanted: Document, present: Document) -> Document:
    """Leaves out what says nothing, unless it was written there."""
    defaults = {f.encode_name: f.default for f in msgspec.structs.fields(Tag) if f.default is not msgspec.NODEFAULT}
    empty: tuple[Any, ...] = ("", None, [], {})
    return {
        key: value
        for key, value in wanted.items()
        if key in present or key not in defaults or not (value == defaults[key] or value in empty)
    }


def _follow(made: Proposal, contents: dict[Key, bytes]) -> None:
    """Finds the tags that get other paths, and gives the documents of everything that reads them the new ones."""
    model = made.candidate.model
    for key, document in contents.items():
        tag = model.tag(key.name) if key.kind == "tag" else None
        path = decoded(document).get("path") if document and tag is not None else None
        if tag is not None and isinstance(path, str) and path and path != tag.path:
            made.renamed[tag.path] = path
    readers = {by for path in made.renamed for by in model.uses.readers(path)}
    others = model.texts.records([key for key in readers if key not in contents])
    made.before.update(others)
    contents |= {key: record.document for key, record in others.items()}
    for key, document in contents.items():
        new = followed(key, document, made.renamed) if document and made.renamed else document
        if key not in others or new != document:
            made.candidate.documents[key] = new


def _take(made: Proposal, key: Key, document: bytes) -> None:
    candidate = made.candidate
    match key.kind:
        case "tag":
            _take_tag(made, key, document)
        case "connection":
            _take_connection(made, key, document)
        case "display":
            if document:
                candidate.displays[key.name] = document
                candidate.uses[key] = tuple(uses_of_display(key.name, document))
            else:
                candidate.displays.pop(key.name, None)
                candidate.uses[key] = ()
        case "type":
            if document:
                _converted(made, key, document, Template)


def _take_tag(made: Proposal, key: Key, document: bytes) -> None:
    candidate = made.candidate
    if not document:
        candidate.gone.add(key.name)
        candidate.uses[key] = ()
        return
    tag = _converted(made, key, document, Tag)
    if tag is not None:
        candidate.put[tag.uid] = tag
        candidate.by_path.setdefault(tag.path, tag.uid)
        candidate.uses[key] = tuple(uses_of_tag(tag))


def _take_connection(made: Proposal, key: Key, document: bytes) -> None:
    candidate = made.candidate
    if not document:
        candidate.connections.pop(key.name, None)
        candidate.uses[key] = ()
        return
    config = _converted(made, key, document, ConnectionConfig)
    if config is not None:
        candidate.connections[key.name] = config
        candidate.uses[key] = tuple(uses_of_connection(key.name, config))


def _converted(made: Proposal, key: Key, document: bytes, type_: type[Any]) -> Any:
    try:
        return _TAG.decode(document) if type_ is Tag else msgspec.json.decode(document, type=type_)
    except msgspec.DecodeError as error:
        # pydantic is slow to load, and a right document never needs it.
        from hmi.station.explain import explain  # noqa: PLC0415

        found = explain(decoded(document), type_) or [("", str(error))]
        made.faults += [Fault(key, where, what) for where, what in found]
        return None


def record_of(key: Key, document: bytes) -> Record:
    """A record as it would stand."""
    return Record(key.kind, key.name, document, digest(document))
