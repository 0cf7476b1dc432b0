"""What the engine knows of every tag, in arrays indexed by catalogue id.

Ids are dense enough that a lookup is a plain index; rows of ids that no tag has stay unused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import numpy as np

from hmi.core.batch import Batch, Float64
from hmi.core.engine.reshaping import overlay, take
from hmi.core.engine.rows import Index, Rows, Texts
from hmi.core.instants import SECOND, seconds
from hmi.core.quality import Status
from hmi.core.tag import (
    Clamp,
    ConnectionSource,
    ExpressionSource,
    ManualSource,
    MemorySource,
    Tag,
    TagType,
    stale_after,
)

NEVER: Final = int(np.iinfo(np.int64).max)
"""A deadline that does not come."""
MIN_TIMEOUT: Final = 2 * SECOND
GRACE: Final = 30 * SECOND
"""How long sources may take for their first sample after a start."""


_CONFIGURATION: Final = (
    *("connected", "kept", "is_text", "is_whole", "deadband", "timeout", "stored", "accepts"),
    "scratch",
)
_STATE: Final = ("value", "status", "time", "received", "sampled", "stale_at", "turned", "known")
LINES: Final = ("scaled", "raw_low", "raw_span", "eu_low", "eu_span", "low", "high", "reject")
"""Columns of `Lines`."""


class TagEntry(NamedTuple):
    """A tag and the number the station's catalogue gave its uid."""

    id: int
    tag: Tag


class Columns:
    """Configuration and live state of all tags; only the engine's parts write to it.

    What is not connected begins like this: a memory tag with its default, Good; a manual tag that nobody entered yet
    with 0 and Uncertain_InitialValue, which is neither stored nor watched by its alarms; a derived tag like a source,
    Bad_WaitingForInitialData and NaN until its first evaluation.
    """

    def __init__(self, entries: Sequence[TagEntry], size: int = 0) -> None:
        """`size`: least number of rows."""
        self.tags = {entry.id: entry.tag for entry in entries}
        self.paths = {entry.tag.path: entry.id for entry in entries}
        self._list_ids()
        size = max(size, int(self.ids[-1]) + 1 if len(self.ids) else 0)
        self.size = size
        self.connected = np.zeros(size, np.bool_)
        self.kept = np.zeros(size, np.bool_)
        """Memory and manual tags: their value survives restarts."""
        self.is_text = np.zeros(size, np.bool_)
        self.is_whole = np.zeros(size, np.bool_)
        """Integers and enumerations, exact up to 2^53."""
        self.deadband = np.zeros(size)
        self.timeout = np.full(size, NEVER, np.int64)
        self.stored = np.zeros(size, np.bool_)
        self.lines = Lines(size)

        self.value = np.full(size, np.nan)
        """Last reported number; meaningless for text tags, whose last text is in `text`."""
        self.status = np.full(size, int(Status.BAD_WAITING_FOR_INITIAL_DATA), np.uint32)
        self.time = np.zeros(size, np.int64)
        self.received = np.zeros(size, np.int64)
        self.text: dict[int, str] = {}
        self.sampled = np.zeros(size, np.bool_)
        """Whether a sample came since the start."""
        self.stale_at = np.full(size, NEVER, np.int64)
        self.turned = np.zeros(size, np.int64)
        """Stamp of a Bad tag's last row, of any other's first row since it was Bad; 0 = before the first scan."""
        self.known = np.zeros(size, np.int64)
        """What a Bad tag's device stamps up to here is in history: where the tag had last turned usable."""
        self.scratch = np.zeros(size, np.intp)
        for entry in entries:
            self._configure(entry.id, entry.tag)
        self.accepts = self.connected | self.kept
        self._look_over()

    def _list_ids(self) -> None:
        self.ids: Index = np.array(sorted(self.tags), np.intp)
        self._uids = ""

    @property
    def uids(self) -> str:
        """Of all tags in order of id, one a line."""
        if not self._uids:
            self._uids = "\n".join(self.tags[at].uid for at in self.ids.tolist())
        return self._uids

    def _look_over(self) -> None:
        self.has_text = bool(self.is_text.any())
        self.stores_all = bool(self.stored[self.ids].all())

    def put(self, fresh: Columns, reset: Index, gone: Collection[int]) -> None:
        """Take over tags as other columns have them, which have at least as many rows and nothing but these.

        Their configuration always, their state only of those to `reset`; what is `gone` has neither any more.
        """
        overlay(self, fresh, _CONFIGURATION + _STATE)
        overlay(self.lines, fresh.lines, LINES)
        self.size = fresh.size
        put = fresh.ids
        blank = np.array(sorted(gone), np.intp)
        take(self, fresh, _CONFIGURATION, np.concatenate((put, blank)))
        take(self.lines, fresh.lines, LINES, np.concatenate((put, blank)))
        take(self, fresh, _STATE, np.concatenate((reset, blank)))
        for at in [*reset.tolist(), *gone]:
            self.text.pop(at, None)
            if at in fresh.text:
                self.text[at] = fresh.text[at]
        members = self.tags.keys()
        changes_members = bool(gone) or not fresh.tags.keys() <= members
        for at in [*put.tolist(), *gone]:
            if at in self.tags and self.paths.get(self.tags[at].path) == at:
                del self.paths[self.tags[at].path]
        for at in gone:
            del self.tags[at]
        self.tags |= fresh.tags
        self.paths |= fresh.paths
        if changes_members:
            self._list_ids()
        self.lines.look_over()
        self._look_over()

    def _configure(self, at: int, tag: Tag) -> None:
        self.is_text[at] = tag.type is TagType.STRING
        self.is_whole[at] = tag.type in {TagType.INT, TagType.ENUM}
        self.deadband[at] = 0.0 if self.is_text[at] else tag.deadband
        self.stored[at] = tag.history.store
        match tag.source:
            case ConnectionSource():
                self.connected[at] = True
                self.timeout[at] = seconds(stale_after(tag))
                self.lines.configure(at, tag)
            case MemorySource(default=default):
                self.kept[at] = True
                self.status[at] = int(Status.GOOD)
                self.set_plain(at, default)
            case ManualSource():
                self.kept[at] = True
                self.status[at] = int(Status.UNCERTAIN_INITIAL_VALUE)
                self.set_plain(at, "" if self.is_text[at] else np.nan)  # nobody has said anything: no 0 may seem said
            case ExpressionSource():
                pass

    def set_plain(self, at: int, value: float | str) -> None:
        """Take a value of either kind; one of the wrong kind counts as empty or NaN."""
        if self.is_text[at]:
            self.text[at] = value if isinstance(value, str) else ""
        else:
            self.value[at] = np.nan if isinstance(value, str) else value

    def plain(self, at: int) -> float | str:
        """The live value of one tag for people and expressions."""
        return self.text.get(at, "") if self.is_text[at] else float(self.value[at])

    def last_values(self, ids: Index, texts: Texts) -> Float64:
        """The last reported value of some tags, texts as indices into a scan's."""
        last: Float64 = self.value[ids]
        if self.has_text:
            for row in np.flatnonzero(self.is_text[ids]).tolist():
                last[row] = texts.code(self.text.get(int(ids[row]), ""))
        return last

    def commit(self, rows: Rows) -> None:
        """Make reported rows the live state; of a tag that repeats the last row remains."""
        self.value[rows.tag] = rows.value
        self.status[rows.tag] = rows.status
        self.time[rows.tag] = rows.time
        self.received[rows.tag] = rows.received
        if rows.texts.items:
            for row in np.flatnonzero(self.is_text[rows.tag]).tolist():
                self.text[int(rows.tag[row])] = rows.texts.items[int(rows.value[row])]

    def snapshot(self) -> Batch:
        """Live state of all tags in order of id."""
        value = self.value[self.ids]
        text_rows = np.flatnonzero(self.is_text[self.ids])
        value[text_rows] = np.arange(len(text_rows))
        return Batch(
            self.ids.astype(np.int32),
            self.time[self.ids],
            self.received[self.ids],
            value,
            self.status[self.ids],
            tuple(self.text.get(int(self.ids[row]), "") for row in text_rows),
            text_rows.astype(np.int32),
        )


class Lines:
    """Scaling of all tags; unscaled ones have the line that changes nothing."""

    def __init__(self, size: int) -> None:
        self.any = False
        self.any_clamp = False
        """Whether any tag is scaled; whether any clamp acts."""
        self.scaled = np.zeros(size, np.bool_)
        self.raw_low = np.zeros(size)
        self.raw_span = np.ones(size)
        self.eu_low = np.zeros(size)
        self.eu_span = np.ones(size)
        self.low = np.full(size, -np.inf)
        self.high = np.full(size, np.inf)
        """Where the clamp acts; infinite without one."""
        self.reject = np.zeros(size, np.bool_)

    def look_over(self) -> None:
        """Find anew what there is at all."""
        self.any = bool(self.scaled.any())
        self.any_clamp = bool(np.isfinite(self.low).any() or np.isfinite(self.high).any())

    def configure(self, at: int, tag: Tag) -> None:
        """Take the scaling of one tag."""
        if tag.scaling is None or tag.type is TagType.STRING:
            return
        self.any = True
        self.scaled[at] = True
        self.raw_low[at], raw_high = tag.scaling.raw
        self.raw_span[at] = raw_high - self.raw_low[at] or np.nan
        self.eu_low[at], eu_high = tag.scaling.eu
        self.eu_span[at] = eu_high - self.eu_low[at]
        if tag.scaling.clamp is not Clamp.NONE:
            self.any_clamp = True
            self.low[at], self.high[at] = sorted(tag.scaling.eu)
            self.reject[at] = tag.scaling.clamp is Clamp.REJECT
