"""A project with the drivers it names: loaded, checked to the end, or refused with every reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hmi.core.errors import Problem, ProjectError
from hmi.core.project import Project
from hmi.drivers.api import Driver
from hmi.drivers.plugin.switched_off import SwitchedOff
from hmi.drivers.registry import Found, available, load
from hmi.station import project_store
from hmi.station.deep_check import DeepCheck, Places
from hmi.station.growing import growing
from hmi.station.places import data_folder
from hmi.station.project_texts import Texts, read_texts

PLUGINS: Final = "plugins"
"""Folder of the owner's plugins in the data folder: never in the project, which comes from anybody."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the files of a project say."""

    texts: Texts
    project: Project | None
    """None: it does not decode."""
    problems: Sequence[Problem]
    drivers: dict[str, Driver]
    """Those that it names; one that cannot run is there, switched off."""

    @property
    def runs(self) -> bool:
        """Whether a station can run it."""
        return self.project is not None and all(p.runs_on for p in self.problems)

    def require(self) -> Project:
        """The project.

        Raises:
            ProjectError: it cannot be run; with every problem.
        """
        if self.project is None or not self.runs:
            raise ProjectError(self.problems)
        return self.project


def load_project(folder: Path, data: Path | None = None) -> tuple[Project, dict[str, Driver], list[Problem]]:
    """The checked project, the drivers it names, and what is wrong without keeping it from running.

    `data`: the station's data folder, if it is not the project's usual one.

    Raises:
        LinesideError: there is no project.
        ProjectError: with every problem.
    """
    checked = check_folder(folder, data)
    return checked.require(), checked.drivers, list(checked.problems)


def check_project(folder: Path, data: Path | None = None) -> tuple[Project | None, list[Problem], dict[str, Driver]]:
    """The project where it decodes, every problem, and its drivers; one that cannot run is there, switched off."""
    checked = check_folder(folder, data)
    return checked.project, list(checked.problems), checked.drivers


def check_folder(folder: Path, data: Path | None = None) -> Checked:
    """Reads and checks a project.

    Raises:
        LinesideError: there is no project.
    """
    texts, unread = read_texts(folder)
    return check_texts(texts, drivers_of(data_folder(folder) if data is None else data), unread)


def check_texts(texts: Texts, known: Mapping[str, Found], unread: Sequence[Problem] = ()) -> Checked:
    """Checks a project by the content of its files; `unread` says of files that should be among them."""
    drivers: dict[str, Driver] = {}

    def deep(project: Project, places: Places) -> list[Problem]:
        found, missing = named_drivers({config.driver for config in project.connections.values()}, known)
        drivers.update(found)
        return DeepCheck(drivers, missing)(project, places)

    with growing():
        project, problems = project_store.read_from(texts, unread, deep)
    return Checked(texts, project, problems, drivers)


def named_drivers(names: Iterable[str], known: Mapping[str, Found]) -> tuple[dict[str, Driver], dict[str, str]]:
    """The drivers of these names, one that cannot run switched off, and a sentence for each that cannot."""
    found, faults = load(names, known)
    sentences = {name: str(fault) for name, fault in faults.items()}
    # A driver of which nobody has heard is a mistake in the project; one that is broken costs its connections only.
    found.update({name: SwitchedOff(name, why) for name, why in sentences.items() if name in known})
    return found, sentences


def drivers_of(data: Path) -> dict[str, Found]:
    """Every driver there is for the station with this data folder."""
    return available(data / PLUGINS)
