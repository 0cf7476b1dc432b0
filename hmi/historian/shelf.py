"""The data files under their one writer: opened when needed, a few at a time, afresh after an error."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import numpy as np

from hmi.core.batch import Batch
from hmi.historian import datafile, meta_table, rollup_table, run_table
from hmi.historian.api import StoreError
from hmi.historian.bucket import Bucket
from hmi.historian.codec import CodecError, decode_tags, tag_starts
from hmi.historian.datafile import Stored
from hmi.historian.files import Key, present, remove
from hmi.historian.merge import BUCKET
from hmi.historian.sqlite import Connection, Error, close, connect_reader, explain, transaction

_OPEN_FILES: Final = 4


class OpenFile:
    """One data file while it is open for writing."""

    def __init__(self, key: Key, path: Path, prepare: Callable[[Connection], None] | None) -> None:
        self.key, self.path = key, path
        self.connection = datafile.open_data(path)
        self.applied = 0
        """Append number up to which the journal's samples of this file are in it."""
        self._buckets: dict[int, Bucket] = {}
        self._unread: dict[int, list[Stored]] = {}
        self.rolled: dict[int, int] = {}
        """The last UTC day of each tag that was rolled up."""
        self.unrolled: dict[int, set[int]] = {}
        """Days of each tag whose rollup went because late samples changed them."""
        self.sealed = False
        """Whether the month has ended and all of it is in its last form."""
        try:
            self._load(prepare)
        except BaseException:
            close(self.connection)
            raise

    def _load(self, prepare: Callable[[Connection], None] | None) -> None:
        if prepare is not None:
            prepare(self.connection)
        self.applied = meta_table.get(self.connection, "applied") or 0
        self.rolled = rollup_table.last_days(self.connection)
        self.sealed = bool(meta_table.get(self.connection, "sealed"))

    def bucket(self, number: int) -> Bucket:
        """What waits in a bucket's runs."""
        if number not in self._buckets:
            found = Bucket()
            for run, level, data in run_table.of_bucket(self.connection, number):
                try:
                    found.add(*decode_tags(data), level)
                except CodecError:
                    self._unread.setdefault(number, []).append(run)  # told when the runs are rewritten
            self._buckets[number] = found
        return self._buckets[number]

    def holes(self, tag: int) -> list[tuple[int, int]]:
        """First and last time (ns UTC) of each damaged place that may have held samples of a tag."""
        self.bucket(tag // BUCKET)
        unread = [run for run in self._unread.get(tag // BUCKET, []) if run.tag_min <= tag <= run.tag_max]
        return [*datafile.damaged_spans(self.connection, tag), *((run.time_min, run.time_max) for run in unread)]

    @property
    def unread(self) -> bool:
        """Whether a run of a bucket that was looked into does not tell which tags it has."""
        return bool(self._unread)

    def rewritten(self, number: int, now: Bucket) -> None:
        """The runs of a bucket have changed to this."""
        self._buckets[number] = now

    def added(self, runs: list[Batch]) -> None:
        """Fresh runs were added: the buckets that are known count them."""
        for run in runs:
            number = int(run.tag[0]) // BUCKET
            if number in self._buckets:
                starts = tag_starts(run.tag)
                self._buckets[number].add(run.tag[starts], np.diff(starts, append=len(run)).astype(np.int32), 0)


class Shelf:
    """A store's data files for the one thread that writes them."""

    def __init__(self, folder: Path, prepare: Callable[[Connection], None] | None) -> None:
        self.folder, self._prepare = folder, prepare
        self._open: OrderedDict[Key, OpenFile] = OrderedDict()

    def files(self) -> list[Key]:
        """The files there are, oldest month first."""
        return present(self.folder)

    def last_applied(self) -> int:
        """The highest append number that any file has; a file that cannot be read counts as 0."""
        found = 0
        for key in self.files():
            with suppress(StoreError):
                reader = connect_reader(key.path(self.folder))
                try:
                    found = max(found, meta_table.get(reader, "applied") or 0)
                except Error:
                    continue
                finally:
                    close(reader)
        return found

    def open(self, key: Key) -> OpenFile:
        """A file, made when it is missing. Must be called inside `explained`."""
        file = self._open.get(key)
        if file is None:
            file = self._open[key] = OpenFile(key, key.path(self.folder), self._prepare)
        self._open.move_to_end(key)
        while len(self._open) > _OPEN_FILES:
            self._close(next(iter(self._open)))
        return file

    @contextmanager
    def writing(self, file: OpenFile) -> Iterator[Connection]:
        """A transaction; what was changed in memory only must follow after it."""
        with transaction(file.connection) as connection:
            yield connection

    @contextmanager
    def explained(self, key: Key) -> Iterator[None]:
        """Turns SQLite's errors on a file into sentences and closes it, so that it is opened afresh.

        Raises:
            StoreError: the disk does not give or take it.
        """
        path = key.path(self.folder)
        try:
            yield
        except Error as error:
            self._close(key)
            raise explain(error, path) from error
        except OSError as error:
            self._close(key)
            raise StoreError(f"{path} cannot be made: {error.strerror}.", "Check the disk and its rights.") from error
        except BaseException:
            self._close(key)
            raise

    def delete(self, key: Key) -> None:
        """Deletes a file with its log; readers that have it open go on reading.

        Raises:
            StoreError: the disk does not let it go.
        """
        self._close(key)
        path = key.path(self.folder)
        try:
            remove(path)
        except OSError as error:
            raise StoreError(f"{path} cannot be deleted: {error.strerror}.", "Check its rights.") from error

    def _close(self, key: Key) -> None:
        file = self._open.pop(key, None)
        if file is not None:
            close(file.connection)

    def close(self) -> None:
        """Gives all files back."""
        for key in list(self._open):
            self._close(key)
