"""Turns decoded notifications into Batches: tags, stamps, quality, and the rules of a return after an outage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hmi.core.batch import Batch, Float64, Int32, Int64, UInt32
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import INFO_DATA_VALUE, OVERFLOW, Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.columns import distrust
from hmi.drivers.opcua.decode import EPOCH, Published
from hmi.drivers.opcua.options import TimePolicy

_FUTURE: Final = 60 * SECOND
"""A stamp further ahead than this is a wrong clock: the station's time is used."""


class Intake:
    """The monitored items of one subscription; an item's client handle is its index here."""

    def __init__(self, points: Sequence[Point], policy: TimePolicy, outage: int, connected: int) -> None:
        """`outage` and `connected`: when values stopped flowing and when this subscription began, ns UTC."""
        self.tags: Int32 = np.array([p.tag for p in points], np.int32)
        self._is_text = np.array([p.type is TagType.STRING for p in points], np.bool_)
        self._seen = np.zeros(len(points), np.bool_)
        self._value = np.full(len(points), np.nan)
        self._status = np.zeros(len(points), np.uint32)
        self._text: dict[int, str] = {}
        self._policy = policy
        self._outage = outage
        self._connected = connected
        self.overflows = 0
        """Samples marked by the server as the first after a loss in its queue."""

    def batch(self, published: Published, now: Instants) -> Batch:
        """The rows of one response; handles that are not ours are left out."""
        handle = np.array(published.handle, np.int64)
        status = np.array(published.status, np.uint32)
        value, status, text, text_rows = self._values(published, handle, status)
        known = handle < len(self.tags)
        batch = Batch(
            self.tags[np.where(known, handle, 0)],
            self._times(published, now),
            np.full(len(handle), now.mono, np.int64),
            value,
            status,
            text,
            text_rows,
        )
        mark = np.uint32(INFO_DATA_VALUE | OVERFLOW)
        self.overflows += int(np.count_nonzero((status & mark) == mark))
        if not known.all():
            batch, handle = batch.take(known), handle[known]
        self._remember(batch, handle)
        return self._returned(batch, handle)

    def _remember(self, batch: Batch, handle: Int64) -> None:
        # Where a handle is repeated the last row stays, which is what is wanted.
        self._value[handle] = batch.value
        self._status[handle] = batch.status
        for row in batch.text_rows.tolist():
            self._text[int(handle[row])] = batch.text[int(batch.value[row])]

    def ready(self, handles: Sequence[int], now: Instants) -> Batch:
        """Rows that show 0, for points that have no value to monitor: methods, ready to be called."""
        rows = np.array(handles, np.int64)
        self._seen[rows], self._value[rows], self._status[rows] = True, 0.0, Status.GOOD
        utc, mono = np.full(len(rows), now.utc, np.int64), np.full(len(rows), now.mono, np.int64)
        return Batch(self.tags[rows], utc, mono, np.zeros(len(rows)), np.zeros(len(rows), np.uint32))

    def again(self, now: Instants) -> Batch:
        """The last known value of every tag at the present time: the server says that they still hold.

        For tags that the station may have declared stale meanwhile; only a sample makes those usable again.
        """
        rows = np.flatnonzero(self._seen)
        text_rows = np.flatnonzero(self._is_text[rows]).astype(np.int32)
        value = self._value[rows]
        value[text_rows] = np.arange(len(text_rows))
        texts = tuple(self._text.get(handle, "") for handle in rows[text_rows].tolist())
        utc, mono = np.full(len(rows), now.utc, np.int64), np.full(len(rows), now.mono, np.int64)
        return Batch(self.tags[rows], utc, mono, value, self._status[rows], texts, text_rows)

    def _values(
        self, published: Published, handle: Int64, status: UInt32
    ) -> tuple[Float64, UInt32, tuple[str, ...], Int32]:
        value = np.array(published.value, np.float64)
        is_text = self._is_text[np.minimum(handle, len(self._is_text) - 1)]
        if not published.odd and not published.inexact and not is_text.any():
            return value, distrust(value, status), (), np.empty(0, np.int32)
        if published.inexact:
            rows = np.array(published.inexact)
            status[rows[is_good(status[rows])]] = Status.UNCERTAIN
        texts: list[str] = []
        for row in np.flatnonzero(is_text).tolist():
            status[row] = _odd_status(published.odd.get(row, 0.0), int(status[row]), wants_text=True)
            content = published.odd.get(row)
            value[row] = len(texts)
            texts.append(content if isinstance(content, str) else "")
        for row, content in published.odd.items():
            if not is_text[row]:
                status[row] = _odd_status(content, int(status[row]), wants_text=False)
        return value, distrust(value, status), tuple(texts), np.flatnonzero(is_text).astype(np.int32)

    def _times(self, published: Published, now: Instants) -> Int64:
        count = len(published.handle)
        if self._policy is TimePolicy.RECEIVE:
            return np.full(count, now.utc, np.int64)
        source = np.array(published.source, np.int64)
        server = np.array(published.server, np.int64)
        # A stamp before 1970 is a clock that was never set.
        ticks = np.where(source > EPOCH, source, server)
        latest = (now.utc + _FUTURE) // 100 + EPOCH
        usable = (ticks > EPOCH) & (ticks <= latest)
        return np.where(usable, (np.where(usable, ticks, EPOCH) - EPOCH) * 100, now.utc)

    def _returned(self, batch: Batch, handle: Int64) -> Batch:
        """Gives the first sample of a tag after an outage a row at the time of the return.

        A value that did not change meanwhile comes back with its old stamp, behind the Bad mark of the outage in
        history; one that changed during the outage is kept at its own time as well.
        """
        if self._seen.all():
            return batch
        first = np.zeros(len(handle), np.bool_)
        first[np.unique(handle, return_index=True)[1]] = True
        first &= ~self._seen[handle]
        self._seen[handle] = True
        old = first & (batch.time < self._connected)
        if not old.any():
            return batch
        twice = old & (batch.time > self._outage)
        rows = np.repeat(np.arange(len(handle)), 1 + twice)
        last_of_row = np.cumsum(1 + twice) - 1
        repeated = batch.take(rows)
        repeated.time[last_of_row[old]] = self._connected
        return repeated


def _odd_status(content: object, status: int, *, wants_text: bool) -> int:
    """Status of a row whose content is not a number, or not the text that the tag wants."""
    if not is_good(status):
        return status
    if content is None:
        return Status.BAD_NO_DATA
    if wants_text and isinstance(content, str):
        return status
    return Status.BAD_TYPE_MISMATCH
