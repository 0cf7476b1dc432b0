"""Blocks: the fewest requests that hold every tag whole and reach over nothing they must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.modbus.blocks import Block, Span, halves, plan

WORKED = [(0, 2), (2, 2), (10, 1), (11, 4), (40, 2), (130, 2), (250, 2), (251, 1)]
SPANS = st.lists(st.builds(Span, st.integers(0, 400), st.integers(1, 40), st.just(0)), max_size=40)


def keyed(spans):
    return [Span(s.address, s.count, key) for key, s in enumerate(spans)]


def shapes(spans, gap):
    return [(b.address, b.count) for b in plan(spans, 125, gap)]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (0, [(0, 4), (10, 5), (40, 2), (130, 2), (250, 2)]),
        (8, [(0, 15), (40, 2), (130, 2), (250, 2)]),
        (30, [(0, 42), (130, 2), (250, 2)]),
        (100, [(0, 42), (130, 2), (250, 2)]),
    ],
)
def test_worked_example(gap, expected):
    assert shapes([Span(a, c, k) for k, (a, c) in enumerate(WORKED)], gap) == expected


@given(spans=SPANS, limit=st.integers(40, 125), gap=st.integers(0, 130))
def test_every_tag_is_whole_in_exactly_one_block_within_the_limit(spans, limit, gap):
    spans = keyed(spans)
    blocks = plan(spans, limit, gap)
    assert sorted(m.key for b in blocks for m in b.members) == [s.key for s in spans]
    for block in blocks:
        assert block.count <= limit
        assert block.address == min(m.address for m in block.members)
        assert block.address + block.count == max(m.end for m in block.members)


@given(spans=SPANS, gap=st.integers(0, 20))
def test_no_block_reaches_over_a_larger_gap(spans, gap):
    for block in plan(keyed(spans), 125, gap):
        covered = {a for m in block.members for a in range(m.address, m.end)}
        missing = 0
        for address in range(block.address, block.address + block.count):
            missing = 0 if address in covered else missing + 1
            assert missing <= gap


def fewest(spans, limit):
    """By trial: the smallest number of windows of `limit` that hold every span whole, gaps allowed."""
    left, count = sorted(spans, key=lambda s: s.address), 0
    while left:
        start = left[0].address
        left = [s for s in left if s.end > start + limit]
        count += 1
    return count


@given(spans=st.lists(st.builds(Span, st.integers(0, 300), st.just(2), st.just(0)), max_size=30))
def test_fewest_requests(spans):
    assert len(plan(keyed(spans), 125, 1000)) == fewest(spans, 125)


@given(spans=SPANS.filter(lambda s: len(s) > 1))
def test_halves_share_the_tags(spans):
    block = Block(0, 1000, tuple(sorted(keyed(spans), key=lambda s: s.address)))
    one, two = halves(block)
    assert one.members + two.members == block.members
    assert one.members
    assert two.members


def test_one_tag_is_never_split():
    with pytest.raises(ValueError, match="one tag"):
        halves(Block(0, 4, (Span(0, 4, 0),)))
