"""Parts of an answer: nothing lost, in order, each a message that the link carries."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from hmi.link.messages import MAX_MESSAGE
from hmi.station.cutting import BUDGET, cut


@given(st.lists(st.integers(0, BUDGET), max_size=30))
def test_parts_fit_and_hold_everything(sizes: list[int]) -> None:
    items = ["x" * size for size in sizes]
    parts = list(cut(items))
    assert [item for part, _ in parts for item in part] == items
    assert [done for _, done in parts] == [False] * (len(parts) - 1) + [True]
    assert all(len(msgspec.msgpack.encode(list(part))) <= MAX_MESSAGE for part, _ in parts)


def test_nothing_is_one_part_and_too_much_a_part_of_its_own() -> None:
    assert list(cut([])) == [([], True)]
    assert [len(part) for part, _ in cut(["a", "x" * BUDGET, "b"])] == [1, 1, 1]
