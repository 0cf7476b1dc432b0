"""Notifications become rows: stamps, texts, quality, and the return after an outage."""

import numpy as np

from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.opcua.decode import EPOCH, Published
from hmi.drivers.opcua.intake import Intake
from hmi.drivers.opcua.options import TimePolicy

DAY = 86_400 * SECOND
T = 20_000 * DAY
"""An instant in 2024, ns UTC."""
NOW = Instants(77, T + 10 * SECOND)
POINTS = [Point(100, "a", None, TagType.FLOAT, 1), Point(101, "b", None, TagType.STRING, 1)]


def ticks(time):
    return time // 100 + EPOCH


def published(*rows, odd=None, inexact=()):
    """Rows of (handle, value, status, source ns, server ns)."""
    out = Published(odd=odd or {}, inexact=list(inexact))
    for handle, value, status, source, server in rows:
        out.handle.append(handle)
        out.value.append(value)
        out.status.append(status)
        out.source.append(ticks(source) if source is not None else 0)
        out.server.append(ticks(server) if server is not None else 0)
    return out


def seen(policy=TimePolicy.DEVICE):
    """An intake whose tags have all been told already."""
    intake = Intake(POINTS, policy, 0, 0)
    intake.batch(published((0, 0.0, 0, T, T), (1, 0.0, 0, T, T), odd={1: ""}), NOW)
    return intake


def test_rows_keep_order_status_and_source_time():
    batch = seen().batch(published((0, 1.0, 0, T + 1000, T), (0, 2.0, 0x40A40401, T + 2000, T)), NOW)
    assert batch.tag.tolist() == [100, 100]
    assert batch.value.tolist() == [1.0, 2.0]
    assert batch.status.tolist() == [0, 0x40A40401]
    assert batch.time.tolist() == [T + 1000, T + 2000]
    assert batch.received.tolist() == [77, 77]


def test_missing_stamps_fall_back_and_the_future_is_not_believed():
    rows = [(0, 1.0, 0, None, T + 5000), (0, 1.0, 0, None, None), (0, 1.0, 0, NOW.utc + 59 * SECOND, None),
            (0, 1.0, 0, NOW.utc + 61 * SECOND, None)]  # fmt: skip
    times = seen().batch(published(*rows), NOW).time.tolist()
    assert times == [T + 5000, NOW.utc, NOW.utc + 59 * SECOND, NOW.utc]


def test_clock_that_was_never_set():
    out = published((0, 1.0, 0, None, None))
    out.source = [5]
    assert seen().batch(out, NOW).time.tolist() == [NOW.utc]
    out.source = [2**63 - 1]
    assert seen().batch(out, NOW).time.tolist() == [NOW.utc]


def test_old_values_of_constant_points_are_as_good_as_new_ones():
    batch = seen().batch(published((0, 1.0, 0, T - 5000 * DAY, T)), NOW)
    assert (batch.time.tolist(), batch.status.tolist()) == ([T - 5000 * DAY], [0])


def test_time_of_receipt_by_policy():
    assert seen(TimePolicy.RECEIVE).batch(published((0, 1.0, 0, T, T)), NOW).time.tolist() == [NOW.utc]


def test_texts_and_what_does_not_fit():
    nan = float("nan")
    rows = [(1, nan, 0), (0, nan, 0), (1, 5.0, 0), (0, nan, 0), (0, nan, 0x80340000)]
    odd = {0: "hello", 1: "no number", 3: None, 4: None}
    batch = seen().batch(published(*((*row, T, T) for row in rows), odd=odd), NOW)
    assert [batch.text_at(r) for r in range(5)] == ["hello", None, "", None, None]
    mismatch = Status.BAD_TYPE_MISMATCH
    assert batch.status.tolist() == [0, mismatch, mismatch, Status.BAD_NO_DATA, 0x80340000]


def test_inexact_integers_are_uncertain():
    batch = seen().batch(published((0, 2.0**60, 0, T, T), inexact=[0]), NOW)
    assert batch.status.tolist() == [Status.UNCERTAIN]


def test_overflow_is_counted_and_kept():
    intake = seen()
    batch = intake.batch(published((0, 1.0, 0x480, T, T), (0, 2.0, 0, T, T)), NOW)
    assert (intake.overflows, batch.status.tolist()) == (1, [0x480, 0])


def test_handles_of_somebody_else_are_left_out():
    batch = seen().batch(published((9, 1.0, 0, T, T), (0, 2.0, 0, T, T)), NOW)
    assert (batch.tag.tolist(), batch.value.tolist()) == ([100], [2.0])


def returned(*sources, outage=T, connected=T + 8 * SECOND):
    intake = Intake(POINTS, TimePolicy.DEVICE, outage, connected)
    rows = [(0, float(i), 0, s, s) for i, s in enumerate(sources)]
    batch = intake.batch(published(*rows), NOW)
    return list(zip(batch.value.tolist(), ((batch.time - T) / SECOND).tolist(), strict=True))


def test_a_value_from_before_the_outage_is_stamped_with_the_return():
    assert returned(T - DAY) == [(0.0, 8.0)]


def test_a_value_that_changed_during_the_outage_keeps_its_own_time_too():
    assert returned(T + 3 * SECOND) == [(0.0, 3.0), (0.0, 8.0)]


def test_a_value_from_after_the_return_is_left_alone_and_only_the_first_is_looked_at():
    assert returned(T + 9 * SECOND, T - DAY) == [(0.0, 9.0), (1.0, -86400.0)]


def test_order_is_kept_when_a_row_is_doubled():
    assert returned(T + 3 * SECOND, T + 9 * SECOND) == [(0.0, 3.0), (0.0, 8.0), (1.0, 9.0)]


def test_texts_survive_the_doubling():
    intake = Intake(POINTS, TimePolicy.DEVICE, T, T + 8 * SECOND)
    nan = float("nan")
    batch = intake.batch(published((0, 1.0, 0, T + 1, T), (1, nan, 0, T + 10**9, T), odd={1: "on"}), NOW)
    assert np.all(batch.tag == [100, 101, 101]) or batch.tag.tolist() == [100, 100, 101, 101]
    assert {batch.text_at(r) for r in range(len(batch)) if batch.tag[r] == 101} == {"on"}


def test_everything_again_with_texts_and_statuses():
    intake = Intake([*POINTS, Point(102, "c", None, TagType.FLOAT, 1)], TimePolicy.DEVICE, 0, 0)
    nan = float("nan")
    intake.batch(published((1, nan, 0, T, T), (0, 4.0, 0, T, T), (0, 5.0, 0x40A40000, T, T), odd={0: "on"}), NOW)
    batch = intake.again(Instants(9, T + 20 * SECOND))
    assert batch.tag.tolist() == [100, 101], "what was never told is not made up"
    assert (batch.value[0], batch.text_at(1), batch.text_at(0)) == (5.0, "on", None)
    assert batch.status.tolist() == [0x40A40000, 0]
    assert (set(batch.time), set(batch.received)) == ({T + 20 * SECOND}, {9})
