"""Composes what edits the running project from the parts of the station."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hmi.core.project import Project
from hmi.drivers.api import Clock, Driver
from hmi.drivers.registry import Found
from hmi.station.editing.applying import Applying, Targets
from hmi.station.editing.layout import Layout
from hmi.station.editing.making import Making
from hmi.station.editing.model import Model
from hmi.station.editing.pending import PendingFiles
from hmi.station.editing.records import Key
from hmi.station.editing.relinking import Relinking
from hmi.station.editing.saving import Saving
from hmi.station.editing.service import Editing
from hmi.station.editing.texts import ProjectTexts
from hmi.station.editing.uses import Uses
from hmi.station.editing.watching import Watching
from hmi.station.link_lives import LinkLives
from hmi.station.links import LinkMaker
from hmi.station.loading import named_drivers
from hmi.station.project_texts import Texts
from hmi.station.records import Records
from hmi.station.running import Running
from hmi.station.tag_table import TagTable


@dataclass(frozen=True, slots=True)
class Home:
    """Where the project and what belongs to it lie."""

    project: Path
    data: Path
    texts: Texts
    """The files that run."""
    known: Mapping[str, Found]
    """The drivers there are."""


@dataclass(frozen=True, slots=True)
class EditingParts:
    """What the station needs of it."""

    editing: Editing
    pending: PendingFiles
    making: Making
    watching: Watching
    relinking: Relinking
    running: Running

    async def watch(self) -> None:
        """Watches the project's files until cancelled."""
        await self.watching.run(lambda: self.running.revision)


def compose(
    home: Home,
    project: Project,
    running: Running,
    table: TagTable,
    targets: Targets,
    links: tuple[LinkLives, LinkMaker],
    records: Records,
    clock: Clock,
    valid: Callable[[], None],
) -> EditingParts:
    """Everything wired; `valid` is told when the files are what runs."""
    uses = Uses.of(project.tags, project.connections, project.displays)
    texts = ProjectTexts(home.texts)
    types = texts.records([Key("type", name) for name in texts.names("type")])
    layout = Layout({record.key: record.document for record in types.values()})
    model = Model(running, table, texts, uses, layout)
    lives, maker = links
    relinking = Relinking(running, table, lives, maker, targets.pump.presence, clock)
    applying = Applying(model, targets, relinking, clock)
    saving = Saving(home.project, home.data)
    alarm = targets.pump.system_event
    making = Making(model, applying, saving, home.data, records, clock, records.note, alarm)

    def find_drivers(names: Iterable[str]) -> tuple[dict[str, Driver], dict[str, str]]:
        return named_drivers(names, home.known)

    editing = Editing(model, making, find_drivers, records, clock, alarm)
    pending = PendingFiles(model, making, saving, home.known, editing.turn, records, clock, valid, alarm)
    watching = Watching(home.project, pending, targets.gateway, records.note)
    return EditingParts(editing, pending, making, watching, relinking, running)
