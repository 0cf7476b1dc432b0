"""Blocks: the fewest requests that hold every tag whole and reach over nothing they must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.modbus.blocks import Block, Limits, Span, covered, halves, plan

WORKED = [(0, 2), (2, 2), (10, 1), (11, 4), (40, 2), (130, 2), (250, 2), (251, 1)]
SPANS = st.lists(st.builds(Span, st.integers(0, 400), st.integers(1, 40), st.just(0)), max_size=40)


def keyed(spans):
    return [Span(s.address, s.count, key) for key, s in enumerate(spans)]


def shapes(spans, gap):
    return [(b.address, b.count) for b in plan(spans, Limits(125, gap))]


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
    blocks = plan(spans, Limits(limit, gap))
    assert sorted(m.key for b in blocks for m in b.members) == [s.key for s in spans]
    for block in blocks:
        assert block.count <= limit
        assert block.address == min(m.address for m in block.members)
        assert block.address + block.count == max(m.end for m in block.members)


@given(spans=SPANS, gap=st.integers(0, 20))
def test_no_block_reaches_over_a_larger_gap(spans, gap):
    for block in plan(keyed(spans), Limits(125, gap)):
        covered = {a for m in block.members for a in range(m.address, m.end)}
        missing = 0
        for address in range(block.address, block.address + block.count):
            missing = 0 if address in covered else missing + 1
            assert missing <= gap


def may_pass(begin, end, named, gap):
    """Whether a read may hold everything from `begin` to `end`: no more than `gap` unnamed addresses in a row."""
    run = 0
    for address in range(begin, end):
        run = 0 if address in named else run + 1
        if run > gap:
            return False
    return True


def fewest(spans, limit, gap, named, cuts):
    """The smallest number of requests, by trying every way to part the tags: shortest path over the reads that exist.

    It knows nothing of taking what still fits: a read may begin at any tag and end at any other.
    """
    spans = sorted(spans, key=lambda s: (s.address, s.count, s.key))
    steps = [0] + [None] * len(spans)
    for last in range(1, len(spans) + 1):
        for first in range(last):
            part = spans[first:last]
            begin, end = part[0].address, max(s.end for s in part)
            whole = end - begin <= limit and may_pass(begin, end, named, gap)
            if (whole or len(part) == 1) and not any(s.key in cuts for s in part[1:]):
                steps[last] = min(filter(lambda n: n is not None, (steps[last], steps[first] + 1)))
    return steps[-1]


@given(
    spans=st.lists(st.builds(Span, st.integers(0, 120), st.integers(1, 9), st.just(0)), max_size=14).map(keyed),
    limit=st.integers(4, 40),
    gap=st.integers(0, 5),
    others=st.lists(st.builds(Span, st.integers(0, 120), st.integers(1, 9), st.just(0)), max_size=6),
    cuts=st.frozensets(st.integers(0, 13), max_size=3),
)
def test_fewest_requests(spans, limit, gap, others, cuts):
    """`others` are tags that are read at another time: what they name may be passed over."""
    named = {a for s in [*spans, *others] for a in range(s.address, s.end)}
    assert len(plan(spans, Limits(limit, gap), covered([*spans, *others]), cuts)) == fewest(
        spans, limit, gap, named, cuts
    )


def windows(spans, limit):
    """The smallest number of windows of `limit` that hold every span whole, in whatever order they are taken."""
    left, count = sorted(spans, key=lambda s: s.address), 0
    while left:
        start = left[0].address
        left = [s for s in left if s.end > start + limit]
        count += 1
    return count


@given(spans=st.lists(st.builds(Span, st.integers(0, 300), st.integers(1, 40), st.just(0)), max_size=30))
def test_parting_by_address_is_no_worse_than_any_choice_of_windows(spans):
    assert len(plan(keyed(spans), Limits(125, 1000))) == windows(spans, 125)


def test_what_other_tags_name_is_no_gap():
    fast, slow = keyed([Span(0, 1, 0), Span(4, 2, 0)]), [Span(1, 3, 0)]
    assert shapes(fast, 0) == [(0, 1), (4, 2)]
    assert [(b.address, b.count) for b in plan(fast, Limits(125), covered([*fast, *slow]))] == [(0, 6)]


def test_a_cut_begins_a_block():
    spans = keyed([Span(n, 1, 0) for n in range(4)])
    assert [(b.address, b.count) for b in plan(spans, Limits(125), (), {2})] == [(0, 2), (2, 2)]


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
