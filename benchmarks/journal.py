"""The historian's journal: a day of 300 tags at 1 Hz in, an hour of one tag out.

26 million samples come in Batches of 10,000 rows, through the queue, committed durably and merged, as a station would
hand them in while catching up; then single tags are read by a reader of its own, as a trend does. The baseline of the
same run: the same Batches as one clustered SQLite row a sample, in the same durable transactions.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.report import Report, main
from hmi.core.batch import Batch
from hmi.core.instants import SECOND, Instants
from hmi.historian.api import Reader
from hmi.historian.sqlite import Connection, close, connect_writer
from hmi.historian.store import StoreWriter, open_reader, open_store

TAGS = 300
DAY = 24 * 3600
ROWS = 10_000
START = 1_800_000_000 * SECOND
WAITING = 50
"""Batches handed in before waiting for the disk: half of what the queue holds."""


def batches(samples: int) -> Iterator[Batch]:
    """Every tag once a second with a few ms of jitter, noisy values of a tenth: what a plant delivers."""
    random = np.random.default_rng(1)
    level = random.uniform(10, 90, TAGS)
    for first in range(0, samples, ROWS):
        row = np.arange(first, min(first + ROWS, samples))
        tag = row % TAGS
        at = START + row // TAGS * SECOND + random.integers(0, 8_000_000, len(row))
        value = np.round(level[tag] + random.normal(0, 0.3, len(row)), 1)
        yield Batch((tag + 1).astype(np.int32), at, at, value, np.zeros(len(row), np.uint32))


def clock() -> Instants:
    return Instants(time.monotonic_ns(), time.time_ns())


def timed(what: Callable[[], object]) -> float:
    """Seconds it takes."""
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def fill(writer: StoreWriter, samples: int) -> float:
    """Seconds to store them, without those to make them."""
    spent = 0.0
    for number, batch in enumerate(batches(samples)):
        started = time.perf_counter()
        writer.append(batch)
        if number % WAITING == WAITING - 1:
            writer.flush(60)
        spent += time.perf_counter() - started
    return spent + timed(lambda: writer.flush(60))


def fill_rows(connection: Connection, samples: int) -> float:
    """The same with a row a sample."""
    connection.execute(
        "CREATE TABLE sample (tag INTEGER, time INTEGER, value REAL, status INTEGER, PRIMARY KEY (tag, time))"
        " WITHOUT ROWID"
    )
    spent = 0.0
    for b in batches(samples):
        started = time.perf_counter()
        rows = zip(b.tag.tolist(), b.time.tolist(), b.value.tolist(), b.status.tolist(), strict=True)
        connection.execute("BEGIN")
        connection.executemany("INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        spent += time.perf_counter() - started
    return spent


def read_rows(connection: Connection, tag: int, start: int, end: int) -> None:
    found = connection.execute(
        "SELECT time, value, status FROM sample WHERE tag = ? AND time >= ? AND time < ?", (tag, start, end)
    ).fetchall()
    times, values, status = zip(*found, strict=True)
    np.array(times, np.int64), np.array(values), np.array(status, np.uint32)


def slow_end(seconds: list[float]) -> float:
    """The 95 % point in ms."""
    return float(np.percentile(seconds, 95)) * 1000


def read_times(reader: Reader, span_s: int) -> dict[str, float]:
    """What a trend asks for, from anywhere in the store."""
    random = np.random.default_rng(2)
    hour, latest = [], []
    for _ in range(40):
        tag = int(random.integers(1, TAGS + 1))
        start = START + int(random.integers(0, max(1, span_s - 3600))) * SECOND
        hour.append(timed(lambda t=tag, s=start: reader.read_raw(t, s, s + 3600 * SECOND, bounds=True)))  # type: ignore[misc]
        latest.append(timed(lambda t=tag: reader.read_raw(t, None, 1 << 62, limit=100)))  # type: ignore[misc]
    day = [timed(lambda t=tag: reader.read_raw(t, START, START + DAY * SECOND)) for tag in range(1, 6)]  # type: ignore[misc]
    return {"read_hour_p95_ms": slow_end(hour), "read_latest_p95_ms": slow_end(latest), "read_day_ms": slow_end(day)}


def files_size(folder: Path, name: str) -> int:
    return sum(f.stat().st_size for f in folder.rglob(f"{name}*"))


def seconds_in_station(writer: StoreWriter, span_s: int) -> None:
    """The last minutes come as a station writes them: a Batch and a commit a second."""
    for second in range(120):
        at = np.full(TAGS, START + (span_s + second) * SECOND)
        tag = np.arange(1, TAGS + 1, dtype=np.int32)
        writer.append(Batch(tag, at, at, np.full(TAGS, 1.5), np.zeros(TAGS, np.uint32)))
        writer.flush(60)


def baseline(folder: Path, samples: int) -> dict[str, float]:
    connection = connect_writer(folder / "rows.db")
    spent = fill_rows(connection, samples)
    span = max(1, samples // TAGS - 3600)
    random = np.random.default_rng(3)
    hour = []
    for _ in range(20):
        start = START + int(random.integers(0, span)) * SECOND
        tag = int(random.integers(1, TAGS + 1))
        hour.append(timed(lambda t=tag, s=start: read_rows(connection, t, s, s + 3600 * SECOND)))  # type: ignore[misc]
    close(connection)
    return {
        "ingest_samples_s": samples / spent,
        "read_hour_p95_ms": slow_end(hour),
        "bytes_sample": files_size(folder, "rows.db") / samples,
    }


def measure(quick: bool) -> Report:
    """A day of 300 tags into the journal and an hour of one tag out of it."""
    span_s = DAY // 3 if quick else DAY
    samples = span_s * TAGS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = open_store(folder / "store", clock=clock)
        spent = fill(writer, samples)
        size = files_size(folder / "store", "")
        seconds_in_station(writer, span_s)
        reader = open_reader(folder / "store")
        figures = read_times(reader, span_s)
        reader.close()
        figures["commit_p99_ms"] = writer.commit_p99_ms() or 0.0
        writer.close()
        figures |= {"ingest_samples_s": samples / spent, "bytes_sample": size / samples}
        plain = baseline(folder, 4000 * TAGS)
    goals = {"ingest_samples_s": (">=", 1e6), "read_hour_p95_ms": ("<=", 150.0), "ratio.ingest_samples_s": (">=", 10.0)}
    return Report("journal", figures, plain, goals=goals)  # type: ignore[arg-type]  # literals of a mixed dict


if __name__ == "__main__":
    main(measure)
