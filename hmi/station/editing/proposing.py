"""From what a person asks for to a candidate: documents decoded, conflicts found, renames followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hmi.core.check import is_connection_name
from hmi.core.tag import Tag
from hmi.drivers.api import Driver
from hmi.link.messages import Edit, Record
from hmi.station.editing.following import followed
from hmi.station.editing.model import Candidate, Model
from hmi.station.editing.records import KINDS, Document, Key, decoded, digest, line_of
from hmi.station.editing.taking import Fault, Taking, renamed_paths
from hmi.station.editing.texts import pretty

FindDrivers = Callable[[Iterable[str]], tuple[dict[str, Driver], dict[str, str]]]
"""Drivers of some names, and why others cannot be used."""


@dataclass
class Proposal:
    """What an edit would make of the project."""

    candidate: Candidate
    faults: list[Fault] = field(default_factory=list)
    conflicts: dict[Key, Record] = field(default_factory=dict)
    """Records that are not as the person saw them, as they are; an empty document: there is none."""
    before: dict[Key, Record] = field(default_factory=dict)
    """The records that change, as they are."""


def propose(model: Model, edits: Sequence[Edit], find_drivers: FindDrivers) -> Proposal:
    """Every edit taken in; with conflicts nothing else is looked at."""
    made = Proposal(Candidate.of(model))
    wanted = _wanted(made, edits)
    made.before = model.texts.records(wanted)
    _look_for_conflicts(made, edits)
    if made.conflicts or made.faults:
        return made
    contents = {key: content for key, data in wanted.items() if (content := _content(made, key, data)) is not None}
    if made.faults:
        return made
    taking = Taking(model, contents)
    renamed = renamed_paths(taking.candidate)
    if renamed:
        taking = Taking(model, _followed(made, contents, renamed))
    made.candidate, made.faults = taking.candidate, taking.faults
    candidate = made.candidate
    lacking = {config.driver for config in candidate.connections.values()} - set(candidate.drivers)
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
            return line_of(wanted if "of" in wanted else _without_defaults(wanted, present))
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


def _followed(made: Proposal, contents: dict[Key, bytes], renamed: dict[str, str]) -> dict[Key, bytes]:
    """The documents with everything that reads renamed tags beside them, under the new paths."""
    model = made.candidate.model
    readers = {by for path in renamed for by in model.uses.readers(path)}
    keys = {Key(by.kind, model.record_of(by.name)) if by.kind == "tag" else by for by in readers}
    others = model.texts.records([key for key in keys if key not in contents])
    made.before.update(others)
    whole = {**contents, **{key: record.document for key, record in others.items()}}
    after = {key: followed(key, document, renamed) if document else document for key, document in whole.items()}
    return {key: document for key, document in after.items() if key in contents or document != whole[key]}


def record_of(key: Key, document: bytes) -> Record:
    """A record as it would stand."""
    return Record(key.kind, key.name, document, digest(document))
