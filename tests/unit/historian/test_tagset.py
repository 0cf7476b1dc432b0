"""Tags are looked up in columns that grow."""

import numpy as np

from hmi.core.batch import batch_of
from hmi.historian.tagset import Groups, TagSet


def test_only_new_tags_are_new_and_each_once() -> None:
    tags = TagSet(np.array([3], np.int32))
    assert tags.new(np.array([5, 3, 5, 100_000], np.int32)).tolist() == [5, 100_000]
    tags.add(np.array([100_000], np.int32))
    assert tags.new(np.array([5, 100_000, 99_999], np.int32)).tolist() == [5, 99_999]
    assert tags.new(np.array([], np.int32)).tolist() == []
    assert tags.numbers().tolist() == [3, 100_000]


def test_a_batch_is_split_by_group_and_each_tag_is_asked_for_once() -> None:
    asked: list[int] = []

    def group_of(tag: int) -> str:
        asked.append(tag)
        return "long" if tag % 2 else "short"

    groups = Groups(group_of)
    b = batch_of([2, 5000, 2], [1, 2, 3], [0] * 3, [1.0, 2.0, 3.0], [0] * 3)
    assert [(name, part.time.tolist()) for name, part in groups.split(b)] == [("short", [1, 2, 3])]
    mixed = batch_of([1, 2, 1], [1, 2, 3], [0] * 3, [1.0, 2.0, 3.0], [0] * 3)
    assert {name: part.time.tolist() for name, part in groups.split(mixed)} == {"long": [1, 3], "short": [2]}
    assert sorted(asked) == [1, 2, 5000]
