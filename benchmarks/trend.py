"""What an operator waits for: a trend of eight tags over a month and a year, a zoom anywhere, a million raw samples.

Eight tags at 1 Hz beside an existing store, read as a panel does: warm files, imports not counted. The baseline of the
same run: a day of one tag out of clustered SQLite rows, reduced to columns; scaled to eight tags and a month.
`--quick` stores a month instead of a year and leaves the figures of the year out.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.report import Goal, Report, main
from hmi.core.batch import Batch
from hmi.core.instants import SECOND, Instants
from hmi.core.trend import line, m4
from hmi.historian.sqlite import Connection, close, connect_writer
from hmi.historian.store import StoreReader, open_reader, open_store

TAGS = 8
START = 1_767_225_600 * SECOND
"""The first of January 2026."""
DAY = 86_400
MONTH = 30 * DAY
YEAR = 365 * DAY
COLUMNS = 2000
AT_ONCE = 8192
"""Seconds of all tags in a Batch."""


def batches(seconds: int) -> Iterator[Batch]:
    """Every tag once a second with a few ms of jitter, noisy values of a tenth."""
    random = np.random.default_rng(1)
    for first in range(0, seconds, AT_ONCE):
        second = np.repeat(np.arange(first, min(first + AT_ONCE, seconds)), TAGS)
        tag = np.tile(np.arange(TAGS), len(second) // TAGS)
        at = START + second * SECOND + random.integers(0, 8, len(second)) * 1_000_000
        value = np.round(50 + 10 * np.sin(second / 5000 + tag) + random.normal(0, 0.3, len(second)), 1)
        yield Batch((tag + 1).astype(np.int32), at, at, value, np.zeros(len(second), np.uint32))


def clock() -> Instants:
    return Instants(time.monotonic_ns(), START + 2 * YEAR * SECOND)


def fill(folder: Path, seconds: int) -> None:
    writer = open_store(folder, clock=clock)
    for number, batch in enumerate(batches(seconds)):
        writer.append(batch)
        if number % 8 == 7:
            writer.flush(60)
    writer.tidy(3600)
    writer.close()


def fill_rows(connection: Connection, seconds: int) -> None:
    connection.execute(
        "CREATE TABLE sample (tag INTEGER, time INTEGER, value REAL, status INTEGER, PRIMARY KEY (tag, time))"
        " WITHOUT ROWID"
    )
    connection.execute("BEGIN")
    for b in batches(seconds):
        rows = zip(b.tag.tolist(), b.time.tolist(), b.value.tolist(), b.status.tolist(), strict=True)
        connection.executemany("INSERT INTO sample VALUES (?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


def timed_ms(what: Callable[[], object], times: int = 5) -> float:
    """Median of several runs after one that warms the files, ms."""
    what()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        found.append(time.perf_counter() - started)
    return float(np.median(found)) * 1000


def zooms(reader: StoreReader, seconds: int) -> float:
    """The slow end of zooms to random spans from a minute to all, ms."""
    random = np.random.default_rng(3)
    tags = list(range(1, TAGS + 1))
    found = []
    for _ in range(60):
        span = int(60 * (seconds / 60) ** random.random())
        start = START + int(random.integers(0, seconds - span + 1)) * SECOND
        started = time.perf_counter()
        reader.read_trend(tags, start, start + span * SECOND, COLUMNS)
        found.append(time.perf_counter() - started)
    return float(np.percentile(found, 95)) * 1000


def rows_trend_ms() -> float:
    """A day of one tag from rows to columns, as often as eight tags and a month have days, ms."""
    with tempfile.TemporaryDirectory() as name:
        connection = connect_writer(Path(name) / "rows.db")
        fill_rows(connection, DAY)

        def read() -> None:
            found = connection.execute("SELECT time, value, status FROM sample WHERE tag = 1 ORDER BY time").fetchall()
            times, values, status = zip(*found, strict=True)
            whole = line(np.array(times), np.array(values), np.array(status, np.uint32))
            m4(whole, START, START + DAY * SECOND, COLUMNS)

        spent = timed_ms(read)
        close(connection)
    return spent * TAGS * MONTH / DAY


def read_figures(seconds: int) -> dict[str, float]:
    """What reads cost of a store with so many seconds."""
    tags = list(range(1, TAGS + 1))
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, seconds)
        reader = open_reader(folder)
        figures["month_ms"] = timed_ms(lambda: reader.read_trend(tags, START, START + MONTH * SECOND, COLUMNS))
        figures["zoom_p95_ms"] = zooms(reader, seconds)
        figures["raw_million_ms"] = timed_ms(lambda: reader.read_raw(1, START, START + 1_000_000 * SECOND))
        figures["raw_latest_ms"] = timed_ms(lambda: reader.read_raw(1, None, 1 << 62, limit=100))
        if seconds >= YEAR:
            figures["year_ms"] = timed_ms(lambda: reader.read_trend(tags, START, START + YEAR * SECOND, COLUMNS))
        reader.close()
    return figures


def measure(quick: bool) -> Report:
    """Trends and raw reads of eight tags at 1 Hz."""
    figures = read_figures(MONTH)
    goals: dict[str, Goal] = {"month_ms": ("<=", 100.0), "zoom_p95_ms": ("<=", 100.0), "raw_million_ms": ("<=", 50.0)}
    if not quick:
        month = figures["month_ms"]
        figures = read_figures(YEAR)
        figures["twelvefold_time"] = figures["month_ms"] / month  # the same month in a store with twelve times as much
        goals |= {"year_ms": ("<=", 150.0), "twelvefold_time": ("<=", 1.5)}
    return Report("trend", figures, {"month_ms": rows_trend_ms()}, goals=goals)


if __name__ == "__main__":
    main(measure)
