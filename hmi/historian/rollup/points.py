"""Points: a trend as the line that plots and the link carry.

Where in its column a value lay is not known any more, so it is placed by rule: the first at the column's start, the
extremes inside in their order, the last at its end, gaps where the column begins, ends or, for one inside, before its
last. The newest sample has its own time: the line ends there, and live samples go on from there.
"""

from __future__ import annotations

import numpy as np

from hmi.core.batch import Float64, Int64
from hmi.core.trend import Line, joined, line
from hmi.historian.rollup.columns import Bools, Sample, Trend, TrendColumns, TrendSamples


def points(trend: Trend) -> Line:
    """The line in time order; NaN where it is interrupted."""
    if isinstance(trend, TrendSamples):
        return line(trend.time, trend.value, trend.status)
    return joined([_lone(trend.before), _inside(trend), _lone(trend.after)])


def _lone(sample: Sample | None) -> Line:
    rows = [] if sample is None else [sample]
    return line(
        np.array([s.time for s in rows], np.int64),
        np.array([s.value for s in rows], np.float64),
        np.array([s.status for s in rows], np.uint32),
    )


def _inside(trend: TrendColumns) -> Line:
    rows = np.flatnonzero(trend.count)
    gap = np.full(len(rows), np.nan)
    first, last = trend.first[rows], trend.last[rows]
    one = np.where(trend.min_first, trend.min, trend.max)[rows]
    other = np.where(trend.min_first, trend.max, trend.min)[rows]
    value = np.stack([gap, first, one, other, gap, last, gap], axis=1)
    worst, shown = trend.worst[rows], trend.shown[rows]
    status = np.stack([worst, shown, shown, shown, worst, shown, worst], axis=1)
    keep = _kept(trend, rows, value)
    return Line(_times(trend, rows)[keep], value[keep], status[keep])


def _kept(trend: TrendColumns, rows: Int64, value: Float64) -> Bools:
    """Points that say something new."""
    _, first, one, other, _, last, _ = value.T
    drawable = ~np.isnan(first)
    starts, ends, several = trend.starts_in_gap[rows], trend.ends_in_gap[rows], trend.count[rows] > 1
    return np.stack(
        [
            starts,
            drawable,
            drawable & (one != first),
            drawable & (other != last),
            drawable & trend.has_gap[rows] & ~starts & ~ends,
            drawable & several,
            ends & several,
        ],
        axis=1,
    )


def _times(trend: TrendColumns, rows: Int64) -> Int64:
    start = trend.grid.start + rows * trend.grid.width
    length = np.full(len(rows), trend.grid.width - 1)
    third, begin = length // 3, np.zeros_like(length)
    if len(rows) and trend.newest is not None:
        length[-1] = min(max(trend.newest - start[-1], 0), trend.grid.width - 1)
        third[-1] = length[-1] // 3
        if trend.count[rows[-1]] == 1:
            begin[-1] = length[-1]
    inside = np.stack([begin, begin, third, 2 * third, 2 * third, length, length], axis=1)
    time: Int64 = start[:, None] + inside
    return time
