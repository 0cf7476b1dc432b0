"""Reads a project folder: quickly when it is right, with every error when it is not."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from hmi.core.check import check_tag, check_tags, is_connection_name
from hmi.core.check_connections import check_connections
from hmi.core.check_history import check_groups, check_history
from hmi.core.errors import Problem
from hmi.core.project import ConnectionConfig, HistorySettings, Project, ProjectFile
from hmi.core.rights import Role
from hmi.core.tag import Tag
from hmi.core.template import Expander, Instance, Template, is_instance_line, laid_out, resolve
from hmi.station.project_texts import (
    CONNECTIONS_FILE,
    PROJECT_FILE,
    USERS_FILE,
    Texts,
    file_digest,
    read_texts,
    require_project,
    revision_of,
)
from hmi.station.toml_lines import line_of


@dataclass
class _Reading:
    """A project while it is being read: what decoded, where it stood, what is wrong."""

    files: Texts
    problems: list[Problem] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    """File and line of each tag."""
    texts: dict[str, str] = field(default_factory=dict)
    """The TOML files, to find lines in."""
    tags_lost: int = 0
    """Tags that could not be decoded: what refers to them is not wrong for that."""
    instances: dict[str, Instance] = field(default_factory=dict)
    """By path."""
    connections_lost: bool = False

    def below(self, folder: str) -> list[str]:
        """The names of the files of a folder, in order."""
        return sorted(name for name in self.files if name.startswith(f"{folder}/"))

    def problem(self, file: str, line: int, where: str, what: str, *, of_form: bool = False) -> None:
        self.problems.append(Problem(file, line, where, what, of_form=of_form))

    def sorted_problems(self) -> list[Problem]:
        """Causes first, each with the line at which it stands."""
        found = [
            replace(p, line=line_of(self.texts[p.file], p.where)) if p.file in self.texts and not p.line else p
            for p in self.problems
        ]
        return sorted(found, key=lambda p: p.rank)

    def bytes_of(self, name: str) -> bytes | None:
        """A file's content, unless it is no text."""
        data = self.files.get(name)
        if data is None or data.isascii():
            return data
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            self.problem(name, data[: error.start].count(b"\n") + 1, "", "is not UTF-8 text", of_form=True)
            return None
        return data


Extra = Callable[[Project, list[tuple[str, int]]], list[Problem]]
"""Checks that need drivers, expressions or displays: (project, file and line of each tag) -> problems."""


def read(folder: Path, extra: Extra | None = None) -> tuple[Project | None, list[Problem]]:
    """The project, or None when it does not decode, and every problem.

    Raises:
        LinesideError: there is no project at this place.
    """
    return read_from(*read_texts(folder), extra)


def read_from(
    files: Texts, unread: Sequence[Problem] = (), extra: Extra | None = None
) -> tuple[Project | None, list[Problem]]:
    """The project that some files make, as `read` gives it; `unread` says of files that should be among them."""
    reading = _Reading(files, list(unread))
    reading.tags_lost = sum(p.file.startswith("tags/") for p in unread)
    file = _toml(reading, PROJECT_FILE, ProjectFile)
    connections = _connections(reading)
    types = _types(reading)
    _tags(reading, connections, types)
    displays = dict(_displays(reading, types))
    users = _users(reading)
    if file is None:
        return None, reading.sorted_problems()
    _history(reading, file.history)
    revision = revision_of((name, file_digest(data)) for name, data in files.items())
    project = Project(file, connections, tuple(reading.tags), displays, users, revision, reading.instances)
    if extra is not None:
        reading.problems += _unless_lost(reading, extra(project, reading.places))
    return project, reading.sorted_problems()


def _unless_lost(reading: _Reading, problems: list[Problem]) -> list[Problem]:
    """Leaves out that displays show unknown tags while tags are unknown only because they could not be read."""
    if not reading.tags_lost:
        return problems
    kept = [p for p in problems if not p.runs_on]
    if len(kept) < len(problems):
        tags = "1 tag" if reading.tags_lost == 1 else f"{reading.tags_lost} tags"
        kept.append(
            Problem("displays", 0, "", f"were not checked against tags because {tags} could not be read", runs_on=True)
        )
    return kept


def read_file(folder: Path) -> ProjectFile | None:
    """The project file alone, for who does not wait for the tags; None when it does not decode.

    Raises:
        LinesideError: there is no project at this place.
    """
    require_project(folder)
    try:
        data = (folder / PROJECT_FILE).read_bytes()
    except OSError:
        return None
    return _toml(_Reading({PROJECT_FILE: data}), PROJECT_FILE, ProjectFile)


def _toml_document(reading: _Reading, name: str) -> dict[str, Any] | None:
    if name not in reading.files and not any(p.file == name for p in reading.problems):
        return {}
    data = reading.bytes_of(name)
    if data is None:
        return None
    text = data.decode()
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _line_in(str(error)) or data.count(b"\n") + 1
        reading.problem(name, line, "", f"is no valid TOML: {error}", of_form=True)
        return None
    reading.texts[name] = text
    return document


def _line_in(message: str) -> int:
    """tomllib says `(at line 3, column 7)`."""
    _, _, tail = message.partition("(at line ")
    number = tail.split(",")[0]
    return int(number) if number.isdigit() else 0


def _toml(reading: _Reading, name: str, type_: type[ProjectFile]) -> ProjectFile | None:
    document = _toml_document(reading, name)
    if document is None:
        return None
    try:
        return msgspec.convert(document, type_)
    except msgspec.ValidationError as error:
        _explained(reading, name, 0, document, type_, error)
        return None


def _explained(reading: _Reading, name: str, line: int, document: object, type_: type, error: Exception) -> None:
    # pydantic is slow to load, and a right project never needs it.
    from hmi.station.explain import explain  # noqa: PLC0415

    for where, what in explain(document, type_) or [("", str(error))]:
        reading.problem(name, line, where, what, of_form=True)


def _connections(reading: _Reading) -> dict[str, ConnectionConfig]:
    document = _toml_document(reading, CONNECTIONS_FILE)
    reading.connections_lost = document is None
    out: dict[str, ConnectionConfig] = {}
    for name, table in (document or {}).items():
        if not is_connection_name(name):
            reading.problem(CONNECTIONS_FILE, 0, name, "is no connection name: letters, digits, spaces and _ . - only")
        try:
            out[name] = msgspec.convert(table, ConnectionConfig)
        except msgspec.ValidationError as error:
            reading.connections_lost = True
            count = len(reading.problems)
            _explained(reading, CONNECTIONS_FILE, 0, table, ConnectionConfig, error)
            for at in range(count, len(reading.problems)):
                p = reading.problems[at]
                reading.problems[at] = replace(p, where=f"{name}.{p.where}".rstrip("."))
    return out


def _types(reading: _Reading) -> Expander:
    templates: dict[str, Template] = {}
    for name in reading.below("types"):
        data = reading.bytes_of(name)
        try:
            if data is not None:
                templates[name.removeprefix("types/").removesuffix(".json")] = msgspec.json.decode(data, type=Template)
        except msgspec.DecodeError as error:
            reading.tags_lost += 1
            _undecoded(reading, name, 0, data or b"", error, Template)
    types = resolve(templates)
    for type_, flaws in types.flaws.items():
        for where, what in flaws:
            reading.problem(f"types/{type_}.json", 0, where, what, of_form=True)
    return Expander(types)


def _tags(reading: _Reading, connections: dict[str, ConnectionConfig], types: Expander) -> None:
    decoder = msgspec.json.Decoder(Tag)
    for name in reading.below("tags"):
        data = reading.bytes_of(name)
        reading.tags_lost += data is None
        for number, line in enumerate((data or b"").split(b"\n"), 1):
            if is_instance_line(line):
                _instance(reading, types, name, number, line, connections)
            elif line.strip():
                _tag(reading, decoder, name, number, line, connections)
    for at, where, what in check_tags(reading.tags):
        reading.problem(*reading.places[at], where, what)
    if not reading.tags_lost:
        for connection, where, what in check_connections(connections, reading.tags):
            reading.problem(CONNECTIONS_FILE, 0, f"{connection}.{where}", what)


def _tag(
    reading: _Reading,
    decoder: msgspec.json.Decoder[Tag],
    name: str,
    number: int,
    line: bytes,
    connections: dict[str, ConnectionConfig],
) -> None:
    try:
        tag = decoder.decode(line)
    except msgspec.DecodeError as error:
        reading.tags_lost += 1
        _undecoded(reading, name, number, line, error, Tag)
        return
    _take(reading, tag, name, number, connections)


def _take(
    reading: _Reading, tag: Tag, name: str, number: int, connections: dict[str, ConnectionConfig], member: str = ""
) -> None:
    """Takes a tag in; `member` is its name within the instance that stands at this place."""
    for where, what in check_tag(tag, connections):
        if where == "source.connection" and reading.connections_lost:
            continue  # the connection may be there: its own error is told
        reading.problem(name, number, f"{member}.{where}" if member else where, what)
    reading.tags.append(tag)
    reading.places.append((name, number))


def _instance(
    reading: _Reading, types: Expander, name: str, number: int, line: bytes, connections: dict[str, ConnectionConfig]
) -> None:
    """An instance's tags, as if each stood there by itself."""
    try:
        instance = msgspec.json.decode(line, type=Instance)
    except msgspec.DecodeError as error:
        reading.tags_lost += 1
        _undecoded(reading, name, number, line, error, Instance)
        return
    members, flaws = types.tags(instance)
    reading.tags_lost += bool(flaws)
    for where, what in flaws:
        reading.problem(name, number, where, what)
    if instance.path in reading.instances:
        reading.problem(name, number, "path", f"{instance.path!r} is already the path of another instance")
    reading.instances[instance.path] = instance
    for member in members:
        try:
            tag = msgspec.convert(member.document, Tag)
        except msgspec.ValidationError as error:
            reading.tags_lost += 1
            count = len(reading.problems)
            _explained(reading, name, number, member.document, Tag, error)
            reading.problems[count:] = [
                replace(p, where=f"{member.name}.{p.where}".rstrip(".")) for p in reading.problems[count:]
            ]
        else:
            _take(reading, tag, name, number, connections, member.name)


def _history(reading: _Reading, settings: HistorySettings) -> None:
    for where, what in check_history(settings):
        reading.problem(PROJECT_FILE, 0, where, what)
    for at, where, what in check_groups(reading.tags, settings):
        reading.problem(*reading.places[at], where, what)


def _undecoded(reading: _Reading, name: str, number: int, line: bytes, error: msgspec.DecodeError, type_: type) -> None:
    """A wrong shape is found before the end of the line is looked at, so the JSON may be broken all the same."""
    try:
        document = msgspec.json.decode(line)
    except msgspec.DecodeError as broken:
        reading.problem(name, number, "", _broken_json(line, str(broken)), of_form=True)
    else:
        _explained(reading, name, number, document, type_, error)


def _broken_json(line: bytes, otherwise: str) -> str:
    """With the column, by which an editor finds the place."""
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        return f"is no valid JSON: {error.msg.removesuffix(' at')} (column {error.colno})"
    return f"is no valid JSON: {otherwise}"  # Python's decoder lets more through, e.g. NaN


def _displays(reading: _Reading, types: Expander) -> Iterator[tuple[str, bytes]]:
    for name in reading.below("displays"):
        data = reading.bytes_of(name)
        if data is None:
            continue
        try:
            json.loads(data)
        except json.JSONDecodeError as error:
            what = f"is no valid JSON: {error.msg.removesuffix(' at')} (column {error.colno})"
            reading.problem(name, error.lineno, "", what, of_form=True)
            continue
        whole, flaws = laid_out(data, reading.instances, types)
        for where, what in flaws:
            reading.problem(name, 0, where, what)
        yield name.removeprefix("displays/").removesuffix(".json"), whole


def _users(reading: _Reading) -> dict[str, str]:
    document = _toml_document(reading, USERS_FILE) or {}
    out: dict[str, str] = {}
    for user, role in document.items():
        try:
            Role.named(role if isinstance(role, str) else repr(role))
        except ValueError as error:
            reading.problem(USERS_FILE, 0, user, str(error))
            continue
        out[user] = role
    return out
