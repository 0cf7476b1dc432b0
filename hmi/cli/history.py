"""Commands on a store of samples; they work on its folder, also without a station."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from hmi.cli.aggregate import aggregate
from hmi.cli.exits import WRONG, sentences
from hmi.cli.folders import store_option
from hmi.cli.history_export import export
from hmi.cli.history_import import import_


@click.group()
def history() -> None:
    """The history of a station."""


@history.command()
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@sentences
def info(store: Path, as_json: bool) -> None:
    """Size, samples, oldest and newest sample of a store."""
    from dataclasses import asdict

    from hmi.historian.store import open_reader
    from hmi.historian.times import iso

    reader = open_reader(store)
    try:
        found = asdict(reader.info())
    finally:
        reader.close()
    if as_json:
        click.echo(json.dumps(found))
        return
    for name in ("oldest", "newest"):
        found[name] = iso(found[name]) if found[name] is not None else "-"
    for name, value in found.items():
        click.echo(f"{name}: {value}")


@history.command()
@store_option
@sentences
def verify(store: Path) -> None:
    """Check every stored row against its checksum."""
    from hmi.historian.store import open_reader

    reader = open_reader(store)
    try:
        damaged = reader.verify()
    finally:
        reader.close()
    for problem in damaged:
        click.echo(str(problem))
    if damaged:
        sys.exit(WRONG)
    click.echo("Every row is sound.")


# Each in a file of its own.
for _command in (export, import_, aggregate):
    history.add_command(_command)
