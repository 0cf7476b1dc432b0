"""The project that runs now: the same object for as long as the station lives, with another content after each edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hmi.core.project import ConnectionConfig, Project, ProjectFile
from hmi.core.template import Instance
from hmi.drivers.api import Driver


class Settings(Protocol):
    """What services ask of a project beside its tags; it may be another answer each time."""

    @property
    def file(self) -> ProjectFile:
        """`project.toml`."""
        ...

    @property
    def connections(self) -> Mapping[str, ConnectionConfig]:
        """Connections by name."""
        ...


class Running:
    """What runs beside tags, which are in the tag table."""

    def __init__(self, project: Project, drivers: Mapping[str, Driver]) -> None:
        self.file = project.file
        self.connections: Mapping[str, ConnectionConfig] = dict(project.connections)
        self.displays: Mapping[str, bytes] = dict(project.displays)
        """With the pictures of instances in them."""
        self.instances: Mapping[str, Instance] = dict(project.instances)
        """What was made of types, by path."""
        self.users: Mapping[str, str] = dict(project.users)
        self.revision = project.revision
        self.drivers: dict[str, Driver] = dict(drivers)
        """Those that its connections name."""

    def instance_of_uid(self, uid: str) -> Instance | None:
        """The instance whose record has this uid."""
        return next((instance for instance in self.instances.values() if instance.uid == uid), None)
