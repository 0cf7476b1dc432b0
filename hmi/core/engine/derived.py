"""Derived tags: expressions evaluated for every sample of their inputs, in order, each after what it reads.

Samples come one at a time here because an expression may remember (totaliser, edge): what it computes depends on every
sample, not on the last. Only tags that some expression reads take this way.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hmi.core.deadband import CODE_MASK, is_news
from hmi.core.engine.columns import NEVER, Columns
from hmi.core.engine.formulas import Formula, Revision, formulas
from hmi.core.engine.masks import Masks
from hmi.core.engine.rows import Rows, Texts, Turn, Why, joined
from hmi.core.engine.sides import Sides
from hmi.core.instants import Instants
from hmi.core.quality import Status, is_bad
from hmi.core.scaling import WHOLE, to_eu
from hmi.core.tag import TagType


@dataclass(slots=True)
class _Made:
    """Derived rows of one scan, in order, with the place of each among the rows that caused them."""

    place: list[int] = field(default_factory=list)
    tag: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    turn: list[int] = field(default_factory=list)
    time: list[int] = field(default_factory=list)
    value: list[float | str] = field(default_factory=list)
    status: list[int] = field(default_factory=list)

    def rows(self, texts: Texts) -> Rows:
        """As columns."""
        value = [texts.code(v) if isinstance(v, str) else v for v in self.value]
        at = np.array(self.at, np.int64)
        return Rows(
            np.array(self.tag, np.intp),
            at,
            np.array(self.turn, np.int8),
            np.full(len(at), Why.DERIVED, np.int8),
            np.array(self.time, np.int64),
            at,
            np.array(value, np.float64),
            np.array(self.status, np.uint32),
            texts,
        )


class Derived:
    """All expressions, what they last saw and what they remember."""

    def __init__(self, columns: Columns, sides: Sides, masks: Masks) -> None:
        self._columns, self._sides, self._masks = columns, sides, masks
        self.formulas = formulas(columns)
        self._readers: dict[int, list[int]] = {}
        """Ranks of the formulas that read a tag, in rising order; a formula's rank is above that of all it reads."""
        self._is_input = np.zeros(columns.size, np.bool_)
        self._find_readers()
        self._value: dict[int, float | str] = {}
        self._status: dict[int, int] = {}
        self._time: dict[int, int] = {}
        self._deadline = [NEVER] * len(self.formulas)
        self._heap: list[tuple[int, int]] = []
        self._made = _Made()
        self._unevaluated: Sequence[int] = range(len(self.formulas))
        """Ranks to evaluate with the next rows, whatever these are."""
        self.take_over()

    @property
    def deadline(self) -> int:
        """Mono at which an expression wants to be evaluated next."""
        while self._heap and self._deadline[self._heap[0][1]] != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else NEVER

    def _find_readers(self) -> None:
        self._readers = {}
        for rank, formula in enumerate(self.formulas):
            for tag in formula.inputs:
                self._readers.setdefault(tag, []).append(rank)
        self._is_input = np.zeros(self._columns.size, np.bool_)
        self._is_input[list(self._readers)] = True

    def revise(self, revision: Revision, changed: Collection[int], rows: Rows, now: Instants) -> Rows:
        """Take over the formulas of an edit and evaluate those that it concerns, as of now; the rows they give.

        Args:
            revision: of this object's formulas.
            changed: tags whose value is another by the edit, and edited derived tags; the columns have them.
            rows: any of this scan, for their texts.
            now: of the edit.
        """
        if revision.changes:
            self._rearrange(revision)
        self.formulas = revision.formulas
        if len(self._is_input) < self._columns.size:
            more = np.zeros(self._columns.size - len(self._is_input), np.bool_)
            self._is_input = np.concatenate((self._is_input, more))
        self._is_input[[tag for f in self.formulas if f.tag in revision.fresh for tag in f.inputs]] = True
        seen = {*changed, *revision.fresh}
        due = {rank for rank, formula in enumerate(self.formulas) if formula.tag in seen}
        seen.update(*(formula.inputs for formula in self.formulas if formula.tag in revision.fresh))
        self.take_over(seen)
        due.update(*(self._readers.get(tag, ()) for tag in changed))
        self._unevaluated = sorted(due)
        self._made = _Made()
        self._begin(now.mono, now)
        return self._made.rows(rows.texts)

    def _rearrange(self, revision: Revision) -> None:
        """Find readers and deadlines anew where ranks or inputs are others."""
        before, after = self.formulas, revision.formulas
        left = {formula.tag: at for formula, at in zip(before, self._deadline, strict=True)}
        self._deadline = [NEVER if f.tag in revision.fresh else left.get(f.tag, NEVER) for f in after]
        self._heap = [(at, rank) for rank, at in enumerate(self._deadline) if at != NEVER]
        heapq.heapify(self._heap)
        if len(after) < len(before) or any(old.tag != new.tag for old, new in zip(before, after, strict=False)):
            self.formulas = after
            self._find_readers()
            return
        for rank, formula in enumerate(after):
            if formula.tag in revision.fresh:
                for tag in before[rank].inputs if rank < len(before) else ():
                    self._readers[tag].remove(rank)
                    if not self._readers[tag]:
                        del self._readers[tag]
                        self._is_input[tag] = False
                for tag in formula.inputs:
                    insort(self._readers.setdefault(tag, []), rank)

    def take_over(self, tags: Iterable[int] | None = None) -> None:
        """See some tags, or every one, as the columns have it now."""
        known = {*self._readers, *(formula.tag for formula in self.formulas)}
        for tag in known if tags is None else known.intersection(tags):
            self._value[tag] = self._columns.plain(tag)
            self._status[tag] = int(self._columns.status[tag])
            self._time[tag] = int(self._columns.time[tag])

    def overrule(self, rows: Rows, now: Instants) -> Rows:
        """Rows that come after all else of a scan, as of now and of whatever tags; with what is computed from them."""
        is_text = self._columns.is_text[rows.tag].tolist()
        columns = (rows.tag.tolist(), rows.time.tolist(), rows.value.tolist(), rows.status.tolist())
        due: set[int] = set()
        for text, tag, time, value, status in zip(is_text, *columns, strict=True):
            due.update(self._readers.get(tag, ()))
            if tag in self._time:
                self._value[tag] = rows.texts.items[int(value)] if text else value
                self._status[tag], self._time[tag] = status, time
        if not due:
            return rows
        self._made = _Made()
        self._run(sorted(due), now.mono, now, len(rows) - 1, Turn.DEADLINE)
        return joined([rows, self._made.rows(rows.texts)])

    def apply(self, rows: Rows, clock: int, now: Instants) -> Rows:
        """The rows with every derived row in its place.

        Expressions that were never evaluated are, as of `clock`, before the first row.
        """
        if not self.formulas:
            return rows
        self._made = _Made()
        self._begin(clock, now)
        inputs = np.flatnonzero(self._is_input[rows.tag])
        if len(inputs) or self.deadline <= now.mono:
            self._follow(rows.take(inputs), inputs.tolist(), rows, now)
        if not self._made.tag:
            return rows
        made = self._made.rows(rows.texts)
        place = np.concatenate((np.arange(len(rows)) * 2, np.array(self._made.place) * 2 + 1))
        return joined([rows, made]).take(np.argsort(place, kind="stable"))

    def _begin(self, clock: int, now: Instants) -> None:
        fresh, self._unevaluated = sorted(set(self._unevaluated)), ()
        self._run(fresh, clock, now, -1, Turn.SAMPLE, afresh=True)

    def _follow(self, inputs: Rows, places: list[int], rows: Rows, now: Instants) -> None:
        text = self._columns.is_text[inputs.tag].tolist()
        columns = (inputs.tag, inputs.at, inputs.turn, inputs.time, inputs.value, inputs.status)
        for place, is_text, (tag, at, turn, time, value, status) in zip(
            places, text, zip(*(column.tolist() for column in columns), strict=True), strict=True
        ):
            self._fire(at - 1, rows, now)
            self._value[tag] = inputs.texts.items[int(value)] if is_text else value
            self._status[tag], self._time[tag] = status, time
            self._propagate(tag, at, now, place, turn)
        self._fire(now.mono, rows, now)

    def _fire(self, until: int, rows: Rows, now: Instants) -> None:
        """Evaluate what asked to be evaluated up to and including an instant."""
        while (at := self.deadline) <= until:
            _, rank = heapq.heappop(self._heap)
            self._deadline[rank] = NEVER
            place = int(np.searchsorted(rows.at, at, side="right")) - 1
            if self._evaluate(rank, at, now, place, Turn.DEADLINE):
                self._propagate(self.formulas[rank].tag, at, now, place, Turn.DEADLINE)

    def _propagate(self, tag: int, at: int, now: Instants, place: int, turn: int) -> None:
        """Evaluate what reads a tag, and on through what changed by it."""
        self._run(list(self._readers.get(tag, ())), at, now, place, turn)

    def _run(self, due: list[int], at: int, now: Instants, place: int, turn: int, *, afresh: bool = False) -> None:
        """Evaluate some ranks, in rising order, and what reads those that change: each once, after all it reads."""
        known = set(due)
        while due:
            rank = heapq.heappop(due)
            if self._evaluate(rank, at, now, place, turn, afresh=afresh):
                for reader in self._readers.get(self.formulas[rank].tag, ()):
                    if reader not in known:
                        known.add(reader)
                        heapq.heappush(due, reader)

    def _evaluate(self, rank: int, at: int, now: Instants, place: int, turn: int, *, afresh: bool = False) -> bool:
        """Evaluate one expression as of `at`; whether it says something new.

        `afresh`: the result is stamped with `at` even if all it reads is older. After a restart it would otherwise
        come to stand before the gap in history, which then never ended.
        """
        formula = self.formulas[rank]
        utc = now.utc - (now.mono - at)
        values = [self._value[tag] for tag in formula.inputs]
        statuses = [self._status[tag] for tag in formula.inputs]
        result = formula.program.evaluate(values, statuses, utc, at, formula.state)
        wish = result.deadline_mono_ns
        self._deadline[rank] = NEVER if wish is None else max(wish, at + 1)
        if wish is not None:
            heapq.heappush(self._heap, (self._deadline[rank], rank))
        value, status = _typed(formula, result.value, result.status)
        tag = formula.tag
        if self._masks.any and self._masks.kind[tag]:
            self._masks.keep_one(tag, value, status, utc, at)
            return False
        if not self._is_news(formula, value, status):
            return False
        own = afresh or turn == Turn.DEADLINE
        newest = utc if own else max((self._time[one] for one in formula.inputs), default=0) or utc
        before = self._time[tag]
        if newest <= before and is_bad(self._status[tag]):
            newest = utc  # at the same stamp it would take the place of the mark that it ends
        time = max(newest, before)
        self._value[tag], self._status[tag], self._time[tag] = value, status, time
        made = self._made
        made.place.append(place)
        made.tag.append(tag)
        made.at.append(at)
        made.turn.append(turn)
        made.time.append(time)
        made.value.append(value)
        made.status.append(status)
        return True

    def _is_news(self, formula: Formula, value: float | str, status: int) -> bool:
        tag = formula.tag
        last, last_status = self._value[tag], self._status[tag]
        if isinstance(value, str) or isinstance(last, str):
            return value != last or bool((status ^ last_status) & CODE_MASK)
        if self._sides.side(tag, value) != self._sides.side(tag, last):
            return True
        return is_news(value, status, last, last_status, formula.definition.deadband)

    def export(self, mono: int, *, everything: bool) -> dict[str, Any]:
        """By uid: memory of the expressions, which must survive a restart, and the time left to their deadlines.

        `everything`: those without a memory as well, so that only edited ones need to be evaluated anew.
        """
        return {
            formula.definition.uid: {
                "text": formula.text,
                "memory": formula.state.export(),
                "left": None if deadline == NEVER else deadline - mono,
            }
            for formula, deadline in zip(self.formulas, self._deadline, strict=True)
            if everything or formula.program.is_stateful
        }

    def load(self, saved: Mapping[str, Any], mono: int, *, restarted: bool) -> list[int]:
        """Take over what `export` gave; the tags whose memory could not be read begin afresh and are returned."""
        failed, changed = [], []
        for rank, formula in enumerate(self.formulas):
            kept = saved.get(formula.definition.uid)
            if kept is None:
                changed.append(rank)
                continue
            if not formula.remember(kept["memory"], restarted=restarted):
                failed.append(formula.tag)
            if restarted or kept["text"] != formula.text:
                changed.append(rank)
            elif kept["left"] is not None:
                self._deadline[rank] = mono + int(kept["left"])
                heapq.heappush(self._heap, (self._deadline[rank], rank))
        self._unevaluated = changed
        self.take_over()
        return failed


def _typed(formula: Formula, value: float | str, status: int) -> tuple[float | str, int]:
    """The result as the tag's type, scaled and clamped like any other value."""
    definition = formula.definition
    if isinstance(value, str) is not (definition.type is TagType.STRING):
        return (
            "" if definition.type is TagType.STRING else float("nan"),
            status if is_bad(status) else int(Status.BAD_TYPE_MISMATCH),
        )
    if isinstance(value, str):
        return value, status
    number, status = to_eu(definition, value, status)
    if definition.type in WHOLE and number == number:  # noqa: PLR0124  # NaN cannot be rounded
        number = float(number != 0) if definition.type is TagType.BOOL else float(round(number))
    return number, status
