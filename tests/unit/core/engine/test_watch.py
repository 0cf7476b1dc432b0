"""Values that should come at a rate, and values that stand still although their device answers."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.actions import Alive, ScanOff, Substitute
from hmi.core.alarm_state import AlarmEvent
from hmi.core.batch import EMPTY
from hmi.core.effects import Effects
from hmi.core.engine import Engine
from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.quality import Status
from hmi.core.tag import TagType
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import UTC, entry, high
from tests.unit.core.engine.test_engine_equals_loop import rows
from tests.unit.core.engine.test_masks import told

DOUBTFUL = int(Status.UNCERTAIN_LAST_USABLE_VALUE)
DEAD = int(Status.BAD_NO_COMMUNICATION)
BAD = int(Status.BAD_SENSOR_FAILURE)


def kinds(effects: Effects) -> list[str]:
    return [notice.kind for notice in effects.notices]


def alive(station: Bench, second: float, *tags: int) -> Alive:
    return Alive(np.array(tags or (1,), np.int32), station.at(second).mono)


def test_a_late_value_is_doubtful_from_the_moment_it_was_due() -> None:
    station = Bench(entry(1, scan=10, expect=3))
    assert station.sample(0, 5).deadline == station.at(3).mono
    effects = station.run(3.2, EMPTY, alive(station, 3.2))
    assert told(effects.changed) == told(effects.store) == [(1, 5.0, DOUBTFUL, 3.0)]
    (notice,) = effects.notices
    assert (notice.kind, notice.tag) == ("value-late", 1)
    assert not len(station.run(20, EMPTY, alive(station, 20)).changed)
    assert told(station.sample(21, 5).changed) == [(1, 5.0, 0, 21.0)]


def test_a_sign_of_life_is_no_sample() -> None:
    station = Bench(entry(1, scan=10, expect=3))
    station.sample(0, 5)
    station.run(2, EMPTY, alive(station, 2))
    assert station.run(4).changed.status.tolist() == [DOUBTFUL]


def test_a_constant_value_is_as_good_as_a_new_one_unless_it_is_watched() -> None:
    station = Bench(entry(1, scan=1))
    station.sample(0, 5)
    for second in range(1, 60):
        assert not len(station.run(second, EMPTY, alive(station, second)).changed)


def test_a_value_that_stands_still_is_doubtful_until_it_moves() -> None:
    station = Bench(entry(1, scan=1, frozen=10))
    for second in range(10):
        station.sample(second, 5)
    effects = station.sample(10.5, 5)
    assert told(effects.changed) == [(1, 5.0, DOUBTFUL, 10.0)]
    assert kinds(effects) == ["value-frozen"]
    assert not len(station.sample(11, 5).changed)
    assert told(station.sample(12, 5.001).changed) == [(1, 5.001, 0, 12.0)]
    assert station.run(13).deadline is not None


def test_what_only_answers_stands_still_too() -> None:
    station = Bench(entry(1, scan=1, frozen=10))
    station.sample(0, 5)
    for second in range(1, 10):
        station.run(second, EMPTY, alive(station, second))
    assert told(station.run(10).changed) == [(1, 5.0, DOUBTFUL, 10.0)]


def test_a_dead_device_is_bad_not_frozen_and_begins_afresh() -> None:
    station = Bench(entry(1, scan=1, frozen=10))
    station.sample(0, 5)
    assert station.run(4).changed.status.tolist() == [DEAD]
    assert not len(station.run(30).changed)
    station.sample(31, 5)
    assert told(station.sample(32, 5).changed) == []
    for second in range(33, 41):
        station.sample(second, 5)
    assert told(station.sample(41.5, 5).changed) == [(1, 5.0, DOUBTFUL, 41.0)]


def test_movement_within_the_live_deadband_is_movement() -> None:
    station = Bench(entry(1, scan=1, frozen=5, deadband=1.0))
    for second in range(20):
        station.sample(second, 5 + second % 2 * 0.1)
    assert station.engine.value_of(1).status == 0


def test_a_doubt_of_the_device_itself_stays() -> None:
    station = Bench(entry(1, scan=1, frozen=3))
    own = int(Status.UNCERTAIN_SENSOR_NOT_ACCURATE)
    for second in range(6):
        station.sample(second, 5, own)
    assert station.engine.value_of(1).status == own
    assert told(station.sample(6, 5).changed) == [(1, 5.0, DOUBTFUL, 6.0)]


def test_alarms_are_still_evaluated_on_a_doubtful_value() -> None:
    station = Bench(entry(1, scan=10, expect=3, alarms=(high(80, on_delay=5),)))
    station.sample(0, 90)
    assert [t.what for t in station.run(6).transitions] == [AlarmEvent.ACTIVATE]


def test_a_hundred_frozen_tags_are_one_notice_and_none_again() -> None:
    station = Bench(*(entry(at, scan=1, frozen=5) for at in range(1, 101)))
    same = [(0.0, at, 5.0, 0) for at in range(1, 101)]
    station.run(0, station.batch(same))
    for second in (2, 4):
        station.run(second, EMPTY, alive(station, second, *range(1, 101)))
    effects = station.run(5)
    assert len(effects.changed) == 100
    (notice,) = effects.notices
    assert "99 more" in notice.text
    station.run(6, station.batch([(6.0, at, 6.0, 0) for at in range(1, 101)]))
    for second in (8, 10):
        station.run(second, EMPTY, alive(station, second, *range(1, 101)))
    effects = station.run(11)
    assert len(effects.changed) == 100
    assert not effects.notices


def test_texts_can_be_late() -> None:
    station = Bench(entry(1, kind=TagType.STRING, scan=10, expect=3, frozen=1))
    station.sample(0, "a")
    assert told(station.run(4).changed) == [(1, "a", DOUBTFUL, 3.0)]
    assert told(station.sample(5, "a").changed) == [(1, "a", 0, 5.0)]


def test_what_stands_still_behind_a_substitute_does_not_show() -> None:
    station = Bench(entry(1, scan=10, expect=3), entry(2, scan=10, expect=3))
    station.run(0, station.batch([(0, 1, 5.0, 0), (0, 2, 5.0, 0)]))
    station.run(1, EMPTY, Substitute(1, 9.0, "ann"), ScanOff(np.array([2], np.int32), True, "ann"))
    assert not len(station.run(5).changed)
    assert station.engine.own_value_of(1).status == DOUBTFUL
    assert told(station.run(6, EMPTY, Substitute(1, None, "ann")).changed) == [(1, 5.0, DOUBTFUL, 6.0)]


def test_edits_of_what_is_expected_count_from_the_edit() -> None:
    station = Bench(entry(1, scan=10, expect=3), entry(2, scan=10))
    station.run(0, station.batch([(0, 1, 5.0, 0), (0, 2, 5.0, 0)]))
    put = [entry(1, scan=10, expect=3, description="x"), entry(2, scan=10, expect=2)]
    station.engine.reconfigure(put, [], station.at(2))
    assert told(station.run(3.5).changed) == [(1, 5.0, DOUBTFUL, 3.0)]
    assert told(station.run(4.5).changed) == [(2, 5.0, DOUBTFUL, 4.0)]
    effects = station.engine.reconfigure([entry(1, scan=10)], [], station.at(5))
    assert told(effects.changed) == [(1, 5.0, 0, 5.0)]
    effects = station.engine.reconfigure([], [2], station.at(6))
    assert not len(station.run(29).changed)


def test_an_edit_of_another_tag_leaves_the_clock_running() -> None:
    station = Bench(entry(3, scan=10, expect=3), entry(2, scan=10, expect=100))
    station.sample(0, 5, tag=3)
    station.engine.reconfigure([entry(1, scan=10, expect=5)], [2], station.at(2))
    assert told(station.run(4).changed) == [(3, 5.0, DOUBTFUL, 3.0)]


WATCHED = [
    entry(1, scan=1, expect=1.5),
    entry(2, scan=1, frozen=3),
    entry(3, scan=2, frozen=2.5, expect=0.75),
    entry(4, scan=1, frozen=1.25, deadband=2),
    entry(5, scan=1),
]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([2, 10, 100]))
def test_one_batch_equals_a_scan_for_each_instant(seed: int, count: int) -> None:
    random = Random(seed)
    many, single = Engine.build(WATCHED, 1), Engine.build(WATCHED, 1)
    for engine in (many, single):
        engine.step(instants(0.0), EMPTY, ())
    now = 0.0
    for _ in range(4):
        end = now + random.choice([0.5, 2.0, 6.0, 20.0])
        times = sorted(round(random.uniform(now, end) * 4) / 4 for _ in range(count))
        few = random.choice([[1, 2, 3, 4, 5], [2], [3, 3, 3, 1]])
        values, statuses = random.choice([[1.0], [1.0, 1.0, 2.0], [1.0, 4.0]]), [0, 0, 0, 0, BAD, 0x40000000]
        samples = [(at, random.choice(few), random.choice(values), random.choice(statuses)) for at in times]
        bench = Bench(entry(1))
        found: list[list[tuple[object, ...]]] = [[], []]
        found[0] += rows(many.step(instants(end), bench.batch(samples), ()).changed)
        for at in sorted(set(times)):
            then = bench.batch([one for one in samples if one[0] == at])
            found[1] += rows(single.step(instants(at), then, ()).changed)
        found[1] += rows(single.step(instants(end), EMPTY, ()).changed)
        assert sorted(found[0], key=_tag) == sorted(found[1], key=_tag)
        now = end


def instants(second: float) -> Instants:
    return Instants(seconds(second) + SECOND, UTC + seconds(second))


def _tag(row: tuple[object, ...]) -> int:
    assert isinstance(row[0], int)
    return row[0]
