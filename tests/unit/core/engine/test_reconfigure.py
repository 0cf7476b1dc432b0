"""Editing a running line: what a changed, a new and a removed tag keep, say and leave behind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hmi.core.actions import SetValue
from hmi.core.alarm import Alarm, AlarmKind, OnBad
from hmi.core.alarm_state import AlarmEvent, AlarmState
from hmi.core.batch import EMPTY
from hmi.core.effects import Effects
from hmi.core.engine import TagEntry
from hmi.core.expression import CycleError, ExpressionError
from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.core.tag import (
    Clamp,
    ConnectionSource,
    ExpressionSource,
    History,
    ManualSource,
    MemorySource,
    Scaling,
    Tag,
    TagType,
)
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import UTC, entry, high

WAITING, UNKNOWN = int(Status.BAD_WAITING_FOR_INITIAL_DATA), int(Status.BAD_NODE_ID_UNKNOWN)
ELSEWHERE = ConnectionSource("plc", "elsewhere")


def edit(station: Bench, second: float, *put: TagEntry, gone: Sequence[int] = ()) -> Effects:
    return station.engine.reconfigure(put, gone, station.at(second))


def whats(effects: Effects) -> list[tuple[str, str, float]]:
    return [(t.alarm, t.what.value, (t.time - UTC) / SECOND) for t in effects.transitions]


def high_at(limit: float, **more: object) -> TagEntry:
    return entry(1, scan=100, alarms=(high(limit, **more),))


def test_a_limit_that_is_exceeded_now_alarms_at_once() -> None:
    station = Bench(high_at(90))
    station.sample(0, 85)
    effects = edit(station, 3, high_at(80))
    assert whats(effects) == [("u1/H", "activate", 3.0)]
    assert (effects.transitions[0].value, effects.transitions[0].limit) == (85.0, 80.0)
    assert not len(effects.changed)
    assert not station.run(4).transitions


def test_a_limit_that_is_not_exceeded_any_more_returns_at_once() -> None:
    station = Bench(high_at(80))
    station.sample(0, 85)
    assert whats(edit(station, 3, high_at(90))) == [("u1/H", "return", 3.0)]
    assert station.state() is AlarmState.RETURNED_UNACKNOWLEDGED


@pytest.mark.parametrize("state", [AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, "RTNUN"])
def test_an_edit_of_something_else_keeps_every_state(state: str) -> None:
    station = Bench(high_at(80))
    station.sample(0, 85)
    if state == AlarmState.ACKNOWLEDGED:
        station.acknowledge(1)
    if state == AlarmState.RETURNED_UNACKNOWLEDGED:
        station.sample(1, 50)
    before = station.view()
    assert before is not None
    effects = edit(station, 3, entry(1, scan=100, description="other", alarms=(high(80, message="other"), high_low())))
    after = station.view()
    assert after is not None
    assert not effects.transitions
    assert (after.state, after.event, after.since) == (before.state, before.event, before.since)
    assert after.definition.message == "other"


def high_low() -> Alarm:
    return Alarm(id="A", kind=AlarmKind.LOW, limit=10)


def test_a_delay_that_runs_goes_on() -> None:
    station = Bench(high_at(80, on_delay=10))
    station.sample(0, 85)
    edit(station, 4, high_at(81, on_delay=10))
    assert not station.run(9.9).transitions
    assert whats(station.run(11)) == [("u1/H", "activate", 10.0)]


@pytest.mark.parametrize(("delay", "announced"), [(20, 20.0), (6, 6.0)])
def test_a_delay_that_runs_ends_as_the_new_one_says(delay: float, announced: float) -> None:
    station = Bench(high_at(80, on_delay=10))
    station.sample(0, 85)
    assert not edit(station, 4, high_at(80, on_delay=delay)).transitions
    assert whats(station.run(30)) == [("u1/H", "activate", announced)]


def test_a_delay_that_would_have_ended_ends_with_the_edit() -> None:
    station = Bench(high_at(80, on_delay=10))
    station.sample(0, 85)
    assert whats(edit(station, 4, high_at(80, on_delay=3))) == [("u1/H", "activate", 4.0)]


def test_an_alarm_of_another_kind_is_judged_afresh() -> None:
    station = Bench(high_at(80))
    station.sample(0, 85)
    low = Alarm(id="H", kind=AlarmKind.LOW, limit=80)
    assert whats(edit(station, 1, entry(1, scan=100, alarms=(low,)))) == [("u1/H", "return", 1.0)]


@pytest.mark.parametrize("whole", [True, False])
def test_a_removed_alarm_closes_in_the_journal(whole: bool) -> None:
    station = Bench(high_at(80), entry(2))
    station.sample(0, 85)
    effects = edit(station, 1, gone=[1]) if whole else edit(station, 1, entry(1))
    (closed,) = effects.transitions
    assert (closed.alarm, closed.what, closed.before) == ("u1/H", AlarmEvent.REMOVE, AlarmState.UNACKNOWLEDGED)
    assert (closed.after, closed.time, closed.value, closed.event) == (AlarmState.NORMAL, UTC + SECOND, 85.0, 2)
    assert station.engine.alarm("u1/H") is None
    assert station.engine.alarms() == []
    assert station.engine.next_event == 3


def test_a_removed_alarm_at_rest_says_nothing() -> None:
    station = Bench(high_at(80))
    station.sample(0, 50)
    assert not edit(station, 1, entry(1)).transitions


def test_a_removed_tag_is_told_once_and_is_gone() -> None:
    station = Bench(entry(1), entry(2, kind=TagType.STRING), entry(3))
    station.run(0, station.batch([(0, 1, 5.0, 0), (0, 2, "a", 0)]))
    effects = edit(station, 1, gone=[1, 2])
    for batch in (effects.changed, effects.store):
        assert (batch.tag.tolist(), batch.status.tolist()) == ([1, 2], [UNKNOWN] * 2)
        assert (batch.text_at(1), set(batch.time.tolist())) == ("", {UTC + SECOND})
    late = station.sample(2, 6.0)
    assert not len(late.changed)
    assert not late.notices
    assert station.engine.values().tag.tolist() == [3]
    with pytest.raises(KeyError):
        station.engine.value_of(1)


def test_what_history_kept_back_of_a_removed_tag_is_stored() -> None:
    station = Bench(entry(1, scan=100, history=History(deadband=5)))
    station.sample(0, 1.0)
    station.sample(1, 2.0)
    assert edit(station, 2, gone=[1]).store.status.tolist() == [0, UNKNOWN]


def test_a_tag_that_is_stored_no_more_ends_in_history() -> None:
    station = Bench(entry(1, scan=100))
    station.sample(0, 1.0)
    effects = edit(station, 2, entry(1, scan=100, history=History(store=False)))
    assert effects.store.status.tolist() == [int(Status.BAD_NO_DATA)]
    assert not len(effects.changed)
    assert not len(station.sample(3, 2.0).store)


def test_a_tag_that_is_stored_from_now_on_begins_with_its_value() -> None:
    station = Bench(entry(1, scan=100, history=History(store=False)))
    station.sample(0, 1.0)
    effects = edit(station, 2, entry(1, scan=100))
    assert (effects.store.value.tolist(), effects.store.time.tolist()) == ([1.0], [UTC + 2 * SECOND])


@pytest.mark.parametrize("change", [{"source": ELSEWHERE}, {"kind": TagType.INT}, {"driver": {"order": "ABCD"}}])
def test_another_source_or_type_waits_for_initial_data(change: dict[str, object]) -> None:
    station = Bench(high_at(80))
    station.sample(0, 85)
    effects = edit(station, 1, entry(1, scan=100, alarms=(high(80),), **change))  # type: ignore[arg-type]
    assert (effects.changed.status.tolist(), effects.store.status.tolist()) == ([WAITING], [WAITING])
    assert not effects.transitions
    assert station.state() is AlarmState.UNACKNOWLEDGED
    assert station.engine.not_evaluated == 1
    assert effects.deadline == station.at(31).mono
    back = station.sample(2, 50)
    assert whats(back) == [("u1/H", "return", 2.0)]
    assert back.store.value.tolist() == [50]


def test_what_another_source_stamped_before_the_edit_counts_from_its_receipt() -> None:
    station = Bench(entry(1, scan=100))
    station.sample(10, 5)
    edit(station, 20, entry(1, ELSEWHERE, scan=100))
    batch = station.batch([(21, 1, 7.0, 0)])
    batch.time[:] = station.at(15).utc
    assert station.run(21, batch).store.time.tolist() == [station.at(21).utc]


def test_waiting_does_not_raise_an_alarm_on_bad() -> None:
    station = Bench(entry(1, scan=100, alarms=(high(80, on_bad=OnBad.ACTIVE),)))
    station.sample(0, 50)
    edited = entry(1, ELSEWHERE, scan=100, alarms=(high(80, on_bad=OnBad.ACTIVE),))
    assert not edit(station, 1, edited).transitions
    assert whats(station.run(32)) == [("u1/H", "activate", 31.0)]


def test_a_new_scaling_is_applied_to_the_present_value() -> None:
    station = Bench(entry(1, scan=100, scaling=Scaling((0, 100), (0, 50))))
    station.sample(0, 80)
    effects = edit(station, 1, entry(1, scan=100, scaling=Scaling((0, 100), (0, 200)), alarms=(high(100),)))
    assert (effects.changed.value.tolist(), effects.changed.status.tolist()) == ([160.0], [0])
    assert whats(effects) == [("u1/H", "activate", 1.0)]


def test_a_value_that_a_clamp_had_cut_waits_when_it_is_scaled_anew() -> None:
    station = Bench(entry(1, scan=100, scaling=Scaling((0, 100), (0, 50), Clamp.LIMIT)))
    station.sample(0, 180)
    assert edit(station, 1, entry(1, scan=100)).changed.status.tolist() == [WAITING]


def test_a_new_scan_rate_moves_the_moment_of_staleness() -> None:
    station = Bench(entry(1, scan=1))
    station.sample(0, 5)
    assert edit(station, 1, entry(1, scan=5)).deadline == station.at(15).mono
    assert edit(station, 2, entry(1, scan=1)).deadline == station.at(3).mono
    assert station.run(4).changed.status.tolist() == [int(Status.BAD_NO_COMMUNICATION)]


def test_new_tags_begin_as_at_a_start() -> None:
    station = Bench(entry(1, scan=100))
    station.sample(0, 5)
    put = [
        entry(40, scan=100),
        entry(2, MemorySource(7.0), alarms=(high(5),)),
        entry(3, ManualSource()),
        entry(41, ExpressionSource("{p/1} + {p/2}")),
        entry(42, MemorySource("a"), TagType.STRING),
    ]
    effects = edit(station, 1, *put)
    assert sorted(zip(effects.changed.tag.tolist(), effects.changed.status.tolist(), strict=True)) == [
        (2, 0), (41, 0), (42, 0)]  # fmt: skip
    assert sorted(effects.store.tag.tolist()) == [2, 41, 42]
    assert whats(effects) == [("u2/H", "activate", 1.0)]
    assert station.engine.value_of(41).value == 12.0
    assert station.engine.value_of(42).value == "a"
    assert station.sample(2, 8, tag=40).changed.value.tolist() == [8]
    station.run(3, EMPTY, SetValue(2, 1.0, 0, "ann"))
    assert station.engine.value_of(41).value == 6.0


def test_a_memory_keeps_its_value_when_its_default_changes() -> None:
    station = Bench(entry(1, MemorySource(1.0)))
    station.run(0, EMPTY, SetValue(1, 5.0, 0, "ann"))
    assert not len(edit(station, 1, entry(1, MemorySource(2.0))).changed)
    assert station.engine.value_of(1).value == 5.0


def test_a_renamed_tag_goes_on_where_its_readers_follow() -> None:
    station = Bench(entry(1, scan=100), entry(2, ExpressionSource("totaliser({p/1}, 1)")))
    station.sample(0, 2.0)
    renamed = Tag(uid="u1", path="new/name", type=TagType.FLOAT, source=entry(1).tag.source, scan=100)
    with pytest.raises(ExpressionError):
        edit(station, 1, TagEntry(1, renamed))
    assert station.engine.value_of(1).path == "p/1"
    edit(station, 5, TagEntry(1, renamed), entry(2, ExpressionSource("totaliser({new/name}, 1)")))
    assert (station.engine.value_of(1).path, station.engine.value_of(1).value) == ("new/name", 2.0)


def test_a_total_goes_on_when_its_expression_does() -> None:
    total = ExpressionSource("totaliser({p/1}, 1)")
    station = Bench(entry(1, scan=100), entry(2, total))
    station.sample(0, 2.0)
    edit(station, 5, entry(2, total, description="edited"))
    station.run(10)
    assert station.engine.value_of(2).value == 20.0


def test_an_expression_follows_a_path_to_another_tag() -> None:
    station = Bench(entry(1, scan=100), entry(2, ExpressionSource("{p/1} * 2")))
    station.sample(0, 2.0)
    other = Tag(uid="x", path="p/1", type=TagType.FLOAT, source=MemorySource(9.0))
    effects = edit(station, 1, TagEntry(5, other), gone=[1])
    assert station.engine.value_of(2).value == 18.0
    assert effects.changed.tag.tolist() == [1, 5, 2]


def test_another_expression_counts_at_once() -> None:
    station = Bench(entry(1, scan=100), entry(2, ExpressionSource("{p/1} + 1"), alarms=(high(80),)))
    station.sample(0, 5)
    effects = edit(station, 1, entry(2, ExpressionSource("{p/1} + 100"), alarms=(high(80),)))
    assert (effects.changed.value.tolist(), effects.changed.time.tolist()) == ([105], [station.at(1).utc])
    assert whats(effects) == [("u2/H", "activate", 1.0)]


def test_readers_are_evaluated_in_order_after_any_edit() -> None:
    station = Bench(entry(1, scan=100), entry(2, ExpressionSource("{p/1} + 1")), entry(3, ExpressionSource("{p/1}")))
    station.sample(0, 5)
    edit(station, 1, entry(2, ExpressionSource("{p/3} + 1")), entry(4, ExpressionSource("{p/2} + {p/3}")))
    assert station.engine.value_of(4).value == 11
    station.sample(2, 7)
    assert station.engine.value_of(4).value == 15


@pytest.mark.parametrize(
    ("put", "gone", "error"),
    [
        ([entry(2, ExpressionSource("{p/3}")), entry(3, ExpressionSource("{p/2}"))], [], CycleError),
        ([entry(2, ExpressionSource("{p/2}"))], [], CycleError),
        ([entry(2, ExpressionSource("{p/9}"))], [], ExpressionError),
        ([entry(1, kind=TagType.STRING)], [], ExpressionError),
        ([], [1], ExpressionError),
        ([], [9], ValueError),
        ([entry(3)], [3], ValueError),
        ([entry(3), entry(3)], [], ValueError),
        ([TagEntry(1, entry(7).tag)], [], ValueError),
        ([TagEntry(8, Tag(uid="u8", path="p/1", type=TagType.FLOAT, source=MemorySource()))], [], ValueError),
        ([TagEntry(8, entry(9).tag), TagEntry(9, entry(9).tag)], [], ValueError),
    ],
)
def test_an_edit_that_cannot_be_made_changes_nothing(put: list[TagEntry], gone: list[int], error: type) -> None:
    plant = [entry(1, alarms=(high(80),)), entry(2, ExpressionSource("{p/1} + 1")), entry(3, ExpressionSource("{p/2}"))]
    station, other = Bench(*plant), Bench(*plant)
    for one in (station, other):
        one.sample(0, 85)
    with pytest.raises(error):
        edit(station, 1, *put, gone=gone)
    assert station.engine.save(running=True) == other.engine.save(running=True)
    assert str(station.sample(2, 50)) == str(other.sample(2, 50))


def test_before_the_first_scan_there_is_nothing_to_edit() -> None:
    with pytest.raises(ValueError, match="never stepped"):
        edit(Bench(entry(1)), 0, entry(2))


def test_two_tags_may_swap_their_paths() -> None:
    station = Bench(entry(1, scan=100), entry(2, scan=100), entry(3, ExpressionSource("{p/1}")))
    station.run(0, station.batch([(0, 1, 5.0, 0), (0, 2, 7.0, 0)]))
    tags = [
        TagEntry(at, Tag(uid=f"u{at}", path=f"p/{3 - at}", type=TagType.FLOAT, source=entry(1).tag.source, scan=100))
        for at in (1, 2)
    ]
    edit(station, 1, *tags)
    assert station.engine.value_of(3).value == 7.0
    assert station.engine.value_of(1).path == "p/2"
