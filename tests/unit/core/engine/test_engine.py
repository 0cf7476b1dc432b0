"""The scan besides alarms: quality, freshness, history, derived, memory and manual tags, backfill, odd input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hmi.core.actions import Alive, SetValue
from hmi.core.batch import EMPTY
from hmi.core.effects import Effects
from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.core.tag import ExpressionSource, History, ManualSource, MemorySource, Scaling, TagType
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import UTC, entry, high

WAITING, LOST = int(Status.BAD_WAITING_FOR_INITIAL_DATA), int(Status.BAD_NO_COMMUNICATION)


def changes(effects: Effects) -> list[tuple[float, int]]:
    return list(zip(effects.changed.value.tolist(), effects.changed.status.tolist(), strict=True))


def alive(station: Bench, second: float) -> Alive:
    return Alive(np.array([1], np.int32), station.at(second).mono)


# --- deadband ---


def test_unchanged_values_only_refresh() -> None:
    station = Bench(entry(1, scan=1))
    assert changes(station.sample(0, 5)) == [(5, 0)]
    assert changes(station.sample(2, 5)) == []
    assert changes(station.run(4.9)) == []
    assert changes(station.run(5)) == [(5, LOST)]


def test_live_deadband_and_status() -> None:
    station = Bench(entry(1, deadband=2.0))
    batch = station.batch([(t / 10, 1, v, 0) for t, v in enumerate([50.0, 51.9, 52.0, 52.1, 53.5, 54.2, 50])])
    assert [value for value, _ in changes(station.run(1, batch))] == [50.0, 52.1, 54.2, 50]
    assert changes(station.sample(1.5, 50.5, int(Status.UNCERTAIN))) == [(50.5, int(Status.UNCERTAIN))]


# --- freshness ---


def test_first_samples_have_thirty_seconds() -> None:
    station = Bench(entry(1, scan=0.1))
    assert station.run(0).deadline == station.at(30).mono
    assert station.engine.value_of(1).status == WAITING
    assert math.isnan(station.engine.value_of(1).value)  # type: ignore[arg-type]
    effects = station.run(31, EMPTY, alive(station, 29))
    assert effects.changed.status.tolist() == [LOST]
    assert effects.changed.time.tolist() == [UTC + 30 * SECOND]


@pytest.mark.parametrize(("scan", "timeout"), [(0.1, 2), (0.5, 2), (1, 3), (5, 15)])
def test_timeout_is_three_scans_or_two_seconds(scan: float, timeout: float) -> None:
    station = Bench(entry(1, scan=scan))
    assert station.sample(0, 1).deadline == station.at(timeout).mono


def test_signs_of_life_keep_a_constant_value_good() -> None:
    station = Bench(entry(1, scan=1))
    station.sample(0, 5)
    for second in range(2, 40, 2):
        assert not len(station.run(second, EMPTY, alive(station, second)).changed)
    assert station.engine.value_of(1).status == 0


def test_only_a_sample_makes_a_stale_tag_good() -> None:
    station = Bench(entry(1, scan=1))
    station.sample(0, 5)
    assert changes(station.run(4)) == [(5, LOST)]
    assert not len(station.run(5, EMPTY, alive(station, 5)).changed)
    assert changes(station.sample(6, 5)) == [(5, 0)]


def test_a_pause_between_samples_of_one_batch_shows() -> None:
    station = Bench(entry(1, scan=1))
    effects = station.run(9, station.batch([(0, 1, 5, 0), (8, 1, 5, 0)]))
    assert changes(effects) == [(5, 0), (5, LOST), (5, 0)]
    assert ((effects.changed.time - UTC) / SECOND).tolist() == [0, 3, 8]


def test_bad_keeps_its_reason() -> None:
    station = Bench(entry(1))
    station.sample(0, 5, int(Status.BAD_SENSOR_FAILURE))
    assert not len(station.run(60).changed)


# --- stamps and odd input ---


def test_stamps_from_the_future_become_the_receive_time_once_told() -> None:
    station = Bench(entry(1))
    batch = station.batch([(0, 1, 5, 0), (0.5, 1, 6, 0)])
    batch.time[:] += 62 * SECOND
    effects = station.run(1, batch)
    assert effects.changed.time.tolist() == [UTC, UTC + SECOND // 2]
    assert [notice.kind for notice in effects.notices] == ["future-time"]
    batch.time[:] = UTC + 100 * SECOND
    assert not station.run(2, batch).notices


def test_sixty_seconds_ahead_are_kept() -> None:
    station = Bench(entry(1))
    batch = station.batch([(0, 1, 5, 0)])
    batch.time[:] = UTC + 60 * SECOND
    assert station.run(0, batch).changed.time.tolist() == [UTC + 60 * SECOND]


def test_live_samples_count_as_they_arrive_whatever_their_stamp() -> None:
    station = Bench(entry(1))
    batch = station.batch([(0, 1, 5, 0), (0.1, 1, 6, 0)])
    batch.time[:] = batch.time[::-1].copy()
    effects = station.run(1, batch)
    first, second, again = effects.changed.time.tolist()
    assert effects.changed.value.tolist() == [5, 6, 6]
    assert second < first == again, "the newest word also takes over the newest stamp"
    assert station.engine.value_of(1).value == 6


def test_unknown_ids_are_dropped_counted_and_told_once() -> None:
    station = Bench(entry(1), entry(3, ExpressionSource(expression="{p/1}")))
    rows = [(0, tag, 1.0, 0) for tag in (-5, 0, 1, 2, 3, 99)]
    effects = station.run(0, station.batch(rows))
    assert set(effects.changed.tag.tolist()) == {1, 3}
    assert [notice.kind for notice in effects.notices] == ["unknown-tag"] * 5
    assert not station.run(1, station.batch([(1, 99, 1.0, 0)])).notices
    assert station.engine.dropped == 6


def test_inexact_integers_are_told_once() -> None:
    station = Bench(entry(1, kind=TagType.INT))
    effects = station.run(1, station.batch([(0, 1, 2.0**53 + 2, 0), (0.5, 1, 2.0**54, 0)]))
    assert set(effects.changed.status.tolist()) == {int(Status.UNCERTAIN)}
    assert [notice.kind for notice in effects.notices] == ["inexact-integer"]


def test_texts() -> None:
    station = Bench(entry(1, kind=TagType.STRING), entry(2))
    rows = [(0, 1, "a", 0), (0.1, 2, 1.0, 0), (0.2, 1, "a", 0), (0.3, 1, "b", 0), (0.4, 2, "x", 0), (0.5, 1, 7.0, 0)]
    effects = station.run(1, station.batch(rows))
    assert [effects.changed.text_at(row) for row in range(5)] == ["a", None, "b", None, ""]
    mismatch = int(Status.BAD_TYPE_MISMATCH)
    assert effects.changed.status.tolist() == [0, 0, 0, mismatch, mismatch]
    assert station.engine.value_of(1).value == ""
    assert station.engine.values().text_at(0) == ""


def test_a_monotonic_clock_that_steps_back_stands_still() -> None:
    station = Bench(entry(1, alarms=(high(on_delay=1),)))
    station.sample(1, 90)
    assert not station.sample(0.5, 90).transitions
    assert station.run(2).transitions


# --- backfill ---


def test_backfill_goes_to_history_only() -> None:
    station = Bench(entry(1, alarms=(high(),), scaling=Scaling(raw=(0, 1), eu=(0, 100))), entry(2))
    station.sample(0, 0.5)
    old = station.batch([(0.1, 1, 0.9, 0), (0.2, 2, 3.0, 0)])
    backfill = type(old)(old.tag, old.time - 3600 * SECOND, old.received, old.value, old.status, backfill=True)
    effects = station.run(1, backfill)
    assert (len(effects.changed), len(effects.store), effects.transitions) == (0, 0, ())
    assert effects.backfill.backfill
    assert effects.backfill.value.tolist() == [90, 3]
    assert station.engine.value_of(1).value == 50
    assert station.engine.value_of(2).status == WAITING


# --- derived ---


def derived(expression: str, **more: object) -> Bench:
    return Bench(entry(1, scan=100), entry(2, scan=100), entry(9, ExpressionSource(expression=expression), **more))


def test_derived_tags_follow_every_sample() -> None:
    station = derived("{p/1} + {p/2}")
    effects = station.run(1, station.batch([(0, 1, 1.0, 0), (0.1, 2, 10.0, 0), (0.2, 1, 2.0, 0)]))
    assert effects.changed.tag.tolist() == [1, 2, 9, 1, 9]
    assert effects.changed.value.tolist() == [1, 10, 11, 2, 12]


def test_derived_stamp_is_the_newest_input() -> None:
    station = derived("{p/1} + {p/2}")
    batch = station.batch([(0, 1, 1.0, 0), (0.1, 2, 10.0, 0)])
    batch.time[:] = [UTC + 500, UTC + 100]
    effects = station.run(1, batch)
    assert effects.changed.time.tolist() == [UTC + 500, UTC + 100, UTC + 500]


def test_derived_quality_is_the_worst() -> None:
    station = derived("{p/1} + {p/2}")
    station.run(0, station.batch([(0, 1, 1.0, 0), (0, 2, 1.0, int(Status.UNCERTAIN))]))
    assert Status(station.engine.value_of(9).status & 0xC0000000) is Status.UNCERTAIN
    station.sample(1, 0, int(Status.BAD_SENSOR_FAILURE))
    assert station.engine.value_of(9).status == Status.BAD_SENSOR_FAILURE


def test_derived_integers_are_whole_and_alarm() -> None:
    station = derived("{p/1} / 2 + {p/2}", kind=TagType.INT, alarms=(high(),))
    effects = station.run(0, station.batch([(0, 2, 80.0, 0), (0, 1, 5.0, 0)]))
    assert station.engine.value_of(9).value == 82
    assert [t.tag for t in effects.transitions] == [9]


def test_a_derived_tag_is_evaluated_once_after_all_it_reads() -> None:
    both = entry(3, ExpressionSource(expression="{p/9} + {p/4} - {p/1}"))
    nine, four = (entry(at, ExpressionSource(expression="{p/1} * 2")) for at in (9, 4))
    station = Bench(both, nine, four, entry(1, scan=100))
    station.sample(0, 1.0)
    effects = station.run(1, station.batch([(0.5, 1, 2.0, 0), (0.6, 1, 3.0, 0)]))
    assert [v for at, v in zip(effects.changed.tag, effects.changed.value, strict=True) if at == 3] == [6.0, 9.0]
    assert effects.changed.tag.tolist()[3] == 3


def test_expressions_wake_by_themselves() -> None:
    station = derived("timer({p/1} > 0, 2)", kind=TagType.BOOL)
    assert station.sample(0, 1.0).deadline == station.at(2).mono
    effects = station.run(3)
    assert (effects.changed.value.tolist(), effects.changed.time.tolist()) == ([1], [UTC + 2 * SECOND])


# --- memory and manual ---


def test_memory_begins_with_its_default_and_is_stored() -> None:
    station = Bench(entry(1, MemorySource(default=7.0), alarms=(high(5),)), entry(2, ManualSource()))
    effects = station.run(0)
    assert changes(effects) == [(7, 0)]
    assert len(effects.store) == 1
    assert [t.tag for t in effects.transitions] == [1]
    assert station.engine.value_of(2).status == Status.UNCERTAIN_INITIAL_VALUE


def test_what_is_entered_is_reported_even_if_unchanged() -> None:
    station = Bench(entry(1, ManualSource(), deadband=5.0, history=History(deadband=5.0)))
    for second in (0, 1):
        effects = station.run(second, EMPTY, SetValue(1, 3.0, 0, "ann"))
        assert changes(effects) == [(3, 0)]
        assert len(effects.store) == 1


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (SetValue(9, 1.0, 0, "ann"), "no tag"),
        (SetValue(2, 1.0, 0, "ann"), "not held by the station"),
        (SetValue(1, "x", 0, "ann"), "takes a number"),
        (SetValue(3, 1.0, 0, "ann"), "takes a text"),
        (SetValue(1, math.nan, 0, "ann"), "finite"),
    ],
)
def test_values_that_cannot_be_set_are_refused(action: SetValue, why: str) -> None:
    memory = entry(3, MemorySource(default=""), TagType.STRING)
    station = Bench(entry(1, ManualSource()), entry(2), memory)
    station.run(0)
    effects = station.run(1, EMPTY, action)
    assert not len(effects.changed)
    assert why in effects.refusals[0].why


def test_an_engine_without_tags_runs() -> None:
    station = Bench()
    assert station.run(0, station.batch([(0, 1, 1.0, 0)])).deadline is None
    assert len(station.engine.values()) == 0
