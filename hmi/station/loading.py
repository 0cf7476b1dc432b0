"""A project with the drivers it names: loaded, checked to the end, or refused with every reason."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hmi.core.errors import Problem, ProjectError
from hmi.core.project import Project
from hmi.drivers.api import Driver
from hmi.drivers.plugin.switched_off import SwitchedOff
from hmi.drivers.registry import Found, available, load
from hmi.station import project_store
from hmi.station.deep_check import DeepCheck, Places
from hmi.station.places import data_folder

PLUGINS: Final = "plugins"
"""Folder of the owner's plugins in the data folder: never in the project, which comes from anybody."""


def load_project(folder: Path, data: Path | None = None) -> tuple[Project, dict[str, Driver], list[Problem]]:
    """The checked project, the drivers it names, and what is wrong without keeping it from running.

    `data`: the station's data folder, if it is not the project's usual one.

    Raises:
        LinesideError: there is no project.
        ProjectError: with every problem.
    """
    project, problems, drivers = check_project(folder, data)
    if project is None or not all(p.runs_on for p in problems):
        raise ProjectError(problems)
    return project, drivers, problems


def check_project(folder: Path, data: Path | None = None) -> tuple[Project | None, list[Problem], dict[str, Driver]]:
    """The project where it decodes, every problem, and its drivers; one that cannot run is there, switched off."""
    known = drivers_of(data_folder(folder) if data is None else data)
    drivers: dict[str, Driver] = {}

    def deep(project: Project, places: Places) -> list[Problem]:
        names = {config.driver for config in project.connections.values()}
        found, faults = load(names, known)
        drivers.update(found)
        sentences = {name: " ".join(str(f) for f in faults if f"'{name}'" in str(f)) for name in names - set(found)}
        # A driver of which nobody has heard is a mistake in the project; one that is broken costs its connections only.
        drivers.update({name: SwitchedOff(name, why) for name, why in sentences.items() if name in known})
        return DeepCheck(drivers, sentences)(project, places)

    project, problems = project_store.read(folder, deep)
    return project, problems, drivers


def drivers_of(data: Path) -> dict[str, Found]:
    """Every driver there is for the station with this data folder."""
    return available(data / PLUGINS)
