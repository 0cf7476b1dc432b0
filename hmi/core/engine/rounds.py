"""Rounds: how a column operation honours a batch that repeats a tag.

Round r holds the r-th row of every tag that has one, so a round never repeats a tag and the rounds in order equal the
rows in order. The few tags with very many rows are finished row by row, so that no batch costs a round a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from hmi.core.batch import Float64, UInt32
from hmi.core.deadband import are_news, is_news
from hmi.core.engine.rows import Index
from hmi.core.quality import BoolArray

TAIL: Final = 64
"""Below this many tags a round of deadbands costs more than its rows one by one."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Row numbers grouped by tag, the tags with most rows first."""

    rows: Index
    start: Index
    length: Index
    narrow: int
    """Below this many tags a round costs more than its rows one by one."""

    def rounds(self) -> Iterator[Index]:
        """Row numbers of each round that is not narrow; row j of a round is group j."""
        for turn in range(self._wide()):
            yield self.rows[self.start[: self._having(turn)] + turn]

    def tails(self) -> Iterator[tuple[int, list[int]]]:
        """(group, remaining row numbers) of the groups that the rounds left unfinished."""
        done = self._wide()
        for group in range(self._having(done)):
            first = int(self.start[group])
            yield group, self.rows[first + done : first + int(self.length[group])].tolist()

    def _having(self, turn: int) -> int:
        """How many groups have a row for this round."""
        return int(np.searchsorted(-self.length, -turn, side="left"))

    def _wide(self) -> int:
        return int(self.length[self.narrow - 1]) if len(self.length) >= self.narrow else 0


def each_alone(count: int, narrow: int) -> Groups:
    """Groups of rows whose tags do not repeat."""
    numbers = np.arange(count)
    return Groups(numbers, numbers, np.ones(count, np.intp), narrow)


def groups(tag: Index, scratch: Index, narrow: int | None = None) -> Groups | None:
    """Groups of the rows of each tag, None when no tag repeats.

    Args:
        tag: of each row.
        scratch: any array indexed by tag.
        narrow: number of tags below which rounds are not worth it; None = that of a deadband.
    """
    numbers = np.arange(len(tag))
    scratch[tag] = numbers
    if (scratch[tag] == numbers).all():
        return None
    # One sort of (tag, row) packed in a word is several times quicker than an argsort.
    packed = np.sort((tag.astype(np.int64) << 32) | numbers)
    rows = (packed & 0xFFFFFFFF).astype(np.intp)
    sorted_tag = packed >> 32
    start = np.flatnonzero(np.concatenate(([True], sorted_tag[1:] != sorted_tag[:-1])))
    length = np.diff(start, append=len(rows))
    longest_first = np.argsort(-length, kind="stable")
    return Groups(rows, start[longest_first], length[longest_first], TAIL if narrow is None else narrow)


Differ = Callable[[Index, Float64, Float64], BoolArray]
"""Of some rows, their values and those before them: which are two things all the same."""


@dataclass(frozen=True, slots=True)
class Column:
    """Samples and what is known of their tags before them, row by row."""

    value: Float64
    """Changed in place for `held` rows: they repeat the last reported value."""
    status: UInt32
    last: Float64
    last_status: UInt32
    deadband: Float64
    forced: BoolArray | None
    """Rows reported in any case."""
    held: BoolArray | None
    differ: Differ | None = None
    """Asked of rows within the deadband."""


def reported(column: Column, grouped: Groups | None) -> BoolArray:
    """Which rows are news, each compared with the last reported row of its tag."""
    if grouped is None:
        return _round(column, slice(None), column.last, column.last_status)
    news = np.zeros(len(column.value), np.bool_)
    first = grouped.rows[grouped.start]
    last, last_status = column.last[first], column.last_status[first]
    for rows in grouped.rounds():
        n = len(rows)
        new = _round(column, rows, last[:n], last_status[:n])
        news[rows] = new
        last[:n] = np.where(new, column.value[rows], last[:n])
        last_status[:n] = np.where(new, column.status[rows], last_status[:n])
    for group, remaining in grouped.tails():
        _tail(column, remaining, float(last[group]), int(last_status[group]), news)
    return news


def _round(column: Column, rows: Index | slice, last: Float64, last_status: UInt32) -> BoolArray:
    value = column.value[rows]
    if column.held is not None:
        held = column.held[rows]
        value = np.where(held, last, value)
        column.value[rows] = value
    news = are_news(value, column.status[rows], last, last_status, column.deadband[rows])
    if column.differ is not None and not news.all():
        quiet = np.flatnonzero(~news)
        news[quiet] = column.differ(quiet if isinstance(rows, slice) else rows[quiet], value[quiet], last[quiet])
    if column.forced is not None:
        news |= column.forced[rows]
    return news


def _tail(column: Column, rows: list[int], last: float, last_status: int, news: BoolArray) -> None:
    values, statuses = column.value[rows].tolist(), column.status[rows].tolist()
    deadband = float(column.deadband[rows[0]])
    for row, given, status in zip(rows, values, statuses, strict=True):
        held = column.held is not None and bool(column.held[row])
        value = last if held else given
        column.value[row] = value
        forced = column.forced is not None and bool(column.forced[row])
        if forced or is_news(value, status, last, last_status, deadband) or _differs(column, row, value, last):
            news[row] = True
            last, last_status = value, status


def _differs(column: Column, row: int, value: float, last: float) -> bool:
    return column.differ is not None and bool(column.differ(np.array([row]), np.array([value]), np.array([last]))[0])
