"""What outlives the engine: values, memories, alarms; and what a restart marks."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.actions import SetValue
from hmi.core.alarm_state import AlarmState
from hmi.core.batch import EMPTY, Batch
from hmi.core.effects import Transition
from hmi.core.engine import Engine, TagEntry
from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import Status
from hmi.core.tag import ExpressionSource, History, ManualSource, MemorySource, TagType
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import PLANT, UTC, Scan, batch_at, entry, high, scans_of

WAITING = int(Status.BAD_WAITING_FOR_INITIAL_DATA)


def restarted(station: Bench, second: float, *entries: TagEntry, running: bool = False) -> Bench:
    """Another process takes over; its monotonic clock begins anywhere."""
    other = Bench(*(entries or station.entries))
    other.engine.restore(
        json.loads(json.dumps(station.engine.save(running=running))), other.at(second), running=running
    )
    return other


def test_memory_manual_and_text_survive() -> None:
    text = entry(3, MemorySource(default="a"), TagType.STRING)
    station = Bench(entry(1, MemorySource(default=1.0)), entry(2, ManualSource()), text)
    actions = [SetValue(1, 5.0, 0, "ann"), SetValue(2, 6.0, 0, "ann"), SetValue(3, "b", 0, "ann")]
    station.run(0, EMPTY, *actions)
    other = restarted(station, 10)
    effects = other.run(11)
    assert effects.changed.tag.tolist() == [1, 2, 3]
    assert len(effects.store) == 0
    assert [other.engine.value_of(at).value for at in (1, 2, 3)] == [5.0, 6.0, "b"]
    assert other.engine.value_of(1).time == UTC


def test_sources_wait_with_their_last_value() -> None:
    station = Bench(entry(1))
    station.sample(0, 5)
    other = restarted(station, 10)
    assert (other.engine.value_of(1).value, other.engine.value_of(1).status) == (5, WAITING)
    assert other.run(11).deadline == other.at(40).mono
    assert other.sample(12, 5).changed.value.tolist() == [5]


DOOR = History(swinging_door=1.0)


def test_what_history_kept_back_survives_a_crash() -> None:
    waits = entry(2, kind=TagType.STRING, history=History(min_interval=60), scan=1000)
    station = Bench(entry(1, history=DOOR, scan=1000), waits)
    rows: list[tuple[float, int, float | str, int]] = [(0, 1, 5.0, 0), (1, 1, 6.0, 0), (2, 2, "a", 0), (3, 2, "b", 0)]
    assert len(station.run(3, station.batch(rows)).store) == 2
    other = restarted(station, 10)
    late = other.engine.finish()
    assert [(late.time[row] - UTC, late.value[row], late.text_at(row)) for row in range(2)] == [
        (3 * SECOND, 0, "b"),
        (SECOND, 6, None),
    ]
    assert not len(other.engine.finish())
    again = restarted(station, 10)
    assert again.sample(11, 7.0).store.value.tolist() == [6, 7]


def test_the_first_sample_after_a_restart_is_stored_whatever_it_says() -> None:
    station = Bench(entry(1, history=History(deadband=5)))
    station.sample(0, 50)
    assert restarted(station, 10).sample(11, 51).store.value.tolist() == [51]


def test_an_edit_that_ends_a_policy_gives_away_what_it_kept_back() -> None:
    station = Bench(entry(1, history=DOOR), entry(2, history=History(deadband=5)), entry(3, history=DOOR))
    station.run(1, station.batch([(second, at, 5.0 + second, 0) for second in (0, 1) for at in (1, 2, 3)]))
    assert station.engine.finish([3]).value.tolist() == [6]  # its tag goes
    edited = restarted(station, 1, entry(1), entry(2), running=True)
    assert edited.run(1.05).store.tag.tolist() == [1, 2]
    assert not len(edited.run(1.1).store)
    assert not len(edited.engine.finish())


def test_a_door_goes_on_through_an_edit() -> None:
    station = Bench(entry(1, history=DOOR))
    station.run(1, station.batch([(0, 1, 5.0, 0), (1, 1, 6.0, 0)]))
    edited = restarted(station, 1, entry(1, history=History(swinging_door=1.0, max_interval=60)), running=True)
    assert edited.sample(2, 7.0).store.value.tolist() == []
    assert edited.sample(3, 70.0).store.value.tolist() == [7]


def test_alarms_come_back_without_being_announced() -> None:
    station = Bench(entry(1, alarms=(high(),)))
    station.sample(0, 90)
    other = restarted(station, 100)
    assert other.state() is AlarmState.UNACKNOWLEDGED
    assert not other.sample(101, 91).transitions
    (acknowledged,) = other.acknowledge(102).transitions
    assert (acknowledged.event, acknowledged.after) == (2, AlarmState.ACKNOWLEDGED)


def test_changes_found_after_the_start_are_marked_and_later_ones_not() -> None:
    station = Bench(entry(1, alarms=(high(),)), entry(2, alarms=(high(),)))
    station.run(0, station.batch([(0, 1, 90, 0), (0, 2, 50, 0)]))
    other = restarted(station, 100)
    other.sample(101, 0, int(Status.BAD_DEVICE_FAILURE), tag=2)
    first = other.run(102, other.batch([(102, 1, 50, 0), (102, 2, 90, 0)]))
    assert [(t.tag, t.seen_at_start) for t in first.transitions] == [(1, True), (2, True)]
    later = other.run(103, other.batch([(103, 1, 90, 0), (103, 2, 50, 0)]))
    assert [(t.tag, t.seen_at_start) for t in later.transitions] == [(1, False), (2, False)]


def test_a_delayed_change_found_after_the_start_is_marked_too() -> None:
    station = Bench(entry(1, alarms=(high(on_delay=1),)))
    station.sample(0, 50)
    other = restarted(station, 100)
    other.sample(101, 90)
    again = restarted(other, 101.5, running=True)
    assert [t.seen_at_start for t in again.run(102).transitions] == [True]


def test_delays_go_on_with_the_time_left() -> None:
    station = Bench(entry(1, alarms=(high(on_delay=10),), scan=100))
    station.sample(0, 90)
    station.run(7)
    other = restarted(station, 1000)
    assert not other.run(1002.5).transitions
    (transition,) = other.run(1003).transitions
    assert transition.time == UTC + seconds(1003)


def test_an_edited_limit_counts_at_once() -> None:
    station = Bench(entry(1, alarms=(high(90),)))
    station.sample(0, 85)
    edited = restarted(station, 0, entry(1, alarms=(high(80),)), running=True)
    effects = edited.run(0.05)
    assert [(t.what.value, t.seen_at_start) for t in effects.transitions] == [("activate", False)]
    assert len(effects.changed) == 0


def test_what_an_edit_adds_counts_at_once() -> None:
    station = Bench(entry(1), entry(3, MemorySource(default=1.0)))
    station.sample(0, 85)
    added = entry(2, MemorySource(default=7.0), alarms=(high(5),))
    edited = restarted(station, 0, entry(1, alarms=(high(80),)), added, entry(3, MemorySource()), running=True)
    effects = edited.run(0.05)
    assert sorted(t.alarm for t in effects.transitions) == ["u1/H", "u2/H"]
    assert (effects.changed.tag.tolist(), effects.store.tag.tolist()) == ([2], [2])


def test_an_edited_expression_is_evaluated_at_once() -> None:
    station = Bench(entry(1), entry(2, ExpressionSource(expression="{p/1} + 1")))
    station.sample(0, 5)
    edited = restarted(station, 0, entry(1), entry(2, ExpressionSource(expression="{p/1} + 2")), running=True)
    assert edited.run(0.05).changed.value.tolist() == [7]


def test_totals_survive() -> None:
    total = entry(2, ExpressionSource(expression="totaliser({p/1}, 1)"))
    station = Bench(entry(1, scan=100), total)
    station.sample(0, 2.0)
    station.run(10)
    assert station.engine.value_of(2).value == 20
    other = restarted(station, 1000)
    other.sample(1000, 0.0)
    assert other.engine.value_of(2).value == 20


def test_alarms_the_project_lost_are_told() -> None:
    station = Bench(entry(1, alarms=(high(),)), entry(2, alarms=(high(),)))
    station.run(0, station.batch([(0, 1, 90, 0), (0, 2, 50, 0)]))
    other = restarted(station, 1, entry(2))
    (notice,) = other.run(2).notices
    assert "u1/H" in notice.text


def test_the_journal_brings_an_older_copy_up_to_date() -> None:
    station = Bench(entry(1, alarms=(high(deadband=2),)), entry(2, alarms=(high(),)))
    station.sample(0, 50)
    saved = station.engine.save()
    journal = [*station.sample(1, 90).transitions, *station.acknowledge(2).transitions]
    journal += [*station.sample(3, 90, tag=2).transitions, *station.sample(4, 50, tag=2).transitions]
    other = Bench(*station.entries)
    other.engine.restore(saved, other.at(100), journal=journal)
    assert (other.state("u1/H"), other.state("u2/H")) == (AlarmState.ACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED)
    assert other.engine.next_event == station.engine.next_event == 5
    assert not other.sample(101, 79).transitions
    assert [t.event for t in other.sample(102, 50).transitions] == [5]
    assert other.acknowledge(103, "u2/H").transitions[0].after is AlarmState.NORMAL


def test_state_of_another_version_is_told_and_left() -> None:
    station = Bench(entry(1, MemorySource(default=3.0)))
    station.engine.restore({"version": 0}, station.at(0))
    effects = station.run(1)
    assert [notice.kind for notice in effects.notices] == ["state-lost"]
    assert effects.changed.value.tolist() == [3.0]


def redelivered(engine: Engine, now: Instants) -> Batch:
    """What sources send first after a start: every value that was known, as it is."""
    values = engine.values()
    known = values.take(values.status != WAITING)
    received = known.received * 0 + now.mono
    return Batch(known.tag, known.time, received, known.value, known.status, known.text, known.text_rows)


def unmarked(transition: Transition) -> str:
    return str(replace(transition, seen_at_start=False))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([1, 3, 12]), st.sets(st.integers(1, 5), max_size=3))
def test_alarms_do_not_notice_a_restart(seed: int, most_rows: int, restarts: set[int]) -> None:
    """With sources that repeat their values at once, no transition is lost, added or renumbered."""
    plant = [tag for tag in PLANT if tag.id in (1, 2, 4, 13)]
    steady, broken = Engine.build(plant, 1), Engine.build(plant, 1)
    now = Instants(SECOND, UTC)
    for number, scan in enumerate(scans_of(seed, 6, most_rows)):
        if number in restarts:
            batch = redelivered(broken, now)
            saved = json.loads(json.dumps(broken.save()))
            broken = Engine.build(plant, 1)
            broken.restore(saved, now)
            assert not broken.step(now, batch, ()).transitions
        now = Instants(now.mono + SECOND // 4, now.utc + SECOND // 4)
        recent = Scan(1, tuple((tag, 0, 0, value, status) for tag, _, _, value, status in scan.rows), (), False)
        one, other = (engine.step(now, batch_at(recent, now), ()) for engine in (steady, broken))
        # Staleness begins anew with a restart; scans this quick never meet it.
        assert [unmarked(t) for t in one.transitions] == [unmarked(t) for t in other.transitions]
