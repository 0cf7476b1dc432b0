"""A lost connection takes all its values together, however slowly some of them are read."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.actions import Alive, Lost
from hmi.core.batch import EMPTY, Batch
from hmi.core.instants import SECOND
from hmi.core.quality import Status
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import entry

FAST, SECONDLY, SLOW = 1, 2, 3


def line() -> Bench:
    bench = Bench(entry(FAST, scan=0.1), entry(SECONDLY, scan=1.0), entry(SLOW, scan=5.0))
    bench.run(0.0, bench.batch([(0.0, tag, 5.0, 0) for tag in (FAST, SECONDLY, SLOW)]))
    return bench


def lost(bench: Bench, second: float) -> Lost:
    return Lost(np.array([FAST, SECONDLY, SLOW, 99], np.int32), bench.at(second).mono)


def bad(batch: Batch) -> set[int]:
    return set(batch.tag[batch.status == Status.BAD_NO_COMMUNICATION].tolist())


def test_without_a_loss_slow_tags_wait_longer() -> None:
    bench = line()
    assert bad(bench.run(2.5).changed) == {FAST}


def test_all_become_bad_in_one_batch_with_one_stamp() -> None:
    bench = line()
    bench.run(1.0, EMPTY, lost(bench, 1.0))
    assert not bad(bench.run(1.9).changed)
    changed = bench.run(2.1).changed
    assert bad(changed) == {FAST, SECONDLY, SLOW}
    assert set(changed.time.tolist()) == {bench.at(2.0).utc}


def test_slow_tags_alone_have_two_seconds() -> None:
    bench = Bench(entry(SLOW, scan=5.0))
    bench.sample(0.0, 5.0, tag=SLOW)
    effects = bench.run(1.0, EMPTY, lost(bench, 1.0))
    assert effects.deadline == bench.at(3.0).mono
    assert bad(bench.run(3.1).changed) == {SLOW}


def test_what_comes_back_at_once_stays_good() -> None:
    bench = line()
    bench.run(1.0, EMPTY, lost(bench, 1.0))
    bench.run(1.5, bench.batch([(1.5, tag, 6.0, 0) for tag in (FAST, SECONDLY, SLOW)]))
    assert not bad(bench.run(3.0).changed)


def test_a_sample_of_the_same_scan_that_is_newer_than_the_loss_counts() -> None:
    bench = line()
    bench.run(1.1, bench.batch([(1.05, SLOW, 6.0, 0)]), lost(bench, 1.0))
    assert bad(bench.run(3.5).changed) == {FAST, SECONDLY}


def test_a_sample_of_the_same_scan_that_is_older_does_not() -> None:
    bench = line()
    bench.run(1.1, bench.batch([(0.95, SLOW, 6.0, 0)]), lost(bench, 1.0))
    assert bad(bench.run(3.5).changed) == {FAST, SECONDLY, SLOW}


def test_a_tag_that_was_never_heard_of_keeps_its_time_to_begin() -> None:
    bench = Bench(entry(FAST, scan=0.1))
    bench.run(0.0)
    bench.run(1.0, EMPTY, lost(bench, 1.0))
    assert not bad(bench.run(10.0).changed)
    assert bad(bench.run(31.0).changed) == {FAST}


@given(
    st.lists(st.tuples(st.integers(0, 39), st.sampled_from([FAST, SECONDLY, SLOW]), st.booleans()), max_size=30),
    st.integers(0, 40),
)
def test_what_was_live_at_the_loss_is_bad_at_one_moment_within_two_seconds(
    heard: list[tuple[int, int, bool]], at: int
) -> None:
    bench = line()
    second = 0.0
    for tenth, tag, sample in sorted(h for h in heard if h[0] <= at):
        second = tenth / 10
        batch = bench.batch([(second, tag, float(tenth), 0)]) if sample else EMPTY
        signs = [] if sample else [Alive(np.array([tag], np.int32), bench.at(second).mono)]
        bench.run(second, batch, *signs)
    before = bench.run(at / 10, EMPTY, lost(bench, at / 10))
    live = {v.tag for v in map(bench.engine.value_of, (FAST, SECONDLY, SLOW)) if v.status == 0}
    after = bench.run(at / 10 + 2.0).changed
    assert bad(after) == live, before
    assert len(set(after.time.tolist())) <= 1
    assert all(bench.at(at / 10).utc <= time <= bench.at(at / 10).utc + 2 * SECOND for time in after.time.tolist())
