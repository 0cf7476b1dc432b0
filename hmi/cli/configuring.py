"""Commands on the configuration of a running station: what waits in its files, the way back, what devices offer."""

from __future__ import annotations

import json
import sys
import uuid
from typing import TYPE_CHECKING

import click

from hmi.cli.address import DEFAULT_URL
from hmi.cli.exits import WRONG, fail, sentences
from hmi.cli.live import credentials

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmi.cli.link_client import LinkClient
    from hmi.link.messages import DeviceItem, Edited, Flaw

APPLIED_WITHIN = 60.0
"""Seconds in which a station takes other files over; it reads a large project whole."""

_connect = click.option("--connect", "url", default=DEFAULT_URL, show_default=True, help="Address of the station.")
_user = click.option("--user", help="Sign in as this user (the password is asked for).")
_comment = click.option("--comment", default="", help="Why; it goes into the audit trail.")
_yes = click.option("--yes", is_flag=True, help="Do not ask again before it is done.")


@click.command()
@_connect
@_user
@_comment
@_yes
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@sentences
def apply(url: str, user: str | None, comment: str, yes: bool, dry_run: bool) -> None:
    """Make the project's files run that were changed beside the station, e.g. by `git pull`."""
    from hmi.link.messages import ApplyPending, GetPending, Pending

    signed = credentials(user)
    with _engineer(url, signed) as client:
        pending = client.ask(GetPending(client.number()), Pending)
    for line in pending.changes:
        click.echo(line)
    if pending.on_disk == pending.running:
        click.echo("The files hold nothing that does not run.")
        return
    _tell_flaws(pending.flaws)
    if dry_run:
        return
    if not yes:
        click.confirm(f"Make {pending.on_disk} run in place of {pending.running}?", abort=True, err=True)
    with _engineer(url, signed) as client:
        request = ApplyPending(client.number(), str(uuid.uuid4()), pending.on_disk, comment)
        answer = _edited(client, request)
    click.echo(f"Revision {answer.revision} runs.")


@click.command()
@_connect
@_user
@_comment
@_yes
@sentences
def rollback(url: str, user: str | None, comment: str, yes: bool) -> None:
    """Go back to what ran before the last change; while files wait that do not run, throw those away."""
    from hmi.link.messages import GetPending, Pending, RollBack

    signed = credentials(user)
    with _engineer(url, signed) as client:
        pending = client.ask(GetPending(client.number()), Pending)
    if not pending.can_roll_back:
        fail("There is nothing to go back to: nothing was changed since, or by other means.")
    click.echo(pending.last_change)
    if not yes:
        click.confirm("Take this back?", abort=True, err=True)
    with _engineer(url, signed) as client:
        request = RollBack(client.number(), str(uuid.uuid4()), pending.running, comment)
        answer = _edited(client, request)
    for line in answer.changes:
        click.echo(line)
    click.echo(f"Revision {answer.revision} runs.")


@click.command()
@click.argument("connection")
@click.option("--node", default="", help="Begin below this node instead of at the top.")
@click.option("--depth", type=click.IntRange(1, 20), default=2, show_default=True, help="Levels to look through.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@_connect
@_user
@sentences
def browse(connection: str, node: str, depth: int, as_json: bool, url: str, user: str | None) -> None:
    """Look through what the device of a running CONNECTION offers: places, addresses, types, units, ranges."""
    import msgspec

    signed = credentials(user)
    with _engineer(url, signed) as client:
        found = list(_below(client, connection, node, depth, 0))
    if as_json:
        rows = [{"level": level, **msgspec.structs.asdict(item)} for level, item in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for level, item in found:
        facts = [item.address, item.type, item.unit, _range(item), "writable" * item.writable, item.description]
        name = f"{item.name}/" if item.below else item.name
        click.echo(f"{'  ' * level}{name}  {'  '.join(fact for fact in facts if fact)}".rstrip())


def _below(client: LinkClient, connection: str, node: str, depth: int, level: int) -> Iterable[tuple[int, DeviceItem]]:
    for item in _items(client, connection, node):
        yield level, item
        if item.below and level + 1 < depth:
            yield from _below(client, connection, item.node, depth, level + 1)


def _items(client: LinkClient, connection: str, node: str) -> list[DeviceItem]:
    from hmi.core.errors import RefusedError
    from hmi.link.messages import BrowseDevice, DevicePage

    request = BrowseDevice(client.number(), connection, node)
    client.send(request)
    found: list[DeviceItem] = []
    while True:
        page = client.await_message(DevicePage, lambda m: m.request == request.request, 30.0)
        if page.error:
            raise RefusedError(page.error)
        found += page.items
        if page.done:
            return found


def _range(item: DeviceItem) -> str:
    return f"{item.low:g}..{item.high:g}" if item.low is not None and item.high is not None else ""


def _engineer(url: str, signed: tuple[str, str]) -> LinkClient:
    from hmi.cli.link_client import LinkClient

    client = LinkClient(url)
    client.sign_in(*signed)
    return client


def _edited(client: LinkClient, request: object) -> Edited:
    """The whole answer to a change, or its refusal."""
    from hmi.core.errors import RefusedError
    from hmi.link.messages import ApplyPending, Edited, RollBack

    if not isinstance(request, ApplyPending | RollBack):
        raise AssertionError(f"{request} changes nothing")
    client.send(request)
    changes: list[str] = []
    while True:
        part = client.await_message(Edited, lambda m: m.request == request.request, APPLIED_WITHIN)
        changes += part.changes
        _tell_flaws(part.flaws)
        if part.done:
            break
    if not part.applied:
        raise RefusedError(part.error or "The station refused it.")
    return Edited(part.request, part.applied, part.revision, [], changes)


def _tell_flaws(flaws: list[Flaw]) -> None:
    """Every flaw on a line; one that keeps the files from running ends the command."""
    for flaw in flaws:
        click.echo(f"{flaw.where}: {flaw.what}" if flaw.where else flaw.what, err=True)
    if any(not flaw.warns for flaw in flaws):
        click.echo("Nothing was changed.", err=True)
        sys.exit(WRONG)
