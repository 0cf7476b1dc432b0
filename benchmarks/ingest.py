"""What history costs on its way in: durable, filed, in blocks; and how small it gets.

Three plants: 1,000 tags at 1 Hz, 100,000 tags at 0.1 Hz, and 100,000 tags that change once a day beside 100 that
change ten times a second. Noisy values of a tenth with stamps that jitter by some ms. The baseline of the same run: one
clustered SQLite row a sample, the same Batches, each durable by itself, in a table that holds half as many samples
already (years of history are the usual state, not an empty table). For information: `_grouped_rows_s` are rows in
transactions as large as the store's own, and DuckDB where it is installed.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks._rows import ClusteredRows, in_duckdb
from benchmarks.report import Goal, Report, main
from hmi.core.batch import Batch, Int64
from hmi.core.instants import SECOND, Instants
from hmi.historian.store import StoreOptions, StoreWriter, open_reader, open_store

ROWS = 10_000
MS = 1_000_000
START = 1_795_000_000 * SECOND
FLUSH = 65_536
"""Rows of a durable transaction."""
ADDED = 1_000_000
"""Rows added to a table to measure it."""


@dataclass(frozen=True, slots=True)
class Plant:
    """What a plant delivers."""

    name: str
    batches: Callable[[int], Iterator[Batch]]
    """At least so many samples, in order."""


def made(tag: Int64, at: Int64, random: np.random.Generator) -> Batch:
    """Noisy values of a tenth, times with a few ms of jitter."""
    value = np.round(20 + tag % 70 + random.normal(0, 0.3, len(tag)), 1)
    time_ = at + random.integers(0, 8, len(tag)) * MS
    return Batch((tag + 1).astype(np.int32), time_, time_, value, np.zeros(len(tag), np.uint32))


def regular(tags: int, period_s: float) -> Callable[[int], Iterator[Batch]]:
    """Every tag once a period."""

    def batches(samples: int) -> Iterator[Batch]:
        random = np.random.default_rng(1)
        for first in range(0, samples, ROWS):
            row = np.arange(first, first + ROWS)
            yield made(row % tags, START + (row // tags * period_s * SECOND).astype(np.int64), random)

    return batches


def mixed(samples: int) -> Iterator[Batch]:
    """A hundred tags at 10 Hz; a hundred thousand that change once a day, spread over it."""
    random = np.random.default_rng(2)
    slow_a_tick = 100_000 / 86_400 / 10
    fast_tags = np.arange(100) * 1000  # not neighbours: every other bucket has one among slow ones
    slow_tags = random.permutation(np.setdiff1d(np.arange(100_100), fast_tags))
    done = 0
    slow = 0
    for tick in range(0, 1 << 40, 100):
        at = START + np.repeat(np.arange(tick, tick + 100), 100) * SECOND // 10
        fast = np.tile(fast_tags, 100)
        until = int((tick + 100) * slow_a_tick)
        drops = np.arange(slow, until)
        slow = until
        tag = np.concatenate([fast, slow_tags[drops % 100_000]])
        when = np.concatenate([at, START + (drops / slow_a_tick).astype(np.int64) * SECOND // 10])
        yield made(tag, when, random)
        done += len(tag)
        if done >= samples:
            return


PLANTS = (
    Plant("1000x1hz", regular(1000, 1.0)),
    Plant("100k_x0.1hz", regular(100_000, 10.0)),
    Plant("100k_daily", mixed),
)


def clock() -> Instants:
    return Instants(time.monotonic_ns(), time.time_ns())


@dataclass(slots=True)
class Ingest:
    """What one plant cost."""

    samples: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    bytes: int = 0
    wal_bytes: int = 0
    commit_p99_ms: float = 0.0


def fill(writer: StoreWriter, plant: Plant, samples: int, folder: Path) -> Ingest:
    """Seconds to store and file them, without those to make them."""
    found, waiting = Ingest(), 0
    reader = open_reader(folder)  # stays: a log that waits for readers would grow beside it
    for batch in plant.batches(samples):
        started, cpu = time.perf_counter(), time.process_time()
        writer.append(batch)
        waiting += len(batch)
        if waiting >= 4 * FLUSH:
            writer.flush(60)
            waiting = 0
            reader.read_raw(int(batch.tag[0]), None, 1 << 62, limit=10)
            found.wal_bytes = max(found.wal_bytes, size_of(folder, "-wal"))
        found.seconds += time.perf_counter() - started
        found.cpu_s += time.process_time() - cpu
        found.samples += len(batch)
    started, cpu = time.perf_counter(), time.process_time()
    writer.tidy(600)
    found.seconds += time.perf_counter() - started
    found.cpu_s += time.process_time() - cpu
    reader.close()
    return found


def size_of(folder: Path, end: str = "") -> int:
    return sum(f.stat().st_size for f in folder.rglob(f"*{end}") if f.is_file())


def ingest(plant: Plant, samples: int) -> Ingest:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = open_store(folder, clock=clock, options=StoreOptions())
        found = fill(writer, plant, samples, folder)
        found.commit_p99_ms = writer.commit_p99_ms() or 0.0
        writer.close()
        found.bytes = size_of(folder)
        return found


def figures_of(plant: Plant, found: Ingest) -> dict[str, float]:
    return {
        f"{plant.name}_samples_s": found.samples / found.seconds,
        f"{plant.name}_bytes_sample": found.bytes / found.samples,
        f"{plant.name}_cpu_samples_s": found.samples / found.cpu_s,
        f"{plant.name}_commit_p99_ms": found.commit_p99_ms,
        f"{plant.name}_wal_mb": found.wal_bytes / 1e6,
    }


def goals_of(plant: Plant, quick: bool) -> dict[str, Goal]:
    always: dict[str, Goal] = {
        f"{plant.name}_samples_s": (">=", 1.5e6),
        f"{plant.name}_commit_p99_ms": ("<=", 50.0),
        f"{plant.name}_wal_mb": ("<=", 256.0),
    }
    if quick:  # a few million are still on their way into their last form, and a small table is quick
        return always
    return always | {
        f"ratio.{plant.name}_samples_s": (">=", 20.0),
        f"{plant.name}_bytes_sample": ("<=", 1.5),
        f"ratio.{plant.name}_bytes_sample": ("<=", 1 / 15),
    }


def beside(plant: Plant, samples: int) -> tuple[dict[str, float], dict[str, float]]:
    """What rows cost: the baseline, and figures for information."""
    baseline: dict[str, float] = {}
    more: dict[str, float] = {}
    stored = samples // 2
    with ClusteredRows(plant.batches(stored + 4 * ADDED), stored) as rows:
        baseline[f"{plant.name}_bytes_sample"] = rows.bytes_sample
        baseline[f"{plant.name}_samples_s"] = rows.add(ADDED, 1)
        more[f"{plant.name}_grouped_rows_s"] = rows.add(ADDED, FLUSH)
    if find_spec("duckdb"):
        rate, size = in_duckdb(plant.batches(samples // 10), FLUSH)
        more |= {f"{plant.name}_duckdb_samples_s": rate, f"{plant.name}_duckdb_bytes_sample": size}
    return baseline, more


def measure(quick: bool) -> Report:
    """Millions of samples in, for each plant, and the same as rows."""
    samples = 6_000_000 if quick else 100_000_000
    figures: dict[str, float] = {}
    goals: dict[str, Goal] = {}
    for plant in PLANTS:
        figures |= figures_of(plant, ingest(plant, samples))
        goals |= goals_of(plant, quick)
    tenth = ingest(PLANTS[0], samples // 10)
    figures["tenfold_time"] = 10 * tenth.samples / tenth.seconds / figures[f"{PLANTS[0].name}_samples_s"]
    if not quick:
        goals["tenfold_time"] = ("<=", 11.0)  # ten times the samples, at most eleven times the time
    figures["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    goals["rss_mb"] = ("<=", 400.0)
    baseline: dict[str, float] = {}
    for plant in PLANTS:
        rows, more = beside(plant, samples)
        baseline |= rows
        figures |= more
    return Report("ingest", figures, baseline, goals=goals)


if __name__ == "__main__":
    main(measure)
