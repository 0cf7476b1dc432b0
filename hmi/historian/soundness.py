"""Whether a whole store is sound: every row's checksum, the structure of every file, the chain of the audit trail."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from hmi.historian import datafile
from hmi.historian.api import DamagedError, StoreError
from hmi.historian.catalogue import CATALOGUE_NAME, Catalogue
from hmi.historian.event_reader import EventReader
from hmi.historian.event_tables import EVENTS_NAME
from hmi.historian.files import carries
from hmi.historian.journal import JOURNAL_NAME
from hmi.historian.library import Library
from hmi.historian.sqlite import Error, close, connect_reader
from hmi.historian.survey import verify_carries, verify_files, verify_journal

_NAMED: Final = 3
"""More tags than that are told as a range."""


def faults(folder: Path) -> Iterator[str]:
    """What is wrong with a store, running or not, a sentence each: what, when, whose, where, and what to do. Files are
    named below the folder, so that a copy of the store has the same faults.

    Raises:
        StoreError: there is no store in the folder.
    """
    for fault in _faults(folder):
        yield fault.replace(f"{folder}{os.sep}", "")


def _faults(folder: Path) -> Iterator[str]:
    if not (folder / JOURNAL_NAME).is_file():
        raise StoreError(f"There is no history in {folder}: {JOURNAL_NAME} is missing.", "Check the folder.")
    names = _Names(folder)
    yield from map(names.sentence, _rows(folder))
    for path in (folder / JOURNAL_NAME, folder / CATALOGUE_NAME, folder / EVENTS_NAME, *carries(folder)):
        if path.exists():
            yield from (f"{path.relative_to(folder).as_posix()}: {fault}" for fault in _structure(path))
    if not (folder / CATALOGUE_NAME).exists():
        yield f"{CATALOGUE_NAME} is missing: nobody knows which tags the samples belong to. Restore it from a backup."
    if (folder / EVENTS_NAME).exists():
        yield from _audit(folder)


def _rows(folder: Path) -> Iterator[DamagedError]:
    """The damaged rows; a file that cannot be read as a whole is told by its structure, and the others are read."""
    with suppress(StoreError):
        connection = connect_reader(folder / JOURNAL_NAME)
        try:
            with suppress(Error):
                yield from verify_journal(connection)
        finally:
            close(connection)
    library = Library(folder)
    try:
        yield from verify_files(library)
        yield from verify_carries(library)
    finally:
        library.close()


def _structure(path: Path) -> Iterator[str]:
    try:
        connection = connect_reader(path)
    except StoreError as error:
        yield str(error)
        return
    try:
        yield from datafile.faults(connection)
    except Error as error:
        yield f"{error}."
    finally:
        close(connection)


def _audit(folder: Path) -> Iterator[str]:
    try:
        events = EventReader(folder)
    except StoreError:
        return  # its structure is told already
    try:
        yield from (f"Audit trail: {sentence}" for sentence in events.verify_audit())
    except StoreError as error:
        yield str(error)
    finally:
        events.close()


class _Names:
    """What tags are called, for people."""

    def __init__(self, folder: Path) -> None:
        self._ids: list[int] = []
        self._paths: list[str] = []
        try:
            with Catalogue(folder, readonly=True) as catalogue:
                for tag in catalogue.tags():
                    self._ids.append(tag.id)
                    self._paths.append(tag.path)
        except StoreError:
            return  # told on its own; tags are then shown by their numbers

    def sentence(self, damaged: DamagedError) -> str:
        """A damaged place with the tags it concerns."""
        return " ".join(filter(None, (damaged.what, self._concerned(damaged.tags), damaged.do)))

    def _concerned(self, tags: tuple[int, int] | None) -> str:
        if tags is None:
            return "All tags of the group are concerned."
        low, high = tags
        paths = self._paths[bisect_left(self._ids, low) : bisect_right(self._ids, high)]
        if not paths:
            return f"Tag number {low}." if low == high else f"Tag numbers {low} to {high}."
        if len(paths) == 1:
            return f"Tag: {paths[0]}."
        if len(paths) <= _NAMED:
            return f"Tags: {', '.join(paths)}."
        return f"Tags: {paths[0]} to {paths[-1]} ({len(paths)} in the order of their numbers)."
