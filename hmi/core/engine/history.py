"""History policies: which samples are worth keeping, and which are kept back until it is known.

Tags that store every change, as most do, only pass a mask here. Those with a policy of their own have a slot, and so
have memory and manual tags, whose value must not be stored again after a restart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from hmi.core.batch import EMPTY, Batch, join
from hmi.core.engine.columns import NEVER, Columns
from hmi.core.engine.reporting import Offers, Reporting
from hmi.core.engine.reshaping import Splice
from hmi.core.engine.rounds import each_alone, groups
from hmi.core.engine.rows import Index, Rows, Texts, Untold, Why, rows_of
from hmi.core.engine.samples import Samples, Stored
from hmi.core.engine.track import UNLIMITED, Policy
from hmi.core.instants import Instants, seconds
from hmi.core.quality import BoolArray
from hmi.core.tag import Tag, TagType

NARROW: Final = 8
"""Below this many tags a round in columns costs more than its samples one by one."""
LONGEST_SPAN: Final = 2**60
"""ns; a longer interval (36 years) counts as this one."""


class HistoryPolicies:
    """Decides of every tag what is stored, and when."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        policies = {at: policy_of(tag) for at, tag in columns.tags.items() if tag.history.store}
        own = sorted(at for at, policy in policies.items() if policy.remembers or columns.kept[at])
        self.tags: Index = np.array(own, np.intp)
        """Catalogue id of each slot."""
        self.reporting = Reporting([policies[at] for at in own])
        self._find_slots(columns.size)
        text_slots = np.flatnonzero(columns.is_text[self.tags]).tolist()
        self.texts: dict[int, tuple[str, str]] = dict.fromkeys(text_slots, ("", ""))
        """Texts sent last and pending, by the slots of string tags."""
        self.released: Batch = EMPTY
        """Samples kept back by a policy that a tag no longer has: stored with the next scan."""
        self.deadline = NEVER
        """Monotonic ns at which something is stored even if no sample comes."""

    def _find_slots(self, size: int) -> None:
        self.slot_of = np.full(size, -1, np.intp)
        """By catalogue id; -1 = the tag has none."""
        self.slot_of[self.tags] = np.arange(len(self.tags))
        self._has_slot = self.slot_of >= 0
        self._remembers = np.zeros(size, np.bool_)
        self._remembers[self.tags] = self.reporting.remembers
        self._scratch = np.zeros(len(self.tags), np.intp)

    def untold(self, rows: Rows, told: BoolArray) -> Untold | None:
        """The samples that are no news to live values but may be to history; None when there are none."""
        if not len(self.tags):
            return None
        wanted = np.flatnonzero(~told)
        wanted = wanted[self._remembers[rows.tag[wanted]]]
        if not len(wanted):
            return None
        quiet = rows.take(wanted)
        quiet.why[:] = Why.UNTOLD
        return Untold(quiet, wanted, np.flatnonzero(told))

    def take(self, rows: Rows, untold: Untold | None, now: Instants) -> tuple[BoolArray | None, Batch]:
        """Which rows are stored as they are (None = all), and what is stored beside them."""
        wanted = None if self._columns.stores_all else self._columns.stored[rows.tag]
        if not len(self.tags):
            return wanted, self._release()
        mine = np.flatnonzero(self._has_slot[rows.tag])
        if len(mine):
            wanted = np.ones(len(rows), np.bool_) if wanted is None else wanted
            wanted[mine] = False
        elif untold is None and self.deadline > now.mono:
            return wanted, self._release()
        offered = rows.take(mine) if untold is None else untold.merged(rows, mine)
        return wanted, join([self._release(), self._follow(offered, now)])

    def finish(self, tags: Iterable[int] | None) -> Batch:
        """Everything that was kept back of some tags, or of all."""
        wanted = self.tags.tolist() if tags is None else tags
        slots = self.slot_of[[at for at in wanted if 0 <= at < self._columns.size]]
        slots = slots[slots >= 0]
        texts, stored = Texts(), Stored()
        self._load_texts(texts, slots)
        self.reporting.flush(slots, stored)
        self._keep_texts(texts, slots)
        self.look_ahead()
        return join([self._release(), self._batch(stored, texts)])

    def put(self, fresh: HistoryPolicies, touched: BoolArray, reset: BoolArray) -> Batch:
        """Take the policies of the edited tags in place of those that they had.

        Args:
            fresh: policies of the edited tags alone.
            touched: which tags are edited or gone, by id.
            reset: those of them that begin afresh.

        Returns:
            What was kept back under policies that are others now, to be stored.
        """
        size = len(self.slot_of)
        ended = self.finish([at for at in self.tags[touched[self.tags]].tolist() if self._ends(at, fresh, reset)])
        splice = Splice.of(self.tags, fresh.tags, touched)
        before = np.full(len(fresh.tags), -1, np.intp)
        known = np.flatnonzero(fresh.tags < size)
        before[known] = np.where(reset[fresh.tags[known]], -1, self.slot_of[fresh.tags[known]])
        texts = {int(self.tags[slot]): kept for slot, kept in self.texts.items()}
        texts = {int(fresh.tags[slot]): kept for slot, kept in fresh.texts.items()} | {
            at: kept for at, kept in texts.items() if not reset[at]
        }
        self.reporting.put(fresh.reporting, splice, splice.instead(before))
        splice.columns(self, fresh, ("tags",))
        self._find_slots(len(touched))
        self.texts = {int(self.slot_of[at]): kept for at, kept in texts.items() if self.slot_of[at] >= 0}
        self.look_ahead()
        return ended

    def _ends(self, at: int, fresh: HistoryPolicies, reset: BoolArray) -> bool:
        """Whether what is kept back of a tag cannot stay so: its policy is another, or there is none."""
        slot = int(fresh.slot_of[at])
        policy = self.reporting.policies[int(self.slot_of[at])]
        return bool(reset[at]) or slot < 0 or fresh.reporting.policies[slot] != policy

    def look_ahead(self) -> None:
        """Find the next deadline."""
        self.deadline = int(self.reporting.due.min()) if len(self.tags) else NEVER

    def _follow(self, rows: Rows, now: Instants) -> Batch:
        slots, reporting, stored = self.slot_of[rows.tag], self.reporting, Stored()
        involved = np.union1d(slots, np.flatnonzero(reporting.due <= now.mono)) if self.texts else slots[:0]
        self._load_texts(rows.texts, involved)
        offers = _offers(rows)
        grouped = groups(slots, self._scratch, NARROW) or each_alone(len(rows), NARROW)
        for rows_of_round in grouped.rounds():
            reporting.take(slots[rows_of_round], offers.of(rows_of_round), stored)
        for _, remaining in grouped.tails():
            reporting.follow(int(slots[remaining[0]]), offers.of(np.array(remaining)), stored)
        due = np.flatnonzero(reporting.due <= now.mono)
        if len(due):
            reporting.fire(due, np.full(len(due), now.mono), stored)
        self._keep_texts(rows.texts, involved)
        self.look_ahead()
        return self._batch(stored, rows.texts)

    def _batch(self, stored: Stored, texts: Texts) -> Batch:
        if not stored.slots:
            return EMPTY
        columns = [np.concatenate(column) for column in zip(*stored.samples, strict=True)]
        time, received, value, status = columns
        rows = rows_of(texts, self.tags[np.concatenate(stored.slots)], received, time, received, value, status)
        return rows.batch(self._columns.is_text)

    def _release(self) -> Batch:
        released, self.released = self.released, EMPTY
        return released

    def _load_texts(self, texts: Texts, slots: Index) -> None:
        """Texts are numbered anew by every scan."""
        if self.texts:
            for slot in slots.tolist():
                if slot in self.texts:
                    sent, pending = self.texts[slot]
                    self.reporting.value[slot] = texts.code(sent)
                    self.reporting.pending.value[slot] = texts.code(pending)

    def _keep_texts(self, texts: Texts, slots: Index) -> None:
        if self.texts:
            for slot in slots.tolist():
                if slot in self.texts:
                    codes = self.reporting.value[slot], self.reporting.pending.value[slot]
                    self.texts[slot] = (texts.items[int(codes[0])], texts.items[int(codes[1])])


def policy_of(tag: Tag) -> Policy:
    """A tag's policy as the engine follows it; only measured floats have a swinging door."""
    history = tag.history
    shortest, longest = (min(seconds(span), LONGEST_SPAN) for span in (history.min_interval, history.max_interval))
    deadband = 0.0 if tag.type is TagType.STRING else history.deadband
    deviation = history.swinging_door if tag.type is TagType.FLOAT else None
    careful = deadband > 0 or shortest > 0 or longest > 0 or deviation is not None
    return Policy(deadband, shortest, longest or UNLIMITED, deviation, careful)


def _offers(rows: Rows) -> Offers:
    samples = Samples(rows.time, rows.received, rows.value, rows.status)
    why = rows.why
    return Offers(samples, rows.at, why != Why.UNTOLD, why == Why.ENTERED, why == Why.RETAINED)
