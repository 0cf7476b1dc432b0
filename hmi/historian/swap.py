"""One folder takes the place of another, and a crash at any moment leaves one of them whole in its place.

First the new folder gets the name that says it is complete, then the old one is put aside, then the new one gets its
final name. When the process dies between the last two, whoever opens the store next takes the last step.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from hmi.historian.api import StoreError
from hmi.historian.durable import settle_names
from hmi.historian.journal import JOURNAL_NAME
from hmi.historian.lock import LOCK_NAME, FolderLock, is_spare


def complete_name(folder: Path) -> Path:
    """The name that says: all of it is here, and it only has to be put in its place."""
    return folder.with_name(f"{folder.name}.complete")


def put_in_place(new: Path, folder: Path, aside: Path) -> None:
    """Makes `new` the folder; what was there before gets the name `aside`. All lie side by side on one disk.

    Raises:
        StoreError: the disk does not let them be renamed; the old folder is in its place.
    """
    ready = complete_name(folder)
    if ready.exists() and not (ready / JOURNAL_NAME).is_file():
        raise StoreError(f"{ready} is in the way.", "Give it another name.")
    try:
        if ready.exists():  # of an attempt that was cut off before the old one was put aside
            shutil.rmtree(ready)
        new.rename(ready)
        settle_names(folder.parent)
        if folder.exists():
            folder.rename(aside)
        _last_step(ready, folder, aside)
        settle_names(folder.parent)
    except OSError as error:
        if folder.exists():
            shutil.rmtree(ready, ignore_errors=True)
        raise StoreError(
            f"{folder} cannot be replaced: {error.strerror}.", f"Check the rights of {folder.parent}."
        ) from error


def _last_step(ready: Path, folder: Path, aside: Path) -> None:
    try:
        ready.rename(folder)
    except OSError:
        with suppress(OSError):
            aside.rename(folder)
        raise


def finish(folder: Path, utc: int) -> None:
    """Ends what a process that died in `put_in_place` has left; `utc` (ns) is shown by a lock meanwhile.

    Raises:
        StoreLockedError: it lives and is still at work, or somebody else begins a store in the folder just now.
        StoreError: the disk does not let the folder be renamed.
    """
    ready = complete_name(folder)
    if not (ready / JOURNAL_NAME).is_file():
        return
    FolderLock(ready, utc).release()
    if (folder / JOURNAL_NAME).is_file():
        shutil.rmtree(ready, ignore_errors=True)  # the old one was not yet put aside, and goes on
        return
    try:
        _clear(folder, utc)
        ready.rename(folder)
    except OSError as error:
        raise StoreError(f"{ready} cannot be renamed: {error.strerror}.", "Rename it yourself.") from error


def _clear(folder: Path, utc: int) -> None:
    """Takes away a folder with no store in it: an empty one, or one that only holds its lock, which nobody has."""
    if not is_spare(folder):
        return
    FolderLock(folder, utc).release()
    (folder / LOCK_NAME).unlink()
    folder.rmdir()
