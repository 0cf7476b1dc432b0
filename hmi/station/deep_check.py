"""The checks of a project that need drivers, expressions and displays; with them `hmi check` promises that it runs."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hmi.core.check import is_connection_name
from hmi.core.check_history import Finding
from hmi.core.display import DisplayError, decode_display, paths
from hmi.core.errors import LinesideError, Problem
from hmi.core.expression import CycleError, Expression, ResultType, check, order, parse
from hmi.core.project import ConnectionConfig, Project, ProjectFile
from hmi.core.tag import ConnectionSource, ExpressionSource, Tag, TagType
from hmi.drivers.api import Driver
from hmi.drivers.plugin.switched_off import SwitchedOff
from hmi.station.project_texts import CONNECTIONS_FILE, PROJECT_FILE

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
            for where, what, runs_on in connection_findings(config, self._drivers, self._missing):
                yield Problem(CONNECTIONS_FILE, 0, f"{name}.{where}".rstrip("."), what, runs_on=runs_on)

    def _addresses(self, project: Project, places: Places) -> Iterator[Problem]:
        for tag, place in zip(project.tags, places, strict=True):
            for where, what in address_findings(tag, project.connections, self._drivers):
                yield Problem(*place, where, what)


def connection_findings(
    config: ConnectionConfig, drivers: Mapping[str, Driver], missing: Mapping[str, str]
) -> list[tuple[str, str, bool]]:
    """(place, sentence, whether the station runs all the same) of what is wrong with one connection.

    `missing` says why a driver cannot be used.
    """
    driver = drivers.get(config.driver)
    if driver is None:
        return [("driver", missing.get(config.driver, f"there is no driver {config.driver!r}"), False)]
    found: list[tuple[str, str, bool]] = []
    if isinstance(driver, SwitchedOff):
        found.append(("driver", driver.why, True))
    if isinstance(config.process, str) and not is_connection_name(config.process):
        what = f"{config.process!r} is no name of a process: letters, digits, _ . - and spaces"
        found.append(("process", what, False))
    try:
        driver.parse_options(config.endpoint, config.options)
    except LinesideError as error:
        found.append(("", str(error), False))
    return found


def address_findings(
    tag: Tag, connections: Mapping[str, ConnectionConfig], drivers: Mapping[str, Driver]
) -> list[Finding]:
    """What the driver of a tag's connection says of its address; nothing without such a connection or driver."""
    if not isinstance(tag.source, ConnectionSource) or tag.source.connection not in connections:
        return []
    driver = drivers.get(connections[tag.source.connection].driver)
    if driver is None:
        return []
    try:
        driver.parse_address(tag.source.address, tag.type)
    except LinesideError as error:
        return [("source.address", str(error))]
    return []


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
        findings, expression = expression_findings(tag, types)
        for where, what in findings:
            yield Problem(*place, where, what)
        if expression is not None:
            parsed[tag.path] = expression
    try:
        order(parsed)
    except CycleError as error:
        at = next((i for i, tag in enumerate(tags) if tag.path in error.cycle), 0)
        yield Problem(*places[at], "source.expression", str(error))


def expression_findings(tag: Tag, types: Mapping[str, TagType]) -> tuple[list[Finding], Expression | None]:
    """Everything wrong with a tag's expressions, and the one that makes its value where it fits the tags it reads."""
    found: list[Finding] = []
    computes: Expression | None = None
    for where, text in _texts(tag):
        try:
            expression = parse(text)
            kind = check(expression, types)
        except LinesideError as error:
            found.append((where, str(error)))
            continue
        if where == "write.interlock":
            if kind is not ResultType.BOOL:
                found.append((where, f"gives a {kind.value}: write a condition, e.g. {{tag}} > 0"))
            elif expression.is_stateful:
                found.append((where, "must not remember anything: move the timer to a tag of its own"))
        else:
            computes = expression
            if (kind.value == "string") is not (tag.type is TagType.STRING):
                found.append((where, f"gives a {kind.value}, the tag is of type {tag.type.value}"))
    return found, computes


def _texts(tag: Tag) -> Iterator[tuple[str, str]]:
    if isinstance(tag.source, ExpressionSource):
        yield "source.expression", tag.source.expression
    if tag.write is not None and tag.write.interlock:
        yield "write.interlock", tag.write.interlock


def _displays(project: Project) -> Iterator[Problem]:
    known = {tag.path for tag in project.tags}
    for name, document in project.displays.items():
        yield from display_problems(name, document, known, project.displays)
    home = project.file.home
    if home and home not in project.displays:
        yield Problem(PROJECT_FILE, 0, "home", f"there is no display {home!r}")


def display_problems(name: str, document: bytes, known: Container[str], displays: Container[str]) -> list[Problem]:
    """Everything wrong with one display; `known` are the paths of all tags, `displays` the names of all displays."""
    file = f"displays/{name}.json"
    try:
        display = decode_display(document, file)
    except DisplayError as error:
        return list(error.problems)
    unknown = "no tag has this path: the display shows it as unknown"
    found = [Problem(file, 0, p, unknown, runs_on=True) for p in sorted(paths(display)) if p not in known]
    if display.parent and display.parent not in displays:
        found.append(Problem(file, 0, "parent", f"there is no display {display.parent!r}"))
    return found
