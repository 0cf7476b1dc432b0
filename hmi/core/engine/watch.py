"""Watch: values that an engineer knows to move or to come at a rate, and that do not although nothing says so.

Only tags with `expect` or `frozen` are watched; every other one costs nothing. A value that is late or stands still is
Uncertain_LastUsableValue as of the moment at which that is known, and it is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from hmi.core.batch import Int64
from hmi.core.effects import Notice
from hmi.core.engine.columns import NEVER, Columns
from hmi.core.engine.reshaping import Splice
from hmi.core.engine.rounds import groups
from hmi.core.engine.rows import Index, Rows, joined, stale_rows
from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import BoolArray, Status, is_bad, is_good
from hmi.core.tag import ConnectionSource, Tag, TagType

DOUBTFUL: Final = Status.UNCERTAIN_LAST_USABLE_VALUE
TOLD_AGAIN: Final = 3600 * SECOND
"""ns for which nothing more is said of a tag that was told about."""

_STATE: Final = ("late_at", "frozen_at", "value", "good", "stands", "doubted", "told")


class Marks(NamedTuple):
    """Values that became doubtful."""

    slot: Index
    at: Int64
    froze: BoolArray
    """They stand still, rather than being late."""


class Watch:
    """All watched tags, each with a slot; instants are monotonic."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        watched = sorted(at for at, tag in columns.tags.items() if is_watched(tag))
        tags, size = [columns.tags[at] for at in watched], len(watched)
        self.tags: Index = np.array(watched, np.intp)
        self.expect: Int64 = np.array([_span(tag.expect) for tag in tags], np.int64)
        is_text = [tag.type is TagType.STRING for tag in tags]
        self.frozen: Int64 = np.array(
            [NEVER if text else _span(tag.frozen) for tag, text in zip(tags, is_text, strict=True)], np.int64
        )
        self.late_at = np.full(size, NEVER, np.int64)
        self.frozen_at = np.full(size, NEVER, np.int64)
        self.value = np.full(size, np.nan)
        """Of the last sample if it was usable, else NaN."""
        self.good = np.zeros(size, np.bool_)
        self.stands = np.zeros(size, np.bool_)
        """The value counts as frozen until it moves."""
        self.doubted = np.zeros(size, np.bool_)
        """Live values show that it is doubtful."""
        self.told = np.full(size, -TOLD_AGAIN, np.int64)
        self.deadline = NEVER
        """When a value becomes doubtful next."""
        self._marks: list[Marks] = []
        self._find_slots()

    def _find_slots(self) -> None:
        self._slot_of = np.full(self._columns.size, -1, np.intp)
        self._slot_of[self.tags] = np.arange(len(self.tags))
        self._scratch = np.zeros(len(self.tags), np.intp)
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.deadline = int(min(self.late_at.min(), self.frozen_at.min())) if len(self.tags) else NEVER

    def apply(self, rows: Rows, now: Instants, notices: list[Notice]) -> Rows:
        """The samples and losses of a scan, in order, with what becomes doubtful among them and up to now."""
        if not len(self.tags):
            return rows
        mine = np.flatnonzero(self._slot_of[rows.tag] >= 0)
        if not len(mine) and self.deadline > now.mono:
            return rows
        self._marks = []
        self._follow(rows, mine)
        overdue = np.flatnonzero(np.minimum(self.late_at, self.frozen_at) <= now.mono)
        self._fire(overdue, np.full(len(overdue), now.mono))
        self._look_ahead()
        if not self._marks:
            return rows
        marks = Marks(*(np.concatenate(column) for column in zip(*self._marks, strict=True)))
        self._tell(marks.slot[~marks.froze], "value-late", "no sample came although one was due", now, notices)
        self._tell(marks.slot[marks.froze], "value-frozen", "the value stands still", now, notices)
        made = stale_rows(rows.texts, self.tags[marks.slot], marks.at, DOUBTFUL, now)
        return joined([rows, made]).in_order()

    def _follow(self, rows: Rows, mine: Index) -> None:
        slots = self._slot_of[rows.tag[mine]]
        grouped = groups(slots, self._scratch)
        if grouped is None:
            self._take(rows, mine, slots)
            return
        for turn in grouped.rounds():
            self._take(rows, mine[turn], slots[turn])
        for _, remaining in grouped.tails():
            for row in remaining:
                self._take(rows, mine[[row]], slots[[row]])

    def _take(self, rows: Rows, which: Index, slot: Index) -> None:
        """A row of each of some slots; the status of those that stand still is changed in place."""
        at, value, status = rows.at[which], rows.value[which], rows.status[which]
        self._fire(slot, at - 1)
        usable = ~is_bad(status)
        moves = value != self.value[slot]
        self.value[slot] = np.where(usable, value, np.nan)
        self.good[slot] = is_good(status)
        self.stands[slot] &= usable & ~moves
        self.doubted[slot] = self.stands[slot] & self.good[slot]
        self.late_at[slot] = np.where(usable, _after(at, self.expect[slot]), NEVER)
        still = np.where(moves, _after(at, self.frozen[slot]), self.frozen_at[slot])
        self.frozen_at[slot] = np.where(usable, still, NEVER)
        rows.status[which[self.doubted[slot]]] = DOUBTFUL

    def _fire(self, slot: Index, until: Int64) -> None:
        """What becomes known of some slots up to and including an instant: that they are late, that they stand."""
        while True:
            due = np.minimum(self.late_at[slot], self.frozen_at[slot])
            past = due <= until
            if not past.any():
                return
            slot, until, due = slot[past], until[past], due[past]
            froze = self.frozen_at[slot] == due
            self.stands[slot[froze]] = True
            self.frozen_at[slot[froze]] = NEVER
            self.late_at[slot[~froze]] = NEVER
            shows = self.good[slot] & ~self.doubted[slot]
            self.doubted[slot[shows]] = True
            if shows.any():
                self._marks.append(Marks(slot[shows], due[shows], froze[shows]))

    def _tell(self, slots: Index, kind: str, what: str, now: Instants, notices: list[Notice]) -> None:
        """One notice a scan, however many tags; nothing of those that were told about not long ago."""
        news = np.unique(slots[now.mono - self.told[slots] >= TOLD_AGAIN])
        self.told[news] = now.mono
        if len(news):
            tag = int(self.tags[news[0]])
            more = f", and so with {len(news) - 1} more tags" if len(news) > 1 else ""
            path = self._columns.tags[tag].path
            notices.append(Notice(kind, f"{path}: {what}; the last one is shown as Uncertain{more}.", tag))

    def is_doubted(self, tag: int) -> bool:
        """Whether a tag's value is shown as doubtful by what is seen here."""
        slot = int(self._slot_of[tag])
        return slot >= 0 and bool(self.doubted[slot])

    def edited(self, fresh: Watch, touched: BoolArray, afresh: Iterable[int], now: Instants) -> None:
        """Take the edited tags over; the columns have the edit.

        Args:
            fresh: the edited tags alone.
            touched: which tags are edited or gone, by id.
            afresh: tags that are watched differently, or whose value is another one's: they begin as of now.
            now: of the edit.
        """
        splice = Splice.of(self.tags, fresh.tags, touched)
        begins = set(afresh)
        before = [-1 if at in begins or at >= len(self._slot_of) else self._slot_of[at] for at in fresh.tags.tolist()]
        splice.instead(np.array(before, np.intp)).columns(self, fresh, _STATE)
        splice.columns(self, fresh, ("tags", "expect", "frozen"))
        self._find_slots()
        self._begin(self._slot_of[[at for at, old in zip(fresh.tags.tolist(), before, strict=True) if old < 0]], now)

    def _begin(self, slot: Index, now: Instants) -> None:
        """Count from now on with the values that live values show."""
        columns, tag = self._columns, self.tags[slot]
        slot, tag = (one[~is_bad(columns.status[tag])] for one in (slot, tag))
        self.value[slot], self.good[slot] = columns.value[tag], is_good(columns.status[tag])
        at = np.full(len(slot), now.mono)
        self.late_at[slot], self.frozen_at[slot] = _after(at, self.expect[slot]), _after(at, self.frozen[slot])
        self._look_ahead()


def is_watched(tag: Tag) -> bool:
    """Whether a tag asks for it."""
    return isinstance(tag.source, ConnectionSource) and (tag.expect > 0 or tag.frozen > 0)


def watches_alike(tags: Sequence[Tag]) -> bool:
    """Whether the same is asked of all of some tags."""
    return len({(tag.expect, tag.frozen) for tag in tags}) < 2


def _span(length: float) -> int:
    return min(seconds(length), NEVER - 1) if length > 0 else NEVER


def _after(at: Int64, span: Int64) -> Int64:
    after: Int64 = np.where(span > NEVER - at, NEVER, at + np.minimum(span, NEVER - at))
    return after
