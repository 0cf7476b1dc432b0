"""Commands that look after a store: what it holds, whether it is sound, its backup, its restore, and what may go."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hmi.cli.exits import WRONG, fail, sentences
from hmi.cli.folders import FOLDER, store_option
from hmi.cli.param_types import Interval
from hmi.cli.progress import progress

if TYPE_CHECKING:
    from hmi.core.project import Retention
    from hmi.historian.files import Key
    from hmi.historian.inventory import Inventory
    from hmi.historian.tag_use import TagUse

_UNITS: Final = {
    "B": 1,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "TB": 1000**4,
    "KIB": 1024,
    "MIB": 1024**2,
    "GIB": 1024**3,
    "TIB": 1024**4,
}


class Size(click.ParamType[int]):
    """A size on disk, in bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """`500MB`, `20GB`, `1.5TB`, `16GiB`."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]+)", str(value).strip(), re.IGNORECASE)
        if found is None or found[2].upper() not in _UNITS:
            self.fail(f"{value!r} is no size: write 500MB, 20GB or 1.5TB.", param, ctx)
        return round(float(found[1]) * _UNITS[found[2].upper()])


def by_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--by`, who is noted to have done it."""
    return click.option("--by", "by", default=_user, help="Who is noted to have done it; default: who is logged in.")(
        command
    )


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may have no name for its user
        return "unknown"


@click.command()
@store_option
@click.option("--tags", "per_tag", is_flag=True, help="Also list what is stored of each tag.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@sentences
def info(store: Path, per_tag: bool, as_json: bool) -> None:
    """Size, samples, rate and span of a store, month by month, and of each tag; beside a running station too."""
    from hmi.historian.inventory import inventory
    from hmi.historian.tag_use import tag_uses

    found = inventory(store)
    uses = _named(store, tag_uses(store)) if per_tag else None
    if as_json:
        document = asdict(found.store) | asdict(found) | {"bytes_sample": found.bytes_sample}
        del document["store"]
        if uses is not None:
            document["per_tag"] = [{"path": path} | asdict(use) for path, use in uses]
        click.echo(json.dumps(document))
        return
    _tell(found)
    for path, use in uses or ():
        click.echo(f"{path}: {use.samples} samples, {_span(use.oldest, use.newest)}, {_shown(use.bytes)}")


def _tell(found: Inventory) -> None:
    from hmi.historian.inventory import RATE_DAYS

    store = found.store
    click.echo(f"path: {store.path}")
    click.echo(f"samples: {store.samples}")
    click.echo(f"bytes: {store.bytes} ({_shown(store.bytes)})")
    if found.bytes_sample is not None:
        click.echo(f"bytes a sample: {found.bytes_sample:.3f}")
    if found.samples_day is not None:
        click.echo(f"rate: {found.samples_day:.0f} samples a day in the last {RATE_DAYS} days it was written")
    click.echo(f"span: {_span(store.oldest, store.newest)}")
    click.echo(f"tags: {store.tags}")
    click.echo(f"lost: {store.lost}")
    click.echo(f"journal: {found.journal_samples} samples, {_shown(found.journal_bytes)}")
    for month in found.months:
        size = f"{month.samples} samples, {_shown(month.bytes)}"
        click.echo(f"{month.group}/{month.month}: {size}, {_span(month.oldest, month.newest)}")


def _span(oldest: int | None, newest: int | None) -> str:
    from hmi.historian.times import iso

    return "-" if oldest is None or newest is None else f"{iso(oldest)} to {iso(newest)}"


def _shown(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _named(store: Path, uses: list[TagUse]) -> list[tuple[str, TagUse]]:
    from hmi.historian.api import StoreError
    from hmi.historian.catalogue import Catalogue

    try:
        with Catalogue(store, readonly=True) as catalogue:
            paths = {tag.id: tag.path for tag in catalogue.tags()}
    except StoreError:  # `hmi history verify` tells why
        paths = {}
    return [(paths.get(use.tag) or f"#{use.tag}", use) for use in uses]


@click.command()
@store_option
@sentences
def verify(store: Path) -> None:
    """Check every row against its checksum, every file's structure, and the chain of the audit trail."""
    from hmi.historian.soundness import faults

    count = 0
    for fault in faults(store):
        click.echo(fault)
        count += 1
    if count:
        sys.exit(WRONG)
    click.echo("Every row is sound.")


@click.command()
@store_option
@click.argument("folder", type=FOLDER)
@sentences
def backup(store: Path, folder: Path) -> None:
    """Copy a store, also while a station writes it, into the new FOLDER."""
    from hmi.historian.backup import back_up
    from hmi.station.clock import SystemClock

    with progress("Copying") as tell:
        made = back_up(store, folder, utc=SystemClock().now().utc, tell=tell)
    for fault in made.faults:
        click.echo(f"Damaged already in the store: {fault}", err=True)
    click.echo(f"{folder}: {len(made.files)} files, {made.samples} samples, {_shown(made.bytes)}.")
    if made.left_out:
        fail("\n".join(made.left_out))


@click.command()
@store_option
@by_option
@click.argument("folder", type=FOLDER)
@sentences
def restore(store: Path, by: str, folder: Path) -> None:
    """Put the backup in FOLDER in the place of a store that no station writes; the old one is kept beside."""
    from hmi.historian.restore import restore as put_back
    from hmi.station.clock import SystemClock

    with progress("Restoring") as tell:
        done = put_back(folder, store, now=SystemClock().now(), by=by, tell=tell)
    for fault in done.manifest.faults:
        click.echo(f"Damaged already when it was backed up: {fault}", err=True)
    for missing in done.manifest.left_out:
        click.echo(missing, err=True)
    click.echo(f"{store} is as it was at {done.manifest.made_utc} ({done.manifest.samples} samples).")
    if done.aside is not None:
        click.echo(f"What was there before lies in {done.aside}: delete it when everything is in order.")


@click.command()
@store_option
@by_option
@click.option("--group", help="Only this retention group; default: each one by itself.")
@click.option("--older-than", type=Interval(), help="Delete months whose end is older, e.g. 400d.")
@click.option("--larger-than", type=Size(), help="Delete the oldest months of a group that takes more, e.g. 20GB.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be deleted.")
@sentences
def prune(
    store: Path, by: str, group: str | None, older_than: int | None, larger_than: int | None, dry_run: bool
) -> None:
    """Delete whole months of a store that no station writes; what each tag was last is kept."""
    from hmi.core.project import Retention
    from hmi.historian.months import DAY
    from hmi.station.clock import SystemClock

    if older_than is None and larger_than is None:
        raise click.UsageError("Say what may go: --older-than 400d, --larger-than 20GB, or both.")
    if not store.is_dir():
        fail(f"There is no history in {store}.")
    now = SystemClock().now()
    doomed = _expired(store, group, Retention(None if older_than is None else older_than / DAY, larger_than), now.utc)
    if dry_run:
        for key, size in doomed.items():
            click.echo(f"{key} would be deleted ({_shown(size)}).")
    else:
        from hmi.historian.offline import delete_months

        for month in delete_months(store, list(doomed), by=by, now=now):
            click.echo(str(month))
    verb = "would be" if dry_run else "were"
    gone = {(key.month, key.group) for key in doomed}
    click.echo(f"{len(gone)} months, {_shown(sum(doomed.values()))} {verb} deleted.")


def _expired(store: Path, group: str | None, policy: Retention, utc: int) -> dict[Key, int]:
    from hmi.historian.files import sizes
    from hmi.historian.retention import expired

    found = dict(sizes(store))
    groups = {key.group for key in found}
    if group is not None and group not in groups:
        fail(f"There is no group {group!r} in {store}; there are: {', '.join(sorted(groups)) or 'none'}.")
    policies = dict.fromkeys(groups if group is None else [group], policy)
    return {key: found[key] for key in expired(list(found.items()), policies, utc)}
