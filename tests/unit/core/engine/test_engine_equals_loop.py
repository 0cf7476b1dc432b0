"""The columns of the engine equal applying its samples one by one."""

from __future__ import annotations

import json
import math
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.actions import Acknowledge, Action, SetValue
from hmi.core.batch import Batch
from hmi.core.effects import Effects, Transition
from hmi.core.engine import Engine, TagEntry, history, rounds
from hmi.core.instants import Instants
from tests.unit.core.engine.plain_engine import PlainEngine
from tests.unit.core.engine.plants import (
    KEEPER_SCANS,
    KEEPERS,
    PLANT,
    QUARTER,
    SCANS,
    UTC,
    Scan,
    alive_at,
    batch_at,
)


def same(value: float | str) -> float | str:
    """A value that equals itself."""
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def rows(batch: Batch) -> list[tuple[Any, ...]]:
    listed = []
    for row in range(len(batch)):
        text = batch.text_at(row)
        value = float(batch.value[row]) if text is None else text
        columns = (batch.tag[row], batch.time[row], batch.received[row])
        listed.append((*(int(c) for c in columns), same(value), int(batch.status[row])))
    return listed


def by_tag(listed: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """History keeps tags apart: only the order within each matters."""
    return sorted(listed, key=lambda row: int(row[0]))


def moves(transitions: tuple[Transition, ...] | list[Transition]) -> list[tuple[Any, ...]]:
    return [(t.event, t.alarm, t.what, t.before, t.after, t.time, t.received, same(t.value), t.status, t.limit,
             t.user, t.seen_at_start) for t in transitions]  # fmt: skip


def actions_of(scan: Scan, now: Instants, engine: Engine) -> list[Action]:
    actions: list[Action] = [*alive_at(scan, now)]
    if scan.enter is not None:
        actions += [SetValue(13, scan.enter, 0, "ann"), SetValue(14, scan.enter, 0, "ann")]
    if scan.acknowledge:
        actions += [Acknowledge(view.alarm, view.event, "ann") for view in engine.alarms()]
    return actions


@settings(max_examples=60, deadline=None)
@given(SCANS, st.sampled_from([1, 2, 64]))
def test_batches_equal_one_sample_at_a_time(scans: list[Scan], tail: int) -> None:
    follow(PLANT, scans, tail)


@settings(max_examples=150, deadline=None)
@given(KEEPER_SCANS, st.sampled_from([1, 2, 64]))
def test_history_policies_equal_one_sample_at_a_time(scans: list[Scan], tail: int) -> None:
    follow(KEEPERS, scans, tail)


def follow(plant: list[TagEntry], scans: list[Scan], tail: int) -> None:
    """Let both have the same history and compare everything they say."""
    engine, plain = Engine.build(plant, 1), PlainEngine(plant, 1)
    now = Instants(1_000_000, UTC)
    with patch.object(rounds, "TAIL", tail), patch.object(history, "NARROW", tail):
        for scan in scans:
            now = Instants(now.mono + scan.quarters * QUARTER, now.utc + scan.quarters * QUARTER)
            batch, actions = batch_at(scan, now), actions_of(scan, now, engine)
            effects = engine.step(now, batch, actions)
            plain.step(now, batch, actions)
            check(effects, plain)
    live = {row[0]: row[3:] for row in rows(engine.values())}
    assert live == {tag.id: (same(tag.value), tag.status) for tag in plain.tags.values()}


def check(effects: Effects, plain: PlainEngine) -> None:
    assert rows(effects.changed) == [(*row[:3], same(row[3]), row[4]) for row in plain.changed]
    assert by_tag(rows(effects.store)) == by_tag([(*row[:3], same(row[3]), row[4]) for row in plain.store])
    assert moves(effects.transitions) == moves(plain.transitions)
    assert effects.deadline == plain.deadline()


@settings(max_examples=40, deadline=None)
@given(SCANS, st.sets(st.integers(0, 7)))
def test_an_edit_of_the_running_project_changes_nothing_else(scans: list[Scan], restarts: set[int]) -> None:
    edit(PLANT, scans, restarts)


@settings(max_examples=40, deadline=None)
@given(KEEPER_SCANS, st.sets(st.integers(0, 7)))
def test_history_policies_go_on_through_an_edit(scans: list[Scan], restarts: set[int]) -> None:
    edit(KEEPERS, scans, restarts)


def edit(plant: list[TagEntry], scans: list[Scan], restarts: set[int]) -> None:
    """Let one of two equal engines be replaced now and then."""
    steady, broken = Engine.build(plant, 1), Engine.build(plant, 1)
    now = Instants(1_000_000, UTC)
    for number, scan in enumerate(scans):
        if number in restarts and number:
            saved = json.loads(json.dumps(broken.save(running=True)))
            broken = Engine.build(plant, 1)
            broken.restore(saved, now, running=True)
        now = Instants(now.mono + scan.quarters * QUARTER, now.utc + scan.quarters * QUARTER)
        batch, actions = batch_at(scan, now), actions_of(scan, now, steady)
        one, other = steady.step(now, batch, actions), broken.step(now, batch, actions)
        assert rows(one.changed) == rows(other.changed)
        assert rows(one.store) == rows(other.store)
        assert moves(one.transitions) == moves(other.transitions)
        assert one.deadline == other.deadline
        assert str(steady.alarms(announced=True)) == str(broken.alarms(announced=True))
        assert [view.alarm for view in steady.alarms()] == [view.alarm for view in broken.alarms()]
