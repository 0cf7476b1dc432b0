"""ReadRaw by the rules of OPC UA Part 11, over anything that can gather one tag's samples of a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from hmi.core.batch import Batch, Float64, batch_of, join
from hmi.core.quality import Status
from hmi.historian.api import RawPage, StoreError
from hmi.historian.merge import part
from hmi.historian.pieces import Window

EARLIEST: Final = -(1 << 63)
LATEST: Final = (1 << 63) - 1
"""The last time a sample can have; windows end one later."""

Gather = Callable[[Window], Batch]


def read_raw(gather: Gather, tag: int, start: int | None, end: int | None, limit: int, *, bounds: bool) -> RawPage:
    """See `hmi.historian.api.Reader.read_raw`.

    Raises:
        StoreError: fewer than two of start, end and limit are given, or the limit is negative.
    """
    if limit < 0:
        raise StoreError("The limit of a history read must not be negative.", "Give 0 for no limit.")
    if (start is not None) + (end is not None) + (limit > 0) < 2:
        raise StoreError("A history read needs at least two of start, end and limit.", "Give another one.")
    if start is None:
        assert end is not None  # noqa: S101 - two of three are given
        return _Read(gather, tag, end, None, limit, forward=False, bounds=bounds).page()
    forward = end is None or end >= start
    return _Read(gather, tag, start, end, limit, forward=forward, bounds=bounds).page()


class _Read:
    """One read: from `near`, where it begins (included), towards `far`, where it ends (excluded)."""

    def __init__(
        self, gather: Gather, tag: int, near: int, far: int | None, limit: int, *, forward: bool, bounds: bool
    ) -> None:
        self._gather, self._tag, self._limit, self._forward = gather, tag, limit, forward
        self._near, self._far, self._bounds = near, far, bounds

    def page(self) -> RawPage:
        """The page in the order of the read."""
        inside = self._inside()
        parts = [inside]
        if self._bounds:
            at_near = len(inside) and inside.time[0 if self._forward else -1] == self._near
            if not at_near:
                parts.insert(0 if self._forward else 1, self._bound(self._near, outward=False))
        rows = join(parts)
        cut = self._limit and len(rows) > self._limit
        if not cut and self._bounds and self._far is not None and not (self._far == self._near and len(inside)):
            # The closing bound rides on the last page even beyond the limit: no continuation could name it.
            closing = self._bound(self._far, outward=True)
            rows = join([rows, closing] if self._forward else [closing, rows])
        return self._paged(rows, cut=bool(cut))

    def _inside(self) -> Batch:
        near, far = self._near, self._far
        limit = self._limit + 1 if self._limit else 0
        if far == near:
            low, high = near, near + 1
        elif self._forward:
            low, high = near, LATEST + 1 if far is None else far
        else:
            low, high = EARLIEST if far is None else far + 1, near + 1
        return self._gather(Window(self._tag, low, high, self._forward, limit))

    def _bound(self, time: int, *, outward: bool) -> Batch:
        """The one sample at or next outside a requested time; a null when there is none."""
        if outward is self._forward:
            found = self._gather(Window(self._tag, time, LATEST + 1, forward=True, limit=1))
            row = 0
        else:
            found = self._gather(Window(self._tag, EARLIEST, time + 1, forward=False, limit=1))
            row = len(found) - 1
        if len(found):
            return found.take(np.array([row]))
        return batch_of([self._tag], [time], [0], [float("nan")], [Status.BAD_BOUND_NOT_FOUND])

    def _paged(self, rows: Batch, *, cut: bool) -> RawPage:
        if self._forward:
            kept = part(rows, 0, self._limit) if cut else rows
            next_start = int(rows.time[self._limit]) if cut else None
        else:
            order = np.arange(len(rows))[::-1]
            next_start = int(rows.time[order[self._limit]]) if cut else None
            kept = rows.take(order[: self._limit] if cut else order)
        value, text = _texts(kept)
        return RawPage(kept.time, value, kept.status, text, more=cut, next_start=next_start)


def _texts(page: Batch) -> tuple[Float64, tuple[str, ...]]:
    """Values and strings of a page. A tag that became a string tag may have old numbers: they are given as strings,
    since a page cannot mix both; NaN stays NaN (no value)."""
    if not len(page.text_rows):
        return page.value, ()
    value, text = page.value.copy(), list(page.text)
    numbers = np.ones(len(page), np.bool_)
    numbers[page.text_rows] = False
    for row in np.flatnonzero(numbers & ~np.isnan(value)):
        text.append(f"{value[row]:.17g}")
        value[row] = len(text) - 1
    return value, tuple(text)
