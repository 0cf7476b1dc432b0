"""The plain ways to keep samples, which the store is measured against: clustered SQLite rows, and a DuckDB table."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from hmi.core.batch import Batch, join
from hmi.historian.sqlite import close, connect_writer

_INSERT = "INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?)"
_LOADED = 200_000


class ClusteredRows:
    """One row a sample, clustered by tag and time, in a file of its own."""

    def __init__(self, batches: Iterator[Batch], stored: int) -> None:
        """Holds the first `stored` samples already, loaded in the order of the table; `add` takes those after them."""
        self._batches = batches
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "rows.db"
        self._connection = connect_writer(self._path)
        self._connection.execute(
            "CREATE TABLE sample (tag INTEGER, time INTEGER, value REAL, status INTEGER, PRIMARY KEY (tag, time))"
            " WITHOUT ROWID"
        )
        self._load(stored)

    def _load(self, stored: int) -> None:
        first: list[Batch] = []
        while sum(map(len, first)) < stored:
            first.append(join([next(self._batches) for _ in range(100)]))
        rows = join(first)
        order = np.lexsort((rows.time, rows.tag))
        self._connection.execute("BEGIN")
        for start in range(0, len(rows), _LOADED):
            self._insert(rows.take(order[start : start + _LOADED]))
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self.bytes_sample = self._path.stat().st_size / len(rows)

    def _insert(self, b: Batch) -> None:
        rows = zip(b.tag.tolist(), b.time.tolist(), b.value.tolist(), b.status.tolist(), strict=True)
        self._connection.executemany(_INSERT, rows)

    def add(self, samples: int, a_transaction: int) -> float:
        """Samples a second when about so many arrive, in transactions of whole Batches with at least so many."""
        done, waiting, seconds = 0, 0, 0.0
        while done < samples:
            batch = next(self._batches)
            started = time.perf_counter()
            if not waiting:
                self._connection.execute("BEGIN")
            self._insert(batch)
            waiting += len(batch)
            done += len(batch)
            if waiting >= a_transaction or done >= samples:
                self._connection.execute("COMMIT")
                waiting = 0
            seconds += time.perf_counter() - started
        return done / seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        close(self._connection)
        self._folder.cleanup()


def in_duckdb(batches: Iterator[Batch], a_transaction: int) -> tuple[float, float]:
    """Samples a second into a DuckDB table, and its bytes a sample."""
    duckdb = import_module("duckdb")  # no dependency
    done, seconds = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.duckdb"
        connection = duckdb.connect(str(path), config={"threads": 1})
        connection.execute("CREATE TABLE sample (tag INTEGER, time BIGINT, value DOUBLE, status UINTEGER)")
        for b in _grouped(batches, a_transaction):
            columns = {"tag": b.tag, "time": b.time, "value": b.value, "status": b.status}  # found by its name below
            started = time.perf_counter()
            connection.execute("INSERT INTO sample SELECT * FROM columns")
            seconds += time.perf_counter() - started
            done += len(b)
            del columns
        started = time.perf_counter()
        connection.execute("CHECKPOINT")
        seconds += time.perf_counter() - started
        connection.close()
        return done / seconds, path.stat().st_size / done


def _grouped(batches: Iterator[Batch], rows: int) -> Iterator[Batch]:
    waiting: list[Batch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= rows:
            yield join(waiting)
            waiting = []
    if waiting:
        yield join(waiting)
