"""History policies as an engineer sees them: what of a tag's samples is stored, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.actions import SetValue
from hmi.core.batch import EMPTY, Batch, join
from hmi.core.effects import Effects
from hmi.core.engine import history
from hmi.core.instants import SECOND, seconds
from hmi.core.quality import Status
from hmi.core.tag import ExpressionSource, History, ManualSource, MemorySource, TagType
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import DEVICE, UTC, entry
from tests.unit.core.test_swinging_door import CURVES, curve, errors

UNCERTAIN, LOST = int(Status.UNCERTAIN), int(Status.BAD_NO_COMMUNICATION)
Kept = list[tuple[float, float | str]]


def keeping(policy: History, kind: TagType = TagType.FLOAT, **more: object) -> Bench:
    """A station with one tag."""
    return Bench(entry(1, DEVICE, kind, history=policy, **{"scan": 1000, **more}))


def kept(batch: Batch) -> Kept:
    """(second, value) of what goes to history."""
    rows: Kept = []
    for row in range(len(batch)):
        text = batch.text_at(row)
        rows.append(((int(batch.time[row]) - UTC) / SECOND, float(batch.value[row]) if text is None else text))
    return rows


def fed(station: Bench, samples: Sequence[tuple[float, float | str]]) -> Kept:
    """What is stored of samples that come one by one, each as soon as it is measured."""
    return [row for second, value in samples for row in kept(station.sample(second, value).store)]


def at_once(station: Bench, samples: Sequence[tuple[float, float | str]], now: float) -> Effects:
    """The same samples in one scan, received together."""
    batch = station.batch([(second, 1, value, 0) for second, value in samples])
    batch.received[:] = station.at(now).mono
    return station.run(now, batch)


def statuses(effects: Effects) -> list[tuple[float, int]]:
    return list(zip(effects.store.value.tolist(), effects.store.status.tolist(), strict=True))


# --- every change, deadband ---


def test_the_default_stores_every_change_and_nothing_else() -> None:
    station = keeping(History())
    assert fed(station, [(0, 50.0), (1, 50.0), (2, 50.0), (3, 80.0)]) == [(0, 50), (3, 80)]
    assert kept(station.engine.finish()) == []


def test_every_change_of_a_memory_tag_is_stored_whatever_its_stamp() -> None:
    station = Bench(entry(1, MemorySource(default=1.0)))
    station.run(0)
    late = station.batch([(2, 1, 5.0, 0)])
    late.time[:] = UTC - SECOND
    assert kept(station.run(2, late).store) == [(-1, 5)]
    assert kept(station.sample(3, 1.0).store) == [(3, 1)]


def test_the_sample_before_a_step_is_stored_first() -> None:
    station = keeping(History(deadband=5))
    samples = [(0, 50.0), (1, 52.0), (2, 51.0), (3, 80.0), (4, 79.0), (5, 40.0)]
    assert fed(station, samples) == [(0, 50), (2, 51), (3, 80), (4, 79), (5, 40)]


def test_the_sample_before_may_have_told_nothing_new() -> None:
    station = keeping(History(deadband=5), deadband=1.0)
    assert fed(station, [(0, 50.0), (1, 50.0), (2, 50.5), (3, 80.0)]) == [(0, 50), (2, 50.5), (3, 80)]


def test_a_stored_sample_is_not_stored_again_before_a_step() -> None:
    station = keeping(History(deadband=5))
    assert fed(station, [(0, 50.0), (1, 60.0), (2, 70.0)]) == [(0, 50), (1, 60), (2, 70)]


def test_equality_is_within_the_deadband() -> None:
    station = keeping(History(deadband=5))
    assert fed(station, [(0, 50.0), (1, 55.0)]) == [(0, 50)]


def test_a_step_in_one_scan_with_what_was_before() -> None:
    station = keeping(History(deadband=5))
    assert fed(station, [(0, 50.0)]) == [(0, 50)]
    assert kept(at_once(station, [(0.5, 52.0), (1, 51.0)], 1).store) == []
    assert kept(at_once(station, [(2, 52.0), (3, 90.0), (4, 91.0)], 4).store) == [(2, 52), (3, 90)]


@pytest.mark.parametrize("kind", [TagType.INT, TagType.FLOAT])
def test_a_change_of_quality_goes_with_what_was_before(kind: TagType) -> None:
    station = keeping(History(deadband=5), kind)
    station.sample(0, 50.0)
    station.sample(1, 51.0)
    assert statuses(station.sample(2, 51.0, UNCERTAIN)) == [(51, 0), (51, UNCERTAIN)]
    assert statuses(station.sample(3, 52.0, UNCERTAIN)) == []


def test_silence_is_a_change_of_quality_at_its_time() -> None:
    station = keeping(History(deadband=5), scan=1)
    fed(station, [(0, 50.0), (1, 51.0)])
    effects = station.run(10)
    assert kept(effects.store) == [(1, 51), (4, 51)]
    assert effects.store.status.tolist() == [0, LOST]


def test_what_a_person_entered_always_goes() -> None:
    policy = History(deadband=5, min_interval=10, max_interval=20)
    station = Bench(entry(1, ManualSource(), history=policy), entry(2, MemorySource(default=1.0), history=policy))
    for second in range(3):
        entered = station.run(second, EMPTY, SetValue(1, 3.0, 0, "ann"), SetValue(2, 3.0, 0, "ann")).store
        assert [(at, value) for at, value in kept(entered) if value == 3] == [(second, 3), (second, 3)]


# --- minimum interval ---


def test_what_is_current_at_the_end_of_the_interval_is_stored_though_nothing_comes() -> None:
    station = keeping(History(min_interval=10))
    assert fed(station, [(0, 1.0), (2, 5.0), (4, 9.0)]) == [(0, 1)]
    assert station.run(9.9).deadline == station.at(10).mono
    assert kept(station.run(10).store) == [(4, 9)]
    assert kept(station.run(100).store) == []


def test_the_end_of_the_interval_comes_before_a_later_sample() -> None:
    station = keeping(History(min_interval=10))
    assert fed(station, [(0, 1.0), (4, 9.0), (11, 20.0)]) == [(0, 1), (4, 9)]
    assert kept(station.run(14).store) == [(11, 20)]


def test_the_interval_is_one_of_source_time() -> None:
    station = keeping(History(min_interval=10))
    samples: Kept = [(float(second), float(second)) for second in range(32)]
    assert fed(station, samples[:1]) == [(0, 0)]
    assert kept(at_once(station, samples[1:], 32).store) == [(10, 10), (20, 20), (30, 30)]
    assert kept(station.run(40.9).store) == []
    assert kept(station.run(41).store) == [(31, 31)]


def test_a_value_that_came_back_is_not_waited_for() -> None:
    station = keeping(History(min_interval=10))
    assert fed(station, [(0, 1.0), (2, 5.0), (4, 1.0)]) == [(0, 1)]
    assert station.run(20).deadline != station.at(10).mono
    assert fed(station, [(30, 7.0)]) == [(4, 1), (30, 7)]


def test_a_repeated_value_does_not_move_the_change_that_waits() -> None:
    station = keeping(History(min_interval=10))
    assert fed(station, [(0, 1.0), (2, 5.0), (4, 5.0), (9, 5.0)]) == [(0, 1)]
    assert kept(station.run(10).store) == [(2, 5)]


def test_quality_does_not_wait() -> None:
    station = keeping(History(min_interval=10))
    fed(station, [(0, 1.0), (2, 5.0)])
    assert statuses(station.sample(3, 6.0, UNCERTAIN)) == [(5, 0), (6, UNCERTAIN)]


def test_deadband_and_interval_together() -> None:
    station = keeping(History(deadband=2, min_interval=10))
    assert fed(station, [(0, 1.0), (3, 2.0), (5, 9.0), (7, 2.0)]) == [(0, 1)]
    assert kept(station.run(20).store) == []
    assert fed(station, [(21, 8.0)]) == [(7, 2), (21, 8)]


# --- maximum interval ---


def test_a_constant_value_is_stored_every_so_often_while_samples_come() -> None:
    station = keeping(History(max_interval=10))
    samples: Kept = [(float(second), 7.0) for second in range(25)]
    assert fed(station, samples) == [(0, 7), (10, 7), (20, 7)]


def test_the_newest_sample_is_stored_at_the_end_of_the_interval_with_its_own_time() -> None:
    station = keeping(History(deadband=5, max_interval=10))
    fed(station, [(0, 7.0), (4, 8.0)])
    assert station.run(5).deadline == station.at(10).mono
    assert kept(station.run(12).store) == [(4, 8)]


def test_nothing_is_made_up_when_nothing_came() -> None:
    station = keeping(History(max_interval=10))
    station.sample(0, 7.0)
    assert kept(station.run(99).store) == []


# --- swinging door ---

WORKED = list(enumerate([10, 10.4, 10.9, 11.2, 11.8, 12.1, 10.0, 9.0, 8.1, 8.0, 8.1]))


@pytest.mark.parametrize("together", [True, False])
def test_worked_numbers_through_the_engine(together: bool) -> None:
    station = keeping(History(swinging_door=0.5))
    samples: Kept = [(float(second), value) for second, value in WORKED]
    assert fed(station, samples[:1]) == [(0, 10)]
    found = kept(at_once(station, samples[1:], 10).store) if together else fed(station, samples[1:])
    assert found == [(5, 12.1), (6, 10.0), (8, 8.1)]
    assert kept(station.engine.finish()) == [(10, 8.1)]
    assert kept(station.engine.finish()) == []


def test_a_step_after_a_constant_hour_is_a_step() -> None:
    station = keeping(History(swinging_door=0.5))
    samples: Kept = [(60.0 * minute, 10.0) for minute in range(60)]
    assert fed(station, [*samples, (3600, 20.0), (3660, 20.0)]) == [(0, 10), (59 * 60, 10)]
    assert kept(station.engine.finish()) == [(3600, 20), (3660, 20)]


def test_the_engine_goes_on_after_it_has_stored_all_it_held() -> None:
    station = keeping(History(swinging_door=0.5))
    fed(station, [(0, 10.0), (1, 11.0)])
    assert kept(station.engine.finish()) == [(1, 11)]
    assert fed(station, [(2, 12.0), (3, 13.0), (4, 20.0)]) == [(3, 13)]


def test_the_held_sample_goes_before_a_change_of_quality_and_all_bad_ones_go() -> None:
    station = keeping(History(swinging_door=5))
    fed(station, [(0, 10.0), (1, 11.0)])
    bad = int(Status.BAD_SENSOR_FAILURE)
    assert statuses(station.sample(2, 12.0, bad)) == [(11, 0), (12, bad)]
    assert statuses(station.sample(3, 13.0, bad)) == [(13, bad)]
    assert statuses(station.sample(4, 10.0)) == [(10, 0)]
    assert statuses(station.sample(5, 10.0, UNCERTAIN)) == [(10, UNCERTAIN)]
    assert statuses(station.sample(6, 11.0, UNCERTAIN)) == []


def test_the_maximum_interval_stores_the_held_sample_and_the_new_one() -> None:
    station = keeping(History(swinging_door=5, max_interval=10))
    samples: Kept = [(0.0, 0.0), (4.0, 4.0), (9.0, 9.0), (12.0, 12.0), (13.0, 13.0)]
    assert fed(station, samples[:1]) == [(0, 0)]
    assert kept(at_once(station, samples[1:], 13).store) == [(9, 9), (12, 12)]
    assert kept(station.run(21.9).store) == []
    assert kept(station.run(22).store) == [(13, 13)]


@pytest.mark.parametrize("narrow", [1, 8])
def test_nothing_stays_behind_when_the_maximum_interval_ends(narrow: int) -> None:
    with patch.object(history, "NARROW", narrow):
        station = keeping(History(swinging_door=0.25, deadband=3, max_interval=10))
        assert fed(station, [(0, 0.0), (1, 10.0), (2, 12.0)]) == [(0, 0)]
        assert fed(station, [(11, 12.5)]) == [(1, 10), (2, 12)]


def test_a_late_sample_is_stored_as_it_is_and_changes_nothing() -> None:
    station = keeping(History(swinging_door=0.5))
    fed(station, [(0, 10.0), (5, 15.0)])
    late = station.batch([(6, 1, 99.0, 0)])
    late.time[:] = UTC + seconds(2)
    assert kept(station.run(6, late).store) == [(2, 99)]
    assert fed(station, [(7, 17.0), (8, 30.0)]) == [(7, 17)]


def test_a_clock_set_back_costs_compression_and_no_sample() -> None:
    station = keeping(History(deadband=50, swinging_door=0.5))
    fed(station, [(0, 10.0), (1, 11.0)])
    for second in range(2, 6):
        batch = station.batch([(second, 1, 10.0 + second, 0)])
        batch.time[:] -= seconds(3600)
        assert kept(station.run(second, batch).store) == [(second - 3600, 10 + second)]


def test_only_measured_floats_have_a_door() -> None:
    for kind in (TagType.INT, TagType.BOOL, TagType.ENUM):
        station = keeping(History(swinging_door=5), kind)
        assert fed(station, [(0, 0.0), (1, 1.0), (2, 0.0)]) == [(0, 0), (1, 1), (2, 0)]


def test_a_computed_tag_has_a_policy_too() -> None:
    policy = History(swinging_door=0.5)
    station = Bench(entry(1, scan=1000), entry(2, ExpressionSource(expression="{p/1} * 2"), history=policy))
    for second in range(4):
        station.sample(second, float(second))
    assert kept(station.engine.finish()) == [(3, 6)]


@settings(max_examples=100, deadline=None)
@given(CURVES, st.sampled_from([0.125, 1.0, 1e3]), st.sampled_from([0.0, 0.125, 2.0]), st.integers(1, 20))
def test_deadband_and_door_together_err_by_no_more_than_both(
    steps: list[tuple[int, float]], deviation: float, deadband: float, together: int
) -> None:
    """The door by its deviation, the deadband by twice its width."""
    points = [(time - curve(steps)[0][0], value) for time, value in curve(steps)]
    station = keeping(History(swinging_door=deviation, deadband=deadband))
    parts = []
    for at in range(0, len(points), together):
        rows = [(time / SECOND, 1, value, 0) for time, value in points[at : at + together]]
        batch = station.batch(rows)
        batch.time[:] = [UTC + time for time, _ in points[at : at + together]]
        parts.append(station.run(rows[-1][0], batch).store)
    whole = join([*parts, station.engine.finish()])
    found = list(zip((whole.time - UTC).tolist(), whole.value.tolist(), strict=True))
    assert [found[0], found[-1]] == [points[0], points[-1]]
    assert max(errors(points, found)) <= deviation + 2 * deadband + 1e-12 * max(abs(value) for _, value in points)


# --- kinds, texts, finish ---


def test_texts_wait_and_are_repeated_like_numbers() -> None:
    station = keeping(History(min_interval=10, max_interval=30), TagType.STRING)
    assert fed(station, [(0, "a"), (2, "b"), (4, "c")]) == [(0, "a")]
    assert kept(station.run(10).store) == [(4, "c")]
    assert fed(station, [(20, "c"), (34, "c")]) == [(34, "c")]
    assert fed(station, [(36, "d")]) == []
    assert kept(station.engine.finish()) == [(36, "d")]


def test_only_some_tags_are_finished() -> None:
    doors = [entry(at, history=History(swinging_door=1), scan=1000) for at in (1, 2)]
    station = Bench(*doors, entry(3))
    station.run(1, station.batch([(second, at, 5.0 + second, 0) for second in (0, 1) for at in (1, 2, 3)]))
    assert station.engine.finish([2, 3, 99]).tag.tolist() == [2]
    assert station.engine.finish().tag.tolist() == [1]


def test_a_tag_that_is_not_stored_keeps_nothing_back() -> None:
    station = keeping(History(store=False, swinging_door=1))
    assert fed(station, [(0, 1.0), (1, 2.0), (2, 9.0)]) == []
    assert kept(station.engine.finish()) == []


def test_backfill_is_stored_as_it_is() -> None:
    station = keeping(History(swinging_door=100, deadband=100))
    live = station.batch([(second, 1, float(second), 0) for second in range(4)])
    old = Batch(live.tag, live.time, live.received, live.value, live.status, backfill=True)
    assert len(station.run(4, old).backfill) == 4


def test_odd_numbers_keep_the_order() -> None:
    station = keeping(History(deadband=5, swinging_door=1))
    found = fed(station, [(0, 1.0), (1, math.nan), (2, math.nan), (3, 1.0), (4, math.inf), (5, 1e308), (6, -1e308)])
    assert [second for second, _ in found] == [0, 1, 2, 3, 4, 5, 6]
