"""A store from its backup: checked byte by byte and row by row before it takes the place of the one that is there.

The store that was there is kept beside, whole, until somebody deletes it.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from hmi.core.instants import Instants
from hmi.historian.api import StoreError
from hmi.historian.audit import AuditEntry
from hmi.historian.backup import Tell, check_room
from hmi.historian.durable import settle_names, settled
from hmi.historian.event_reader import EventReader
from hmi.historian.event_tables import EVENTS_NAME
from hmi.historian.journal import JOURNAL_NAME
from hmi.historian.leftovers import clear_leftovers, part_name
from hmi.historian.lock import FolderLock, is_spare
from hmi.historian.manifest import Manifest, Stored, read_manifest
from hmi.historian.offline import record
from hmi.historian.soundness import faults
from hmi.historian.swap import finish, put_in_place

_DO: Final = "Choose another backup; the store was not touched."


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done."""

    manifest: Manifest
    aside: Path | None
    """Where the store lies that was there before; None = there was none."""


def restore(backup: Path, folder: Path, *, now: Instants, by: str, tell: Tell = lambda _: None) -> Restored:
    """Puts a backup in the place of a store, or where there is none yet; `by` is noted in the audit trail.

    A crash at any moment leaves the old or the new store, whole. A backup of a store that was damaged already is
    restored as it is; its manifest tells what was damaged.

    Raises:
        StoreLockedError: a station or another command writes the store.
        StoreError: the backup is not complete or was changed, the folder holds something else, or the disk has too
            little room or refuses.
    """
    manifest = read_manifest(backup)
    folder = folder.resolve()
    finish(folder, now.utc)
    locks = _locked(folder, now.utc)
    clear_leftovers(folder, now.utc)
    part = part_name(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        check_room(folder.parent, manifest.bytes)
        part.mkdir()
        locks.append(FolderLock(part, now.utc))  # it keeps everybody out also when it has the store's name
        _fill(part, backup, manifest, tell)
        record(part, [_entry(backup, folder, manifest, by)], now)
        if len(locks) == 1:  # of the copy alone: where no store was, a station may have begun one since
            locks += _locked(folder, now.utc)
        _give_to_owner(part, folder if folder.exists() else folder.parent)
        aside = _aside(folder, now.utc)
        if sys.platform == "win32":  # a folder with an open file cannot be renamed there, by nobody
            _release(locks)
        put_in_place(part, folder, aside)
    except OSError as error:
        raise StoreError(f"{folder} cannot be restored: {error.strerror}.", "Check the disk and its rights.") from error
    finally:
        _release(locks)
        shutil.rmtree(part, ignore_errors=True)
    tell(1.0)
    return Restored(manifest, _kept(aside))


def _locked(folder: Path, utc: int) -> list[FolderLock]:
    """The lock of the folder to be replaced; none where there is none."""
    if not folder.exists():
        return []
    _check_folder(folder)
    return [FolderLock(folder, utc)]


def _check_folder(folder: Path) -> None:
    """A folder that holds something else must not be put aside by a mistyped name."""
    if not ((folder / JOURNAL_NAME).is_file() or is_spare(folder)):
        raise StoreError(f"{folder} is no history folder and not empty.", "Choose the history folder of a station.")


def _fill(part: Path, backup: Path, manifest: Manifest, tell: Tell) -> None:
    done, whole = 0, max(1, manifest.bytes)
    for file in manifest.files:
        _fetch(backup, part, file)
        done += file.bytes
        tell(0.8 * done / whole)
    for made in (*part.glob("data/*"), part / "data", part):
        if made.is_dir():
            settle_names(made)
    new = set(faults(part)) - set(manifest.faults)
    if new:
        raise StoreError(f"The restored copy is not sound: {min(new)}", _DO)
    tell(0.95)


def _fetch(backup: Path, part: Path, file: Stored) -> None:
    copy = part / file.path
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(backup / file.path, copy)
    except FileNotFoundError as error:
        raise StoreError(f"{backup / file.path} is missing.", _DO) from error
    if copy.stat().st_size != file.bytes or settled(copy) != file.sha256:
        raise StoreError(f"{backup / file.path} is not what was backed up: its checksum does not match.", _DO)


def _give_to_owner(part: Path, of: Path) -> None:
    """A store restored by root must be written by the station, which is somebody else."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    owner = of.stat()
    for path in (part, *part.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def _entry(backup: Path, folder: Path, manifest: Manifest, by: str) -> AuditEntry:
    """The restored trail ends earlier than the one it replaces: it must say so itself."""
    return AuditEntry(
        user=by,
        role="",
        station="command line",
        action="history-restore",
        object="history",
        old=_trail_end(folder),
        new=f"backup of {manifest.made_utc}",
        reason=f"restored from {backup}",
        result="done",
    )


def _trail_end(folder: Path) -> str:
    if not (folder / EVENTS_NAME).exists():
        return "no audit trail"
    try:
        events = EventReader(folder)
    except StoreError:
        return "an audit trail that cannot be read"
    try:
        head = events.audit_head()
    except StoreError:
        return "an audit trail that cannot be read"
    finally:
        events.close()
    return f"audit trail up to record {head.seq} {head.hash}"


def _aside(folder: Path, utc: int) -> Path:
    stamp = f"{datetime.fromtimestamp(utc / 1e9, UTC):%Y%m%dT%H%M%SZ}"
    names = (folder.with_name(f"{folder.name}.before-{stamp}{f'-{n}' if n else ''}") for n in count())
    return next(name for name in names if not name.exists())


def _kept(aside: Path) -> Path | None:
    if not aside.exists():
        return None
    if (aside / JOURNAL_NAME).exists():
        return aside
    shutil.rmtree(aside)  # an empty folder
    return None


def _release(locks: list[FolderLock]) -> None:
    for lock in locks:
        lock.release()
