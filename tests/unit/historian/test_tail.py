"""The memory between appending and the disk is bounded, loses only the oldest, and says what it lost."""

from itertools import pairwise

import numpy as np

from hmi.core.batch import Batch, batch_of
from hmi.core.quality import Status
from hmi.historian.lost import Lost, gap_batch
from hmi.historian.tail import Tail

MS = 1_000_000


def rows(tag: int, *times: int) -> Batch:
    n = len(times)
    return batch_of([tag] * n, times, [0] * n, [float(t) for t in times], [0] * n)


def tail(max_rows: int = 100, max_bytes: int = 10**6) -> Tail:
    return Tail(1, max_rows=max_rows, max_bytes=max_bytes, keep_rows=100, wake_rows=1)


def seen(t: Tail) -> list[tuple[int, int]]:
    groups, _ = t.snapshot()
    return [(a, b) for g in groups for a, b in zip(g.batch.tag.tolist(), g.batch.time.tolist(), strict=True)]


def test_a_snapshot_sees_samples_wherever_they_are_on_their_way() -> None:
    t = tail()
    t.append(rows(1, 10))
    t.append(rows(1, 20))
    group = t.take(1)
    assert group is not None
    t.append(rows(1, 30))
    assert seen(t) == [(1, 10), (1, 20), (1, 30)]
    t.committed(group)
    assert seen(t) == [(1, 10), (1, 20), (1, 30)]
    assert t.waiting == 2
    t.filed(group.last)
    assert seen(t) == [(1, 20), (1, 30)]
    assert t.snapshot()[1] == 2


def test_a_refused_group_waits_again_before_all_others() -> None:
    t = tail()
    t.append(rows(1, 10))
    t.append(rows(1, 20))
    assert t.take(100) is not None
    t.append(rows(1, 30))
    t.failed()
    again = t.take(100)
    assert again is not None
    assert again.batch.time.tolist() == [10, 20, 30]
    assert (again.first, again.last) == (1, 3)


def test_the_oldest_are_dropped_and_marked() -> None:
    t = tail(max_rows=4)
    t.append(rows(1, 10, 20))
    t.append(rows(2, 30))
    t.append(rows(1, 40, 50))
    t.append(rows(1, 60))
    assert t.lost_total == 2
    group = t.take(100)
    assert group is not None
    b = group.batch
    assert b.tag.tolist() == [1, 1, 2, 1, 1, 1]
    assert b.time.tolist() == [10, 20, 30, 40, 50, 60]
    assert b.status.tolist()[:3] == [Status.BAD_DATA_LOST, Status.BAD_DATA_LOST, 0]
    assert not t.done(5)
    t.committed(group)
    assert t.done(5)
    assert t.take(100) is None


def test_marks_survive_a_refusal_and_widen() -> None:
    t = tail(max_rows=1)
    for time in (10, 20):
        t.append(rows(1, time))
    group = t.take(100)
    assert group is not None
    assert group.batch.time.tolist() == [10, 20]
    t.append(rows(1, 30))
    assert [time for _, time in seen(t)] == [10, 20, 30]
    t.failed()
    t.append(rows(1, 40))
    assert t.lost_total == 3
    assert t.unmarked == 3
    group = t.take(100)
    assert group is not None
    assert group.batch.time.tolist() == [10, 30, 40]
    assert group.batch.status.tolist() == [Status.BAD_DATA_LOST, Status.BAD_DATA_LOST, 0]
    t.committed(group)
    assert t.unmarked == 0


def test_a_batch_larger_than_all_the_room_keeps_its_newest_rows() -> None:
    t = tail(max_rows=3)
    t.append(rows(1, 10, 20, 30, 40, 50))
    assert t.lost_total == 2
    assert t.waiting == 3
    assert [time for _, time in seen(t)] == [10, 20, 30, 40, 50]


def test_memory_is_bounded_in_bytes_too() -> None:
    t = tail(max_bytes=1000)
    for i in range(10):
        t.append(batch_of([1], [i], [0], ["x" * 300], [0]))
    assert t.waiting == 3
    assert t.lost_total == 7


def test_backfill_and_live_samples_mix() -> None:
    t = tail()
    t.append(rows(1, 10))
    t.append(batch_of([1], [5], [0], [1.0], [0], backfill=True))
    group = t.take(100)
    assert group is not None
    assert len(group.batch) == 2


def test_lost_spans_of_many_tags() -> None:
    lost = Lost()
    lost.add(batch_of([3, 1, 3, 3], [30, 10, 20, 50], [0] * 4, [0.0] * 4, [0] * 4))
    marks = lost.marks()
    assert lost.samples == 4
    assert sorted(zip(marks.tag.tolist(), marks.time.tolist(), strict=True)) == [(1, 10), (3, 20), (3, 50)]
    assert np.isnan(marks.value).all()


def test_a_gap_is_no_data_for_every_tag() -> None:
    gap = gap_batch([4, 5], 77)
    assert gap.tag.tolist() == [4, 5]
    assert gap.time.tolist() == [77, 77]
    assert gap.status.tolist() == [Status.BAD_NO_DATA] * 2


def test_marks_of_what_was_lost_cover_no_number_above_that_of_a_later_row() -> None:
    t = tail(max_rows=3)
    t.append(rows(1, 10))
    t.append(rows(1, 20))
    assert t.take(100) is not None
    t.append(rows(1, 30, 40, 50))
    t.append(rows(1, 60))  # the third goes while the first two are being written
    t.failed()
    spans: list[tuple[int, int]] = []
    while (group := t.take(1)) is not None:
        spans.append((group.first, group.last))
        t.committed(group)
    assert [tag_time for tag_time in seen(t) if tag_time[1] in (10, 20, 60)] == [(1, 10), (1, 20), (1, 60)]
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_a_wait_for_the_disk_counts_from_the_append_and_ends_with_the_commit() -> None:
    t = tail()
    assert (t.store_p95_ms(), t.oldest_waiting_ms(MS)) == (None, 0.0)
    t.append(rows(1, 10), 10 * MS)
    t.append(rows(1, 20), 30 * MS)
    assert t.oldest_waiting_ms(50 * MS) == 40.0
    assert t.take(10) is not None
    t.failed()
    assert (t.store_p95_ms(), t.oldest_waiting_ms(60 * MS)) == (None, 50.0)
    group = t.take(1)
    assert group is not None
    assert t.oldest_waiting_ms(60 * MS) == 50.0
    t.committed(group, 70 * MS)
    assert (t.store_p95_ms(), t.oldest_waiting_ms(80 * MS)) == (60.0, 50.0)


def test_marks_of_what_was_lost_have_waited_for_nothing() -> None:
    t = tail(max_rows=1)
    t.append(rows(1, 10), 10 * MS)
    t.append(rows(1, 20), 20 * MS)
    group = t.take(10)
    assert group is not None
    t.committed(group, 25 * MS)
    assert t.store_p95_ms() == 5.0
