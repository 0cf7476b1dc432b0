"""Blocks of a tag never overlap, hold every sample once, and grow until they are full."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import Batch, batch_of
from hmi.historian.blocks import cut_evenly, cut_full, joined_blocks
from hmi.historian.datafile import Stored

MOST = 8


def batch(samples: dict[int, float]) -> Batch:
    times = sorted(samples)
    n = len(times)
    return batch_of([1] * n, times, [0] * n, [samples[t] for t in times], [0] * n)


class Shelf:
    """A tag's blocks in a list."""

    def __init__(self) -> None:
        self.blocks: dict[int, Batch] = {}
        self.damaged: set[int] = set()
        self.loaded: list[int] = []
        self._next = 1

    def stored(self, since: int) -> list[Stored]:
        found = [
            Stored(i, 1, 1, int(b.time[0]), int(b.time[-1]), len(b))
            for i, b in self.blocks.items()
            if i not in self.damaged
        ]
        found.sort(key=lambda s: s.time_max)
        if found and since > found[-1].time_max:
            return found[-3:]
        return [s for s in found if s.time_max >= since]

    def load(self, block: Stored) -> Batch | None:
        self.loaded.append(block.id)
        return None if block.id in self.damaged else self.blocks[block.id]

    def take(self, samples: dict[int, float]) -> None:
        change = joined_blocks(batch(samples), self.stored(min(samples)), self.load, MOST)
        for block in change.removed:
            del self.blocks[block.id]
        for added in change.added:
            self.blocks[self._next] = added
            self._next += 1

    def contents(self) -> dict[int, float]:
        return {t: v for b in self.blocks.values() for t, v in zip(b.time.tolist(), b.value.tolist(), strict=True)}


@given(st.lists(st.dictionaries(st.integers(0, 60), st.floats(0, 9), min_size=1, max_size=20), max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_order_of_samples_ends_in_blocks_that_do_not_overlap(steps: list[dict[int, float]]) -> None:
    shelf, expected = Shelf(), {}
    for samples in steps:
        shelf.take(samples)
        expected.update(samples)
        assert shelf.contents() == expected
        assert sum(map(len, shelf.blocks.values())) == len(expected)
        spans = sorted((int(b.time[0]), int(b.time[-1])) for b in shelf.blocks.values())
        assert all(before[1] < after[0] for before, after in pairwise(spans))
        assert all(len(b) <= MOST for b in shelf.blocks.values())


def test_small_blocks_at_the_end_become_a_full_one_and_full_ones_are_left_alone() -> None:
    shelf = Shelf()
    for start in range(0, 27, 3):
        shelf.take({start + i: 1.0 for i in range(3)})
    assert sorted(len(b) for b in shelf.blocks.values()) == [3, 8, 8, 8]
    shelf.loaded.clear()
    shelf.take({100: 1.0})
    assert shelf.loaded == []


def test_a_block_that_is_half_full_is_not_packed_again() -> None:
    shelf = Shelf()
    shelf.take(dict.fromkeys(range(MOST // 2), 1.0))
    shelf.take(dict.fromkeys(range(10, 10 + MOST), 1.0))
    assert shelf.loaded == []
    assert sorted(map(len, shelf.blocks.values())) == [MOST // 2, MOST]


def test_a_late_sample_touches_only_the_block_it_falls_into() -> None:
    shelf = Shelf()
    shelf.take(dict.fromkeys(range(0, 160, 10), 1.0))
    shelf.take({25: 2.0, 170: 3.0})
    assert len(shelf.loaded) == 1
    assert shelf.contents()[25] == 2.0


def test_a_damaged_block_is_left_where_it_is() -> None:
    shelf = Shelf()
    shelf.take(dict.fromkeys(range(16), 1.0))
    first = min(shelf.blocks)

    def load(block: Stored) -> Batch | None:
        return None if block.id == first else shelf.blocks[block.id]

    change = joined_blocks(batch({3: 2.0}), shelf.stored(0), load, MOST)
    assert change.removed == []
    assert [b.time.tolist() for b in change.added] == [[3]]


@given(st.integers(1, 50))
def test_cuts_keep_every_sample(count: int) -> None:
    whole = batch({t: float(t) for t in range(count)})
    for parts in (cut_evenly(whole, MOST), cut_full(whole, MOST)):
        assert [t for p in parts for t in p.time.tolist()] == list(range(count))
        assert all(1 <= len(p) <= MOST for p in parts)
    sizes = [len(p) for p in cut_evenly(whole, MOST)]
    assert max(sizes) - min(sizes) <= 1
