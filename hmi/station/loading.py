"""A project with the drivers it names: loaded, checked to the end, or refused with every reason."""

from __future__ import annotations

from pathlib import Path

from hmi.core.errors import Problem, ProjectError
from hmi.core.project import Project
from hmi.drivers.api import Driver
from hmi.drivers.registry import available, load
from hmi.station import project_store
from hmi.station.deep_check import DeepCheck, Places


def load_project(folder: Path) -> tuple[Project, dict[str, Driver], list[Problem]]:
    """The checked project, the drivers it names, and what is wrong without keeping it from running.

    Raises:
        LinesideError: there is no project.
        ProjectError: with every problem.
    """
    project, problems, drivers = check_project(folder)
    if project is None or not all(p.runs_on for p in problems):
        raise ProjectError(problems)
    return project, drivers, problems


def check_project(folder: Path) -> tuple[Project | None, list[Problem], dict[str, Driver]]:
    """The project where it decodes, every problem, and the drivers that it names."""
    drivers: dict[str, Driver] = {}

    def deep(project: Project, places: Places) -> list[Problem]:
        names = {config.driver for config in project.connections.values()}
        found, faults = load(names, available())
        drivers.update(found)
        missing = {name: " ".join(str(f) for f in faults if f"'{name}'" in str(f)) for name in names - set(found)}
        return DeepCheck(found, missing)(project, places)

    project, problems = project_store.read(folder, deep)
    return project, problems, drivers
