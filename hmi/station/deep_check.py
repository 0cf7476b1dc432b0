"""The checks of a project that need drivers, expressions and displays; with them `hmi check` promises that it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hmi.core.check import is_connection_name
from hmi.core.display import DisplayError, decode_display, paths
from hmi.core.errors import LinesideError, Problem
from hmi.core.expression import CycleError, Expression, ResultType, check, order, parse
from hmi.core.project import Project, ProjectFile
from hmi.core.tag import ConnectionSource, ExpressionSource, Tag, TagType
from hmi.drivers.api import Driver
from hmi.drivers.plugin.switched_off import SwitchedOff
from hmi.station.project_store import CONNECTIONS_FILE, PROJECT_FILE

LAST_PORT: Final = 65535

Places = list[tuple[str, int]]
"""File and line of each tag."""


class DeepCheck:
    """Called by the project store once everything has decoded."""

    def __init__(self, drivers: Mapping[str, Driver], missing: Mapping[str, str]) -> None:
        """`missing` says why a driver named by the project cannot be used."""
        self._drivers = drivers
        self._missing = missing

    def __call__(self, project: Project, places: Places) -> list[Problem]:
        """Every problem found."""
        return [
            *self._connections(project),
            *self._addresses(project, places),
            *_expressions(project.tags, places),
            *_displays(project),
            *_file(project.file),
        ]

    def _connections(self, project: Project) -> Iterator[Problem]:
        for name, config in project.connections.items():
            driver = self._drivers.get(config.driver)
            if driver is None:
                why = self._missing.get(config.driver, f"there is no driver {config.driver!r}")
                yield Problem(CONNECTIONS_FILE, 0, f"{name}.driver", why)
                continue
            if isinstance(driver, SwitchedOff):
                yield Problem(CONNECTIONS_FILE, 0, f"{name}.driver", driver.why, runs_on=True)
            if isinstance(config.process, str) and not is_connection_name(config.process):
                what = f"{config.process!r} is no name of a process: letters, digits, _ . - and spaces"
                yield Problem(CONNECTIONS_FILE, 0, f"{name}.process", what)
            try:
                driver.parse_options(config.endpoint, config.options)
            except LinesideError as error:
                yield Problem(CONNECTIONS_FILE, 0, name, str(error))

    def _addresses(self, project: Project, places: Places) -> Iterator[Problem]:
        for tag, place in zip(project.tags, places, strict=True):
            if not isinstance(tag.source, ConnectionSource) or tag.source.connection not in project.connections:
                continue
            driver = self._drivers.get(project.connections[tag.source.connection].driver)
            if driver is None:
                continue
            try:
                driver.parse_address(tag.source.address, tag.type)
            except LinesideError as error:
                yield Problem(*place, "source.address", str(error))


def _file(file: ProjectFile) -> Iterator[Problem]:
    if not 0 <= file.listen.port <= LAST_PORT:
        yield Problem(
            PROJECT_FILE, 0, "listen.port", f"must be 0 (any free port) to {LAST_PORT}, not {file.listen.port}"
        )
    if not file.listen.host:
        yield Problem(PROJECT_FILE, 0, "listen.host", "must not be empty: 127.0.0.1, or 0.0.0.0 for the whole network")
    try:
        ZoneInfo(file.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        what = f"this PC knows no time zone {file.time_zone!r}, so times are shown in UTC: write e.g. Europe/Berlin"
        yield Problem(PROJECT_FILE, 0, "time_zone", what, runs_on=True)


def _expressions(tags: tuple[Tag, ...], places: Places) -> Iterator[Problem]:
    types = {tag.path: tag.type for tag in tags}
    parsed: dict[str, Expression] = {}
    for tag, place in zip(tags, places, strict=True):
        for where, text in _texts(tag):
            try:
                expression = parse(text)
                kind = check(expression, types)
            except LinesideError as error:
                yield Problem(*place, where, str(error))
                continue
            if where == "write.interlock":
                if kind is not ResultType.BOOL:
                    yield Problem(*place, where, f"gives a {kind.value}: write a condition, e.g. {{tag}} > 0")
                elif expression.is_stateful:
                    yield Problem(*place, where, "must not remember anything: move the timer to a tag of its own")
            else:
                parsed[tag.path] = expression
                if (kind.value == "string") is not (tag.type is TagType.STRING):
                    yield Problem(*place, where, f"gives a {kind.value}, the tag is of type {tag.type.value}")
    try:
        order(parsed)
    except CycleError as error:
        at = next((i for i, tag in enumerate(tags) if tag.path in error.cycle), 0)
        yield Problem(*places[at], "source.expression", str(error))


def _texts(tag: Tag) -> Iterator[tuple[str, str]]:
    if isinstance(tag.source, ExpressionSource):
        yield "source.expression", tag.source.expression
    if tag.write is not None and tag.write.interlock:
        yield "write.interlock", tag.write.interlock


def _displays(project: Project) -> Iterator[Problem]:
    known = {tag.path for tag in project.tags}
    for name, document in project.displays.items():
        file = f"displays/{name}.json"
        try:
            display = decode_display(document, file)
        except DisplayError as error:
            yield from error.problems
            continue
        for path in sorted(paths(display) - known):
            yield Problem(file, 0, path, "no tag has this path: the display shows it as unknown", runs_on=True)
        if display.parent and display.parent not in project.displays:
            yield Problem(file, 0, "parent", f"there is no display {display.parent!r}")
    home = project.file.home
    if home and home not in project.displays:
        yield Problem(PROJECT_FILE, 0, "home", f"there is no display {home!r}")
