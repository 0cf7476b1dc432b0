"""Passwords and keys of connections: set from a prompt or a pipe, listed by name only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from hmi.cli.exits import fail, sentences
from hmi.cli.folders import FOLDER
from hmi.core.errors import LinesideError


@click.group()
@click.option("--project", type=FOLDER, required=True, help="Project folder.")
@click.option("--data", type=FOLDER, help="The station's data folder, if it is not the usual one.")
@click.pass_context
@sentences
def secret(context: click.Context, project: Path, data: Path | None) -> None:
    """Passwords and keys with which connections sign in at devices."""
    from hmi.station.data_folder import open_data_folder
    from hmi.station.loading import check_project
    from hmi.station.places import data_folder
    from hmi.station.secret_store import SecretStore

    place = data if data is not None else data_folder(project)
    decoded, _, drivers = check_project(project, place)
    if decoded is None:
        raise LinesideError("The project cannot be read.", "Run `hmi check` on it.")
    folder = open_data_folder(place)
    wanted = {name: _wanted(drivers.get(config.driver)) for name, config in decoded.connections.items()}
    context.obj = (wanted, SecretStore(folder.path))


def _wanted(driver: object) -> list[str] | None:
    """The secrets that a driver knows; None when it does not tell."""
    from hmi.drivers.api import Described

    return [field.name for field in driver.fields if field.secret] if isinstance(driver, Described) else None


@secret.command(name="set")
@click.argument("connection")
@click.argument("name")
@click.pass_obj
@sentences
def set_(obj: Any, connection: str, name: str) -> None:
    """Keep the secret NAME of CONNECTION: typed unseen, or all that is piped in. An empty one is forgotten."""
    wanted, store = obj
    if connection not in wanted:
        fail(f"The project has no connection '{connection}'. It has: {', '.join(sorted(wanted)) or 'none'}.")
    names = wanted[connection]
    if names is not None and name not in names:
        fail(f"The driver of '{connection}' has no secret '{name}'. It has: {', '.join(names) or 'none'}.")
    if sys.stdin.isatty():
        value = click.prompt("Secret", default="", show_default=False, hide_input=True, err=True)
    else:
        value = sys.stdin.read().rstrip("\r\n")
    store.put(connection, name, value)
    done = "set" if value else "forgotten"
    click.echo(f"'{name}' of {connection} is {done}. A running station takes it over when it is restarted.")


@secret.command(name="list")
@click.pass_obj
@sentences
def list_(obj: Any) -> None:
    """The names of all secrets, never their values."""
    for connection, name in obj[1].names():
        click.echo(f"{connection}  {name}")
