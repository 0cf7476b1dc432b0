"""What stands in place of a tag's own value: a person's value, scan off, a halted device."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.actions import Acknowledge, Action, Alive, Halt, Lost, ScanOff, SetValue, Substitute
from hmi.core.alarm import Alarm, AlarmKind, OnBad
from hmi.core.alarm_state import AlarmState
from hmi.core.batch import EMPTY, Batch
from hmi.core.effects import Effects
from hmi.core.engine import Engine
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status, code
from hmi.core.tag import ConnectionSource, ExpressionSource, History, ManualSource, MemorySource, TagType
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import (
    CONNECTED,
    PLANT,
    QUARTER,
    SCANS,
    UTC,
    Scan,
    alive_at,
    batch_at,
    entry,
    high,
)
from tests.unit.core.engine.test_engine_equals_loop import rows, same
from tests.unit.core.engine.test_retained import restarted

OVERRIDE, OFF = int(Status.GOOD_LOCAL_OVERRIDE), int(Status.BAD_OUT_OF_SERVICE)
HALTED, WAITING = int(Status.BAD_DEVICE_FAILURE), int(Status.BAD_WAITING_FOR_INITIAL_DATA)


def put(value: float | str | None, tag: int = 1, user: str = "ann") -> Substitute:
    return Substitute(tag, value, user)


def off(*tags: int, off: bool = True, user: str = "ann") -> ScanOff:
    return ScanOff(np.array(tags, np.int32), off, user)


def on(*tags: int) -> ScanOff:
    return off(*tags, off=False)


def halt(*tags: int, halted: bool = True) -> Halt:
    return Halt(np.array(tags, np.int32), halted)


def told(batch: Batch) -> list[tuple[int, float | str, int, float]]:
    """(tag, value, status, second) of each row."""
    return [(tag, value, status, (time - UTC) / SECOND) for tag, time, _, value, status in rows(batch)]


def shown(station: Bench, tag: int = 1) -> tuple[float | str, int]:
    view = station.engine.value_of(tag)
    return view.value, view.status


def own(station: Bench, tag: int = 1) -> tuple[float | str, int]:
    view = station.engine.own_value_of(tag)
    return view.value, view.status


def test_a_substitute_stands_until_it_is_taken_away() -> None:
    station = Bench(entry(1, scan=100))
    station.sample(0, 5)
    effects = station.run(1, EMPTY, put(42.0))
    assert told(effects.changed) == told(effects.store) == [(1, 42.0, OVERRIDE, 1.0)]
    assert station.engine.substituted == [1]
    hidden = station.sample(2, 6)
    assert not len(hidden.changed)
    assert not len(hidden.store)
    assert (shown(station), own(station)) == ((42.0, OVERRIDE), (6.0, 0))
    effects = station.run(3, EMPTY, put(None))
    assert told(effects.changed) == told(effects.store) == [(1, 6.0, 0, 3.0)]
    assert station.engine.substituted == []
    assert told(station.sample(4, 7).changed) == [(1, 7.0, 0, 4.0)]


def test_samples_of_the_same_scan_come_first() -> None:
    station = Bench(entry(1, scan=100))
    effects = station.run(1, station.batch([(1, 1, 5.0, 0)]), put(42.0))
    assert told(effects.changed) == [(1, 5.0, 0, 1.0), (1, 42.0, OVERRIDE, 1.0)]
    effects = station.run(2, station.batch([(2, 1, 6.0, 0)]), put(None))
    assert told(effects.changed) == [(1, 6.0, 0, 2.0)]


def test_a_substitute_can_be_replaced() -> None:
    station = Bench(entry(1, scan=100))
    station.run(0, EMPTY, put(1.0))
    assert told(station.run(1, EMPTY, put(2.0)).changed) == [(1, 2.0, OVERRIDE, 1.0)]


def test_alarms_are_judged_by_the_substitute() -> None:
    station = Bench(entry(1, scan=100, alarms=(high(80),)))
    station.sample(0, 5)
    assert [t.what.value for t in station.run(1, EMPTY, put(90.0)).transitions] == ["activate"]
    assert not station.sample(2, 6).transitions
    assert [t.what.value for t in station.run(3, EMPTY, put(None)).transitions] == ["return"]


def test_a_substitute_makes_a_dead_tag_usable_and_never_goes_stale() -> None:
    station = Bench(entry(1, scan=1), entry(2, ExpressionSource("{p/1} * 2")))
    station.sample(0, 5)
    assert told(station.run(4).changed)[0][2] == int(Status.BAD_NO_COMMUNICATION)
    station.run(5, EMPTY, put(7.0))
    assert shown(station, 2) == (14.0, 0)
    assert not len(station.run(500).changed)
    assert told(station.run(501, EMPTY, put(None)).changed)[0][1:3] == (5.0, int(Status.BAD_NO_COMMUNICATION))


def test_what_goes_stale_behind_a_substitute_shows_afterwards() -> None:
    station = Bench(entry(1, scan=1))
    station.sample(0, 5)
    station.run(1, EMPTY, put(7.0))
    station.run(3)
    assert (shown(station), own(station)) == ((7.0, OVERRIDE), (5.0, int(Status.BAD_NO_COMMUNICATION)))
    station.sample(4, 6)
    assert told(station.run(5, EMPTY, put(None)).changed) == [(1, 6.0, 0, 5.0)]


def test_staleness_of_the_very_scan_does_not_hide_a_substitute() -> None:
    station = Bench(entry(1, scan=1))
    station.sample(0, 5)
    station.run(3, EMPTY, put(7.0))
    assert (shown(station), own(station)) == ((7.0, OVERRIDE), (5.0, int(Status.BAD_NO_COMMUNICATION)))


def test_a_computed_tag_can_be_substituted_and_goes_on_computing() -> None:
    total = entry(2, ExpressionSource("totaliser({p/1}, 1)"))
    station = Bench(entry(1, scan=100), total, entry(3, ExpressionSource("{p/2} + 1")))
    station.sample(0, 2.0)
    effects = station.run(1, EMPTY, put(500.0, 2))
    assert [row[:2] for row in told(effects.changed)] == [(2, 2.0), (3, 3.0), (2, 500.0), (3, 501.0)]
    station.run(10)
    assert (shown(station, 2), own(station, 2), shown(station, 3)) == ((500.0, OVERRIDE), (20.0, 0), (501.0, 0))
    station.run(10, EMPTY, put(None, 2))
    assert (shown(station, 2), shown(station, 3)) == ((20.0, 0), (21.0, 0))
    station.run(11)
    assert shown(station, 3) == (23.0, 0)


def test_expressions_see_the_quality_that_shows() -> None:
    quality = entry(2, ExpressionSource("ifbad({p/1}, -1)"))
    station = Bench(entry(1, scan=100), quality)
    station.sample(0, 5)
    station.run(1, EMPTY, off(1))
    assert shown(station, 2) == (-1.0, 0)
    station.run(2, EMPTY, put(9.0))
    assert shown(station, 2)[0] == 9.0


def test_scan_off_is_bad_with_the_last_value_and_shows_what_came_meanwhile() -> None:
    station = Bench(entry(1, scan=1), entry(2, scan=1))
    station.run(0, station.batch([(0, 1, 5.0, 0), (0, 2, 6.0, 0)]))
    effects = station.run(1, EMPTY, off(1, 2))
    assert told(effects.changed) == told(effects.store) == [(1, 5.0, OFF, 1.0), (2, 6.0, OFF, 1.0)]
    assert station.engine.off_scan == [1, 2]
    assert not len(station.run(50).changed)
    assert not len(station.sample(60, 7).changed)
    effects = station.run(61, EMPTY, on(1))
    assert told(effects.changed) == [(1, 7.0, 0, 61.0)]
    assert station.engine.off_scan == [2]


def test_alarms_of_a_tag_off_scan_follow_on_bad() -> None:
    alarms = (
        high(80),
        Alarm(id="B", kind=AlarmKind.HIGH, limit=80, on_bad=OnBad.ACTIVE),
    )
    station = Bench(entry(1, scan=100, alarms=alarms))
    station.sample(0, 50)
    assert [t.alarm for t in station.run(1, EMPTY, off(1)).transitions] == ["u1/B"]
    assert station.engine.not_evaluated == 1
    assert [t.what.value for t in station.run(2, EMPTY, on(1)).transitions] == ["return"]


def test_a_substitute_stands_before_scan_off_before_a_halt() -> None:
    station = Bench(entry(1, scan=100))
    station.sample(0, 5)
    station.run(1, EMPTY, halt(1), off(1), put(9.0))
    assert shown(station) == (9.0, OVERRIDE)
    station.run(2, EMPTY, put(None))
    assert shown(station) == (5.0, OFF)
    station.run(3, EMPTY, on(1))
    assert shown(station) == (5.0, HALTED)
    assert station.engine.halted == [1]
    assert not len(station.sample(4, 6).changed)
    assert told(station.run(5, EMPTY, halt(1, 99, halted=False)).changed) == [(1, 6.0, 0, 5.0)]


def test_a_mask_in_exchange_for_another_hides_no_less() -> None:
    station = Bench(entry(1, scan=100))
    station.sample(0, 5)
    station.run(1, EMPTY, halt(1))
    station.run(2, EMPTY, halt(1, halted=False), put(9.0))
    assert (shown(station), own(station)) == ((9.0, OVERRIDE), (5.0, 0))
    station.run(3, EMPTY, put(None))
    assert shown(station) == (5.0, 0)


def test_the_weaker_mask_does_not_say_anything() -> None:
    station = Bench(entry(1, scan=100))
    station.run(0, EMPTY, put(1.0))
    assert station.run(1, EMPTY, off(1)).changed.status.tolist() == [OVERRIDE]
    assert not len(station.run(2, EMPTY, off(1)).changed)


def test_text_tags_are_masked_too() -> None:
    station = Bench(entry(1, kind=TagType.STRING, scan=100))
    station.sample(0, "a")
    assert told(station.run(1, EMPTY, put("b")).changed) == [(1, "b", OVERRIDE, 1.0)]
    station.sample(2, "c")
    station.run(3, EMPTY, off(1))
    assert told(station.run(4, EMPTY, put(None)).changed) == [(1, "c", OFF, 4.0)]
    assert told(station.run(5, EMPTY, on(1)).changed) == [(1, "c", 0, 5.0)]


def test_history_policies_store_a_substitute_whatever_they_leave_out() -> None:
    station = Bench(entry(1, scan=100, history=History(deadband=10, swinging_door=5)))
    station.sample(0, 5)
    station.sample(1, 6)
    effects = station.run(2, EMPTY, put(6.0))
    assert told(effects.store)[-1] == (1, 6.0, OVERRIDE, 2.0)
    assert told(station.run(3, EMPTY, put(None)).store)[-1] == (1, 6.0, 0, 3.0)


def test_a_device_whose_clock_is_ahead_does_not_cover_a_substitute() -> None:
    station = Bench(entry(1, scan=100))
    batch = station.batch([(0, 1, 5.0, 0)])
    batch.time[:] += 30 * SECOND
    station.run(0, batch)
    assert told(station.run(1, EMPTY, put(7.0)).store) == [(1, 7.0, OVERRIDE, 30.0)]


PLANT_OF_KINDS = (
    entry(1, range=(0.0, 100.0), unit="bar"),
    entry(2, kind=TagType.STRING),
    entry(3, MemorySource()),
    entry(4, kind=TagType.BOOL),
    entry(5, kind=TagType.INT),
    entry(6, kind=TagType.ENUM, states={"0": "Off", "1": "On"}),
    entry(7, ManualSource()),
    entry(8, ExpressionSource("{p/1}")),
)


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (put(1.0, 99), "no tag with id 99"),
        (put(1.0, -1), "no tag with id -1"),
        (put(1.0, user=" "), "sign in"),
        (put("a"), "takes a number"),
        (put(1.0, 2), "takes a text"),
        (put(math.nan), "finite"),
        (put(math.inf), "finite"),
        (put(100.5), "outside the range of p/1, 0 to 100 bar."),
        (put(-0.5), "outside the range"),
        (put(2.0, 4), "0 or 1"),
        (put(1.5, 5), "whole numbers"),
        (put(2.0, 6), "no state"),
        (put(1.0, 3), "held by the station"),
        (put(1.0, 7), "held by the station"),
        (put(None), "no substitute"),
        (off(1, 99), "no tag with id 99: nothing was switched"),
        (off(1, 8), "p/8 is not read from a device"),
        (off(3), "p/3 is not read from a device"),
        (off(1, user=""), "sign in"),
    ],
)
def test_refusals_have_a_sentence_and_change_nothing(action: Action, why: str) -> None:
    station = Bench(*PLANT_OF_KINDS)
    station.sample(0, 5)
    before = station.engine.save(running=True)
    effects = station.run(0, EMPTY, action)
    (refusal,) = effects.refusals
    assert refusal.action is action
    assert why in refusal.why
    assert refusal.why.endswith(".")
    assert not len(effects.changed)
    assert station.engine.save(running=True) == before


def test_setting_a_value_is_none_of_this() -> None:
    station = Bench(entry(1, scan=100), entry(2, MemorySource()))
    effects = station.run(0, EMPTY, put(1.0), SetValue(2, 5.0, 0, "ann"), SetValue(1, 5.0, 0, "ann"))
    assert [row[:2] for row in told(effects.changed)] == [(2, 0.0), (2, 5.0), (1, 1.0)]
    assert len(effects.refusals) == 1


def test_masks_survive_a_restart() -> None:
    plant = (entry(1, scan=100, alarms=(high(80),)), entry(2, scan=100), entry(3, ExpressionSource("{p/1} + 1")),
             entry(4, kind=TagType.STRING), entry(5, ExpressionSource("{p/2}")))  # fmt: skip
    station = Bench(*plant)
    station.run(0, station.batch([(0, 1, 5.0, 0), (0, 2, 6.0, 0)]))
    station.run(1, EMPTY, put(90.0), off(2), put("b", 4), put(8.0, 5), halt(1))
    other = restarted(station, 100)
    assert (shown(other), own(other)) == ((90.0, OVERRIDE), (5.0, WAITING))
    effects = other.run(101)
    assert {row for row in told(effects.changed) if row[0] != 3} == {
        (1, 90.0, OVERRIDE, 101.0),
        (2, 6.0, OFF, 101.0),
        (4, "b", OVERRIDE, 101.0),
        (5, 8.0, OVERRIDE, 101.0),
    }
    assert len(effects.store) == 5
    assert shown(other, 3)[0] == 91.0
    assert not effects.transitions
    assert other.state() is AlarmState.UNACKNOWLEDGED
    assert (other.engine.substituted, other.engine.off_scan, other.engine.halted) == ([1, 4, 5], [2], [])
    other.run(102, other.batch([(102, 1, 7.0, 0), (102, 2, 8.0, 0)]))
    assert (shown(other), shown(other, 2)) == ((90.0, OVERRIDE), (6.0, OFF))
    effects = other.run(103, EMPTY, put(None), on(2), put(None, 4), put(None, 5))
    assert [shown(other, at)[0] for at in (1, 2, 3, 4, 5)] == [7.0, 8.0, 8.0, "", 8.0]
    assert shown(other, 4)[1] == WAITING


def test_a_tag_behind_a_mask_has_its_grace_after_a_restart() -> None:
    station = Bench(entry(1, scan=1))
    station.run(0, EMPTY, off(1))
    other = restarted(station, 100)
    other.run(101)
    other.run(131)
    assert (shown(other)[1], own(other)[1]) == (OFF, int(Status.BAD_NO_COMMUNICATION))


@pytest.mark.parametrize("now", [entry(1, MemorySource()), entry(1, kind=TagType.STRING)])
def test_what_stood_before_a_tag_that_is_another_one_is_dropped_and_told(now: Any) -> None:
    station = Bench(entry(1, scan=1))
    station.run(0, EMPTY, put(5.0))
    other = restarted(station, 1, now)
    assert [notice.kind for notice in other.run(2).notices] == ["substitute-dropped"]
    assert other.engine.substituted == []


def test_state_of_a_program_without_masks_is_taken_over() -> None:
    station = Bench(entry(1, MemorySource(default=3.0)))
    station.run(0)
    saved = station.engine.save()
    del saved["masks"]
    station.engine.restore(saved, station.at(1))
    assert station.engine.value_of(1).value == 3.0


# --- edits ---


def edit(station: Bench, second: float, *put: Any, gone: tuple[int, ...] = ()) -> Effects:
    return station.engine.reconfigure(put, gone, station.at(second))


ELSEWHERE = ConnectionSource("other", "1")


def test_an_edit_of_another_tag_leaves_masks_alone() -> None:
    station = Bench(entry(1, scan=100), entry(2))
    station.sample(0, 5)
    station.run(1, EMPTY, put(9.0))
    edit(station, 2, entry(2, scan=3), entry(70))
    assert (shown(station), own(station)) == ((9.0, OVERRIDE), (5.0, 0))


def test_a_substitute_stays_when_the_tag_reads_elsewhere() -> None:
    station = Bench(entry(1, scan=100, alarms=(high(8),)))
    station.sample(0, 5)
    station.run(1, EMPTY, put(9.0))
    effects = edit(station, 2, entry(1, ELSEWHERE, scan=100, alarms=(high(8),)))
    assert not len(effects.changed)
    assert not effects.transitions
    assert (shown(station), own(station)[1]) == ((9.0, OVERRIDE), WAITING)
    assert effects.deadline == station.at(32).mono
    assert [t.what.value for t in edit(station, 3, entry(1, ELSEWHERE, alarms=(high(10),))).transitions] == ["return"]


def test_a_halt_ends_when_the_tag_reads_from_another_device() -> None:
    station = Bench(entry(1, scan=100), entry(2, scan=100))
    station.run(0, EMPTY, halt(1, 2))
    edit(station, 1, entry(1, ELSEWHERE, scan=100), entry(2, scan=100, deadband=1))
    station.run(2)
    assert (shown(station)[1], station.engine.halted) == (WAITING, [2])


def test_masks_go_with_their_tags_and_types() -> None:
    station = Bench(entry(1, scan=100), entry(2, scan=100), entry(3, scan=100))
    station.run(0, EMPTY, put(5.0), off(2), off(3))
    effects = edit(station, 1, entry(2, kind=TagType.STRING), entry(3, MemorySource(4.0)), gone=(1,))
    assert (station.engine.substituted, station.engine.off_scan) == ([], [])
    assert told(effects.changed)[1:] == [(2, "", WAITING, 1.0), (3, 4.0, 0, 1.0)]
    edit(station, 2, entry(1, scan=100))
    assert shown(station)[1] == WAITING


# --- invariants ---


def masking(random: Random, tags: list[int]) -> Action:
    tag = random.choice(tags)
    value: float | str | None = random.choice([None, 5.0, 50.0, 85.0])
    if tag == 7 and value is not None:
        value = "z"
    choices: list[Action] = [put(value, tag), put(value, tag), halt(tag, halted=random.random() < 0.5)]
    if tag in CONNECTED:
        choices.append(off(tag, off=random.random() < 0.5))
    return random.choice(choices)


@settings(max_examples=100, deadline=None)
@given(SCANS, st.integers(0, 2**32))
def test_own_values_are_those_of_a_run_without_masks(scans: list[Scan], seed: int) -> None:
    """Live deadbands aside: what was within one shows as it came when a mask is taken away."""
    random, plant = Random(seed), [tag for tag in PLANT if tag.id in (1, 5, 6, 7, 8, 10, 13, 14, 15)]
    plant[4:5] = [entry(8, ExpressionSource("{p/1} + {p/5}"), alarms=plant[0].tag.alarms)]
    masked = random.sample([1, 5, 6, 7], 3)
    steady, other = Engine.build(plant, 1), Engine.build(plant, 1)
    now = Instants(1_000_000, UTC)
    for scan in scans:
        now = Instants(now.mono + scan.quarters * QUARTER, now.utc + scan.quarters * QUARTER)
        batch, alive = batch_at(scan, now), alive_at(scan, now)
        steady.step(now, batch, alive)
        other.step(now, batch, [*alive, *(masking(random, masked) for _ in range(random.randint(0, 3)))])
        stands = {*other.substituted, *other.off_scan, *other.halted}
        for at in masked:
            assert same(other.own_value_of(at).value) == same(steady.value_of(at).value)
            assert code(other.own_value_of(at).status) == code(steady.value_of(at).status)
        assert all(other.value_of(at).status in (OVERRIDE, OFF, HALTED) for at in stands)
    lifts: list[Action] = [put(None, at) for at in masked]
    lifts += [on(at) for at in masked] + [halt(at, halted=False) for at in masked]
    steady.step(now, EMPTY, ())
    other.step(now, EMPTY, lifts)
    live = [
        {tag: (value, code(status)) for tag, _, _, value, status in rows(engine.values()) if tag != 10}
        for engine in (steady, other)
    ]
    assert live[0] == live[1]


@settings(max_examples=60, deadline=None)
@given(SCANS, st.integers(0, 2**32), st.sets(st.integers(1, 7)))
def test_an_edit_through_a_copy_keeps_masks(scans: list[Scan], seed: int, copies: set[int]) -> None:
    random = Random(seed)
    steady, broken = Engine.build(PLANT, 1), Engine.build(PLANT, 1)
    now = Instants(1_000_000, UTC)
    for number, scan in enumerate(scans):
        if number in copies:
            saved, broken = broken.save(running=True), Engine.build(PLANT, 1)
            broken.restore(saved, now, running=True)
        now = Instants(now.mono + scan.quarters * QUARTER, now.utc + scan.quarters * QUARTER)
        actions = [masking(random, [1, 2, 7, 8, 9]) for _ in range(random.randint(0, 2))]
        batch = batch_at(scan, now)
        one, two = steady.step(now, batch, actions), broken.step(now, batch, actions)
        assert rows(one.changed) == rows(two.changed)
        assert rows(one.store) == rows(two.store)
        assert [str(t) for t in one.transitions] == [str(t) for t in two.transitions]


def test_signs_of_life_and_losses_do_not_disturb_a_mask() -> None:
    station = Bench(entry(1, scan=1), entry(2, scan=1))
    station.run(0, station.batch([(0, 1, 5.0, 0), (0, 2, 5.0, 0)]))
    station.run(1, EMPTY, put(9.0), off(2))
    both = np.array([1, 2], np.int32)
    station.run(2, EMPTY, Alive(both, station.at(2).mono))
    station.run(4, EMPTY, Lost(both, station.at(4).mono))
    assert not len(station.run(20).changed)
    assert (shown(station), shown(station, 2)) == ((9.0, OVERRIDE), (5.0, OFF))
    assert own(station)[1] == own(station, 2)[1] == int(Status.BAD_NO_COMMUNICATION)


def test_an_alarm_of_a_substitute_is_acknowledged_like_any() -> None:
    station = Bench(entry(1, scan=100, alarms=(high(80),)))
    station.run(0, EMPTY, put(90.0))
    view = station.view()
    assert view is not None
    station.run(1, EMPTY, Acknowledge("u1/H", view.event, "ann"))
    assert station.state() is AlarmState.ACKNOWLEDGED
