"""What an edit is judged against: the project that runs, and how it would look with the edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from hmi.core.project import ConnectionConfig
from hmi.core.tag import Tag, TagType
from hmi.core.template import Instance
from hmi.drivers.api import Driver
from hmi.station.editing.layout import Layout
from hmi.station.editing.records import Key
from hmi.station.editing.texts import ProjectTexts
from hmi.station.editing.uses import Use, Uses
from hmi.station.running import Running
from hmi.station.tag_table import TagTable


@dataclass
class Model:
    """The project that runs, as files, as tags and as what reads what."""

    running: Running
    table: TagTable
    texts: ProjectTexts
    uses: Uses
    layout: Layout

    def tag(self, uid: str) -> Tag | None:
        """The tag of a uid."""
        id_ = self.table.id_by_uid.get(uid)
        return None if id_ is None else self.table.tags[id_]

    def title(self, key: Key) -> str:
        """What people call a record, or a tag of an instance."""
        if key.kind != "tag":
            return f"{key.kind} {key.name}"
        tag = self.tag(key.name)
        instance = None if tag is not None else self.running.instance_of_uid(key.name)
        return f"tag {tag.path if tag is not None else instance.path if instance is not None else key.name}"

    def record_of(self, name: str) -> str:
        """The uid of the record in which a tag is configured: its own or its instance's; `name` is a path or a uid."""
        id_ = self.table.id_of.get(name)
        if id_ is not None:
            uid = self.table.tags[id_].uid
            if self.texts.has_tag(uid):
                return uid
        path = name
        while path:
            if path in self.running.instances:
                return self.running.instances[path].uid
            path = path.rpartition("/")[0]
        return name

    def near(self, path: str) -> tuple[str, str] | None:
        """Path and uid of the record whose path is most like this one."""
        tag = self.table.near(path)
        return None if tag is None else (tag.path, self.record_of(tag.path))


class Place(NamedTuple):
    """Where a tag comes from."""

    key: Key
    member: str
    """Its name within the instance; empty: it is a record by itself."""

    def where(self, inside: str) -> str:
        """A place inside the record."""
        return f"{self.member}.{inside}".strip(".")


@dataclass
class Candidate:
    """The project as it would be."""

    model: Model
    layout: Layout
    documents: dict[Key, bytes] = field(default_factory=dict)
    """Every record that becomes another one; empty: it goes."""
    put: dict[str, Tag] = field(default_factory=dict)
    """New and changed tags by uid."""
    gone: set[str] = field(default_factory=set)
    by_path: dict[str, str] = field(default_factory=dict)
    """Uids of `put` by path."""
    places: dict[str, Place] = field(default_factory=dict)
    """Of `put` and `gone`, by uid."""
    connections: dict[str, ConnectionConfig] = field(default_factory=dict)
    """All of them."""
    instances: dict[str, Instance] = field(default_factory=dict)
    """All of them by path."""
    displays: dict[str, bytes] = field(default_factory=dict)
    """All of them, with the pictures of instances in them."""
    drivers: dict[str, Driver] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    """Why a driver cannot be used."""
    uses: dict[Key, tuple[Use, ...]] = field(default_factory=dict)
    """What the changed tags, connections and displays read."""

    @classmethod
    def of(cls, model: Model) -> Candidate:
        """The project as it is."""
        running = model.running
        return cls(
            model,
            model.layout,
            connections=dict(running.connections),
            instances=dict(running.instances),
            displays=dict(running.displays),
            drivers=dict(running.drivers),
        )

    def tag_at(self, path: str) -> Tag | None:
        """The tag that has a path."""
        uid = self.by_path.get(path)
        if uid is not None:
            return self.put[uid]
        id_ = self.model.table.id_of.get(path)
        tag = None if id_ is None else self.model.table.tags[id_]
        return None if tag is None or tag.uid in self.gone or tag.uid in self.put else tag

    def uses_of(self, key: Key) -> tuple[Use, ...]:
        """What a tag, connection or display reads."""
        return self.uses[key] if key in self.uses else self.model.uses.by(key)

    @property
    def types(self) -> Mapping[str, TagType]:
        """Types of all tags by path."""
        return _Types(self)

    def changed_paths(self) -> Iterator[tuple[str, Tag, Tag | None]]:
        """(path, tag before, tag now) of every path that a tag had which the edit changes or takes away."""
        for uid in (*self.put, *self.gone):
            before = self.model.tag(uid)
            if before is not None:
                yield before.path, before, self.tag_at(before.path)


class _Types(Mapping[str, TagType]):
    """Looks types up in a candidate: copying those of 100,000 tags for each edit would take longer than the edit."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate

    def __getitem__(self, path: str) -> TagType:
        tag = self._candidate.tag_at(path)
        if tag is None:
            raise KeyError(path)
        return tag.type

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._candidate.tag_at(path) is not None

    def __iter__(self) -> Iterator[str]:
        table = self._candidate.model.table
        kept = (path for path in table.id_of if path not in self._candidate.by_path and path in self)
        return iter([*self._candidate.by_path, *kept])

    def __len__(self) -> int:
        return sum(1 for _ in self)
