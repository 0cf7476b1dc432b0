"""Commands on a store of samples; they work on its folder, also without a station."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import click

from hmi.cli.exits import WRONG, fail, sentences
from hmi.cli.folders import store_option


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


@history.command(name="export")
@store_option
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
