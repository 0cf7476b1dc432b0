"""The engine as a plain loop over samples, one at a time: what the columns of the real one must equal.

Slow and obvious on purpose. It shares with the real engine only what is tested by itself: the scalar scaling and
deadband rules, the compiled expressions and the transition table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hmi.core.actions import Acknowledge, Action, Alive, SetValue
from hmi.core.alarm import Alarm, AlarmKind, OnBad
from hmi.core.alarm_state import TRANSITIONS, AlarmEvent, AlarmState, needs_acknowledgement
from hmi.core.batch import Batch
from hmi.core.effects import Transition
from hmi.core.engine import TagEntry
from hmi.core.expression import Program, State, compile_, order, parse
from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import Status, is_bad
from hmi.core.scaling import to_eu
from hmi.core.tag import ConnectionSource, ExpressionSource, ManualSource, MemorySource, Tag, TagType
from tests.unit.core.engine.plain_history import Plain, PlainHistory, differs

Row = tuple[int, int, int, float | str, int]
"""Tag, source time, received, value, status."""


@dataclass
class PlainAlarm:
    number: int
    tag: int
    name: str
    definition: Alarm
    latch: bool = False
    condition: bool | None = None
    active: bool = False
    due: int | None = None
    state: AlarmState = AlarmState.NORMAL
    annunciation: int = 0


@dataclass
class PlainTag:
    id: int
    definition: Tag
    value: float | str
    status: int
    time: int = 0
    stale_at: int | None = None
    sampled: bool = False
    turned: int = 0
    known: int = 0
    alarms: list[PlainAlarm] = field(default_factory=list)
    program: Program | None = None
    state: State | None = None
    wish: int | None = None

    def __post_init__(self) -> None:
        self.history = PlainHistory(self.definition)

    @property
    def connected(self) -> bool:
        return isinstance(self.definition.source, ConnectionSource)

    @property
    def timeout(self) -> int:
        return max(2 * SECOND, 3 * seconds(self.definition.scan))


class PlainEngine:
    def __init__(self, entries: Sequence[TagEntry], next_event: int) -> None:
        self.tags = {entry.id: _plain_tag(entry) for entry in sorted(entries)}
        self.ids = {tag.definition.path: tag.id for tag in self.tags.values()}
        self.alarms: list[PlainAlarm] = []
        for tag in self.tags.values():
            for alarm in tag.definition.alarms if tag.definition.type is not TagType.STRING else ():
                name = f"{tag.definition.uid}/{alarm.id}"
                tag.alarms.append(PlainAlarm(len(self.alarms), tag.id, name, alarm))
                self.alarms.append(tag.alarms[-1])
        types = {tag.definition.path: tag.definition.type for tag in self.tags.values()}
        for tag in self.tags.values():
            if isinstance(tag.definition.source, ExpressionSource):
                tag.program = compile_(parse(tag.definition.source.expression), types)
                tag.state = tag.program.new_state()
        programs = {tag.definition.path: tag.program for tag in self.tags.values() if tag.program is not None}
        self.formulas = [self.tags[self.ids[path]] for path in order(programs)]
        self.next_event = next_event
        self.clock: int | None = None

    def step(self, now: Instants, batch: Batch, actions: Sequence[Action]) -> None:
        self.now = now
        self.changed: list[Row] = []
        self.store: list[Row] = []
        self.transitions: list[Transition] = []
        events = self._events(now, batch, actions)
        if self.clock is None:
            self._start(min([now.mono, *batch.received.tolist()]))
        for at, what in events:
            self._fire(at - 1)
            self._happen(at, what)
        self._fire(now.mono)
        for action in actions:
            if isinstance(action, Acknowledge):
                self._acknowledge(action)
        self.clock = now.mono

    def deadline(self) -> int | None:
        return min((due[0] for due in self._dues()), default=None)

    # --- what happens, in order ---

    def _events(self, now: Instants, batch: Batch, actions: Sequence[Action]) -> list[tuple[int, Any]]:
        """Samples and signs of life in order of time, then what was entered."""
        clock = self.clock if self.clock is not None else min([now.mono, *batch.received.tolist()])
        events: list[tuple[int, Any]] = []
        for row in range(len(batch)):
            events.append((min(max(int(batch.received[row]), clock), now.mono), (batch, row)))
        for action in actions:
            if isinstance(action, Alive):
                events.append((min(max(action.mono, clock), now.mono), action))
        events.sort(key=lambda event: event[0])
        entered = [(now.mono, action) for action in actions if isinstance(action, SetValue)]
        return events + entered

    def _happen(self, at: int, what: Any) -> None:
        if isinstance(what, Alive):
            for tag in (self.tags[int(number)] for number in what.tags):
                if tag.sampled and tag.stale_at is not None:
                    tag.stale_at = max(tag.stale_at, at + tag.timeout)
        elif isinstance(what, SetValue):
            self._report(self.tags[what.tag], at, self.now.utc, at, what.value, what.status, forced=True)
        else:
            self._sample(at, *what)

    def _sample(self, at: int, batch: Batch, row: int) -> None:
        tag = self.tags.get(int(batch.tag[row]))
        if tag is None or tag.program is not None:
            return
        time, received = int(batch.time[row]), int(batch.received[row])
        if time > self.now.utc + 60 * SECOND:
            time = self._utc(at)
        text, status = batch.text_at(row), int(batch.status[row])
        value: float | str = float(batch.value[row]) if text is None else text
        if isinstance(value, str) != (tag.definition.type is TagType.STRING):
            value = "" if tag.definition.type is TagType.STRING else math.nan
            status = status if is_bad(status) else int(Status.BAD_TYPE_MISMATCH)
        elif not isinstance(value, str):
            value, status = to_eu(tag.definition, value, status)
        if tag.connected:
            tag.sampled = True
            tag.stale_at = None if is_bad(status) else at + tag.timeout
        for moment, forced in self._moments(tag, time, at, status):
            self._report(tag, at, moment, received, value, status, forced=forced)

    def _moments(self, tag: PlainTag, time: int, at: int, status: int) -> list[tuple[int, bool]]:
        """When a sample counts: at its own time, and at the tag's return if that time is older."""
        was_bad, turned = is_bad(tag.status), tag.turned
        if not tag.connected:
            return [(time, False)]
        if was_bad and not is_bad(status):
            if time > turned:
                tag.turned = time
                return [(time, True)]
            tag.turned = max(self._utc(at), turned + 1)
            return [(time, False)] * (time > tag.known) + [(tag.turned, True)]
        is_unknown = time > tag.known
        late = not was_bad and turned - 60 * SECOND < time < turned
        if is_bad(status):
            self._turn_bad(tag, turned if late else time)
        return [(time, is_unknown), (turned, True)] if late else [(time, False)]

    def _turn_bad(self, tag: PlainTag, time: int) -> None:
        if not is_bad(tag.status):
            tag.known = tag.turned
        tag.turned = max(tag.turned, time)

    def _start(self, clock: int) -> None:
        for tag in self.tags.values():
            tag.turned, tag.known = self._utc(clock) - 1, self._utc(clock)
            if tag.connected:
                tag.stale_at = self.now.mono + 30 * SECOND
        for tag in self.formulas:
            self._evaluate_one(tag, clock, timed=True)
        for tag in self.tags.values():
            if isinstance(tag.definition.source, MemorySource):
                self._report(tag, clock, self.now.utc, clock, tag.value, tag.status, forced=True)

    # --- deadlines ---

    def _dues(self) -> list[tuple[int, int, int]]:
        """Everything pending: (mono, kind, number); of the same instant alarm delays first."""
        dues = [(alarm.due, 0, alarm.number) for alarm in self.alarms if alarm.due is not None]
        dues += [(tag.stale_at, 1, tag.id) for tag in self.tags.values() if tag.stale_at is not None]
        dues += [(tag.wish, 2, rank) for rank, tag in enumerate(self.formulas) if tag.wish is not None]
        dues += [(due, 3, tag.id) for tag in self.tags.values() if (due := tag.history.due()) is not None]
        return dues

    def _fire(self, until: int) -> None:
        while (due := min(self._dues(), default=None)) is not None and due[0] <= until:
            at, kind, number = due
            if kind == 0:
                alarm = self.alarms[number]
                self._change(alarm, alarm.condition is True, self._utc(at), at)
            elif kind == 1:
                tag = self.tags[number]
                tag.stale_at = None
                self._turn_bad(tag, self._utc(at))
                self._report(tag, at, self._utc(at), at, tag.value, int(Status.BAD_NO_COMMUNICATION), timed=True)
            elif kind == 2:
                self._evaluate(self.formulas[number], at, timed=True)
            else:
                self.tags[number].history.fire(at)
                self._collect(self.tags[number])

    # --- one value ---

    def _report(
        self,
        tag: PlainTag,
        at: int,
        time: int,
        received: int,
        value: float | str,
        status: int,
        *,
        forced: bool = False,
        timed: bool = False,
    ) -> None:
        """Deadband, history and alarms of one sample, then the expressions that read it."""
        if not forced and not _is_news(tag, value, status):
            if not timed:
                tag.history.unchanged(at, Plain(time, received, value, status))
                self._collect(tag)
            return
        self._take(tag, at, time, received, value, status, forced=forced)
        news = {tag.definition.path}
        for formula in self.formulas:
            assert formula.program is not None
            if news & set(formula.program.inputs) and self._evaluate_one(formula, at, timed=timed):
                news.add(formula.definition.path)

    def _take(
        self, tag: PlainTag, at: int, time: int, received: int, value: float | str, status: int, *, forced: bool
    ) -> None:
        tag.value, tag.status, tag.time = value, status, time
        self.changed.append((tag.id, time, received, value, status))
        tag.history.changed(at, Plain(time, received, value, status), entered=forced)
        self._collect(tag)
        for alarm in tag.alarms:
            self._watch(alarm, value, status, time, at)

    def _collect(self, tag: PlainTag) -> None:
        self.store += [(tag.id, *sample) for sample in tag.history.out]
        tag.history.out.clear()

    # --- expressions ---

    def _evaluate(self, tag: PlainTag, at: int, *, timed: bool) -> None:
        if not self._evaluate_one(tag, at, timed=timed) or not timed:
            return
        news = {tag.definition.path}
        for formula in self.formulas:
            assert formula.program is not None
            if news & set(formula.program.inputs) and self._evaluate_one(formula, at, timed=timed):
                news.add(formula.definition.path)

    def _evaluate_one(self, tag: PlainTag, at: int, *, timed: bool) -> bool:
        assert tag.program is not None
        assert tag.state is not None
        inputs = [self.tags[self.ids[path]] for path in tag.program.inputs]
        values, statuses = [i.value for i in inputs], [i.status for i in inputs]
        result = tag.program.evaluate(values, statuses, self._utc(at), at, tag.state)
        tag.wish = result.deadline_mono_ns
        value, status = result.value, result.status
        if not isinstance(value, str):
            value, status = to_eu(tag.definition, value, status)
            if tag.definition.type is TagType.INT and not math.isnan(value):
                value = float(round(value))
        if not _is_news(tag, value, status):
            return False
        newest = self._utc(at) if timed else max((i.time for i in inputs), default=0) or self._utc(at)
        if newest <= tag.time and is_bad(tag.status):
            newest = self._utc(at)
        self._take(tag, at, max(newest, tag.time), at, value, status, forced=False)
        return True

    # --- alarms ---

    def _watch(self, alarm: PlainAlarm, value: float | str, status: int, time: int, at: int) -> None:
        """Quality, limit with deadband, delay - in this order."""
        condition: bool | None
        if not is_bad(status):
            assert not isinstance(value, str)
            alarm.latch = _limit(alarm.definition, value, alarm.latch)
            condition = alarm.latch
        else:
            condition = True if alarm.definition.on_bad is OnBad.ACTIVE else None
        if condition is alarm.condition:
            return
        alarm.condition, alarm.due = condition, None
        if condition is None or condition is alarm.active:
            return
        delay = seconds(alarm.definition.on_delay if condition else alarm.definition.off_delay)
        if delay == 0:
            self._change(alarm, condition, time, at)
        else:
            alarm.due = at + delay

    def _change(self, alarm: PlainAlarm, active: bool, time: int, at: int) -> None:
        alarm.active, alarm.due = active, None
        self._move(alarm, AlarmEvent.ACTIVATE if active else AlarmEvent.RETURN, time, at)

    def _acknowledge(self, action: Acknowledge) -> None:
        for alarm in self.alarms:
            current = alarm.name == action.alarm and alarm.annunciation == action.event
            if current and needs_acknowledgement(alarm.state) and action.user:
                self._move(alarm, AlarmEvent.ACKNOWLEDGE, self.now.utc, self.now.mono, action.user, action.comment)

    def _move(self, alarm: PlainAlarm, what: AlarmEvent, time: int, at: int, user: str = "", comment: str = "") -> None:
        before, tag = alarm.state, self.tags[alarm.tag]
        alarm.state = TRANSITIONS[before, what]
        if what is AlarmEvent.ACTIVATE:
            alarm.annunciation = self.next_event
        definition = alarm.definition
        limit = definition.normal if definition.kind is AlarmKind.OFF_NORMAL else definition.limit
        assert not isinstance(tag.value, str)
        self.transitions.append(
            Transition(
                self.next_event,
                alarm.name,
                tag.id,
                what,
                before,
                alarm.state,
                time,
                at,
                tag.value,
                tag.status,
                limit,
                definition.priority,
                user,
                comment,
            )
        )
        self.next_event += 1

    def _utc(self, mono: int) -> int:
        return self.now.utc - (self.now.mono - mono)


def _plain_tag(entry: TagEntry) -> PlainTag:
    text = entry.tag.type is TagType.STRING
    match entry.tag.source:
        case MemorySource(default=default):
            return PlainTag(entry.id, entry.tag, default, int(Status.GOOD))
        case ManualSource():
            return PlainTag(entry.id, entry.tag, "" if text else math.nan, int(Status.UNCERTAIN_INITIAL_VALUE))
    return PlainTag(entry.id, entry.tag, "" if text else math.nan, int(Status.BAD_WAITING_FOR_INITIAL_DATA))


def _is_news(tag: PlainTag, value: float | str, status: int) -> bool:
    """Beyond the deadband, or seen differently by one of the limits."""
    if differs(value, status, tag.value, tag.status, tag.definition.deadband):
        return True
    if isinstance(value, str) or isinstance(tag.value, str) or not tag.definition.deadband:
        return False
    edges = [edge for alarm in tag.definition.alarms for edge in _edges(alarm)]
    return any((value > edge, value < edge) != (tag.value > edge, tag.value < edge) for edge in edges)


def _edges(alarm: Alarm) -> tuple[float, ...]:
    match alarm.kind:
        case AlarmKind.HIGH | AlarmKind.HIGH_HIGH:
            return alarm.limit, alarm.limit - alarm.deadband
        case AlarmKind.LOW | AlarmKind.LOW_LOW:
            return alarm.limit, alarm.limit + alarm.deadband
    return (alarm.normal,)


def _limit(alarm: Alarm, value: float, latched: bool) -> bool:
    match alarm.kind:
        case AlarmKind.HIGH | AlarmKind.HIGH_HIGH:
            return value > alarm.limit or (latched and not value < alarm.limit - alarm.deadband)
        case AlarmKind.LOW | AlarmKind.LOW_LOW:
            return value < alarm.limit or (latched and not value > alarm.limit + alarm.deadband)
    return value != alarm.normal
