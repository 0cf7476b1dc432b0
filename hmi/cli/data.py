"""Commands on a station's data: history, users, audit trail. They work on the folders, also without a station."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hmi.cli import passwords
from hmi.cli.exits import WRONG, fail, sentences
from hmi.core.errors import LinesideError

FOLDER = click.Path(file_okay=False, path_type=Path)


def _store(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--store", type=FOLDER, required=True, help="History folder: DATA/history of the station's data folder."
    )(command)


@click.group()
def history() -> None:
    """The history of a station."""


@history.command()
@_store
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@sentences
def info(store: Path, as_json: bool) -> None:
    """Size, samples, oldest and newest sample of a store."""
    from dataclasses import asdict

    from hmi.historian.store import open_reader

    reader = open_reader(store)
    try:
        found = asdict(reader.info())
    finally:
        reader.close()
    if as_json:
        click.echo(json.dumps(found))
        return
    for name in ("oldest", "newest"):
        found[name] = _stamp(found[name]) if found[name] is not None else "-"
    for name, value in found.items():
        click.echo(f"{name}: {value}")


@history.command()
@_store
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


@history.command(name="export")
@_store
@click.option("--tag", "paths", multiple=True, required=True, help="Tag path (repeatable).")
@click.option("--start", required=True, help="ISO 8601 UTC or ns, included.")
@click.option("--end", required=True, help="ISO 8601 UTC or ns, excluded.")
@sentences
def export(store: Path, paths: tuple[str, ...], start: str, end: str) -> None:
    """Print raw samples as CSV: tag,time,value,status."""
    from hmi.historian.catalogue import Catalogue
    from hmi.historian.store import open_reader

    out = csv.writer(sys.stdout)
    out.writerow(["tag", "time", "value", "status"])
    begin, stop = _ns(start), _ns(end)
    with Catalogue(store, readonly=True) as catalogue:
        ids = {path: catalogue.id_of(path) for path in paths}
    reader = open_reader(store)
    try:
        for path, id_ in ids.items():
            if id_ is None:
                fail(f"There is no tag {path!r} in {store}.")
            _export_tag(reader, out, path, id_, begin, stop)
    finally:
        reader.close()


def _export_tag(reader: Any, out: Any, path: str, id_: int, start: int, end: int) -> None:
    from hmi.core.quality import is_bad, status_name

    at: int | None = start
    while at is not None:
        page = reader.read_raw(id_, at, end, limit=100_000)
        for time, value, status in zip(page.time.tolist(), page.value.tolist(), page.status.tolist(), strict=True):
            shown = "" if is_bad(status) else page.text[int(value)] if page.text else repr(value)
            out.writerow([path, _stamp(time), shown, status_name(status)])
        at = page.next_start if page.more else None


def _stamp(ns: int) -> str:
    """ISO 8601 UTC with all nine digits, so that an export reads back exactly."""
    from datetime import UTC, datetime

    seconds, rest = divmod(ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _ns(text: str) -> int:
    from datetime import UTC, datetime

    if text.lstrip("-").isdigit():
        return int(text)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no time: write 2026-01-31T08:00:00Z or nanoseconds since 1970.")
    when = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    delta = when - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000_000 + delta.microseconds * 1000


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

    from hmi.station.project_store import USERS_FILE

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
@_store
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
@_store
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
