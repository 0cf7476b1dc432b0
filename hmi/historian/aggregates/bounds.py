"""What a tag was worth at a time nobody sampled: the interpolated and the simple bounding values of OPC UA Part 13."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import BoolArray, Status
from hmi.historian.aggregates.config import AggregateConfig
from hmi.historian.aggregates.rows import Rows
from hmi.historian.aggregates.samples import BAD, GOOD, UNCERTAIN, Grades, Samples

_STATUS_OF_GRADE: Final = (Status.BAD_NO_DATA, Status.UNCERTAIN_DATA_SUB_NORMAL, Status.GOOD)


@dataclass(frozen=True, slots=True)
class Bounds(Rows):
    """The values at some times."""

    value: Float64
    """NaN where the grade is Bad."""
    grade: Grades
    status: UInt32
    """Of a stored sample its own; else Good, Uncertain_DataSubNormal or Bad_NoData."""
    raw: BoolArray
    """A sample is stored at exactly that time, and is used."""


def interpolated_bounds(samples: Samples, at: Int64, config: AggregateConfig) -> Bounds:
    """Between the nearest usable samples, however far away; a Bad one on the way makes the result Uncertain."""
    rows = samples.ok_rows()
    ok = samples if rows is None else samples.take(rows)
    if not len(ok):
        return _nothing(at)
    after = np.searchsorted(ok.time, at)
    last = len(ok) - 1
    raw = ok.time[np.minimum(after, last)] == at
    before = np.where(raw, after, after - 1)
    beyond = ~raw & (after > last)
    grade = np.minimum(_grade(ok, before), GOOD if config.stepped else _grade(ok, np.where(raw, before, after)))
    if rows is not None:
        grade = np.where(_skips(samples, rows, at, before, after, config) & ~raw, np.minimum(grade, UNCERTAIN), grade)
    grade = np.where(beyond, np.minimum(grade, UNCERTAIN), grade)
    grade = np.where(before < 0, BAD, grade).astype(np.int8)
    way = _ways(ok, at, before, extrapolate=config.use_sloped_extrapolation)
    return _bounds(ok, before, np.zeros(len(at)) if config.stepped else way, grade, raw & (grade != BAD))


def simple_bounds(samples: Samples, at: Int64, config: AggregateConfig) -> Bounds:
    """Between the neighbouring samples, whatever they are worth: nothing from a Bad one, nothing after the last."""
    if not len(samples):
        return _nothing(at)
    after = np.searchsorted(samples.time, at)
    last = len(samples) - 1
    raw = samples.time[np.minimum(after, last)] == at
    before = np.where(raw, after, after - 1)
    grade = _grade(samples, before)
    way = np.zeros(len(at))
    if not config.stepped:
        next_grade = _grade(samples, np.minimum(after, last))
        grade = np.where(raw | (grade == BAD), grade, np.minimum(grade, np.maximum(next_grade, UNCERTAIN)))
        way = np.where(next_grade != BAD, _ways(samples, at, before, extrapolate=False), 0.0)
    grade = np.where((before < 0) | (after > last), BAD, grade).astype(np.int8)
    return _bounds(samples, before, way, grade, raw & (grade != BAD))


def _grade(samples: Samples, rows: NDArray[np.intp]) -> Grades:
    if samples.usable is None:
        return np.full(len(rows), GOOD, np.int8)
    return samples.usable[np.clip(rows, 0, len(samples) - 1)]


def _skips(
    samples: Samples,
    rows: NDArray[np.intp],
    at: Int64,
    before: NDArray[np.intp],
    after: NDArray[np.intp],
    config: AggregateConfig,
) -> BoolArray:
    """Whether an unusable sample lies between the usable ones that were taken; stepped: up to the time itself."""
    left = rows[np.maximum(before, 0)]
    until = np.searchsorted(samples.time, at, "right")
    if not config.stepped:
        until = np.where(after < len(rows), rows[np.minimum(after, len(rows) - 1)], until)
    return np.asarray(until - left > 1)


def _ways(samples: Samples, at: Int64, before: NDArray[np.intp], *, extrapolate: bool) -> Float64:
    """How far the value went from each sample to the next; after the last one nowhere, or on along the last two."""
    last = len(samples) - 1
    row = np.clip(before, 0, last)
    left = np.minimum(row, max(last - 1, 0)) if extrapolate else row
    right = np.minimum(left + 1, last)
    run = np.maximum(samples.time[right] - samples.time[left], 1)
    # The share of the time first: halfway between -1 and 1 is 0 then, not nearly 0.
    share = (at - samples.time[row]) / run
    return np.asarray((samples.value[right] - samples.value[left]) * share, np.float64)


def _bounds(samples: Samples, before: NDArray[np.intp], way: Float64, grade: Grades, raw: BoolArray) -> Bounds:
    value = np.full(len(before), np.nan)
    known = np.flatnonzero(grade != BAD)
    value[known] = samples.value[before[known]] + way[known]
    status = np.array(_STATUS_OF_GRADE, np.uint32)[grade]
    status[raw] = samples.status[before[raw]]
    return Bounds(value, grade, status, raw)


def _nothing(at: Int64) -> Bounds:
    n = len(at)
    return Bounds(
        np.full(n, np.nan), np.full(n, BAD, np.int8), np.full(n, Status.BAD_NO_DATA, np.uint32), np.zeros(n, np.bool_)
    )
