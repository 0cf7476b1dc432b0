"""Rollups: a day's samples into rows, and trends of a month and a year out of them.

A tag at 1 Hz with a few ms of jitter and noisy values of a tenth. Eight such tags are drawn in 2,000 columns from their
stored rows: 30 days from minutes, a year from hours, checksums included. A tag that is Bad for a moment every half an
hour is read beside them: its rows carry its gaps, no sample has to be looked at. The baseline of the same run: the
four points a column of `hmi.core.trend.m4` over a million samples, already unpacked and in memory; for the month, as
many millions as it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.report import Report, main
from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.core.trend import line, m4
from hmi.historian.rollup.cells import DAY, MINUTE, cells_of
from hmi.historian.rollup.codec import encode_day
from hmi.historian.rollup.columns import Sample, TrendSamples, samples_of
from hmi.historian.rollup.hours import hours_of
from hmi.historian.rollup.points import points
from hmi.historian.trend_read import Part, read_trend

TAGS = 8
COLUMNS = 2000
SAMPLES = 86_400
MILLION = 1_000_000
FIRST_DAY = 20_833


def day_of(day: int, *, hiccups: bool = False) -> TrendSamples:
    """One tag's samples of a UTC day."""
    random = np.random.default_rng(day)
    at = day * DAY + np.arange(SAMPLES) * SECOND + random.integers(0, 8_000_000, SAMPLES)
    value = np.round(50 + 20 * np.sin(np.arange(SAMPLES) / 7000) + random.normal(0, 0.3, SAMPLES), 1)
    status = np.zeros(SAMPLES, np.uint32)
    if hiccups:
        status[900::1800] = Status.BAD_COMMUNICATION_ERROR
    return TrendSamples(at, value, status)


def a_million() -> TrendSamples:
    """As many samples of one tag, days behind each other."""
    days = [day_of(FIRST_DAY + n) for n in range(-(-MILLION // SAMPLES))]
    return samples_of(days, None, None)


class Rows:
    """A source with a row a day; its samples are never asked for."""

    def __init__(self, days: int, made: Callable[[int], tuple[bytes | None, bytes | None]]) -> None:
        self.end = FIRST_DAY + days
        self._rows = [(FIRST_DAY + day, *made(FIRST_DAY + day)) for day in range(days)]

    def samples(self, tag: int, low: int, high: int) -> Iterator[TrendSamples]:
        assert high <= FIRST_DAY * DAY or low >= self.end * DAY, f"samples of tag {tag} were read"
        yield from ()

    def rollups(self, tag: int, first_day: int, last_day: int, part: Part) -> list[tuple[int, bytes]]:
        del tag
        rows = [(day, row[part is Part.HOURS]) for day, *row in self._rows if first_day <= day <= last_day]
        return [(day, data) for day, data in rows if data is not None]

    def before(self, tag: int, time: int) -> Sample | None:
        del tag
        return Sample(time - 1, 50.0, 0)

    def after(self, tag: int, time: int) -> Sample | None:
        del tag
        return None if time > self.end * DAY else Sample(time, 50.0, 0)

    def trend(self, days: int) -> int:
        """Points drawn of the last days of all tags."""
        start, end = (self.end - days) * DAY, self.end * DAY
        return sum(len(points(t)) for t in read_trend(self, range(TAGS), start, end, COLUMNS).values())


def best(what: Callable[[], object], times: int) -> float:
    """Seconds of the quickest of some runs."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        spent.append(time.perf_counter() - started)
    return min(spent)


def drawn(samples: TrendSamples) -> int:
    """Points of a million samples, as they were drawn without cells."""
    kept = line(samples.time, samples.value, samples.status)
    return len(m4(kept, int(kept.time[0]), int(kept.time[-1]) + 1, COLUMNS))


def measure(quick: bool) -> Report:
    """Rollups: building them, their size, and trends out of them."""
    times = 3 if quick else 9
    a_day = day_of(FIRST_DAY)
    parts = encode_day(FIRST_DAY, a_day.time, a_day.value, a_day.status)
    minutes, hours = (len(part or b"") for part in parts)
    sound = Rows(30, lambda day: _rows(day_of(day)))
    interrupted = Rows(30, lambda day: _rows(day_of(day, hiccups=True)))
    year = Rows(365, lambda day: (None, _rows(day_of(day))[1]))
    many = a_million()
    width = int(many.time[-1] - many.time[0]) // COLUMNS
    ns = 1e9 / SAMPLES
    return Report(
        "trend_cells",
        figures={
            "cells_ns_sample": ns * best(lambda: _cells(a_day), times),
            "rows_ns_sample": ns * best(lambda: _rows(a_day), times),
            "bytes_sample": (minutes + hours) / SAMPLES,
            "minutes_bytes_day": minutes,
            "hours_bytes_day": hours,
            "month_8_tags_ms": 1e3 * best(lambda: sound.trend(30), times),
            "interrupted_month_8_tags_ms": 1e3 * best(lambda: interrupted.trend(30), times),
            "year_8_tags_ms": 1e3 * best(lambda: year.trend(365), times),
            "million_samples_ms": 1e3 * best(lambda: cells_of(many.time, many.value, many.status, width), times),
        },
        baseline={
            "month_8_tags_ms": 1e3 * TAGS * 30 * SAMPLES / len(many) * best(lambda: drawn(many), times),
            "million_samples_ms": 1e3 * best(lambda: drawn(many), times),
        },
        goals={
            "cells_ns_sample": ("<=", 25),
            "bytes_sample": ("<=", 0.15),
            "month_8_tags_ms": ("<=", 40),
            "year_8_tags_ms": ("<=", 40),
            "million_samples_ms": ("<=", 15),
        },
    )


def _cells(samples: TrendSamples) -> None:
    cells = cells_of(samples.time, samples.value, samples.status, MINUTE)
    hours_of(cells, samples.time, samples.value, samples.status)


def _rows(samples: TrendSamples) -> tuple[bytes | None, bytes | None]:
    return encode_day(int(samples.time[0]) // DAY, samples.time, samples.value, samples.status)


if __name__ == "__main__":
    main(measure)
