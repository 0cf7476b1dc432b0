from itertools import pairwise

import pytest

from hmi.core.expression import CycleError, order, parse


def graph(**texts: str):
    return {path: parse(text) for path, text in texts.items()}


def test_each_comes_after_what_it_reads():
    assert order(graph(c="{b} + {x}", b="{a} * 2", a="{x}")) == ("a", "b", "c")
    assert order({}) == ()


def test_long_chains_need_no_stack():
    chain = {f"t{i}": parse(f"{{t{i + 1}}}") for i in range(5_000)}
    assert order(chain) == tuple(f"t{i}" for i in reversed(range(5_000)))


def test_a_circle_is_named_in_one_sentence():
    with pytest.raises(CycleError) as caught:
        order(graph(z="{a}", a="{b}", b="{c} + {x}", c="{a} + 1"))
    cycle = caught.value.cycle
    assert cycle[0] == cycle[-1]
    assert set(cycle) == {"a", "b", "c"}
    reads = {"a": "b", "b": "c", "c": "a"}
    assert all(reads[one] == other for one, other in pairwise(cycle))
    assert " -> ".join(cycle) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_tag_cannot_read_itself():
    with pytest.raises(CycleError, match="a -> a"):
        order(graph(a="{a} + 1"))
