"""A project with the drivers it names: loaded, checked to the end, or refused with every reason."""

from __future__ import annotations

from pathlib import Path

from hmi.core.errors import Problem, ProjectError
from hmi.core.project import Project
from hmi.drivers.api import Driver
from hmi.drivers.registry import builtin, load
from hmi.station import project_store
from hmi.station.deep_check import DeepCheck


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
    shallow, _ = project_store.read(folder)
    names = {c.driver for c in shallow.connections.values()} if shallow is not None else set()
    drivers, faults = load(names, builtin())
    missing = {name: " ".join(str(f) for f in faults if f"'{name}'" in str(f)) for name in names - set(drivers)}
    project, problems = project_store.read(folder, DeepCheck(drivers, missing))
    return project, problems, drivers
