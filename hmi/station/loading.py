"""A project with the drivers it names: loaded, checked to the end, or refused with every reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hmi.core.errors import Problem, ProjectError
from hmi.core.project import Project
from hmi.drivers.api import Driver
from hmi.drivers.registry import available, load
from hmi.station import project_store
from hmi.station.deep_check import DeepCheck, Places
from hmi.station.project_texts import Texts, read_texts


@dataclass(frozen=True, slots=True)
class Checked:
    """What the files of a project say."""

    texts: Texts
    project: Project | None
    """None: it does not decode."""
    problems: Sequence[Problem]
    drivers: dict[str, Driver]
    """Those that it names and that can be used."""

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


def load_project(folder: Path) -> tuple[Project, dict[str, Driver], list[Problem]]:
    """The checked project, the drivers it names, and what is wrong without keeping it from running.

    Raises:
        LinesideError: there is no project.
        ProjectError: with every problem.
    """
    checked = check_folder(folder)
    return checked.require(), checked.drivers, list(checked.problems)


def check_project(folder: Path) -> tuple[Project | None, list[Problem], dict[str, Driver]]:
    """The project where it decodes, every problem, and the drivers that it names."""
    checked = check_folder(folder)
    return checked.project, list(checked.problems), checked.drivers


def check_folder(folder: Path) -> Checked:
    """Reads and checks a project.

    Raises:
        LinesideError: there is no project.
    """
    return check_texts(*read_texts(folder))


def check_texts(texts: Texts, unread: Sequence[Problem] = ()) -> Checked:
    """Checks a project by the content of its files; `unread` says of files that should be among them."""
    drivers: dict[str, Driver] = {}

    def deep(project: Project, places: Places) -> list[Problem]:
        found, missing = drivers_of({config.driver for config in project.connections.values()})
        drivers.update(found)
        return DeepCheck(found, missing)(project, places)

    project, problems = project_store.read_from(texts, unread, deep)
    return Checked(texts, project, problems, drivers)


def drivers_of(names: set[str]) -> tuple[dict[str, Driver], dict[str, str]]:
    """The drivers of these names, and why the others cannot be used."""
    found, faults = load(names, available())
    return found, {name: " ".join(str(f) for f in faults if f"'{name}'" in str(f)) for name in names - set(found)}
