"""Reconfiguring: carries an edit into the parts of a running engine, and finds what follows from it.

Time stands still meanwhile for every tag that the edit does not concern: none of their deadlines fires, even where it
is due by `now`; a sample that was received before it may still be on its way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from hmi.core.batch import Batch, join
from hmi.core.effects import Effects, Transition
from hmi.core.engine.alarm_edit import AlarmEdit, forget
from hmi.core.engine.alarm_scan import scan
from hmi.core.engine.alarm_table import AlarmTable
from hmi.core.engine.annunciator import Annunciator
from hmi.core.engine.columns import GRACE, NEVER, Columns
from hmi.core.engine.derived import Derived
from hmi.core.engine.edit import Edit, connection_of, is_same_kind, is_same_value, rescaled
from hmi.core.engine.formulas import Revision
from hmi.core.engine.freshness import Freshness
from hmi.core.engine.history import HistoryPolicies
from hmi.core.engine.intake import Intake
from hmi.core.engine.masks import Mask, Masks
from hmi.core.engine.rows import Index, Rows, Texts, Why, joined, no_rows, rows_of
from hmi.core.engine.sides import Sides
from hmi.core.engine.watch import Watch, watches_alike
from hmi.core.instants import Instants
from hmi.core.quality import BoolArray, Status
from hmi.core.tag import ExpressionSource, MemorySource

_UNSEEN: Final = (Status.BAD_WAITING_FOR_INITIAL_DATA, Status.UNCERTAIN_INITIAL_VALUE)
"""Statuses of values that no alarm looks at: nobody has said anything yet."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an engine is made of, as far as an edit concerns it."""

    columns: Columns
    intake: Intake
    freshness: Freshness
    alarms: AlarmTable
    sides: Sides
    derived: Derived
    annunciator: Annunciator
    history: HistoryPolicies
    masks: Masks
    watch: Watch


class Reconfiguration:
    """One edit on its way into an engine; nothing of it can fail any more."""

    def __init__(self, parts: Parts, edit: Edit, revision: Revision, clock: int, now: Instants) -> None:
        """`revision`: of the formulas, for this edit; `clock`: mono up to which the engine has run."""
        self._parts, self._edit, self._revision = parts, edit, revision
        self._before, self._now = Instants(clock, now.utc), now
        columns = parts.columns
        self._fresh = Columns(edit.put, columns.size)
        self._touched = edit.touched(self._fresh.size)
        self._texts = Texts()
        self._new = edit.new
        self._other: list[int] = []
        """Tags whose value is another one's now."""
        self._rescaled: dict[int, tuple[float, int]] = {}
        """Value and status in the new units."""
        self._watched_anew: list[int] = []
        self._behind: list[int] = []
        """Tags whose own value is another one's now, while something else stands in its place."""
        self._sort_out()
        was_stored = np.zeros(self._fresh.size, np.bool_)
        was_stored[: columns.size] = columns.stored
        changed = np.array([at for at, _, _ in edit.changed()], np.intp)
        self._store_ends = changed[was_stored[changed] & ~self._fresh.stored[changed]]
        self._store_begins = changed[~was_stored[changed] & self._fresh.stored[changed]]

    def _sort_out(self) -> None:
        columns, masks = self._parts.columns, self._parts.masks
        for at, old, new in self._edit.changed():
            masked = bool(masks.kind[at])
            if not is_same_value(old, new):
                self._other_value(at, masked=masked and is_same_kind(old, new))
            elif old.scaling != new.scaling and columns.connected[at] and not columns.is_text[at]:
                own = masks if masked else columns
                value = rescaled(old, new, float(own.value[at]), int(own.status[at]))
                if value is None:
                    self._other_value(at, masked=masked)
                elif masked:
                    masks.value[at], masks.status[at] = value
                else:
                    self._rescaled[at] = value
            if not watches_alike((old, new)):
                self._trust(at, masked=masked)

    def _trust(self, at: int, *, masked: bool) -> None:
        """What is asked of a value is other than before: it is not doubtful until it is by the new terms."""
        columns, masks = self._parts.columns, self._parts.masks
        self._watched_anew.append(at)
        if not self._parts.watch.is_doubted(at) or at in self._other:
            return
        if masked:
            masks.status[at] = Status.GOOD
        else:
            value = self._rescaled[at][0] if at in self._rescaled else float(columns.value[at])
            self._rescaled[at] = value, int(Status.GOOD)

    def _other_value(self, at: int, *, masked: bool) -> None:
        (self._behind if masked else self._other).append(at)

    def apply(self) -> Effects:
        """Do it; what follows from it."""
        parts, now = self._parts, self._now
        alarms = AlarmTable(self._fresh)
        alarm_edit = AlarmEdit(parts.alarms, alarms, self._touched)
        transitions = parts.annunciator.remove(alarm_edit.removed(), now)
        farewell = self._farewell()
        kept_back = parts.history.put(HistoryPolicies(self._fresh), self._touched, self._afresh())
        self._configure()
        alarm_edit.apply(now)
        parts.sides.put(Sides(self._fresh, alarms), self._touched)
        forget(parts.alarms, np.array(sorted([*self._new, *self._other]), np.intp))
        parts.alarms.frame(np.flatnonzero(self._touched & parts.alarms.has_alarm))
        rows = self._shown()
        transitions += self._judge(rows)
        stored = self._stored(rows)
        parts.columns.commit(rows)
        parts.freshness.look_ahead()
        parts.intake.edited([entry.id for entry in self._edit.put], self._edit.gone)
        changed = join([farewell.changed, rows.batch(parts.columns.is_text)])
        return Effects(changed, join([kept_back, farewell.store, *stored]), transitions=tuple(transitions))

    def _afresh(self) -> BoolArray:
        """By id, tags of which nothing is carried over."""
        found = np.zeros(self._fresh.size, np.bool_)
        found[[*self._new, *self._other, *self._edit.gone]] = True
        return found

    def _farewell(self) -> Effects:
        """The last words on removed tags, and in history on tags that are stored no more."""
        columns, gone = self._parts.columns, self._edit.gone_ids()
        removed = self._marks(gone, Status.BAD_NODE_ID_UNKNOWN)
        ended = self._marks(self._store_ends, Status.BAD_NO_DATA)
        store = joined([removed.take(columns.stored[gone]), ended])
        return Effects(removed.batch(columns.is_text), store.batch(columns.is_text))

    def _marks(self, ids: Index, status: Status) -> Rows:
        """Rows without a value, as of now."""
        value = np.where(self._parts.columns.is_text[ids], self._texts.code(""), np.nan)
        return self._rows(ids, value, np.full(len(ids), status, np.uint32))

    def _rows(self, ids: Index, value: np.ndarray, status: np.ndarray) -> Rows:
        mono, utc = (np.full(len(ids), instant, np.int64) for instant in self._now)
        return rows_of(self._texts, ids, mono, utc, mono, value, status, Why.ENTERED)

    def _known(self, ids: Iterable[int]) -> Rows:
        """What the columns have of some tags, as of now."""
        columns, at = self._parts.columns, np.array(sorted(ids), np.intp)
        return self._rows(at, columns.last_values(at, self._texts), columns.status[at])

    def _configure(self) -> None:
        """Bring the columns up to the edit; deadlines of staleness that run end as the new scan rate says."""
        columns, fresh, now = self._parts.columns, self._fresh, self._now
        afresh = np.array(sorted([*self._new, *self._other]), np.intp)
        timeout = columns.timeout.copy()
        columns.put(fresh, afresh, self._edit.gone)
        self._unmask()
        for at, _, _ in self._edit.changed():
            if columns.sampled[at] and columns.stale_at[at] != NEVER and columns.timeout[at] != timeout[at]:
                moved = int(columns.stale_at[at]) + int(columns.timeout[at] - timeout[at])
                columns.stale_at[at] = max(moved, now.mono)
        columns.stale_at[afresh] = np.where(columns.connected[afresh], now.mono + GRACE, NEVER)
        columns.turned[afresh], columns.known[afresh] = now.utc, now.utc
        columns.turned[self._new] = now.utc - 1
        for at, (number, status) in self._rescaled.items():
            columns.value[at], columns.status[at] = number, status
        anew = [*self._watched_anew, *self._rescaled, *self._other, *self._new, *self._behind]
        self._parts.watch.edited(Watch(fresh), self._touched, anew, now)

    def _unmask(self) -> None:
        """What stands in place of a tag's own value stays there; a judgement of another device is no judgement."""
        columns, masks = self._parts.columns, self._parts.masks
        masks.edited(Masks(self._fresh), self._edit.gone, self._other)
        for at in self._behind:
            masks.begin_afresh(at)
            columns.sampled[at] = False
            if columns.connected[at]:
                columns.stale_at[at] = self._now.mono + GRACE
        moved = [at for at, old, new in self._edit.changed() if connection_of(old) != connection_of(new)]
        masks.lift(np.array(moved, np.intp), Mask.HALTED)

    def _shown(self) -> Rows:
        """Rows of everything that is another value by the edit, and of what derived tags make of it."""
        tags = self._edit.tags
        evaluated = [entry.id for entry in self._edit.put if isinstance(entry.tag.source, ExpressionSource)]
        changed = [*self._new, *self._other, *self._rescaled, *evaluated]
        made = self._parts.derived.revise(self._revision, changed, no_rows(self._texts), self._now)
        begun = [at for at in self._new if isinstance(tags[at].source, MemorySource)]
        told = {*self._other, *self._rescaled, *begun}.difference(made.tag.tolist())
        return joined([self._known(told), made])

    def _judge(self, rows: Rows) -> list[Transition]:
        """Look at the present values of all edited tags and of what changed by them, with the limits they have now."""
        parts, told = self._parts, np.zeros(self._fresh.size, np.bool_)
        told[rows.tag] = True
        rest = self._known(np.flatnonzero(self._touched & ~told & parts.alarms.has_alarm).tolist())
        seen = joined([rest, rows])
        seen = seen.take(~np.isin(seen.status, np.array(_UNSEEN, np.uint32)))
        changes = scan(parts.alarms, seen, self._now, self._touched | told)
        return parts.annunciator.announce(changes, seen, self._now)

    def _stored(self, rows: Rows) -> list[Batch]:
        """What history takes of the rows, and where the history of a tag begins, its present value."""
        history, is_text = self._parts.history, self._parts.columns.is_text
        begins = self._known(np.setdiff1d(self._store_begins, rows.tag).tolist())
        begins = begins.take(~np.isin(begins.status, np.array(_UNSEEN, np.uint32)))
        rows = joined([begins, rows])
        wanted, kept = history.take(rows, None, self._before)
        return [rows.batch(is_text) if wanted is None else rows.take(wanted).batch(is_text), kept]
