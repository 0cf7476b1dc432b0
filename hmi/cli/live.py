"""Commands that ask a running station: status, read, write, alarms."""

from __future__ import annotations

import json
import math
import sys
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from hmi.cli import passwords
from hmi.cli.address import DEFAULT_URL
from hmi.cli.exits import fail, sentences
from hmi.core.errors import ConnectError, RefusedError

if TYPE_CHECKING:
    # The link loads numpy, which `hmi demo` must not wait for.
    from hmi.cli.link_client import LinkClient
    from hmi.link.messages import AlarmRow, StatusReport, TagInfo

COMMAND_ENDS = 60.0
"""Seconds after which a command that was sent has a result: its tag's time-out passes once for sending, once for the
feedback, and engineers choose it."""

TROUBLES = ("dropped", "overflows", "overruns", "process_restarts")
"""Counters of a connection that a person must see: samples that were lost, polls that were too late, crashes."""

_connect = click.option("--connect", "url", default=DEFAULT_URL, show_default=True, help="Address of the station.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
_user = click.option("--user", help="Sign in as this user (the password is asked for).")


@click.command()
@_connect
@_json
@sentences
def status(url: str, as_json: bool) -> None:
    """Connections, tags by quality, rates, alarms, history, ages."""
    import msgspec

    from hmi.link.messages import GetStatus, Status

    with _viewer(url, None) as client:
        report = client.ask(GetStatus(client.number()), Status).report
    document: dict[str, Any] = msgspec.to_builtins(report)
    if as_json:
        click.echo(json.dumps(document))
        return
    for line in _status_lines(report):
        click.echo(line)


def _status_lines(report: StatusReport) -> Iterator[str]:
    yield f"{report.name} ({report.role}), up {report.uptime_s:.0f} s, scan p95 {report.scan_ms_p95:g} ms"
    yield f"scans: {report.scans}, late {report.late_scans}; samples dropped: {report.dropped}"
    yield f"tags: {report.tags}, good {report.good}, uncertain {report.uncertain}, bad {report.bad}"
    yield "alarms: " + ", ".join(f"{name} {count}" for name, count in report.alarms.items())
    history = report.history
    rate, lost = history["samples_per_second"], history["lost"]
    yield f"history: {history['samples']} samples, {history['bytes']} bytes, {rate}/s, lost {lost}"
    stored, oldest = (_milliseconds(history.get(name)) for name in ("store_p95_ms", "oldest_waiting_ms"))
    yield f"store time: p95 {stored}, oldest waiting {oldest}"
    for connection in report.connections:
        ages = (connection.age_p50_ms, connection.age_p95_ms, connection.age_p99_ms)
        known = [f"{age:g}" for age in ages if age is not None]
        age = f"{' / '.join(known)} ms" if known else "-"
        yield (
            f"{connection.name}: {connection.state}, {connection.good}/{connection.tags} good, "
            f"{connection.changes_per_second:g}/s, age p50/p95/p99 {age}"
            + (f" - {connection.text}" if connection.text else "")
        )
        troubles = {name: connection.counters.get(name, 0) for name in TROUBLES}
        if any(troubles.values()):
            yield "  " + ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in troubles.items() if n)


def _milliseconds(value: float | str | None) -> str:
    return "-" if value is None else f"{float(value):g} ms"


@click.command()
@click.argument("tags", nargs=-1, required=True, metavar="TAG...")
@_connect
@_json
@_user
@sentences
def read(tags: tuple[str, ...], url: str, as_json: bool, user: str | None) -> None:
    """Print the present value of tags."""
    with _viewer(url, user) as client:
        rows = _read(client, tags)
    if as_json:
        click.echo(json.dumps(rows))
    else:
        for row in rows:
            shown = "-----" if row["value"] is None else row["state"] or row["value"]
            click.echo(f"{row['tag']}  {shown} {row['unit']}  {row['status']}  {row['time']}")


def _read(client: LinkClient, tags: tuple[str, ...]) -> list[dict[str, Any]]:
    from datetime import UTC, datetime

    from hmi.core.instants import SECOND
    from hmi.core.quality import is_bad, status_name
    from hmi.link.codec import batch_from
    from hmi.link.messages import GetTags, Subscribe, TagPage, Values

    infos = {info.path: info for info in client.ask(GetTags(client.number(), list(tags)), TagPage).tags}
    unknown = [tag for tag in tags if tag not in infos]
    if unknown:
        fail("\n".join(f"There is no tag {tag!r}." for tag in unknown))
    client.send(Subscribe(1, [infos[tag].tag for tag in tags]))
    found: dict[int, dict[str, Any]] = {}
    while len(found) < len(infos):
        batch = batch_from(client.await_message(Values))
        for row in range(len(batch)):
            status = int(batch.status[row])
            number = float(batch.value[row])
            value = batch.text_at(row) if batch.text_at(row) is not None else number
            unusable = is_bad(status) or (isinstance(value, float) and not math.isfinite(value))
            time = int(batch.time[row])
            stamp = datetime.fromtimestamp(time / SECOND, UTC).isoformat() if time else ""
            found[int(batch.tag[row])] = {
                "value": None if unusable else value,
                "status": status_name(status),
                "time": stamp,
            }
    rows: list[dict[str, Any]] = [{"tag": tag, "unit": infos[tag].unit, **found[infos[tag].tag]} for tag in tags]
    for line in rows:
        number = line["value"]
        states = infos[line["tag"]].states
        line["state"] = states.get(str(int(number)), "") if isinstance(number, float) else ""
    return rows


Credentials = tuple[str, str]


def credentials(user: str | None) -> Credentials:
    """Asks before connecting: a session does not wait for somebody who types."""
    if user is None and not sys.stdin.isatty():
        fail("Name the user with --user.")
    if user is None:
        user = click.prompt("User", err=True)
    return user, passwords.ask()


def _viewer(url: str, user: str | None) -> LinkClient:
    """A session that may see values; signs in where the project shows nothing without it."""
    from hmi.cli.link_client import LinkClient

    if user is None:
        client = LinkClient(url)
        if client.opened.admitted.may_view:
            return client
        client.close()
        if not client.opened.proved:
            what = f"The station at {url} shows nothing to this user: its key file cannot be read here."
            raise RefusedError(what, "Run the command as the user who runs the station.")
    signed = credentials(user)
    client = LinkClient(url)
    client.sign_in(*signed)
    return client


@click.command()
@click.argument("tag")
@click.argument("value")
@_connect
@_user
@click.option("--reason", default="", help="Why; some tags need it.")
@click.option("--yes", is_flag=True, help="Do not ask again before sending.")
@sentences
def write(tag: str, value: str, url: str, user: str | None, reason: str, yes: bool) -> None:
    """Write TAG as a signed-in user, with the same checks as the panel."""
    from hmi.cli.link_client import LinkClient
    from hmi.link.messages import Beat, CommandResult, GetTags, TagPage, Write

    signed = credentials(user)
    with LinkClient(url) as client:
        client.sign_in(*signed)
        infos = client.ask(GetTags(client.number(), [tag]), TagPage).tags
        if not infos:
            fail(f"There is no tag {tag!r}.")
        [row] = _read(client, (tag,))
    number = _number(value, infos[0].type)
    _require_possible(infos[0], number)
    if not yes:
        click.confirm(f"{tag}: {row['value']} -> {number} {infos[0].unit}", abort=True, err=True)
    with LinkClient(url) as client:
        client.sign_in(*signed)
        beat = client.await_message(Beat)
        expected = None if infos[0].pulse else row["value"]
        command = str(uuid.uuid4())
        client.send(Write(client.number(), command, infos[0].tag, number, expected, beat.utc, reason))
        try:
            result = client.await_message(CommandResult, lambda r: r.command == command and r.final, COMMAND_ENDS)
        except ConnectError as error:
            what = f"{tag}: the command was sent, its result is not known. {error}"
            raise ConnectError(what, "Look at the plant before trying again.") from error
    _tell(result.state, result.text)


def _tell(state: str, text: str) -> None:
    if state != "done":
        raise RefusedError(text)
    click.echo(text)


def _number(text: str, type_: str) -> float | str:
    if type_ == "string":
        return text
    try:
        return float(text)
    except ValueError:
        fail(f"{text!r} is no number: write digits with a point, e.g. 72.5.")


def _require_possible(info: TagInfo, number: float | str) -> None:
    """Refuses what the station would refuse anyway, before a person is asked to confirm it."""
    if isinstance(number, str):
        return
    if not math.isfinite(number):
        fail(f"{info.path}: {number} is no value that can be sent.")
    low, high, unit = info.write_low, info.write_high, f" {info.unit}".rstrip()
    if low is not None and number < low:
        fail(f"{number:g}{unit} is below the lowest allowed value of {info.path}, {low:g}{unit}.")
    if high is not None and number > high:
        fail(f"{number:g}{unit} is above the highest allowed value of {info.path}, {high:g}{unit}.")
    if info.states and number not in {float(value) for value in info.states}:
        known = ", ".join(f"{value} ({name})" for value, name in info.states.items())
        fail(f"{number:g} is none of the states of {info.path}: {known}.")


@click.group(invoke_without_command=True)
@_connect
@_json
@click.pass_context
@sentences
def alarms(context: click.Context, url: str, as_json: bool) -> None:
    """List the alarms that are not normal."""
    if context.invoked_subcommand is not None:
        context.obj = url
        return
    import msgspec

    with _viewer(url, None) as client:
        rows = _alarms(client)
    if as_json:
        # msgspec, since JSON has no NaN: the value of an alarm of a Bad tag is null.
        click.echo(msgspec.json.encode([msgspec.structs.asdict(row) for row in rows]).decode())
        return
    for row in rows:
        value = f"{row.value:g} {row.unit}".strip()
        click.echo(f"{row.event:>6}  P{row.priority} {row.state:<5}  {row.path}/{row.id}  {value}  {row.message}")


def _alarms(client: LinkClient) -> list[AlarmRow]:
    """The list once its first frame is complete, unacknowledged first."""
    from hmi.link.messages import Beat

    while client.alarms is None:
        client.await_message(Beat)
    return sorted(client.alarms.values(), key=lambda r: (r.state == "ACKED", r.priority, -r.raised))


@alarms.command()
@click.argument("event", type=int, metavar="ID")
@click.option("--comment", default="", help="What was seen or done.")
@click.option("--connect", "own_url", help="Address of the station.  [default: that of `hmi alarms`]")
@_user
@click.pass_obj
@sentences
def ack(url: str, event: int, comment: str, own_url: str | None, user: str | None) -> None:
    """Acknowledge the alarm with this event number (first column of `hmi alarms`)."""
    from hmi.cli.link_client import LinkClient
    from hmi.link.messages import AcknowledgeAlarms, CommandResult

    signed = credentials(user)
    with LinkClient(own_url or url) as client:
        client.sign_in(*signed)
        row = next((r for r in _alarms(client) if r.event == event), None)
        if row is None:
            fail(f"No alarm has the event number {event} now: look at `hmi alarms` again.")
        request = AcknowledgeAlarms(client.number(), str(uuid.uuid4()), [(row.alarm, row.event)], comment)
        result = client.ask(request, CommandResult)
    _tell(result.state, result.text)
