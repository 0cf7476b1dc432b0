"""`hmi history import`: samples from a CSV file into a store, all or nothing."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hmi.cli.exits import sentences
from hmi.cli.folders import store_option
from hmi.cli.progress import progress

if TYPE_CHECKING:
    from hmi.core.instants import Instants
    from hmi.historian.backfill.content import Content
    from hmi.historian.tag_names import TagNames


@click.command(name="import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@store_option
@click.option("--dry-run", is_flag=True, help="Only check the file; nothing is written, and the station may run.")
@click.option("--create", is_flag=True, help="Make tags, and a store, that are not there yet.")
@sentences
def import_(file: Path, store: Path, dry_run: bool, create: bool) -> None:
    """Store the samples of FILE, a CSV with tag,time,value,status."""
    from hmi.historian.backfill.importing import import_file

    if not dry_run:
        _refuse_locked(store)
    content = _checked(file, store, create=create)
    if dry_run:
        click.echo(f"{_described(content)} can be imported; nothing was written.")
        for target in content.targets.new:
            click.echo(f"would make: {target.name} ({'text' if target.is_text else 'number'})")
        return
    with progress("Importing") as tell:
        done = import_file(content, store, _clock, tell)
    click.echo(f"{_described(content)} imported. Of samples with the same tag and time the last written counts.")
    for path, uid in done.made.items():
        click.echo(f"made: {path} (uid {uid}: give it to the tag in the project to go on with this history)")
    for note in done.notes:
        click.echo(note, err=True)


def _refuse_locked(store: Path) -> None:
    """A file of hours is not checked first for a store that cannot be written."""
    from hmi.historian.lock import LOCK_NAME, FolderLock

    if (store / LOCK_NAME).exists():
        FolderLock(store, time.time_ns()).release()


def _checked(file: Path, store: Path, *, create: bool) -> Content:
    """What the file holds; findings are printed."""
    from hmi.historian.backfill.content import check_file
    from hmi.historian.backfill.findings import UnusableFileError
    from hmi.historian.backfill.targets import Targets

    with ExitStack() as stack:
        names = _names(store, stack, create=create)
        tell = stack.enter_context(progress("Checking"))
        try:
            return check_file(file, Targets(names, create=create), tell)
        except UnusableFileError as error:
            for finding in error.findings.first:
                click.echo(str(finding), err=True)
            more = error.findings.total - len(error.findings.first)
            if more:
                click.echo(f"and {more:,} more", err=True)
            raise


def _names(store: Path, stack: ExitStack, *, create: bool) -> TagNames | None:
    """The tags of the store while the stack is open; None for a store that is to be made."""
    from hmi.historian.api import StoreError
    from hmi.historian.catalogue import CATALOGUE_NAME, Catalogue
    from hmi.historian.tag_names import TagNames

    if (store / CATALOGUE_NAME).exists():
        return TagNames(stack.enter_context(Catalogue(store, readonly=True)))
    if not create:
        raise StoreError(f"There is no store in {store}.", "Name another folder, or make one with --create.")
    return None


def _described(content: Content) -> str:
    from hmi.historian.times import iso

    span = f" from {iso(content.first or 0)} to {iso(content.last or 0)}" if content.rows else ""
    return f"{content.rows:,} rows of {len(content.targets.list)} tags{span} ({content.lines:,} lines)"


def _clock() -> Instants:
    from hmi.core.instants import Instants

    return Instants(time.monotonic_ns(), time.time_ns())
