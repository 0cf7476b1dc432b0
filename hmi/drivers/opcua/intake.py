"""Turns decoded notifications into Batches: tags, stamps, quality, and the rules of a return after an outage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from asyncua import ua

from hmi.core.batch import Batch, Float64, Int32, Int64, UInt32
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import INFO_DATA_VALUE, OVERFLOW, Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.columns import EXACT, clean, distrust
from hmi.drivers.opcua.decode import EPOCH, Published
from hmi.drivers.opcua.elements import MISSING, Path, element
from hmi.drivers.opcua.options import TimePolicy

_FUTURE: Final = 60 * SECOND
"""A stamp further ahead than this is a wrong clock: the station's time is used."""
_UNIX: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY: Final = -1
"""Tag of a slot that has none: one that was given up, or that stands for the elements of a node."""


def _as_it_is(value: object) -> object:
    return value


class Intake:
    """The tags of one subscription, each in a slot; a monitored item's client handle is its slot."""

    def __init__(self, points: Sequence[Point], policy: TimePolicy, outage: int, connected: int) -> None:
        """`outage` and `connected`: when values stopped flowing and when this subscription began, ns UTC."""
        self.tags: Int32 = np.empty(0, np.int32)
        """Every tag that is acquired now."""
        self._policy = policy
        self._outage = outage
        self._connected = connected
        self._tag = np.empty(0, np.int32)
        self._is_text = np.empty(0, np.bool_)
        self._seen = np.empty(0, np.bool_)
        self._value = np.empty(0)
        self._status = np.empty(0, np.uint32)
        self._time = np.empty(0, np.int64)
        self._first = np.empty(0, np.int64)
        self._begun = np.empty(0, np.int64)
        self._text: dict[int, str] = {}
        self._groups: dict[int, tuple[tuple[int, Path], ...]] = {}
        self.opened: Callable[[object], object] = _as_it_is
        """Opens the structures of the connected server."""
        self.overflows = 0
        """Samples marked by the server as the first after a loss in its queue."""
        self.add(points)

    def add(self, points: Sequence[Point], since: int | None = None) -> list[int]:
        """Slots for more tags; `since` is when they were begun, ns UTC, if later than the subscription."""
        return self._grow([p.tag for p in points], [p.type is TagType.STRING for p in points], since)

    def add_groups(self, groups: Sequence[Sequence[tuple[Point, Path]]], since: int | None = None) -> list[int]:
        """A slot for each node whose elements are tags; each of these has a slot of its own as well."""
        tags: list[int] = []
        texts: list[bool] = []
        for members in groups:
            tags += [*(point.tag for point, _ in members), _NOBODY]
            texts += [*(point.type is TagType.STRING for point, _ in members), False]
        slots = iter(self._grow(tags, texts, since))
        handles: list[int] = []
        for members in groups:
            inside = tuple((next(slots), path) for _, path in members)
            handles.append(next(slots))
            self._groups[handles[-1]] = inside
        self._seen[handles] = True
        return handles

    def _grow(self, tags: list[int], texts: list[bool], since: int | None) -> list[int]:
        first, count = len(self._tag), len(tags)
        begun = self._connected if since is None else since
        self._tag = np.append(self._tag, np.array(tags, np.int32))
        self._is_text = np.append(self._is_text, np.array(texts, np.bool_))
        self._seen = np.append(self._seen, np.zeros(count, np.bool_))
        self._value = np.append(self._value, np.full(count, np.nan))
        self._status = np.append(self._status, np.zeros(count, np.uint32))
        self._time = np.append(self._time, np.zeros(count, np.int64))
        self._first = np.append(self._first, np.zeros(count, np.int64))
        self._begun = np.append(self._begun, np.full(count, begun, np.int64))
        self.tags = self._tag[self._tag != _NOBODY]
        return list(range(first, first + count))

    def drop(self, tags: Sequence[int]) -> list[int]:
        """Gives up tags; returns the handles of items that nobody needs any more."""
        slots = np.flatnonzero(np.isin(self._tag, np.array(tags, np.int32))).tolist()
        gone = set(slots)
        self._tag[slots] = _NOBODY
        self._seen[slots] = True
        self.tags = self._tag[self._tag != _NOBODY]
        inside = {slot for members in self._groups.values() for slot, _ in members}
        idle = [slot for slot in slots if slot not in inside]
        for handle, members in list(self._groups.items()):
            left = tuple(member for member in members if member[0] not in gone)
            self._groups[handle] = left
            if not left:
                del self._groups[handle]
                idle.append(handle)
        return idle

    def batch(self, published: Published, now: Instants) -> Batch:
        """The rows of one response; handles that are not ours are left out."""
        if self._groups and not self._groups.keys().isdisjoint(published.handle):
            published = self._with_elements(published)
        handle = np.array(published.handle, np.int64)
        status = np.array(published.status, np.uint32)
        value, status, text, text_rows = self._values(published, handle, status)
        slot = np.where(handle < len(self._tag), handle, 0)
        known = (handle < len(self._tag)) & (self._tag[slot] != _NOBODY if len(self._tag) else False)
        batch = Batch(
            self._tag[slot] if len(self._tag) else np.full(len(handle), _NOBODY, np.int32),
            self._times(published, now),
            np.full(len(handle), now.mono, np.int64),
            value,
            status,
            text,
            text_rows,
        )
        if not known.all():
            batch, handle = batch.take(known), handle[known]
        mark = np.uint32(INFO_DATA_VALUE | OVERFLOW)
        self.overflows += int(np.count_nonzero((batch.status & mark) == mark))
        self._remember(batch, handle)
        return self._returned(batch, handle)

    def _with_elements(self, published: Published) -> Published:
        """The same with a row for each element in the place of its node's row."""
        out = Published(published.subscription, published.sequence)
        for row, handle in enumerate(published.handle):
            content = published.odd.get(row, published.value[row])
            members = self._groups.get(handle)
            if members is None:
                _append(out, handle, content, row in published.inexact)
            else:
                content = self.opened(content)
                for slot, path in members:
                    found = element(content, path)
                    _append(out, slot, None if found is MISSING else plain(found), _is_inexact(found))
            copies = 1 if members is None else len(members)
            out.status += [published.status[row]] * copies
            out.source += [published.source[row]] * copies
            out.server += [published.server[row]] * copies
        return out

    def _remember(self, batch: Batch, handle: Int64) -> None:
        # Where a handle is repeated the last row stays, which is what is wanted.
        self._value[handle] = batch.value
        self._status[handle] = batch.status
        self._time[handle] = batch.time
        for row in batch.text_rows.tolist():
            self._text[int(handle[row])] = batch.text[int(batch.value[row])]

    def ready(self, handles: Sequence[int], now: Instants) -> Batch:
        """Rows that show 0, for points that have no value to monitor: methods, ready to be called."""
        rows = np.array(handles, np.int64)
        self._seen[rows], self._value[rows], self._status[rows] = True, 0.0, Status.GOOD
        utc, mono = np.full(len(rows), now.utc, np.int64), np.full(len(rows), now.mono, np.int64)
        return Batch(self._tag[rows], utc, mono, np.zeros(len(rows)), np.zeros(len(rows), np.uint32))

    def again(self, now: Instants) -> Batch:
        """The last known value of every tag at the present time: the server says that they still hold.

        For tags that the station may have declared stale meanwhile; only a sample makes those usable again.
        """
        rows = np.flatnonzero(self._seen & (self._tag != _NOBODY))
        text_rows = np.flatnonzero(self._is_text[rows]).astype(np.int32)
        value = self._value[rows]
        value[text_rows] = np.arange(len(text_rows))
        texts = tuple(self._text.get(handle, "") for handle in rows[text_rows].tolist())
        utc, mono = np.full(len(rows), now.utc, np.int64), np.full(len(rows), now.mono, np.int64)
        return Batch(self._tag[rows], utc, mono, value, self._status[rows], texts, text_rows)

    @property
    def is_complete(self) -> bool:
        """Whether every tag has had its first sample."""
        return bool(self._seen.all())

    def last_times(self) -> dict[int, int]:
        """Time of the last sample by tag, ns UTC; tags without one are left out."""
        rows = np.flatnonzero((self._tag != _NOBODY) & (self._time > 0))
        return dict(zip(self._tag[rows].tolist(), self._time[rows].tolist(), strict=True))

    def first_times(self) -> dict[int, int]:
        """The device's own time of the first sample by tag, ns UTC; tags without one are left out."""
        rows = np.flatnonzero((self._tag != _NOBODY) & (self._first > 0))
        return dict(zip(self._tag[rows].tolist(), self._first[rows].tolist(), strict=True))

    def _values(
        self, published: Published, handle: Int64, status: UInt32
    ) -> tuple[Float64, UInt32, tuple[str, ...], Int32]:
        value = np.array(published.value, np.float64)
        if len(self._is_text):
            is_text = self._is_text[np.minimum(handle, len(self._is_text) - 1)]
        else:
            is_text = np.zeros(len(handle), np.bool_)
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
        self._first[handle[first]] = batch.time[first]
        begun = self._begun[handle]
        old = first & (batch.time < begun)
        if not old.any():
            return batch
        twice = old & (batch.time > self._outage)
        rows = np.repeat(np.arange(len(handle)), 1 + twice)
        last_of_row = np.cumsum(1 + twice) - 1
        repeated = batch.take(rows)
        repeated.time[last_of_row[old]] = begun[old]
        return repeated


def plain(content: object) -> object:
    """An element as a number or text where it is one."""
    if isinstance(content, ua.LocalizedText):
        return clean(content.Text or "")
    if isinstance(content, datetime):
        aware = content if content.tzinfo else content.replace(tzinfo=UTC)
        return (aware - _UNIX) / timedelta(seconds=1)
    if isinstance(content, ua.StatusCode):
        return content.value
    return clean(content) if isinstance(content, str) else content


def _is_inexact(content: object) -> bool:
    return isinstance(content, int) and not -EXACT <= content <= EXACT


def _append(out: Published, slot: int, content: object, inexact: bool) -> None:
    row = len(out.handle)
    out.handle.append(slot)
    if isinstance(content, int | float):
        out.value.append(float(content))
        if inexact:
            out.inexact.append(row)
    else:
        out.value.append(float("nan"))
        out.odd[row] = content


def _odd_status(content: object, status: int, *, wants_text: bool) -> int:
    """Status of a row whose content is not a number, or not the text that the tag wants."""
    if not is_good(status):
        return status
    if content is None:
        return Status.BAD_NO_DATA
    if wants_text and isinstance(content, str):
        return status
    return Status.BAD_TYPE_MISMATCH
