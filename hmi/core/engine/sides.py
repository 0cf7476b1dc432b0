"""Sides: on which side of its tag's alarm limits a value lies.

A live deadband leaves small changes out. One that crosses a limit is told however small it is: a violation that
history keeps must alarm, and an alarm must go when its cause has.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np

from hmi.core.batch import Float64
from hmi.core.engine.alarm_table import AlarmTable
from hmi.core.engine.columns import Columns
from hmi.core.engine.reshaping import Splice
from hmi.core.engine.rows import Index
from hmi.core.quality import BoolArray


class Sides:
    """The limits, with their own deadbands, of the tags that have both alarms and a live deadband."""

    def __init__(self, columns: Columns, table: AlarmTable) -> None:
        self._edges: dict[int, list[float]] = {}
        for number, tag in enumerate(table.tags):
            if columns.deadband[tag] > 0:
                bounds = (table.set_above, table.set_below, table.clear_above, table.clear_below)
                edges = {float(bound[number]) for bound in bounds if np.isfinite(bound[number])}
                self._edges[tag] = sorted(edges.union(self._edges.get(tag, ())))
        self._count = np.zeros(columns.size, np.intp)
        for tag, sorted_edges in self._edges.items():
            self._count[tag] = len(sorted_edges)
        self._first = np.cumsum(self._count) - self._count
        self._flat: Float64 = np.array([edge for tag in sorted(self._edges) for edge in self._edges[tag]], np.float64)

    def put(self, fresh: Sides, touched: BoolArray) -> None:
        """Take the edges of the edited tags in place of those that they had; `touched`: which are edited, by id."""
        for tag in np.flatnonzero(touched[: len(self._count)] & (self._count > 0)).tolist():
            del self._edges[tag]
        self._edges |= fresh._edges
        tags, fresh_tags = (np.repeat(np.arange(len(one._count)), one._count) for one in (self, fresh))
        Splice.of(tags, fresh_tags, touched).columns(self, fresh, ("_flat",))
        count = fresh._count.copy()
        untouched = np.flatnonzero(~touched[: len(self._count)])
        count[untouched] = self._count[untouched]
        self._count = count
        self._first = np.cumsum(count) - count

    def side(self, tag: int, value: float) -> int:
        """A number that is the same for two values only if every limit sees them the same; 0 for NaN."""
        edges = self._edges.get(tag)
        return 0 if edges is None or value != value else bisect_left(edges, value) + bisect_right(edges, value)  # noqa: PLR0124

    @property
    def any(self) -> bool:
        """Whether any tag has limits and a live deadband."""
        return bool(self._edges)

    def differ(self, tag: Index, value: Float64, last: Float64) -> BoolArray:
        """Of each row, whether a limit of its tag sees the value differently than the last one."""
        found = np.zeros(len(tag), np.bool_)
        count = self._count[tag]
        rows = np.flatnonzero((count > 0) & (value != last))
        if not len(rows):
            return found
        count = count[rows]
        starts = np.cumsum(count) - count
        edges = self._flat[np.repeat(self._first[tag[rows]] - starts, count) + np.arange(int(count.sum()))]
        low = np.repeat(np.minimum(value[rows], last[rows]), count)
        high = np.repeat(np.maximum(value[rows], last[rows]), count)
        # The lower one of two different values is below an edge, or on it, and the higher one is not.
        apart = ((low < edges) & (edges <= high)) | ((low <= edges) & (edges < high))
        found[rows] = np.logical_or.reduceat(apart, starts)
        return found
