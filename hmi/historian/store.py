"""Opening a store: the doors the station, the command line and the tests come in by."""

from __future__ import annotations

from pathlib import Path

import structlog

from hmi.core.instants import Clock
from hmi.historian.api import StoreError
from hmi.historian.health import HealthCallback, HealthEvent
from hmi.historian.lost import gap_batch
from hmi.historian.options import StoreOptions
from hmi.historian.reader import StoreReader
from hmi.historian.swap import finish
from hmi.historian.writer import StoreWriter

__all__ = ["StoreOptions", "StoreReader", "StoreWriter", "gap_batch", "open_reader", "open_store"]


def log_health(event: HealthEvent) -> None:
    """Writes a change of health to the log: the default where nobody else listens."""
    structlog.get_logger().warning("history", kind=event.kind.value, text=event.text, lost=event.lost)


def open_store(
    folder: Path, *, clock: Clock, options: StoreOptions | None = None, on_health: HealthCallback = log_health
) -> StoreWriter:
    """The one writer of the store in a folder, which is made when it is missing.

    `on_health` is called on the writer thread and must return at once; by default changes of health are logged.

    Raises:
        StoreLockedError: another process writes it.
        StoreError: the folder or its files cannot be used.
    """
    finish(folder, clock().utc)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}.", "Check the path and its rights.") from error
    return StoreWriter(folder, clock, options or StoreOptions(), on_health)


def open_reader(folder: Path) -> StoreReader:
    """A reader of the store in a folder, whether a station writes it now or not; takes no lock.

    Raises:
        StoreError: there is no store, or it cannot be read.
    """
    return StoreReader(folder)
