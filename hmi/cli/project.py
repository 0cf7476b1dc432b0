"""Commands on a project's files: check, and the tag table in and out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hmi.cli.exits import WRONG, sentences
from hmi.cli.folders import FOLDER


@click.command()
@click.argument("project", type=FOLDER)
@sentences
def check(project: Path) -> None:
    """Check a PROJECT folder: every error with file, line and place."""
    from hmi.station.loading import check_project

    decoded, problems, _ = check_project(project)
    for problem in problems:
        click.echo(str(problem))
    if problems or decoded is None:
        click.echo(f"{len(problems)} {'error' if len(problems) == 1 else 'errors'}.", err=True)
        sys.exit(WRONG)
    click.echo(f"{decoded.file.name}: {len(decoded.tags)} tags, {len(decoded.connections)} connections, no errors.")


@click.group()
def tags() -> None:
    """The tag table of a project."""


@tags.command(name="export")
@click.argument("project", type=FOLDER)
@sentences
def export(project: Path) -> None:
    """Print the tags of PROJECT as CSV."""
    import csv

    from hmi.station.loading import load_project

    loaded, _, _ = load_project(project)
    out = csv.writer(sys.stdout)
    out.writerow(["path", "type", "unit", "low", "high", "source", "alarms", "description"])
    for tag in sorted(loaded.tags, key=lambda t: t.path):
        low, high = tag.range or ("", "")
        source = getattr(tag.source, "address", "") or getattr(tag.source, "expression", "")
        kind = getattr(tag.source, "connection", type(tag.source).__name__.removesuffix("Source").lower())
        alarms = " ".join(alarm.id for alarm in tag.alarms)
        cells = [tag.path, tag.type.value, tag.unit, low, high, f"{kind} {source}".strip(), alarms, tag.description]
        out.writerow([_harmless(cell) for cell in cells])


def _harmless(cell: object) -> object:
    """A spreadsheet must not take a description for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@" and cell[:1] else cell
