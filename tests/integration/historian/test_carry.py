"""What a tag was last stays when its months go: from runs, blocks and what was carried before, also damaged."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.quality import Status
from hmi.historian import files
from hmi.historian.files import Key, carry_path
from hmi.historian.pruning import Pruned, prune, prune_steps
from hmi.historian.sqlite import close, connect_writer
from hmi.historian.store import open_reader, open_store
from hmi.historian.trend_read import Part
from tests.helpers_historian.bench import DAY, END, Bench, at, clock, key
from tests.helpers_historian.columns import rows, shown


def test_a_setpoint_of_a_deleted_month_still_has_its_value_and_its_time(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (1, at(1, 5), 8.0), (2, at(1, 9), "closed"), (3, at(1, 2), 1.0)))
    bench.file(rows((3, at(2, 2), 3.0)))
    bench.file(rows((3, at(3, 2), 4.0)))
    assert bench.before(1, at(3)) == (at(1, 5), 8.0)
    found = prune(bench.shelf, [key(2), key(1)])
    assert [(p.key, p.samples) for p in found] == [(key(1), 4), (key(2), 1)]
    assert all(p.bytes > 0 for p in found)
    assert "deleted default/2026-01.db (4 samples" in str(found[0])
    assert bench.before(1, at(3)) == (at(1, 5), 8.0)
    assert bench.before(2, at(3)) == (at(1, 9), "closed")
    assert bench.raw(3) == [(at(2, 2), 3.0), (at(3, 2), 4.0)]
    assert [str(k) for k in files.present(bench.folder)] == ["default/2026-03.db"]
    assert bench.reader.verify() == []


def test_blocks_runs_and_what_was_carried_before_are_looked_through(bench: Bench) -> None:
    many = [(1, at(1, 2, i), float(i)) for i in range(3000)]
    bench.file(rows(*many), blocks=True)
    bench.file(rows((1, at(1, 4), -1.0), (1, at(1, 3), -2.0)))
    bench.file(rows((2, at(1, 2), 5.0)), blocks=True)
    bench.file(rows((300, at(1, 2), 6.0)))
    bench.file(rows((2, at(2, 2), 50.0)), blocks=True)
    for month in (1, 2):
        prune(bench.shelf, [key(month)])
    assert [bench.before(tag, at(3)) for tag in (1, 2, 300)] == [
        (at(1, 4), -1.0),
        (at(2, 2), 50.0),
        (at(1, 2), 6.0),
    ]


def test_a_month_without_a_next_one_leaves_its_values(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    prune(bench.shelf, [key(1)])
    assert files.present(bench.folder) == []
    assert bench.raw(1) == [(at(1, 3), 7.0)]
    assert shown(bench.reader.read_raw(1, None, END, limit=1)) == [(at(1, 3), 7.0)]


def test_a_device_without_a_clock_does_not_hide_what_was_carried(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (2, at(1, 4), 8.0)))
    bench.file(rows((3, at(4), 0.0)))
    prune(bench.shelf, [key(1)])
    bench.file(rows((9, 5, 1.0)))  # 1970-01.db is now the oldest month
    bench.file(rows((2, at(1, 2), 1.0), (2, at(1, 6), 9.0)))  # and late samples make the pruned month again
    assert bench.before(1, at(3)) == (at(1, 3), 7.0)
    assert bench.raw(2) == [(at(1, 2), 1.0), (at(1, 4), 8.0), (at(1, 6), 9.0)]
    backwards = bench.reader.read_raw(2, at(5), at(1), limit=2)
    assert shown(backwards) == [(at(1, 6), 9.0), (at(1, 4), 8.0)]
    prune(bench.shelf, [Key(0, "default"), key(1)])
    assert bench.raw(2) == [(at(1, 6), 9.0)]
    assert bench.raw(9) == [(5, 1.0)]


def test_a_rollup_of_a_month_that_was_made_again_does_not_speak_for_what_was_carried(bench: Bench) -> None:
    bench.file(rows((1, at(1, 20), 7.0)))
    prune(bench.shelf, [key(1)])
    bench.shelf.close()
    writer = open_store(bench.folder, clock=clock)
    for day in (20, 21):
        writer.append(rows(*[(1, at(1, day, (i + 1) * 10**10), 1.0) for i in range(5000)]))
    writer.tidy()
    writer.close()
    first, last = at(1, 20) // DAY, at(1, 21) // DAY
    assert [day for day, _ in bench.reader._rollups(1, first, last, Part.HOURS)] == [last]


def test_a_late_sample_at_the_time_of_the_carried_one_wins(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0)))
    prune(bench.shelf, [key(1)])
    bench.file(rows((1, at(1, 3), 8.0)))
    assert bench.raw(1) == [(at(1, 3), 8.0)]
    prune(bench.shelf, [key(1)])
    assert bench.raw(1) == [(at(1, 3), 8.0)]


def test_a_value_written_again_for_the_same_time_is_carried_as_it_was_written_last(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (2, at(1, 3), 7.0)), blocks=True)
    bench.file(rows((1, at(1, 3), 8.0)))  # waits in a run beside its block
    assert bench.raw(1) == [(at(1, 3), 8.0)]
    prune(bench.shelf, [key(1)])
    assert (bench.raw(1), bench.raw(2)) == ([(at(1, 3), 8.0)], [(at(1, 3), 7.0)])


SAMPLES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.floats(0, 9)), min_size=1, max_size=6
)


STEP = st.one_of(
    st.tuples(st.just("file"), SAMPLES, st.booleans()), st.tuples(st.just("prune"), st.integers(1, 4), st.none())
)


@given(st.lists(STEP, max_size=6))
@settings(max_examples=10, deadline=None)
def test_any_order_of_filing_and_pruning_keeps_the_newest_of_what_went(steps: list[tuple[str, Any, Any]]) -> None:
    stored: dict[int, dict[int, float]] = {1: {}, 2: {}, 3: {}}
    carried: dict[int, tuple[int, float]] = {}
    with TemporaryDirectory() as name:
        bench = Bench(Path(name))
        for what, how, blocks in steps:
            if what == "file":
                bench.file(rows(*[(tag, at(month, day), v) for tag, month, day, v in how]), blocks=bool(blocks))
                for tag, month, day, value in how:
                    stored[tag][at(month, day)] = value
            else:
                prune(bench.shelf, [key(month) for month in range(1, how + 1)])
                for tag, held in stored.items():
                    gone = {t: held.pop(t) for t in list(held) if t < at(how + 1)}
                    if gone and max(gone) >= carried.get(tag, (0, 0.0))[0]:
                        carried[tag] = max(gone), gone[max(gone)]
            for tag, held in stored.items():
                expected = (dict([carried[tag]]) if tag in carried else {}) | held
                assert bench.raw(tag) == sorted(expected.items())
        assert bench.reader.verify() == []
        bench.close()


def test_groups_carry_by_themselves(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0)), group="slow")
    bench.file(rows((2, at(1, 3), 8.0)), group="fast")
    bench.file(rows((1, at(1, 9), 9.0)), group="fast")  # it has changed its group
    prune(bench.shelf, [key(1, "fast")])
    assert [str(k) for k in files.present(bench.folder)] == ["slow/2026-01.db"]
    assert bench.before(2, at(2)) == (at(1, 3), 8.0)
    assert bench.raw(1) == [(at(1, 3), 7.0), (at(1, 9), 9.0)]


def test_many_tags_are_carried_in_several_steps(bench: Bench) -> None:
    tags = range(1, 700)
    bench.file(rows(*[(tag, at(1, 2, tag), float(tag)) for tag in tags]), blocks=True)
    steps = list(prune_steps(bench.shelf, [key(1)]))
    assert len(steps) > 5
    assert [type(step) for step in steps[-2:]] == [type(None), Pruned]
    assert all(bench.before(tag, at(2)) == (at(1, 2, tag), float(tag)) for tag in (1, 128, 129, 699))


def test_late_samples_that_come_during_the_work_are_carried_too(bench: Bench) -> None:
    bench.file(rows(*[(tag, at(1, 2), 1.0) for tag in range(1, 300)]), blocks=True)
    steps = prune_steps(bench.shelf, [key(1)])
    next(steps)
    bench.file(rows((1, at(1, 20), 2.0)))
    assert [step.samples for step in steps if step is not None] == [300]
    assert bench.before(1, at(2)) == (at(1, 20), 2.0)


def test_a_damaged_block_is_carried_as_what_a_read_shows(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (1, at(1, 4), 8.0)), blocks=True)
    bench.file(rows((2, at(1, 3), 9.0)), blocks=True)
    bench.damage(key(1), "block", 1)
    assert bench.statuses(1, at(3)) == [Status.BAD_DATA_LOST]
    (found,) = prune(bench.shelf, [key(1)])
    assert found.samples == 3
    page = bench.reader.read_raw(1, 0, END)
    assert (page.time.tolist(), page.status.tolist()) == ([at(1, 4)], [Status.BAD_DATA_LOST])
    assert bench.before(2, at(3)) == (at(1, 3), 9.0)


def test_a_damaged_run_does_not_stop_pruning(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (5, at(1, 6), 8.0)))
    bench.file(rows((5, at(1, 9), 9.0), (6, at(1, 9), 9.0)))
    bench.damage(key(1), "run", 1)
    prune(bench.shelf, [key(1)])
    assert bench.before(5, at(3)) == (at(1, 9), 9.0)
    assert bench.statuses(1, at(3)) == [Status.BAD_DATA_LOST]


def test_damaged_carried_values_are_found_and_named(bench: Bench) -> None:
    bench.file(rows((1, at(1, 3), 7.0), (2, at(1, 3), 8.0)))
    prune(bench.shelf, [key(1)])
    connection = connect_writer(carry_path(bench.folder, "default"))
    connection.execute("UPDATE carry SET data = zeroblob(length(data)) WHERE tag = 1")
    close(connection)
    (found,) = bench.reader.verify()
    assert (found.tags, found.start) == ((1, 1), at(1, 3))
    assert "default/carry.db" in str(found)
    assert bench.statuses(1, at(3)) == [Status.BAD_DATA_LOST]
    assert bench.before(2, at(3)) == (at(1, 3), 8.0)


@pytest.mark.parametrize("how", ["not a database", "torn"])
def test_broken_carried_values_are_set_aside_and_pruning_goes_on(bench: Bench, how: str) -> None:
    bench.file(rows(*[(tag, at(1, 3), 7.0) for tag in range(1, 400)]))
    prune(bench.shelf, [key(1)])
    path = carry_path(bench.folder, "default")
    bench.reader.close()
    if how == "torn":
        os.truncate(path, path.stat().st_size // 2)
    else:
        path.write_bytes(b"x" * 10_000)
    bench.reader = open_reader(bench.folder)
    assert "default/carry.db" in str(bench.reader.verify()[0])
    bench.file(rows((2, at(2, 3), 8.0)))
    assert bench.before(2, at(3)) == (at(2, 3), 8.0)
    assert len(prune(bench.shelf, [key(2)])) == 1
    assert bench.before(2, at(3)) == (at(2, 3), 8.0)
    assert bench.reader.verify() == []
    assert path.with_name("carry.damaged").exists()
