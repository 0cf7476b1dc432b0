"""A copy of a store while a station writes it at full speed: nothing is locked, nothing that was confirmed is missing.

The order decides. The journal comes first: what leaves it later is in the data files, which are copied after it, oldest
month first; what is in both is filed once, because each data file knows up to which append number it has the journal.
What retention carries over comes after the months it deletes, the catalogue after every sample that needs its numbers.
The end of the audit trail is read before the trail, so that it may be behind and is never ahead.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import hmi
from hmi.historian import journal, meta_table
from hmi.historian.api import StoreError
from hmi.historian.catalogue import CATALOGUE_NAME
from hmi.historian.durable import settle_names, settled, write
from hmi.historian.event_tables import EVENTS_NAME
from hmi.historian.files import CARRY_NAME, DATA, Key, carries, key_of, present, remove, size_of
from hmi.historian.head_file import HEAD_NAME
from hmi.historian.journal import JOURNAL_NAME
from hmi.historian.left_out import mark_lost, unfollowed
from hmi.historian.leftovers import clear_leftovers, part_name
from hmi.historian.lock import LOCK_NAME, FolderLock
from hmi.historian.manifest import MANIFEST_NAME, STORE_VERSION, Manifest, Stored, encode_manifest
from hmi.historian.soundness import faults
from hmi.historian.sqlite import Error, close, connect_reader, explain, is_damage
from hmi.historian.store import open_reader

_SPARE: Final = 64 * 1024 * 1024
"""Bytes that a disk must have left behind a backup."""
Tell = Callable[[float], None]
"""Hears which part is done, 0 to 1."""


def back_up(folder: Path, target: Path, *, utc: int, tell: Tell = lambda _: None) -> Manifest:
    """Copies a store, running or not, into a new folder, which has its name only when all of it is on the disk.

    `utc` (ns) is the time now: whatever was confirmed before the call is in the backup.

    Raises:
        StoreError: there is no store, the target is in use, the disk has too little room, or a file cannot be copied.
    """
    if not (folder / JOURNAL_NAME).is_file():
        raise StoreError(f"There is no history in {folder}: {JOURNAL_NAME} is missing.", "Check the folder.")
    _check_target(folder, target)
    clear_leftovers(target, utc)
    check_room(target.parent, sum(map(size_of, _databases(folder))))
    part = part_name(target)
    try:
        part.mkdir()
        lock = FolderLock(part, utc)  # so that nobody takes it for a leftover
        try:
            manifest = _copied(folder, part, utc, tell)
            if target.exists():
                target.rmdir()
            if sys.platform == "win32":  # a folder with an open file cannot be renamed there, by nobody
                lock.release()
            part.rename(target)
        finally:
            lock.release()
        (target / LOCK_NAME).unlink()
        for changed in (target, target.parent):
            settle_names(changed)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}.", "Check the disk and its rights.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return manifest


def _copied(folder: Path, part: Path, utc: int, tell: Tell) -> Manifest:
    """Fills the folder, all of it on the disk on return."""
    manifest = _Copy(folder, part, tell).made(utc)
    write(part / MANIFEST_NAME, encode_manifest(manifest))
    for made in (*part.glob("data/*"), part / "data", part):
        if made.is_dir():
            settle_names(made)
    return manifest


def _check_target(folder: Path, target: Path) -> None:
    if target.resolve().is_relative_to(folder.resolve()):
        raise StoreError(
            f"{target} lies inside the history itself.", "Choose a folder elsewhere, best on another disk."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        raise StoreError(f"{target} cannot be made: {error.strerror}.", "Check the path and its rights.") from error
    if taken:
        raise StoreError(f"{target} exists already and is not empty.", "Choose a new folder for each backup.")


def check_room(folder: Path, need: int) -> None:
    """Makes sure that a disk can take so many bytes.

    Raises:
        StoreError: it cannot.
    """
    free = shutil.disk_usage(folder).free
    if free < need + _SPARE:
        lacking = f"{(need + _SPARE) / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free"
        raise StoreError(f"The disk of {folder} has too little room: {lacking}.", "Free space or choose another disk.")


def _databases(folder: Path) -> Iterator[Path]:
    """The files in the order of their copying; whoever goes on listing lists the months after the journal is copied."""
    yield folder / JOURNAL_NAME
    yield from (key.path(folder) for key in present(folder))
    yield from carries(folder)
    yield from (path for name in (CATALOGUE_NAME, EVENTS_NAME) if (path := folder / name).is_file())


class _Copy:
    """One backup under way."""

    def __init__(self, folder: Path, part: Path, tell: Tell) -> None:
        self._folder, self._part, self._tell = folder, part, tell
        self._files: list[Stored] = []
        self._left_out: list[str] = []
        self._lost: list[Key] = []
        """The data files among them."""

    def made(self, utc: int) -> Manifest:
        done, whole = 0, max(1, sum(map(size_of, _databases(self._folder))))
        for path in _databases(self._folder):
            if path.name == EVENTS_NAME:
                self._head()
            self._database(path)
            done += size_of(path)
            self._tell(min(0.9, 0.9 * done / whole))
        for key in unfollowed(self._lost, present(self._part)):
            self._hole(key)
        found = tuple(faults(self._part))
        reader = open_reader(self._part)
        try:
            samples = reader.info().samples
        finally:
            reader.close()
        self._tell(1.0)
        when = f"{datetime.fromtimestamp(utc / 1e9, UTC):%Y-%m-%dT%H:%M:%SZ}"
        left_out = tuple(self._left_out)
        return Manifest(utc, when, hmi.__version__, STORE_VERSION, samples, tuple(self._files), found, left_out)

    def _hole(self, key: Key) -> None:
        """Makes an empty file, which stands for the lost one before it; without a log, as the copies beside it."""
        path = key.path(self._part)
        made = path.with_suffix(".new")
        mark_lost(self._part, made, key.month)
        _vacuum(made, path)
        remove(made)
        self._note(path, 0)

    def _head(self) -> None:
        with suppress(FileNotFoundError):
            write(self._part / HEAD_NAME, (self._folder / HEAD_NAME).read_bytes())
            self._note(self._part / HEAD_NAME, 0)

    def _database(self, path: Path) -> None:
        place = path.relative_to(self._folder)
        copy = self._part / place
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            copied = _vacuum(path, copy)
        except StoreError as error:
            if len(place.parts) == 1 or not is_damage(error):
                raise
            copy.unlink(missing_ok=True)
            self._left_out.append(f"{place.as_posix()} is not in the backup. {error}")
            key = key_of(copy)
            if key is not None:
                self._lost.append(key)
            return
        if copied:
            self._note(copy, _samples(copy, place.parts[0] == DATA and place.name != CARRY_NAME))

    def _note(self, copy: Path, samples: int) -> None:
        checksum = settled(copy)
        place = copy.relative_to(self._part).as_posix()
        self._files.append(Stored(place, copy.stat().st_size, checksum, samples))


def _vacuum(path: Path, copy: Path) -> bool:
    """Copies a database in one read transaction; False when retention deleted it before."""
    try:
        connection = connect_reader(path)
    except StoreError:
        if path.exists():
            raise
        return False
    try:
        connection.execute("VACUUM INTO ?", (os.fspath(copy.absolute()),))
    except Error as error:
        raise explain(error, copy if "full" in str(error) else path) from error
    finally:
        close(connection)
    return True


def _samples(copy: Path, is_month: bool) -> int:
    if not is_month and copy.name != JOURNAL_NAME:
        return 0
    connection = connect_reader(copy)
    try:
        return (meta_table.get(connection, "samples") or 0) if is_month else journal.size(connection)[1]
    except Error as error:
        raise explain(error, copy) from error
    finally:
        close(connection)
