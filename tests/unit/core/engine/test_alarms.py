"""Alarms: the worked example, the table of states, limits at equality, quality, delays, acknowledgements."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from hmi.core.alarm import Alarm, AlarmKind, OnBad
from hmi.core.alarm_state import TRANSITIONS, AlarmEvent, AlarmState
from hmi.core.effects import Transition
from hmi.core.engine import Engine
from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import Status
from hmi.core.tag import History
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import PLANT, QUARTER, SCANS, UTC, Scan, batch_at, entry, high

NORMAL, UNACK, ACKED, RTNUN = AlarmState
ACTIVATE, RETURN, ACK, _ = AlarmEvent
BAD = int(Status.BAD_SENSOR_FAILURE)


def bench(**alarm: object) -> Bench:
    return Bench(entry(1, scan=10, alarms=(high(**{"deadband": 2, **alarm}),)))  # type: ignore[arg-type]


def times(transitions: tuple[Transition, ...]) -> list[tuple[AlarmEvent, float]]:
    return [(t.what, (t.time - UTC) / SECOND) for t in transitions]


WORKED = [79, 81, 79.5, 78.5, 77.9, 81, 82, 83, 84, 79]


def test_worked_example_one_sample_a_scan() -> None:
    station = bench(on_delay=3)
    seen = [step for t, value in enumerate(WORKED) for step in times(station.sample(t, value).transitions)]
    assert seen == [(ACTIVATE, 8.0)]
    assert station.state() is UNACK


def test_worked_example_in_one_batch() -> None:
    station = bench(on_delay=3)
    effects = station.run(9, station.batch([(t, 1, value, 0) for t, value in enumerate(WORKED)]))
    (transition,) = effects.transitions
    assert times(effects.transitions) == [(ACTIVATE, 8.0)]
    assert (transition.value, transition.limit, transition.event) == (84.0, 80.0, 1)


def test_exact_equality_changes_nothing() -> None:
    station = bench()
    assert not station.sample(0, 80.0).transitions
    assert times(station.sample(1, 80.5).transitions) == [(ACTIVATE, 1.0)]
    assert not station.sample(2, 78.0).transitions
    assert times(station.sample(3, 77.9).transitions) == [(RETURN, 3.0)]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_crossing_within_the_live_deadband_alarms(at_once: bool) -> None:
    station = Bench(entry(1, scan=10, deadband=5.0, history=History(max_interval=1), alarms=(high(deadband=1),)))
    values = [79.5, 80.2, 80.4, 79.5, 78.9, 78.8]
    rows = [(float(t), 1, value, 0) for t, value in enumerate(values)]
    scans = [rows] if at_once else [[row] for row in rows]
    seen = [step for scan in scans for step in times(station.run(scan[-1][0], station.batch(scan)).transitions)]
    assert seen == [(ACTIVATE, 1.0), (RETURN, 4.0)]
    assert station.engine.value_of(1).value == 78.9


@pytest.mark.parametrize(
    ("kind", "sets", "holds", "clears"),
    [
        (AlarmKind.HIGH_HIGH, 81, 78, 77),
        (AlarmKind.HIGH, 81, 78, 77),
        (AlarmKind.LOW, 79, 82, 83),
        (AlarmKind.LOW_LOW, 79, 82, 83),
        (AlarmKind.OFF_NORMAL, 79, 81, 80),
    ],
)
def test_every_kind(kind: AlarmKind, sets: float, holds: float, clears: float) -> None:
    station = Bench(entry(1, alarms=(Alarm(id="H", kind=kind, limit=80, normal=80, deadband=2),)))
    whats = [[t.what for t in station.sample(at, v).transitions] for at, v in enumerate((80, sets, holds, clears))]
    assert whats == [[], [ACTIVATE], [], [RETURN]]


def drive(station: Bench, state: AlarmState) -> None:
    """Bring an alarm from normal into a state, ending before second 4."""
    station.sample(0, 50)
    if state is not NORMAL:
        station.sample(1, 90)
    if state is ACKED:
        station.acknowledge(2)
    if state is RTNUN:
        station.sample(2, 50)
    assert station.state() is state


@pytest.mark.parametrize("state", list(AlarmState))
@pytest.mark.parametrize("what", [ACTIVATE, RETURN, ACK])
def test_table_of_states(state: AlarmState, what: AlarmEvent) -> None:
    station = bench()
    drive(station, state)
    effects = station.acknowledge(4) if what is ACK else station.sample(4, 91 if what is ACTIVATE else 51)
    after = TRANSITIONS.get((state, what))
    assert station.state() is (after or state)
    assert [(t.before, t.what, t.after) for t in effects.transitions] == ([(state, what, after)] if after else [])
    assert len(effects.refusals) == (1 if what is ACK and after is None else 0)


def test_a_single_false_sample_restarts_the_on_delay() -> None:
    station = bench(on_delay=3)
    rows = [(0, 1, 90, 0), (2, 1, 70, 0), (2.25, 1, 90, 0)]
    assert times(station.run(6, station.batch(rows)).transitions) == [(ACTIVATE, 5.25)]


def test_a_spike_within_a_batch_alarms() -> None:
    station = bench()
    effects = station.run(1, station.batch([(1, 1, 50, 0), (1, 1, 90, 0), (1, 1, 50, 0)]))
    assert [t.what for t in effects.transitions] == [ACTIVATE, RETURN]
    assert [t.event for t in effects.transitions] == [1, 2]
    assert effects.store.value.tolist() == [50, 90, 50]


def test_off_delay() -> None:
    station = bench(off_delay=2)
    station.sample(0, 90)
    station.sample(1, 50)
    station.sample(2, 90)
    effects = station.sample(3, 50)
    assert effects.deadline is not None
    assert times(station.run(5).transitions) == [(RETURN, 5.0)]


def test_a_deadline_fires_before_a_later_sample() -> None:
    station = bench(on_delay=1)
    station.sample(0, 90)
    effects = station.sample(1.5, 50)
    assert times(effects.transitions) == [(ACTIVATE, 1.0), (RETURN, 1.5)]
    assert [t.value for t in effects.transitions] == [90, 50]


def test_a_source_that_falls_silent_as_the_delay_ends_swallows_no_alarm() -> None:
    station = Bench(entry(1, scan=1, alarms=(high(on_delay=3),)))
    station.sample(0, 90)
    effects = station.run(3)
    assert times(effects.transitions) == [(ACTIVATE, 3.0)]
    assert (effects.transitions[0].value, effects.transitions[0].status) == (90.0, 0)
    assert effects.changed.status.tolist() == [int(Status.BAD_NO_COMMUNICATION)]


def test_clock_steps_move_stamps_but_no_delay() -> None:
    station = bench(on_delay=3)
    station.sample(0, 90)
    station.step_of_clock = -5
    effects = station.run(1)
    assert [notice.kind for notice in effects.notices] == ["clock-step"]
    assert not station.run(2.75).transitions
    assert times(station.run(3).transitions) == [(ACTIVATE, -2.0)]


def test_hold_keeps_the_state_and_bad_restarts_the_delay() -> None:
    station = bench(on_delay=2)
    station.sample(0, 90)
    station.sample(1, 0, BAD)
    assert not station.run(2.5).transitions
    station.sample(2.75, 90)
    assert times(station.run(4.75).transitions) == [(ACTIVATE, 4.75)]
    station.sample(5, 0, BAD)
    assert station.state() is UNACK
    assert not station.view().can_evaluate  # type: ignore[union-attr]


def test_the_band_does_not_forget_over_bad() -> None:
    station = bench()
    station.sample(0, 90)
    station.sample(1, 0, BAD)
    assert not station.sample(2, 79).transitions
    assert station.state() is UNACK


def test_uncertain_is_evaluated() -> None:
    station = bench()
    assert station.sample(0, 90, int(Status.UNCERTAIN)).transitions


def test_active_on_bad() -> None:
    station = bench(on_bad=OnBad.ACTIVE)
    station.sample(0, 50)
    assert [t.what for t in station.sample(1, 0, BAD).transitions] == [ACTIVATE]
    assert station.view().can_evaluate  # type: ignore[union-attr]
    assert [t.what for t in station.sample(2, 79).transitions] == [RETURN]


def test_alarms_that_cannot_be_evaluated_are_listed() -> None:
    station = bench()
    assert [view.can_evaluate for view in station.engine.alarms()] == [False]
    station.sample(0, 50)
    assert station.engine.alarms() == []


def test_alarms_are_counted_and_found_without_listing_them() -> None:
    station = Bench(entry(1, alarms=(high(),)), entry(2, alarms=(high(), Alarm(id="L", kind=AlarmKind.LOW))))
    assert station.engine.not_evaluated == 3
    station.sample(0, 90)
    assert station.engine.not_evaluated == 2
    assert [view.alarm for view in station.engine.alarms(announced=True)] == ["u1/H"]
    assert station.engine.alarm("u1/H") == station.engine.alarms()[0]
    assert station.engine.alarm("u9/H") is None


def test_stale_acknowledgement_is_refused() -> None:
    station = bench()
    station.sample(0, 90)
    station.sample(1, 50)
    station.sample(2, 90)
    effects = station.acknowledge(3, event=1)
    assert "announced again" in effects.refusals[0].why
    assert not effects.transitions
    assert station.state() is UNACK
    assert station.acknowledge(4).transitions[0].user == "ann"


def test_acknowledging_needs_an_alarm_and_a_user() -> None:
    station = bench()
    assert "no alarm" in station.acknowledge(0, "u9/H", 1).refusals[0].why
    station.sample(1, 90)
    assert "sign in" in station.acknowledge(2, user=" ").refusals[0].why
    assert station.state() is UNACK


def test_two_limits_of_a_tag_are_two_alarms() -> None:
    station = Bench(entry(1, alarms=(high(), Alarm(id="HH", kind=AlarmKind.HIGH_HIGH, limit=90))))
    effects = station.sample(0, 95)
    assert [t.alarm for t in effects.transitions] == ["u1/H", "u1/HH"]
    station.sample(1, 85)
    assert (station.state("u1/H"), station.state("u1/HH")) == (UNACK, RTNUN)


def test_order_is_that_of_application() -> None:
    station = Bench(entry(1, alarms=(high(),)), entry(2, alarms=(high(on_delay=1),)))
    rows = [(0, 2, 90, 0), (0.5, 1, 90, 0), (1.5, 1, 50, 0)]
    effects = station.run(2, station.batch(rows))
    assert [(t.tag, *one) for t, one in zip(effects.transitions, times(effects.transitions), strict=True)] == [
        (1, ACTIVATE, 0.5),
        (2, ACTIVATE, 1.0),
        (1, RETURN, 1.5),
    ]


@settings(max_examples=60, deadline=None)
@given(SCANS)
def test_the_journal_is_complete(scans: list[Scan]) -> None:
    """Event numbers have no gap and every alarm's transitions chain by the table alone."""
    engine, now, expected = Engine.build(PLANT, 7), Instants(SECOND, UTC), 7
    states: dict[str, AlarmState] = {}
    for scan in scans:
        now = Instants(now.mono + scan.quarters * QUARTER, now.utc + scan.quarters * QUARTER)
        for transition in engine.step(now, batch_at(scan, now), ()).transitions:
            assert transition.event == expected
            assert transition.before is states.get(transition.alarm, NORMAL)
            assert transition.after is TRANSITIONS[transition.before, transition.what]
            states[transition.alarm], expected = transition.after, expected + 1
    shown = {view.alarm: view.state for view in engine.alarms() if view.state is not NORMAL}
    assert shown == {name: state for name, state in states.items() if state is not NORMAL}


def test_a_delay_of_a_long_pause_is_stamped_with_its_end() -> None:
    station = bench(on_delay=0.5)
    station.sample(0, 90)
    (transition,) = station.run(100).transitions
    assert transition.received == SECOND + seconds(0.5)


def test_the_counts_are_those_of_the_list() -> None:
    station = bench()
    assert station.engine.alarm_counts() == {NORMAL: 1, UNACK: 0, ACKED: 0, RTNUN: 0}
    station.sample(0, 81.0)
    assert station.engine.alarm_counts() == {NORMAL: 0, UNACK: 1, ACKED: 0, RTNUN: 0}
