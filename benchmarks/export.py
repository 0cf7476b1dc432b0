"""History into files and back: how fast, and how much memory the length of an export costs.

The samples of a long export come from memory, so that its cost alone is measured: 100 million rows of noisy tenths with
jittering stamps, as CSV and as Parquet. Then a store's samples are exported and imported into another one. The
baseline of the same run: a row at a time with the standard library's csv, datetime and float, as one would write it
first.
"""

from __future__ import annotations

import csv
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from benchmarks.journal import clock
from benchmarks.report import Report, main
from hmi.core.batch import Batch
from hmi.core.instants import SECOND
from hmi.core.quality import status_from_name, status_name
from hmi.historian.api import RawPage
from hmi.historian.backfill.content import check_file
from hmi.historian.backfill.importing import import_file
from hmi.historian.backfill.targets import Targets
from hmi.historian.catalogue import Catalogue, CatalogueTag
from hmi.historian.export.csv_sink import CsvSink
from hmi.historian.export.pages import PAGE_ROWS, raw_pages
from hmi.historian.export.parquet_sink import ParquetSink
from hmi.historian.export.write import Sink, write_tags
from hmi.historian.store import open_reader, open_store

START = 1_800_000_000 * SECOND
TAGS = 10
TAG = CatalogueTag(1, "u", "plant/bottling/mixer/level", is_text=False, stepped=False)
BASELINE_ROWS = 100_000


class LongTag:
    """A reader of one tag with a sample a second for ever; its pages cost next to nothing."""

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        self._jitter = np.arange(PAGE_ROWS) * SECOND + random.integers(0, 8_000_000, PAGE_ROWS)
        self._value = np.round(50 + random.normal(0, 0.3, PAGE_ROWS), 1)
        self._status = np.where(random.random(PAGE_ROWS) < 0.001, 0x80310000, 0).astype(np.uint32)

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        del tag, limit, bounds  # one tag, one size of page
        assert start is not None
        assert end is not None
        after = start + PAGE_ROWS * SECOND
        more = after < end
        return RawPage(start + self._jitter, self._value, self._status, (), more, after if more else None)


def peak_mb() -> float:
    """The most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def quiet(done: float) -> None:
    pass


def export(rows: int, sink: Callable[[BinaryIO], Sink]) -> float:
    """Seconds for so many rows."""
    end = START + rows * SECOND
    started = time.perf_counter()
    with Path(os.devnull).open("wb") as stream:
        written = write_tags([("a", TAG)], raw_pages(LongTag(), START, end), sink(stream), (START, end), quiet)
    assert written == rows
    return time.perf_counter() - started


def grown(rows: int, sink: Callable[[BinaryIO], Sink]) -> tuple[float, float]:
    """Rows a second, and MB of memory that a hundred times the rows cost."""
    export(max(rows // 100, 2_000_000), sink)
    before = peak_mb()
    spent = export(rows, sink)
    return rows / spent, peak_mb() - before


def plain_export() -> float:
    """Rows a second with an object for every cell."""
    page = LongTag().read_raw(1, START, START + BASELINE_ROWS * SECOND)
    started = time.perf_counter()
    with Path(os.devnull).open("w") as stream:
        out = csv.writer(stream)
        for at, value, status in zip(page.time.tolist(), page.value.tolist(), page.status.tolist(), strict=True):
            seconds, rest = divmod(at, SECOND)
            shown = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
            out.writerow([TAG.path, shown, "" if status & 0x80000000 else repr(value), status_name(status)])
    return BASELINE_ROWS / (time.perf_counter() - started)


def plain_import(file: Path, rows: int) -> float:
    """Rows a second read one by one into columns, twice, since they are checked first; nothing is stored."""
    started = time.perf_counter()
    for _ in range(2):
        found = []
        with file.open(newline="") as stream:
            for tag, at, value, status in islice(csv.reader(stream), 1, rows + 1):
                when = datetime.fromisoformat(at) - datetime(1970, 1, 1, tzinfo=UTC)
                ns = (when.days * 86_400 + when.seconds) * SECOND + int(at[20:29])
                found.append((tag, ns, float(value or "nan"), status_from_name(status)))
        np.array([ns for _, ns, _, _ in found], np.int64)
    return rows / (time.perf_counter() - started)


def fill(folder: Path, rows: int) -> list[tuple[str, CatalogueTag]]:
    """A store of some tags at 1 Hz."""
    store = open_store(folder, clock=clock)
    with Catalogue(folder) as catalogue:
        catalogue.ids_for([(f"uid{i}", f"plant/line/unit{i}/level", False, False) for i in range(TAGS)], START)
        tags = [(tag.path, tag) for tag in catalogue.tags()]
    random = np.random.default_rng(2)
    for first in range(0, rows, PAGE_ROWS):
        row = np.arange(first, min(first + PAGE_ROWS, rows))
        at = START + row // TAGS * SECOND + random.integers(0, 8_000_000, len(row))
        value = np.round(50 + random.normal(0, 0.3, len(row)), 1)
        store.append(Batch((row % TAGS + 1).astype(np.int32), at, at, value, np.zeros(len(row), np.uint32)))
        store.flush(60)
    store.close()
    return tags


def round_trip(folder: Path, rows: int) -> dict[str, float]:
    """A store into a file and the file into another store."""
    folder.mkdir(exist_ok=True)
    tags = fill(folder / "first", rows)
    reader, file = open_reader(folder / "first"), folder / "out.csv"
    end = START + (rows // TAGS + 1) * SECOND
    started = time.perf_counter()
    with file.open("wb") as stream:
        write_tags(tags, raw_pages(reader, START, end), CsvSink(stream), (START, end), quiet)
    out = time.perf_counter() - started
    reader.close()
    started = time.perf_counter()
    content = check_file(file, Targets(None, create=True), quiet)
    assert import_file(content, folder / "second", clock, quiet).rows == rows
    return {"store_csv_rows_s": rows / out, "import_rows_s": rows / (time.perf_counter() - started)}


def measure(quick: bool) -> Report:
    """Samples into CSV and Parquet files, and a file into a store."""
    rows = 10_000_000 if quick else 100_000_000
    figures: dict[str, float] = {}
    figures["csv_rows_s"], figures["csv_grown_mb"] = grown(rows, CsvSink)
    figures["parquet_rows_s"], figures["parquet_grown_mb"] = grown(rows, ParquetSink)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = 1_000_000 if quick else 10_000_000
        round_trip(folder / "small", large // 5)
        before = peak_mb()
        figures |= round_trip(folder, large)
        figures["import_grown_mb"] = peak_mb() - before
        plain = {"csv_rows_s": plain_export(), "import_rows_s": plain_import(folder / "out.csv", BASELINE_ROWS)}
    goals = {
        "ratio.csv_rows_s": (">=", 10.0),
        "csv_grown_mb": ("<=", 16.0),
        "parquet_grown_mb": ("<=", 64.0),
        "ratio.import_rows_s": (">=", 1.0),
        "import_grown_mb": ("<=", 128.0),
    }
    return Report("export", figures, plain, goals=goals)  # type: ignore[arg-type]  # literals of a mixed dict


if __name__ == "__main__":
    main(measure)
