"""Engine: the station's scan as one pure function of time, samples and what people did.

Order within a scan, and what it guarantees: samples take effect in the order of their receive time; a deadline
(staleness, timer of an expression, alarm delay) fires before any sample received later and is stamped with itself;
values set inside the station follow as of now, acknowledgements last. Of the same instant samples come first, then
alarm delays, staleness, timers. The result is that of applying the samples one by one. Delays run on the monotonic
clock; a deadline's stamp is `now.utc - (now.mono - deadline)`, so a stepped wall clock moves stamps but never a delay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from hmi.core.actions import Acknowledge, Action, Alive, Lost, SetValue
from hmi.core.alarm_state import AlarmState
from hmi.core.batch import EMPTY, Batch, join
from hmi.core.effects import Effects, Notice, Refusal, Transition
from hmi.core.engine.alarm_scan import scan
from hmi.core.engine.alarm_table import STATES, AlarmTable
from hmi.core.engine.annunciator import Annunciator
from hmi.core.engine.columns import NEVER, Columns, TagEntry
from hmi.core.engine.derived import Derived
from hmi.core.engine.edit import Edit
from hmi.core.engine.entering import objection
from hmi.core.engine.formulas import revised
from hmi.core.engine.freshness import Freshness
from hmi.core.engine.history import HistoryPolicies
from hmi.core.engine.intake import Intake, entered_rows, known_rows, retained_tags
from hmi.core.engine.masking import MASKING, carry_out, load_masks
from hmi.core.engine.masks import Mask, Masks
from hmi.core.engine.news import news_among
from hmi.core.engine.reconfiguring import Parts, Reconfiguration
from hmi.core.engine.retained import VERSION, load_alarms, load_tags, replay, save_alarms, save_tags, tags_to_review
from hmi.core.engine.retained_history import load_history, save_history
from hmi.core.engine.returning import Returning
from hmi.core.engine.rows import Rows, Texts, Untold, joined
from hmi.core.engine.sides import Sides
from hmi.core.engine.views import AlarmView, TagValue
from hmi.core.engine.watch import Watch
from hmi.core.instants import SECOND, Instants

CLOCK_STEP: Final = SECOND
"""A wall clock that moves by more than this against the monotonic one is told about."""


class Engine:
    """All live values, derived tags and alarms of a station; knows no clock, no file and no socket."""

    def __init__(self, columns: Columns, next_event: int) -> None:
        self._columns = columns
        self._intake = Intake(columns)
        self._freshness = Freshness(columns)
        self._returning = Returning(columns)
        self._alarms = AlarmTable(columns)
        self._sides = Sides(columns, self._alarms)
        self._masks = Masks(columns)
        self._watch = Watch(columns)
        self._derived = Derived(columns, self._sides, self._masks)
        self._annunciator = Annunciator(columns, self._alarms, next_event)
        self._history = HistoryPolicies(columns)
        self._parts = Parts(
            *(columns, self._intake, self._freshness, self._alarms, self._sides, self._derived),
            *(self._annunciator, self._history, self._masks, self._watch),
        )
        self._clock: Instants | None = None
        self._present = retained_tags(columns)
        """Tags whose value is known before any sample, to be reported with the first scan."""
        self._review = self._columns.ids[:0]
        """Tags whose alarms are evaluated with the next scan although no sample came: their limits may be new."""
        self._notices: list[Notice] = []

    @classmethod
    def build(cls, tags: Sequence[TagEntry], next_event: int) -> Engine:
        """An engine in which nothing was received yet.

        Args:
            tags: every tag of the project with its catalogue id.
            next_event: number of the next alarm transition.

        Raises:
            ExpressionError: a derived tag's expression cannot be compiled.
            CycleError: derived tags need each other.
        """
        return cls(Columns(tags), next_event)

    @property
    def next_event(self) -> int:
        """Number the next alarm transition will get."""
        return self._annunciator.next_event

    @property
    def dropped(self) -> int:
        """Rows dropped since the start because no connected tag has their id."""
        return self._intake.dropped

    def step(self, now: Instants, batch: Batch, actions: Sequence[Action]) -> Effects:
        """Apply samples and actions up to `now`; everything that follows, in the order in which it happened."""
        notices, self._notices = self._notices, []
        first = self._clock is None
        now = self._started(now, notices)
        clock = self._clock.mono if self._clock is not None and not first else min(now.mono, _oldest(batch))
        texts = Texts()
        samples = self._intake.rows(batch, texts, clock, now, notices)
        backfill = EMPTY
        if batch.backfill:
            backfill = samples.take(self._columns.stored[samples.tag]).batch(self._columns.is_text, backfill=True)
            samples = samples.take(samples.tag[:0])
        refusals: list[Refusal] = []
        rows, untold = self._live(samples, actions, clock, now, refusals, notices)
        rows = self._derived.apply(rows, clock, now)
        if self._masks.untold or any(isinstance(action, MASKING) for action in actions):
            rows, untold = self._mask(rows, untold, actions, now, refusals)
        transitions = self._evaluate_alarms(rows, clock, now)
        wanted, kept = self._history.take(rows, untold, now)
        changed = rows.batch(self._columns.is_text)
        self._columns.commit(rows)
        self._acknowledge(actions, now, transitions, refusals)
        self._clock = now
        return Effects(
            changed,
            join([changed if wanted is None else changed.take(wanted), kept]),
            backfill,
            tuple(transitions),
            tuple(refusals),
            tuple(notices),
            self._deadline(),
        )

    def reconfigure(self, put: Sequence[TagEntry], gone: Collection[int], now: Instants) -> Effects:
        """Add, change and remove tags between two scans; every tag that is not named goes on exactly as before.

        A changed tag (same id and uid) keeps what still means something: its value if type and source are the same,
        its alarms' states and remaining delays by alarm id, its expression's memory if the text is the same. A tag of
        another type, connection, address or driver option waits for initial data again: its driver must be told to
        deliver its present value. Changed limits are judged at once, against the present value, as of `now`. Alarms
        that are no more and were announced close with a transition `AlarmEvent.REMOVE`; removed tags are reported
        and stored once as Bad_NodeIdUnknown.

        Args:
            put: new and changed tags.
            gone: ids of removed tags.
            now: not before the last step.

        Returns:
            What the edit brought about. It speaks of removed tags and alarms as well, so it must be carried out
            by something that still knows their names.

        Raises:
            ExpressionError: an expression does not fit the tags it reads, or reads a removed one.
            CycleError: derived tags would need each other.
            ValueError: an unknown id is to be removed, an id is named twice or would change its uid, two tags share a
                path, or there was no scan yet. Like the others before anything is changed.
        """
        if self._clock is None or not self._returning.has_begun:
            raise ValueError("the engine was never stepped: build it with the edited tags")
        edit = Edit.of(self._columns, put, gone)
        revision = revised(self._derived.formulas, edit)
        now = now if now.mono >= self._clock.mono else Instants(self._clock.mono, now.utc)
        effects = Reconfiguration(self._parts, edit, revision, self._clock.mono, now).apply()
        return replace(effects, deadline=self._deadline())

    def finish(self, tags: Collection[int] | None = None) -> Batch:
        """What history policies kept back, to be stored before the station stops; the newest samples are among it.

        `tags`: only of these, before an edit of the running project takes them away. Nothing is kept back twice: the
        engine can go on.
        """
        return self._history.finish(tags)

    def values(self) -> Batch:
        """Live state of every tag, in order of id; the stamps are those of the last reported sample."""
        return self._columns.snapshot()

    def value_of(self, tag_id: int) -> TagValue:
        """Live state of one tag.

        Raises:
            KeyError: no tag has this id.
        """
        columns = self._columns
        return TagValue(
            tag_id,
            columns.tags[tag_id].path,
            columns.plain(tag_id),
            int(columns.status[tag_id]),
            int(columns.time[tag_id]),
            int(columns.received[tag_id]),
        )

    def own_value_of(self, tag_id: int) -> TagValue:
        """What a tag's own source says, also while something else stands in its place.

        Raises:
            KeyError: no tag has this id.
        """
        live, masks = self.value_of(tag_id), self._masks
        if not masks.kind[tag_id]:
            return live
        value = masks.text.get(tag_id, "") if self._columns.is_text[tag_id] else float(masks.value[tag_id])
        status, time, received = (int(c[tag_id]) for c in (masks.status, masks.time, masks.received))
        return TagValue(tag_id, live.path, value, status, time, received)

    @property
    def substituted(self) -> list[int]:
        """Tags in whose place a person's value stands."""
        return self._masks.masked(Mask.SUBSTITUTE)

    @property
    def off_scan(self) -> list[int]:
        """Tags whose acquisition is switched off."""
        return self._masks.masked(Mask.OFF)

    @property
    def halted(self) -> list[int]:
        """Tags whose device is not believed at present."""
        return self._masks.masked(Mask.HALTED)

    def alarms(self, *, announced: bool = False) -> list[AlarmView]:
        """Every alarm that is not normal, and those that cannot be evaluated because their tag is Bad.

        `announced`: only the former; of the latter there may be as many as there are alarms.
        """
        return self._annunciator.views(announced=announced)

    def alarm(self, name: str) -> AlarmView | None:
        """One alarm (`<tag uid>/<alarm id>`) in whatever state; None when there is none."""
        return self._annunciator.view(name)

    def alarm_counts(self) -> dict[AlarmState, int]:
        """How many alarms are in each state; quick, whatever the flood."""
        counts = np.bincount(self._alarms.state, minlength=len(STATES))
        return dict(zip(STATES, counts.tolist(), strict=True))

    @property
    def not_evaluated(self) -> int:
        """How many alarms nobody watches because their tag is Bad; quick, for every frame."""
        return int(self._alarms.blind().sum())

    def save(self, *, running: bool = False) -> dict[str, Any]:
        """JSON-able copy of what must survive, as of the last step.

        `running`: for a new engine in the same process (an edited project), with deadlines and freshness as well.
        """
        mono, utc = self._clock if self._clock is not None else (0, 0)
        return {
            "version": VERSION,
            "mono": mono,
            "utc": utc,
            "next_event": self.next_event,
            "tags": save_tags(self._columns, self._alarms, running=running),
            "alarms": save_alarms(self._alarms, mono),
            "history": save_history(self._columns, self._history, running=running),
            "expressions": self._derived.export(mono, everything=running),
            "masks": self._masks.save(running=running),
        }

    def restore(
        self, saved: Mapping[str, Any], now: Instants, *, journal: Sequence[Transition] = (), running: bool = False
    ) -> None:
        """Take over what an earlier engine saved, before the first step; what no tag or alarm has any more is dropped.

        Args:
            saved: what `save` gave, with the same `running`.
            now: delays go on here with the time they had left.
            journal: transitions that were recorded after `saved` (event numbers from its `next_event`), in order.
            running: the same process goes on (its project was edited): live values and deadlines stay as they are, and
                `now` does not matter. Otherwise the sources' values wait for their first sample and what they changed
                meanwhile is marked seen at start.

        State that another version of the program saved is not taken over, which the next scan's notices tell.
        """
        if saved.get("version") == VERSION:
            if running and saved["utc"]:
                now = Instants(saved["mono"], saved["utc"])
            self._load(saved, now, running=running)
        else:
            text = "The state was saved by another version: values, totals and alarm delays begin afresh."
            self._notices.append(Notice("state-lost", text))
        replay(self._alarms, journal)
        recorded = [transition.event + 1 for transition in journal]
        self._annunciator.next_event = max([self.next_event, *recorded])
        self._freshness.start(now)
        if saved.get("version") == VERSION and saved.get("masks"):  # older copies have none
            self._notices += load_masks(saved["masks"], self._masks, self._columns, running=running)
            self._derived.take_over()
        self._clock = now

    def _load(self, saved: Mapping[str, Any], now: Instants, *, running: bool) -> None:
        loaded = load_tags(saved["tags"], self._columns, self._alarms, running=running)
        load_history(saved["history"], self._columns, self._history, running=running)
        for name in load_alarms(saved["alarms"], self._alarms, now):
            self._notices.append(Notice("alarm-removed", f"{name} was announced, but the project has it no more."))
        for tag in self._derived.load(saved["expressions"], now.mono, restarted=not running):
            text = f"{self._columns.tags[tag].path}: its memory could not be read; it begins afresh."
            self._notices.append(Notice("memory-lost", text, tag))
        self._annunciator.next_event = max(self.next_event, int(saved["next_event"]))
        self._present = retained_tags(self._columns)
        if running:
            self._present = np.setdiff1d(self._present, loaded)
            self._review = tags_to_review(self._columns, self._alarms)

    def _started(self, now: Instants, notices: list[Notice]) -> Instants:
        """`now`, never before the last step on the monotonic clock; tells when the wall clock was moved."""
        if self._clock is None:
            self._freshness.start(now)
            self._clock = now
            return now
        moved = (now.utc - self._clock.utc) - (now.mono - self._clock.mono)
        if abs(moved) > CLOCK_STEP:
            text = f"The station's clock was moved by {moved / SECOND:+.3f} s; delays are not affected."
            notices.append(Notice("clock-step", text))
        return now if now.mono >= self._clock.mono else Instants(self._clock.mono, now.utc)

    def _live(
        self,
        samples: Rows,
        actions: Sequence[Action],
        clock: int,
        now: Instants,
        refusals: list[Refusal],
        notices: list[Notice],
    ) -> tuple[Rows, Untold | None]:
        """Every row that is news, in order: samples, staleness, entered and retained values; and what only history
        may want."""
        columns = self._columns
        alive = [a for a in actions if isinstance(a, Alive)]
        lost = [a for a in actions if isinstance(a, Lost)]
        stale = self._freshness.advance(samples, alive, lost, clock, now)
        heard = joined([samples, stale])
        if self._masks.any or len(self._watch.tags):
            heard = self._masks.hold(self._watch.apply(heard.in_order(), now, notices))
        parts = [heard]
        entries = []
        for action in actions:
            if isinstance(action, SetValue):
                why = objection(columns, action)
                if why:
                    refusals.append(Refusal(action, why))
                else:
                    entries.append(action)
        if entries:
            parts.append(entered_rows(entries, samples.texts, now))
        if len(self._present):
            parts.insert(0, known_rows(columns, self._present, samples.texts, clock, now))
            self._present = self._present[:0]
        rows = self._returning.apply(joined(parts).in_order(), clock, now)
        news = news_among(columns, self._sides, rows)
        if news.all():
            return rows, None
        return rows.take(news), self._history.untold(rows, news)

    def _mask(
        self, rows: Rows, untold: Untold | None, actions: Sequence[Action], now: Instants, refusals: list[Refusal]
    ) -> tuple[Rows, Untold | None]:
        """What people and judges of devices put before tags' own values or take away, after all else of the scan."""
        refusals += carry_out(actions, self._masks, self._columns, rows)
        if not self._masks.untold:
            return rows, untold
        shown = self._masks.rows(rows.texts, rows, now)
        untold = None if untold is None else untold.followed(len(shown))
        return joined([rows, self._derived.overrule(shown, now)]), untold

    def _evaluate_alarms(self, rows: Rows, clock: int, now: Instants) -> list[Transition]:
        if len(self._review):
            review = known_rows(self._columns, self._review, rows.texts, clock, now)
            rows = joined([review, rows])
            self._review = self._review[:0]
        return self._annunciator.announce(scan(self._alarms, rows, now), rows, now)

    def _acknowledge(
        self, actions: Sequence[Action], now: Instants, transitions: list[Transition], refusals: list[Refusal]
    ) -> None:
        for action in actions:
            if isinstance(action, Acknowledge):
                outcome = self._annunciator.acknowledge(action, now)
                if isinstance(outcome, Refusal):
                    refusals.append(outcome)
                else:
                    transitions.append(outcome)

    def _deadline(self) -> int | None:
        delays = int(self._alarms.pending.min()) if len(self._alarms.pending) else NEVER
        earliest = min(
            self._freshness.deadline, self._watch.deadline, delays, self._derived.deadline, self._history.deadline
        )
        return None if earliest == NEVER else earliest


def _oldest(batch: Batch) -> int:
    return int(batch.received.min()) if len(batch) else NEVER
