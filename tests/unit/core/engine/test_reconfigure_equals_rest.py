"""An edit between two scans changes nothing for the tags that it does not name, nor for what reads none of them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hmi.core.alarm import Alarm, AlarmKind, OnBad
from hmi.core.effects import Effects
from hmi.core.engine import Engine, TagEntry
from hmi.core.engine.columns import LINES
from hmi.core.instants import Instants
from hmi.core.tag import Clamp, ConnectionSource, ExpressionSource, History, MemorySource, Scaling, TagType
from tests.unit.core.engine.plants import (
    ALARMS,
    DEVICE,
    KEEPER_SCANS,
    KEEPERS,
    PLANT,
    QUARTER,
    SCANS,
    UTC,
    Scan,
    batch_at,
    entry,
)
from tests.unit.core.engine.test_engine_equals_loop import actions_of, rows, same
from tests.unit.core.engine.test_masks import masking

READS = {8: {1, 4}, 9: {2}, 10: {1}, 11: {8, 13}, 12: {10}, 15: {7, 1, 6}, 16: {10, 5, 14}, 17: {2}}
"""What the derived tags of both plants read."""
CONFIGURATION = ("connected", "kept", "is_text", "is_whole", "deadband", "timeout", "stored", "accepts")
TYPES = [TagType.FLOAT, TagType.INT, TagType.BOOL, TagType.STRING]
POLICIES = [
    History(),
    History(store=False),
    History(deadband=3),
    History(swinging_door=1, max_interval=2),
    History(min_interval=1),
]
OTHER_ALARMS = (
    Alarm(id="H", kind=AlarmKind.HIGH, limit=22, on_delay=0.25),
    Alarm(id="HH", kind=AlarmKind.LOW, limit=50, deadband=1, on_bad=OnBad.ACTIVE),
    Alarm(id="new", kind=AlarmKind.OFF_NORMAL, normal=20, off_delay=1),
)


def concerned(edited: set[int]) -> set[int]:
    """Edited tags and all that depends on them."""
    known = set(edited)
    while more := {at for at, reads in READS.items() if reads & known} - known:
        known |= more
    return known


def other(random: Random, old: TagEntry, plain: bool) -> TagEntry:
    """The same tag configured anew; `plain`: its type stays, since others read it."""
    changes: list[Callable[[], dict[str, Any]]] = [
        lambda: {"alarms": random.choice([(), ALARMS, ALARMS[1:], OTHER_ALARMS, OTHER_ALARMS[:1]])},
        lambda: {"deadband": random.choice([0.0, 1.0, 5.0])},
        lambda: {"scan": random.choice([0.1, 1.0, 10.0])},
        lambda: {"history": random.choice(POLICIES)},
        lambda: {"scaling": random.choice([None, Scaling((0, 100), (0, 50), Clamp.LIMIT)])},
        lambda: {"description": "edited"},
    ]
    if isinstance(old.tag.source, ConnectionSource):
        changes.append(lambda: {"source": ConnectionSource("plc", str(random.random()))})
    if isinstance(old.tag.source, ExpressionSource) and not plain:
        changes.append(lambda: {"source": ExpressionSource("{p/1}"), "type": TagType.FLOAT})
    if not plain:
        changes.append(lambda: {"type": random.choice(TYPES), "scaling": None, "source": DEVICE})
    changed = old.tag
    for change in random.sample(changes, random.randint(1, 3)):
        changed = replace(changed, **change())
    return TagEntry(old.id, changed)


class Editor:
    """Edits some tags of a plant, removes and brings back some, and adds others."""

    def __init__(self, plant: list[TagEntry], random: Random) -> None:
        self.plant = {tag.id: tag for tag in plant}
        self.present = dict(self.plant)
        self.random = random
        self.edited = set(random.sample(sorted(self.plant), random.randint(1, 4)))

    def edit(self) -> tuple[list[TagEntry], list[int]]:
        random = self.random
        put, gone = [], []
        for at in sorted(self.edited):
            choice = random.random()
            is_read = any(at in reads for reads in READS.values())
            if at in self.present and choice < 0.15 and not is_read:
                gone.append(at)
            elif choice < 0.7:
                put.append(other(random, self.plant[at] if at not in self.present else self.present[at], is_read))
        if random.random() < 0.5:
            source = random.choice([DEVICE, MemorySource(5.0), ExpressionSource("{p/1} + 1")])
            at = random.choice([3, 30, 31, 60])
            put = [one for one in put if one.id != at]
            gone = [one for one in gone if one != at]
            put.append(entry(at, source, alarms=random.choice([(), ALARMS])))
        for at in [30, 31]:
            if at in self.present and at not in {one.id for one in put} and random.random() < 0.3:
                gone.append(at)
        self.present = {at: tag for at, tag in self.present.items() if at not in gone} | {tag.id: tag for tag in put}
        return put, gone


def told(effects: list[Effects], tags: set[int], what: str) -> list[tuple[Any, ...]]:
    listed = [row for one in effects for row in rows(getattr(one, what)) if row[0] in tags]
    return sorted(listed, key=lambda row: int(row[0]))


def moves(effects: list[Effects], tags: set[int]) -> list[tuple[Any, ...]]:
    return [
        (t.alarm, t.what, t.before, t.after, t.time, t.received, same(t.value), t.status, t.limit, t.user)
        for one in effects
        for t in one.transitions
        if t.tag in tags
    ]


def shown(engine: Engine, tags: set[int]) -> list[str]:
    views = [view for view in engine.alarms() if view.tag in tags]
    return [f"{v.alarm} {v.state} {v.since} {v.changed} {v.value} {v.can_evaluate}" for v in views]


def memories(engine: Engine, tags: set[int]) -> dict[str, Any]:
    saved = engine.save(running=True)["expressions"]
    return {f"u{at}": saved[f"u{at}"] for at in tags if f"u{at}" in saved}


def follow(plant: list[TagEntry], scans: list[Scan], seed: int) -> None:
    random = Random(seed)
    editor = Editor(plant, random)
    untouched = set(editor.plant) - concerned(editor.edited | {3})
    steady, edited = Engine.build(plant, 1), Engine.build(plant, 1)
    now = Instants(1_000_000, UTC)
    for number, scan in enumerate(scans):
        effects = []
        span = scan.quarters * QUARTER
        if number:
            ahead = random.choice([0, span // 2, span])
            put, gone = editor.edit()
            effects.append(edited.reconfigure(put, gone, Instants(now.mono + ahead, now.utc + ahead)))
        now = Instants(now.mono + span, now.utc + span)
        batch, masked = batch_at(scan, now), []
        if random.random() < 0.3:
            masked.append(masking(random, sorted(untouched & {1, 2, 4, 5, 6, 8, 10})))
        one = steady.step(now, batch, [*actions_of(scan, now, steady), *masked])
        effects.append(edited.step(now, batch, [*actions_of(scan, now, edited), *masked]))
        for what in ("changed", "store"):
            assert told([one], untouched, what) == told(effects, untouched, what)
        assert moves([one], untouched) == moves(effects, untouched)
        assert [t.event for e in effects for t in e.transitions] == list(
            range(
                edited.next_event - sum(len(e.transitions) for e in effects),
                edited.next_event,
            )
        )
        assert shown(steady, untouched) == shown(edited, untouched)
        assert memories(steady, untouched) == memories(edited, untouched)
    kept = [engine.finish(untouched) for engine in (steady, edited)]
    assert rows(kept[0]) == rows(kept[1])
    built = Engine.build([TagEntry(at, tag.tag) for at, tag in editor.present.items()], 1)
    size = built._columns.size
    assert configuration(edited, size) == configuration(built, size)


def configuration(engine: Engine, size: int) -> dict[str, Any]:
    """Everything in the engine's parts that an edit must leave as if it were built so."""
    parts = engine._parts
    columns, alarms, history = parts.columns, parts.alarms, parts.history
    by_tag = {
        "columns": [getattr(columns, name) for name in CONFIGURATION],
        "lines": [getattr(columns.lines, name) for name in LINES],
        "alarms": [alarms.first * alarms.has_alarm, alarms.count, alarms.has_alarm],
        "slots": [history.slot_of],
        "edges": [parts.sides._count, parts.sides._first],
        "inputs": [parts.derived._is_input],
    }
    formulas = parts.derived.formulas
    rank = {formula.tag: at for at, formula in enumerate(formulas)}
    assert all(rank[read] < rank[formula.tag] for formula in formulas for read in formula.inputs if read in rank)
    ragged = [alarms.set_above, alarms.set_below, alarms.clear_above, alarms.clear_below, alarms.delay, alarms.tag]
    return {
        **{name: [column[:size].tolist() for column in found] for name, found in by_tag.items()},
        "flags": (columns.has_text, columns.stores_all, columns.lines.any, columns.lines.any_clamp),
        "tags": (columns.tags, columns.ids.tolist(), columns.uids),
        "ragged": [column.tolist() for column in (*ragged, alarms.active_on_bad)],
        "lists": (alarms.alarms, alarms.names, alarms.tags, alarms.limits, alarms.numbers),
        "flat": parts.sides._flat.tolist(),
        "policies": (history.reporting.policies, history.tags.tolist(), sorted(history.texts)),
        "doors": str(history.reporting.doors.deviation.tolist()),
        "lengths": {len(column) for column in history.reporting.columns().values()},
        "formulas": {f.tag: (f.definition, f.inputs, f.text) for f in formulas},
        "readers": {at: {formulas[r].tag for r in ranks} for at, ranks in parts.derived._readers.items()},
    }


@settings(max_examples=150, deadline=None)
@given(SCANS, st.integers(0, 2**32))
def test_what_an_edit_does_not_name_goes_on_as_before(scans: list[Scan], seed: int) -> None:
    follow(PLANT, scans, seed)


@settings(max_examples=100, deadline=None)
@given(KEEPER_SCANS, st.integers(0, 2**32))
def test_history_of_what_an_edit_does_not_name_goes_on_as_before(scans: list[Scan], seed: int) -> None:
    follow(KEEPERS, scans, seed)
