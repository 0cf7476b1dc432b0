"""Aggregates: TimeAverage2 of a year of one tag at 1 Hz, at intervals of an hour, page by page out of memory.

The whole read has a second; what storage takes of it is not measured here. Once with Good samples alone, once with one
in a hundred Bad or Uncertain, and the standard deviation, which looks at every sample twice. The baseline of the same
run: the same rules for Good samples in a plain loop, over a part of the year, scaled to all of it.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from typing import cast

import numpy as np

from benchmarks.report import Goal, Report, main
from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.historian.aggregates import Aggregate
from hmi.historian.api import RawPage, Reader, StoreInfo
from hmi.historian.processed import read_processed

YEAR = 365 * 86_400
HOUR = 3600
START = 1_800_000_000 * SECOND
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

    def info(self) -> StoreInfo:
        return StoreInfo("", len(self.time), 0, None, None, 1, 0, 0)

    def close(self) -> None:
        """Nothing is held."""


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

    def year(function: Aggregate, arrays: Arrays) -> float:
        reader = cast(Reader, arrays)  # of which this read needs raw pages alone
        return scale * best(lambda: read_processed(reader, 1, function, START, int(at[-1]), HOUR * SECOND), 3)

    figures = {
        "time_average2_year_s": year(Aggregate.TIME_AVERAGE2, good),
        "with_bad_year_s": year(Aggregate.TIME_AVERAGE2, mixed),
        "deviation_year_s": year(Aggregate.STANDARD_DEVIATION_SAMPLE, good),
    }
    part = (at[: LOOP + 1].tolist(), value[: LOOP + 1].tolist(), status[: LOOP + 1].tolist())
    loop = best(lambda: plain(*part), 2) * YEAR / LOOP
    goals: dict[str, Goal] = {"time_average2_year_s": ("<=", 0.5), "ratio.time_average2_year_s": ("<=", 0.1)}
    return Report("aggregate", figures, {"time_average2_year_s": loop}, goals=goals)


if __name__ == "__main__":
    main(measure)
