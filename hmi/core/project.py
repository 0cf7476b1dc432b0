"""Project: the folder of text that describes one station, decoded; `hmi.station.project_store` reads the files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct, field

from hmi.core.tag import Tag
from hmi.core.template import Instance


class Listen(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the station's one port listens; loopback unless an engineer opens it."""

    host: str = "127.0.0.1"
    port: int = 8470


class Retention(Struct, frozen=True, forbid_unknown_fields=True):
    """How much history of a group of tags is kept; what goes first is the oldest."""

    max_age_days: float | None = None
    """None = age deletes nothing."""
    max_bytes: int | None = None
    """Disk space that the group may take; None = no limit of its own."""


DEFAULT_GROUP: Final = "default"
"""Retention group of tags that name none."""
KEEP: Final = Retention(max_age_days=1825)
"""What holds for the default group when the project says nothing: five years."""


class HistorySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How long history is kept, by retention group."""

    groups: dict[str, Retention] = {}
    """`[history.groups.NAME]`; tags choose one by its name."""

    def retention(self, group: str) -> Retention:
        """What holds for a tag's group; the empty name is the default group's.

        Raises:
            KeyError: there is no such group.
        """
        name = group or DEFAULT_GROUP
        return self.groups.get(DEFAULT_GROUP, KEEP) if name == DEFAULT_GROUP else self.groups[name]


class Security(Struct, frozen=True, forbid_unknown_fields=True):
    """What is open; everything is closed unless set here."""

    view_without_sign_in: bool = False
    """Documented view-only grant: panels that proved themselves local may show values before sign-in."""
    writes_enabled: bool = False
    """The global write enable; off = nothing is ever written to a device."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names beside loopback under which browsers and panels may reach the station."""


class ProjectFile(Struct, frozen=True, forbid_unknown_fields=False):
    """`project.toml`."""

    name: str
    schema: int = 1
    time_zone: str = "UTC"
    home: str = ""
    """Display shown first."""
    displays: tuple[str, ...] = ()
    """Displays in the order of the navigation; others follow by name."""
    listen: Listen = Listen()
    history: HistorySettings = HistorySettings()
    security: Security = Security()


class ConnectionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """One device in `connections.toml` (`[name]` table): its driver, its address, the driver's options."""

    driver: str
    endpoint: str
    description: str = ""
    writes_enabled: bool = False
    """The device's own write enable, beside the global one."""
    process: bool | str | None = None
    """True: a driver process of its own; a name: one that connections of this name share; False: inside the station.
    None: inside for drivers that are part of the program, one process a plugin for the others."""
    heartbeat: str = ""
    """Path of a tag of this connection that the device's program keeps changing; empty = there is none."""
    heartbeat_timeout: float = 5.0
    """Seconds for which it may stand still: after that the program counts as stopped."""
    cpu_state: str = ""
    """Path of a tag of this connection that tells whether the device's program runs; empty = there is none."""
    cpu_running: float = 1.0
    """Its value while the program runs."""
    clock_tolerance: float = 2.0
    """Seconds by which the device's clock may differ from the station's before it is an alarm; 0 = not watched."""
    options: dict[str, object] = field(default_factory=dict)


class Project(Struct, frozen=True):
    """A decoded project: valid, or it would not exist."""

    file: ProjectFile
    connections: Mapping[str, ConnectionConfig]
    tags: tuple[Tag, ...]
    displays: Mapping[str, bytes] = MappingProxyType({})
    """Raw JSON of each display by name; panels decode it."""
    users: Mapping[str, str] = MappingProxyType({})
    """Role of each user (`users.toml`); passwords live in the data folder."""
    revision: str = ""
    """Digest of all files: tells panels and back-ups which configuration runs."""
    instances: Mapping[str, Instance] = MappingProxyType({})
    """What was made of types, by path; their tags are among `tags`."""
