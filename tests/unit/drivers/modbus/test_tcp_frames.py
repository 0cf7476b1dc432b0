"""Frames are cut out of any stream of pieces; what cannot be one is garbage."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.drivers.modbus.tcp_frames import Frame, GarbageError, Splitter, frame_bytes

FRAMES = st.lists(
    st.builds(Frame, st.integers(0, 65535), st.integers(0, 255), st.binary(min_size=2, max_size=253)), max_size=6
)


@given(frames=FRAMES, cuts=st.lists(st.integers(1, 40), min_size=1))
def test_any_pieces_give_the_same_frames(frames, cuts):
    stream = b"".join(frame_bytes(*f) for f in frames)
    splitter, found, at, turn = Splitter(), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        found += splitter.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert found == frames
    assert not splitter.is_torn


@pytest.mark.parametrize(
    "stream", ["000100010003010302", "000100000002010302", "0001000000ff010302", "ff00676172626167"]
)
def test_garbage(stream):
    with pytest.raises(GarbageError):
        Splitter().feed(bytes.fromhex(stream))


def test_half_a_frame_is_torn():
    splitter = Splitter()
    assert splitter.feed(frame_bytes(1, 1, b"\x03\x02\x00\x01")[:9]) == []
    assert splitter.is_torn


@given(st.binary(max_size=600))
def test_nothing_else_is_raised(data):
    with contextlib.suppress(GarbageError):
        Splitter().feed(data)
