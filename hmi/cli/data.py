"""Commands on a station's users and audit trail. They work on the folders, also without a station."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from hmi.cli import passwords
from hmi.cli.exits import WRONG, fail, sentences
from hmi.cli.folders import FOLDER, store_option
from hmi.core.errors import LinesideError


@click.group()
@click.option("--project", type=FOLDER, required=True, help="Project folder.")
@click.option("--data", type=FOLDER, help="The station's data folder, if it is not the usual one.")
@click.pass_context
@sentences
def user(context: click.Context, project: Path, data: Path | None) -> None:
    """The people who may sign in."""
    from hmi.station.data_folder import open_data_folder
    from hmi.station.places import data_folder
    from hmi.station.project_store import read
    from hmi.station.users import Users

    decoded, _ = read(project)
    if decoded is None:
        raise LinesideError("The project cannot be read.", "Run `hmi check` on it.")
    folder = open_data_folder(data if data is not None else data_folder(project))
    context.obj = (project, Users(folder.path, decoded.users), folder.path)


@user.command(name="list")
@click.pass_obj
def list_(obj: Any) -> None:
    """Everybody with role and state."""
    rows = obj[1].listing()
    for name, role, state in rows:
        click.echo(f"{name}  {role}  {state}")
    if any(state == "no password" for _, _, state in rows):
        click.echo(f"The passwords are those of the data folder {obj[2]}; name another one with --data.", err=True)


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["viewer", "operator", "engineer", "admin"]), required=True)
@click.pass_obj
@sentences
def add(obj: Any, name: str, role: str) -> None:
    """Give NAME a role in the project and a password in the data folder."""
    import tomlkit

    from hmi.station.project_texts import USERS_FILE

    project, users, _ = obj
    password = passwords.new(name)
    file = project / USERS_FILE
    document = tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
    document[name] = role
    part = file.with_name(file.name + ".part")
    part.write_text(tomlkit.dumps(document), "utf-8")
    part.replace(file)
    users.set_password(name, password)
    click.echo(f"{name} is {role}. A running station takes over new people when it is restarted.")


@user.command()
@click.argument("name")
@click.pass_obj
@sentences
def passwd(obj: Any, name: str) -> None:
    """Set the password of NAME; a running station knows it at once."""
    if name not in {row[0] for row in obj[1].listing()}:
        fail(f"The project has no user {name!r}: `hmi user add` makes one.")
    obj[1].set_password(name, passwords.new(name))
    click.echo(f"The password of {name} is set.")


@user.command()
@click.argument("name")
@click.pass_obj
@sentences
def disable(obj: Any, name: str) -> None:
    """Take NAME's rights away; a running station does so at the next action."""
    obj[1].disable(name)
    click.echo(f"{name} is disabled.")


@click.group()
def audit() -> None:
    """The record of what people did."""


@audit.command(name="verify")
@store_option
@sentences
def verify_audit(store: Path) -> None:
    """Check that no record was changed, removed, inserted or cut off."""
    from hmi.historian.event_reader import EventReader

    reader = EventReader(store)
    try:
        found = reader.verify_audit()
    finally:
        reader.close()
    for sentence in found:
        click.echo(sentence)
    if found:
        sys.exit(WRONG)
    click.echo("The audit trail is whole.")


@audit.command(name="export")
@store_option
@sentences
def export_audit(store: Path) -> None:
    """Print the audit trail as JSON, one record a line, oldest first."""
    from dataclasses import asdict, replace

    from hmi.historian.audit import AuditRecord
    from hmi.historian.event_reader import EventReader, Query

    reader = EventReader(store)
    records: list[AuditRecord] = []
    try:
        query = Query(limit=1000)
        while True:
            page = reader.audit(query)
            records += page.lines
            if page.next is None:
                break
            query = replace(query, after=page.next)
    finally:
        reader.close()
    for record in reversed(records):
        click.echo(json.dumps(asdict(record), ensure_ascii=False))
