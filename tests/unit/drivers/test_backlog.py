"""A backlog that is too small loses old rows, says which, and never a tag's last value."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.batch import batch_of
from hmi.core.quality import Status
from hmi.drivers.backlog import MANY, Backlog


def batch(tags, first, *, backfill=False, text=False):
    n = len(tags)
    times = list(range(first, first + n))
    values = [f"t{t}" for t in times] if text else [float(t) for t in times]
    return batch_of(tags, times, times, values, [0] * n, backfill=backfill)


def rows(batches):
    return [
        (int(b.tag[i]), int(b.time[i]), b.text_at(i) or float(b.value[i]))
        for b in batches
        for i in range(len(b))
        if not b.backfill
    ]


def marks(batches):
    return {int(t): int(at) for b in batches if b.backfill for t, at in zip(b.tag, b.time, strict=True)}


def test_what_fits_comes_out_as_it_went_in():
    backlog = Backlog(10)
    assert backlog.put(batch([1, 2], 0)) == backlog.put(batch([1], 2)) == 0
    assert rows(backlog.take(99)) == [(1, 0, 0.0), (2, 1, 1.0), (1, 2, 2.0)]
    assert backlog.take(99) == []
    assert len(backlog) == 0


def test_a_quiet_tag_keeps_its_last_value_while_a_loud_one_floods():
    backlog = Backlog(8)
    backlog.put(batch([7], 0))
    dropped = sum(backlog.put(batch([1] * 4, 1 + 4 * n)) for n in range(10))
    out = backlog.take(99)
    left = rows(out)
    assert left[0] == (7, 0, 0.0)
    assert left[-1] == (1, 40, 40.0)
    assert dropped == 41 - len(left)
    assert marks(out) == {1: 1}
    lost = out[0]
    assert (lost.status == Status.BAD_DATA_LOST).all()
    assert (lost.received == 99).all()


def test_texts_are_kept_and_marked_as_texts():
    backlog = Backlog(4)
    for n in range(6):
        backlog.put(batch([1, 2], 2 * n, text=True))
    out = backlog.take(0)
    assert rows(out)[-1] == (2, 11, "t11")
    assert [out[0].text_at(i) for i in range(len(out[0]))] == ["", ""]


def test_backfill_goes_first():
    backlog = Backlog(6)
    backlog.put(batch([1], 0))
    backlog.put(batch([5] * 6, 10, backfill=True))
    out = backlog.take(0)
    assert rows(out) == [(1, 0, 0.0)]
    assert marks(out[:1]) == {5: 10}


def test_many_small_batches_become_few():
    backlog = Backlog(10_000)
    for n in range(MANY + 2):
        backlog.put(batch([1], n))
    assert len(rows(backlog.take(0))) == MANY + 2


@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=12), max_size=30), st.integers(1, 20))
def test_nothing_is_lost_silently(batches, most):
    backlog, everything, dropped, at = Backlog(most), [], 0, 0
    for tags in batches:
        part = batch(tags, at)
        at += len(tags)
        everything += rows([part])
        dropped += backlog.put(part)
        assert len(backlog) <= most + 4
    out = backlog.take(0)
    left = rows(out)
    assert len(left) + dropped == len(everything)
    assert [row for row in everything if row in set(left)] == left, "in the order in which it came"
    assert {row[0]: row for row in left} == {row[0]: row for row in everything}, "each tag's last row"
    gone = sorted(set(everything) - set(left), key=lambda row: row[1])
    assert marks(out) == {tag: next(row[1] for row in gone if row[0] == tag) for tag in {row[0] for row in gone}}
    assert np.unique([row[1] for row in left]).size == len(left)
