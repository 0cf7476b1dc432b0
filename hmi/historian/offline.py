"""Work on a store that no station writes: under its lock, and with a line in its audit trail that says who did what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hmi.core.instants import Instants
from hmi.historian.api import StoreError
from hmi.historian.audit import AuditEntry
from hmi.historian.event_tables import EVENTS_NAME
from hmi.historian.events import open_events
from hmi.historian.files import Key
from hmi.historian.journal import JOURNAL_NAME
from hmi.historian.lock import FolderLock
from hmi.historian.pruning import Pruned, prune_steps
from hmi.historian.shelf import Shelf
from hmi.historian.swap import finish


@contextmanager
def sole_writer(folder: Path, utc: int) -> Iterator[None]:
    """Keeps every other writer out of a store; `utc` (ns) is shown to whoever comes.

    Raises:
        StoreLockedError: a station or another command writes it.
        StoreError: there is no store in the folder, or it cannot be written.
    """
    finish(folder, utc)
    if not (folder / JOURNAL_NAME).is_file():
        raise StoreError(f"There is no history in {folder}: {JOURNAL_NAME} is missing.", "Check the folder.")
    lock = FolderLock(folder, utc)
    try:
        yield
    finally:
        lock.release()


def record(folder: Path, entries: Sequence[AuditEntry], now: Instants) -> None:
    """Puts what was done into the store's audit trail, if it has one; the caller holds the store's lock.

    Raises:
        StoreError: the disk does not take it.
    """
    if not entries or not (folder / EVENTS_NAME).is_file():
        return
    events = open_events(folder, clock=lambda: now)
    try:
        for written in [events.audit(entry) for entry in entries]:
            written.result()
    finally:
        events.close()


def delete_months(folder: Path, keys: Sequence[Key], *, by: str, now: Instants) -> Iterator[Pruned]:
    """Deletes months of a store that no station writes, oldest first; what each tag was last is kept, and what was
    deleted stands in the audit trail, by whom.

    Raises:
        StoreLockedError: a station or another command writes it.
        StoreError: there is no store, or the disk does not take something; the months before are gone and recorded.
    """
    done: list[Pruned] = []
    with sole_writer(folder, now.utc):
        shelf = Shelf(folder, None)
        try:
            for month in prune_steps(shelf, sorted(keys)):
                if month is not None:
                    done.append(month)
                    yield month
        finally:
            shelf.close()
            record(folder, [_entry(month, by) for month in done], now)


def _entry(month: Pruned, by: str) -> AuditEntry:
    return AuditEntry(
        user=by,
        role="",
        station="command line",
        action="history-prune",
        object=str(month.key),
        old=month.samples,
        unit="samples",
        result="done",
    )
