"""Aggregates: TimeAverage2 of a year of one tag at 1 Hz, at intervals of an hour, from a store and out of memory.

The whole read from a store has a second: from the hours it keeps, and for information from every sample (`samples_`).
What the calculation takes of it is measured page by page out of memory: once with Good samples alone, once with one in
a hundred Bad or Uncertain, and the standard deviation, which looks at every sample twice. The baseline of the same run:
the same rules for Good samples in a plain loop, over a part of the year, scaled to all of it. `--quick` stores a month.
"""

from __future__ import annotations

import tempfile
import time as clock
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.report import Goal, Report, main
from hmi.core.batch import Batch, Float64, Int64, UInt32
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.historian.aggregates import Aggregate
from hmi.historian.api import RawPage, RawReader
from hmi.historian.processed import read_processed
from hmi.historian.store import StoreReader, open_reader, open_store

YEAR = 365 * 86_400
MONTH = 30 * 86_400
HOUR = 3600
START = 1_800_000_000 * SECOND
AT_ONCE = 65_536
"""Samples of a Batch."""
LOOP = 500_000
"""Samples of the plain loop."""


def samples(count: int) -> tuple[Int64, Float64, UInt32]:
    """Once a second, noisy values of a tenth."""
    random = np.random.default_rng(1)
    value = np.round(50 + random.normal(0, 3, count), 1)
    return START + np.arange(count, dtype=np.int64) * SECOND, value, np.zeros(count, np.uint32)


class Arrays:
    """A store that costs nothing: slices of arrays."""

    def __init__(self, time: Int64, value: Float64, status: UInt32) -> None:
        self.time, self.value, self.status = time, value, status

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        """Of the rules of ReadRaw, those that processed reads need."""
        del tag, bounds
        if start is None:
            assert end is not None
            stop = int(np.searchsorted(self.time, end, "right"))
            rows, further = slice(max(stop - limit, 0), stop), stop - limit - 1
            return self._page(rows, -1, further if further >= 0 else None)
        first = int(np.searchsorted(self.time, start))
        stop = len(self.time) if end is None else int(np.searchsorted(self.time, end))
        return self._page(slice(first, min(first + limit, stop)), 1, first + limit if first + limit < stop else None)

    def _page(self, rows: slice, step: int, further: int | None) -> RawPage:
        time, value, status = self.time[rows][::step], self.value[rows][::step], self.status[rows][::step]
        return RawPage(
            time,
            value,
            status,
            more=further is not None,
            next_start=None if further is None else int(self.time[further]),
        )


class SamplesAlone:
    """A store as it would be without rollups."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        return self._reader.read_raw(tag, start, end, limit=limit, bounds=bounds)


def fill(folder: Path, at: Int64, value: Float64, status: UInt32) -> None:
    """Stores the samples and rolls them up."""
    writer = open_store(folder, clock=lambda: Instants(clock.monotonic_ns(), START + 2 * YEAR * SECOND))
    for number, first in enumerate(range(0, len(at), AT_ONCE)):
        rows = slice(first, first + AT_ONCE)
        tag = np.ones(len(at[rows]), np.int32)
        writer.append(Batch(tag, at[rows], at[rows], value[rows], status[rows]))
        if number % 8 == 7:
            writer.flush(60)
    writer.tidy(3600)
    writer.close()


def stored_ms(seconds: int, at: Int64, value: Float64, status: UInt32) -> tuple[float, float]:
    """The read of so many seconds out of a store, with its hours and without them."""
    end = START + seconds * SECOND
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), at, value, status)
        told = open_reader(Path(name))

        def read(reader: RawReader) -> object:
            return read_processed(reader, 1, Aggregate.TIME_AVERAGE2, START, end, HOUR * SECOND)

        found = 1e3 * best(lambda: read(told), 5), 1e3 * best(lambda: read(SamplesAlone(told)), 3)
        told.close()
    return found


def doubtful(status: UInt32) -> UInt32:
    """One in a hundred is Bad or Uncertain, in stretches of ten."""
    random = np.random.default_rng(2)
    first = random.integers(0, len(status) - 10, len(status) // 1000)
    worth = random.choice(np.array([Status.BAD, Status.UNCERTAIN], np.uint32), len(first))
    changed = status.copy()
    changed[(first[:, None] + np.arange(10)).ravel()] = np.repeat(worth, 10)
    return changed


def plain(at: list[int], value: list[float], status: list[int]) -> list[float]:
    """Time averages an hour of Good samples on the hour's grid, one sample after the other."""
    found, area, covered, edge = [], 0.0, 0, at[0] + HOUR * SECOND
    for row in range(len(at) - 1):
        if status[row] or status[row + 1]:
            continue
        length = at[row + 1] - at[row]
        area += (value[row] + value[row + 1]) / 2 * length
        covered += length
        if at[row + 1] >= edge:
            found.append(area / covered)
            area, covered, edge = 0.0, 0, edge + HOUR * SECOND
    return found


def best(what: Callable[[], object], times: int) -> float:
    """Seconds of the fastest of some runs: others use the machine too."""
    spent = []
    for _ in range(times):
        started = clock.perf_counter()
        what()
        spent.append(clock.perf_counter() - started)
    return min(spent)


def measure(quick: bool) -> Report:
    """TimeAverage2 and others of a year of seconds by the hour, beside a plain loop."""
    count = (YEAR // 10 if quick else YEAR) // HOUR * HOUR
    scale = YEAR / count
    at, value, status = samples(count + 1)
    good, mixed = Arrays(at, value, status), Arrays(at, value, doubtful(status))

    def year(function: Aggregate, reader: Arrays) -> float:
        return scale * best(lambda: read_processed(reader, 1, function, START, int(at[-1]), HOUR * SECOND), 3)

    figures = {
        "time_average2_year_s": year(Aggregate.TIME_AVERAGE2, good),
        "with_bad_year_s": year(Aggregate.TIME_AVERAGE2, mixed),
        "deviation_year_s": year(Aggregate.STANDARD_DEVIATION_SAMPLE, good),
    }
    part = (at[: LOOP + 1].tolist(), value[: LOOP + 1].tolist(), status[: LOOP + 1].tolist())
    loop = best(lambda: plain(*part), 2) * YEAR / LOOP
    stored = MONTH if quick else YEAR
    span = "month" if quick else "year"
    figures[f"{span}_ms"], figures[f"samples_{span}_ms"] = stored_ms(
        stored, at[: stored + 1], value[: stored + 1], status[: stored + 1]
    )
    goals: dict[str, Goal] = {
        f"{span}_ms": ("<=", 1000.0 * stored / YEAR),
        "time_average2_year_s": ("<=", 0.5),
        "ratio.time_average2_year_s": ("<=", 0.1),
    }
    return Report("aggregate", figures, {"time_average2_year_s": loop}, goals=goals)


if __name__ == "__main__":
    main(measure)
