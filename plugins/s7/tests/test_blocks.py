"""Blocks hold every point whole, fit their messages, and are as few as can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.tag import TagType
from hmi.drivers.api import Point
from plugins.s7.blocks import ITEMS, address_of, largest, plan, requests
from plugins.s7.driver import DRIVER


def points(*texts):
    types = [TagType.STRING if "string" in t else TagType.FLOAT for t in texts]
    return [Point(n, t, DRIVER.parse_address(t, k), k, 1.0) for n, (t, k) in enumerate(zip(texts, types, strict=True))]


def spans(blocks):
    return [(block.start, block.size) for block in blocks]


places = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 900), st.sampled_from(["real", "lreal", "byte", "string[30]"])),
    min_size=1,
    max_size=80,
)


@given(places, st.sampled_from([112, 240, 241, 480, 960]), st.integers(0, 60))
def test_every_point_is_whole_and_every_message_fits(found, pdu, gap):
    some = points(*(f"DB{db}.DBB{byte}:{kind}" for db, byte, kind in found))
    blocks = plan(some, pdu, gap)
    assert sorted(p.tag for b in blocks for p in b.points) == [p.tag for p in some]
    assert all(len(b.raw(p, bytes(b.size))) == address_of(p).size for b in blocks for p in b.points)
    groups = requests(blocks, pdu)
    assert [id(b) for g in groups for b in g] == [id(b) for b in blocks]
    for group in groups:
        assert len(group) <= ITEMS
        assert 14 + 12 * len(group) <= pdu
        assert 14 + sum(4 + b.size + b.size % 2 for b in group) - group[-1].size % 2 <= pdu


def test_neighbours_are_read_together_and_far_ones_are_not():
    some = points("DB1.DBD0:real", "DB1.DBD4:real", "DB1.DBX10.0", "DB1.DBW200", "DB2.DBW0", "MW0")
    assert spans(plan(some, 480, 4)) == [(0, 11), (200, 2), (0, 2), (0, 2)]
    assert spans(plan(some, 480, 1)) == [(0, 8), (10, 1), (200, 2), (0, 2), (0, 2)]


def test_a_block_ends_where_its_answer_would_not_fit():
    some = points(*(f"DB1.DBD{4 * n}:real" for n in range(200)))
    blocks = plan(some, 240, 0)
    assert [b.size for b in blocks] == [220, 220, 220, 140]
    assert max(b.size for b in blocks) <= largest(240)


def test_overlapping_points_share_their_bytes():
    some = points("DB1.DBB0:string[20]", "DB1.DBB4", "DB1.DBW20")
    assert spans(plan(some, 480, 0)) == [(0, 22)]


def test_a_block_of_one_point_is_never_torn():
    (block,) = plan(points("DB1.DBB0:string[20]"), 480, 0)
    with pytest.raises(ValueError, match="halved"):
        block.halves()
