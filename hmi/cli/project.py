"""The check of a project's files."""

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
