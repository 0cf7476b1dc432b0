"""One change of the project that runs, ready to be made: from an edit, or from files that were changed elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hmi.core.project import ConnectionConfig, Project, ProjectFile
from hmi.core.tag import Tag
from hmi.core.template import Instance
from hmi.drivers.api import Driver
from hmi.station.editing.layout import Layout
from hmi.station.editing.model import Candidate, Model
from hmi.station.editing.records import Key
from hmi.station.editing.texts import Changed, digests_of, homes_in
from hmi.station.editing.uses import Use, uses_of_connection, uses_of_display, uses_of_tag
from hmi.station.system_tags import system_tags


@dataclass(frozen=True)
class Change:
    """What is another one, and what all connections, displays and settings are then."""

    put: Mapping[str, Tag]
    """New and changed tags by uid, the station's own included."""
    gone: frozenset[str]
    file: ProjectFile
    connections: Mapping[str, ConnectionConfig]
    displays: Mapping[str, bytes]
    instances: Mapping[str, Instance]
    layout: Layout
    users: Mapping[str, str]
    drivers: Mapping[str, Driver]
    """Of all connections."""
    uses: Mapping[Key, tuple[Use, ...]]
    """What the changed records read."""
    files: Changed
    digests: Mapping[str, bytes]
    """Of `files`, but those that go."""
    homes: Mapping[str, str | None]
    """Files of new lines by uid; None: the line is gone."""


def of_candidate(candidate: Candidate) -> Change:
    """The change that an edit makes."""
    model = candidate.model
    running = model.running
    files, homes = model.texts.with_records(candidate.documents, model.near)
    own_put, own_gone = _own_tags(model, candidate.connections)
    names = {config.driver for config in candidate.connections.values()}
    return Change(
        {**candidate.put, **own_put},
        frozenset(candidate.gone) | own_gone,
        running.file,
        candidate.connections,
        candidate.displays,
        candidate.instances,
        candidate.layout,
        running.users,
        {name: candidate.drivers[name] for name in names},
        candidate.uses,
        files,
        digests_of(files),
        homes,
    )


def of_project(
    model: Model,
    project: Project,
    drivers: Mapping[str, Driver],
    files: Changed,
) -> Change:
    """The change from what runs to another project, whatever brought it about."""
    put = {tag.uid: tag for tag in project.tags if model.tag(tag.uid) != tag}
    own_put, own_gone = _own_tags(model, project.connections)
    kept = {tag.uid for tag in project.tags}
    own = {tag.uid for tag in system_tags(model.running.connections.items())}
    gone = frozenset(uid for uid in model.table.id_by_uid if uid not in kept and uid not in own)
    return Change(
        {**put, **own_put},
        gone | own_gone,
        project.file,
        project.connections,
        project.displays,
        project.instances,
        _layout(model, files),
        project.users,
        drivers,
        _uses(model, project, put, gone),
        files,
        digests_of(files),
        _homes(model, files),
    )


def _layout(model: Model, files: Changed) -> Layout:
    names = {name: name.removeprefix("types/").removesuffix(".json") for name in files if name.startswith("types/")}
    return model.layout.changed({names[name]: files[name] or b"" for name in names}) if names else model.layout


def _homes(model: Model, files: Changed) -> dict[str, str | None]:
    before = homes_in({name: model.texts.texts.get(name) for name in files})
    after = homes_in(files)
    return {**{uid: None for uid in before if uid not in after}, **after}


def _own_tags(model: Model, connections: Mapping[str, ConnectionConfig]) -> tuple[dict[str, Tag], frozenset[str]]:
    """The station's own tags that come, change and go with connections."""
    if connections == model.running.connections:
        return {}, frozenset()
    before = {tag.uid: tag for tag in system_tags(model.running.connections.items())}
    after = {tag.uid: tag for tag in system_tags(connections.items())}
    return {uid: tag for uid, tag in after.items() if before.get(uid) != tag}, frozenset(before) - frozenset(after)


def _uses(model: Model, project: Project, put: Mapping[str, Tag], gone: frozenset[str]) -> dict[Key, tuple[Use, ...]]:
    uses: dict[Key, tuple[Use, ...]] = {Key("tag", uid): () for uid in gone}
    uses |= {Key("tag", uid): tuple(uses_of_tag(tag)) for uid, tag in put.items()}
    for name in {*model.running.connections, *project.connections}:
        config = project.connections.get(name)
        uses[Key("connection", name)] = () if config is None else tuple(uses_of_connection(name, config))
    for name in {*model.running.displays, *project.displays}:
        document = project.displays.get(name)
        uses[Key("display", name)] = () if document is None else tuple(uses_of_display(name, document))
    return uses
