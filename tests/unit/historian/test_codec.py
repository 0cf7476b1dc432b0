"""A row of the journal gives back what was put in, or says that it is damaged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import Batch, batch_of
from hmi.historian.codec import TIGHT, CodecError, check, decode, decode_tag, encode, pruned, summary_of
from hmi.historian.merge import by_tag

INT64 = st.integers(-(2**63), 2**63 - 1)
VALUES = st.floats(width=64) | st.text(max_size=5)
ROWS = st.lists(
    st.tuples(st.integers(-(2**31), 2**31 - 1) | st.integers(1, 4), INT64, VALUES, st.integers(0, 2**32 - 1)),
    min_size=1,
    max_size=40,
)


def batch(rows: list[tuple[int, int, float | str, int]]) -> Batch:
    tags, times, values, status = zip(*rows, strict=True)
    return batch_of(tags, times, [0] * len(rows), values, status)


def contents(b: Batch) -> list[tuple[int, int, str | bytes, int]]:
    values = [t if (t := b.text_at(i)) is not None else b.value[i].tobytes() for i in range(len(b))]
    return list(zip(b.tag.tolist(), b.time.tolist(), values, b.status.tolist(), strict=True))


@given(ROWS, st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_every_bit_comes_back(rows: list[tuple[int, int, float | str, int]], repeat: int) -> None:
    b = batch(rows * repeat)
    summary, data = encode(b)
    assert contents(decode(data)) == contents(b)
    assert summary == check(data) == summary_of(b)


@given(ROWS)
@settings(max_examples=50, deadline=None)
def test_sorted_rows_come_back_and_one_tag_alone(rows: list[tuple[int, int, float | str, int]]) -> None:
    b = by_tag(batch(rows))
    _, data = encode(b, by_tag=True)
    assert contents(decode(data)) == contents(b)
    for tag in set(b.tag.tolist()):
        assert contents(decode_tag(data, tag)) == [row for row in contents(b) if row[0] == tag]
    assert len(decode_tag(data, 99)) == 0 or 99 in b.tag


def test_large_columns_are_packed_bit_exact() -> None:
    random = np.random.default_rng(1)
    value = random.normal(size=5000)
    value[::7] = np.nan
    value[::11] = -0.0
    b = Batch(
        random.integers(1, 300, 5000).astype(np.int32),
        random.integers(0, 10**15, 5000),
        np.zeros(5000, np.int64),
        value,
        random.integers(0, 3, 5000).astype(np.uint32) << 30,
    )
    assert contents(decode(encode(b)[1])) == contents(b)
    regular = Batch(b.tag, np.arange(5000) * 10**9, b.received, np.full(5000, 1.5), np.zeros(5000, np.uint32))
    assert len(encode(regular)[1]) < 2 * 5000 + 200


@given(ROWS, st.data())
@settings(max_examples=50, deadline=None)
def test_any_flipped_bit_is_found(rows: list[tuple[int, int, float | str, int]], data: st.DataObject) -> None:
    _, good = encode(batch(rows))
    at = data.draw(st.integers(0, len(good) * 8 - 1))
    bad = bytearray(good)
    bad[at // 8] ^= 1 << at % 8
    with pytest.raises(CodecError):
        decode(bytes(bad))


@given(ROWS, st.data())
@settings(max_examples=20, deadline=None)
def test_a_cut_row_is_found(rows: list[tuple[int, int, float | str, int]], data: st.DataObject) -> None:
    _, good = encode(batch(rows))
    with pytest.raises(CodecError):
        decode(good[: data.draw(st.integers(0, len(good) - 1))])


def test_pruning_keeps_only_the_strings_in_use() -> None:
    b = batch_of([1, 2, 1], [1, 2, 3], [0, 0, 0], ["a", "b", "a"], [0, 0, 0])
    one = pruned(b.take(np.array([0, 2])))
    assert [one.text_at(i) for i in range(2)] == ["a", "a"]
    assert len(pruned(b.take(np.array([1]))).text) == 1


@pytest.mark.parametrize("digits", [0, 1, 3])
def test_values_of_a_float32_device_come_back_bit_by_bit_and_pack_as_their_digits(digits: int) -> None:
    random = np.random.default_rng(4)
    measured = np.round(random.normal(20, 2, 4096), digits)
    single = measured.astype(np.float32).astype(np.float64)
    n = len(measured)
    sizes = []
    for value in (measured, single):
        batch = Batch(np.ones(n, np.int32), np.arange(n), np.zeros(n, np.int64), value, np.zeros(n, np.uint32))
        _, data = encode(batch, by_tag=True, level=TIGHT)
        assert (decode(data).value.view(np.int64) == value.view(np.int64)).all()
        sizes.append(len(data))
    assert sizes[1] <= sizes[0] + 16


def test_values_that_begin_like_float32_pack_as_their_digits_all_the_same() -> None:
    random = np.random.default_rng(4)
    n = 4096
    digits = np.round(random.normal(20, 2, n), 1)
    begun = np.where(np.arange(n) < 100, 20.5, digits)
    sizes = []
    for value in (digits, begun):
        batch = Batch(np.ones(n, np.int32), np.arange(n), np.zeros(n, np.int64), value, np.zeros(n, np.uint32))
        sizes.append(len(encode(batch, by_tag=True, level=TIGHT)[1]))
    assert sizes[1] < 1.1 * sizes[0]


@given(st.lists(st.floats(width=32), min_size=128, max_size=200))
def test_any_float32_comes_back_bit_by_bit(numbers: list[float]) -> None:
    value = np.array(numbers)
    n = len(value)
    batch = Batch(np.ones(n, np.int32), np.arange(n), np.zeros(n, np.int64), value, np.zeros(n, np.uint32))
    assert (decode(encode(batch)[1]).value.view(np.int64) == value.view(np.int64)).all()


CYCLES = st.tuples(
    st.sampled_from([1, 1_000, 1_000_000]), st.sampled_from([20, 50, 100, 250, 1000]), st.integers(0, 120)
)


@given(CYCLES, st.integers(-(10**12), 10**12), st.integers(0, 2**32))
def test_times_of_a_cycle_come_back_exactly(cycle: tuple[int, int, int], first: int, seed: int) -> None:
    unit, length, lateness = cycle
    random = np.random.default_rng(seed)
    time = (first + np.cumsum(random.integers(1, 4, 300)) * length + random.integers(0, lateness + 1, 300)) * unit
    batch = Batch(np.ones(300, np.int32), time, np.zeros(300, np.int64), np.ones(300), np.zeros(300, np.uint32))
    assert decode(encode(batch, by_tag=True, level=TIGHT)[1]).time.tolist() == time.tolist()


def test_times_that_keep_a_cycle_cost_their_lateness_alone() -> None:
    random = np.random.default_rng(4)
    late = random.integers(-2, 3, 8192)  # a cycle of 100 ms, at most 2 ms early or late: 2.32 bits
    time = (1_800_000_000_000 + np.cumsum(random.integers(1, 3, 8192)) * 100 + late) * 1_000_000
    batch = Batch(np.ones(8192, np.int32), time, np.zeros(8192, np.int64), np.ones(8192), np.zeros(8192, np.uint32))
    assert len(encode(batch, by_tag=True, level=TIGHT)[1]) * 8 < 8192 * 3.6  # 1 bit more tells one cycle from two
