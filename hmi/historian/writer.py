"""The writer of a store: a thread that carries samples from memory to the disk, whatever the disk does meanwhile."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from hmi.core.batch import Batch
from hmi.core.instants import Clock
from hmi.historian.api import Delays, StoreError
from hmi.historian.disk import JournalDisk
from hmi.historian.drain import Drain
from hmi.historian.health import HealthCallback, HealthKind, Teller
from hmi.historian.journal import JOURNAL_NAME
from hmi.historian.lock import FolderLock
from hmi.historian.options import StoreOptions
from hmi.historian.pruning import Pruned
from hmi.historian.reader import StoreReader
from hmi.historian.tail import Tail
from hmi.historian.tidying import Tidying
from hmi.historian.upkeep import Upkeep

_HANGING_S: Final = 10.0
"""A commit that takes longer is taken for a disk that hangs."""


class StoreWriter:
    """See `hmi.historian.api.Writer`; made by `open_store`."""

    def __init__(self, folder: Path, clock: Clock, options: StoreOptions, on_health: HealthCallback) -> None:
        self._folder, self._options, self._clock = folder, options, clock
        self._tell = Teller(clock, on_health)
        self._lock = FolderLock(folder, clock().utc)
        try:
            self._disk = JournalDisk(folder / JOURNAL_NAME, options)
        except BaseException:
            self._lock.release()
            raise
        self._recovered, self._clean = self._disk.alive, self._disk.clean
        upkeep = Upkeep(folder, self._disk, options, self._filed, self._pruned)
        self._tail = Tail(
            max(self._disk.last_number, upkeep.last_number) + 1,
            max_rows=options.max_rows,
            max_bytes=options.max_bytes,
            keep_rows=2 * options.compact_rows,
            wake_rows=options.flush_rows,
        )
        self._drain = Drain(self._tail, self._disk, options.flush_rows, clock, self._tell)
        self._tidying = Tidying(upkeep, self._tail.changed, clock, self._tell)
        self._urgent = self._closed = self._closing = self._stopped = False
        self._flush_at = time.monotonic() + options.flush_seconds
        """When the next flush is due, if not earlier; of the wall clock that runs also where a test's stands still."""
        self._thread = threading.Thread(target=self._run, name="historian-writer", daemon=True)
        self._thread.start()

    def append(self, batch: Batch) -> None:
        """See `hmi.historian.api.Writer`.

        Raises:
            StoreError: the store is closed, or the Batch's columns are not what a Batch promises.
        """
        if self._closed:
            raise StoreError(f"The store in {self._folder} is closed.", "Open it again.")
        _check(batch)
        size, mono = self._options.flush_rows, self._clock().mono
        if len(batch) <= size:
            self._tail.append(batch, mono)
            return
        for start in range(0, len(batch), size):  # a commit must not take longer than some tens of milliseconds
            self._tail.append(batch.take(np.arange(start, min(start + size, len(batch)))), mono)

    def mark_alive(self, utc: int) -> None:
        """The station runs at this time (ns UTC); on the disk within a second. Never blocks."""
        self._drain.alive = utc

    def recovered(self) -> int | None:
        """When (ns UTC) the store was last known to be written before it was opened; None for a new store. From then
        on no value is known: the station appends `gap_batch(ids, recovered)`."""
        return self._recovered

    @property
    def closed_in_order(self) -> bool:
        """Whether the last writer of the store ended by `close`, not by a crash."""
        return self._clean

    def commit_p99_ms(self) -> float | None:
        """The slow end of the last thousand commits, ms."""
        return self._disk.commit_p99_ms()

    def delays(self) -> Delays:
        """How far the disk is behind at this moment."""
        oldest = self._tail.oldest_waiting_ms(self._clock().mono)
        return Delays(self._disk.commit_p99_ms(), self._tail.store_p95_ms(), oldest)

    def flush(self, timeout: float = 10.0) -> None:
        """See `hmi.historian.api.Writer`."""
        changed = self._tail.changed
        with changed:
            number = self._tail.next_number
            self._urgent = True
            changed.notify_all()
            done = changed.wait_for(lambda: self._tail.done(number) or self._stopped, timeout)
            if done and self._tail.done(number):
                return
        why = self._drain.why or StoreError("The disk does not answer.", "Check the disk and the system log.")
        raise StoreError(f"Samples are not stored yet. {why.what}", why.do)

    def tidy(self, timeout: float = 60.0) -> None:
        """Returns when everything appended before is in the data files, in the form in which it stays.

        Raises:
            StoreError: the disk does not take it within `timeout` seconds.
        """
        until = time.monotonic() + timeout
        self.flush(timeout)
        changed = self._tail.changed
        with changed:
            self._tidying.hurry()
            changed.wait_for(lambda: not self._tidying.hurried or self._stopped, max(0.0, until - time.monotonic()))
            if not self._tidying.hurried and self._tidying.done:
                return
        raise StoreError("History is not tidied up yet.", "Check the disk and the system log.")

    def reader(self) -> StoreReader:
        """See `hmi.historian.api.Writer`."""
        return StoreReader(self._folder, self._tail, self.delays)

    def close(self, timeout: float = 10.0) -> None:
        """See `hmi.historian.api.Writer`; harmless when repeated.

        Raises:
            StoreError: the last samples could not be stored; the lock is given back all the same, unless the disk
                hangs so that the writer thread does not end.
        """
        if self._closed:
            return
        self._closed = True
        failed: StoreError | None = None
        try:
            self.flush(timeout)
        except StoreError as error:
            failed = error
        with self._tail.changed:
            self._closing = True
            self._tail.changed.notify_all()
        self._thread.join(max(timeout, _HANGING_S))
        if self._thread.is_alive():
            raise StoreError(f"The disk of {self._folder} does not answer.", "Check the disk and the system log.")
        if failed is None:
            with suppress(StoreError):  # the samples are safe; only the mark of an orderly end is missing
                self._drain.end()
        self._disk.close()
        self._tidying.close()
        self._lock.release()
        if failed is not None:
            raise failed

    # The writer thread

    def _run(self) -> None:
        try:
            while not self._ended():
                self._wait()
                if self._flush_due:
                    self._urgent = False
                    self._flush_at = time.monotonic() + self._options.flush_seconds
                    self._drain.run()
                if self._drain.why is None and not self._closing:
                    self._tidying.step()
        finally:
            if not self._closing:
                self._tell(HealthKind.STOPPED, "The historian has stopped by a defect. Restart the station.")
            with self._tail.changed:
                self._stopped = True
                self._tail.changed.notify_all()

    def _ended(self) -> bool:
        return self._closing and (self._drain.why is not None or self._tail.done(self._tail.next_number))

    def _wait(self) -> None:
        changed = self._tail.changed
        with changed:
            if self._drain.why is not None:
                changed.wait_for(lambda: self._closing, self._options.retry_seconds)
            elif not self._tidying.due:
                changed.wait_for(self._wanted, max(0.0, self._flush_at - time.monotonic()))

    def _due(self) -> bool:
        return self._closing or self._urgent or self._tail.waiting >= self._options.flush_rows

    def _wanted(self) -> bool:
        return self._due() or self._tidying.hurried

    @property
    def _flush_due(self) -> bool:
        return self._drain.why is not None or self._due() or time.monotonic() >= self._flush_at

    def _filed(self, last: int) -> None:
        self._tail.filed(last)

    def _pruned(self, month: Pruned) -> None:
        self._tell(HealthKind.PRUNED, str(month))


_TYPES: Final = {"tag": "int32", "time": "int64", "value": "float64", "status": "uint32"}


def _check(batch: Batch) -> None:
    """A wrong column would be stored with a right checksum and read as nonsense: better refused at the door."""
    wrong = [name for name, dtype in _TYPES.items() if getattr(batch, name).dtype != dtype]
    if len(batch.text_rows):
        index = batch.value[batch.text_rows]
        if not ((index >= 0) & (index < len(batch.text))).all():
            wrong.append("text")
    if wrong:
        raise StoreError(f"A batch cannot be stored: wrong {', '.join(wrong)}.", "Report this defect.")
