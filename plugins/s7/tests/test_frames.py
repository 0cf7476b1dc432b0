"""Messages are cut out of a stream however it comes, and garbage is told from them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.s7.frames import DisconnectedError, GarbageError, Splitter, packed
from plugins.s7.session import mode_of


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.integers(1, 9))
def test_messages_come_whole_however_the_bytes_come(messages, step):
    stream = b"".join(packed(message) for message in messages)
    splitter = Splitter()
    found = [m for at in range(0, len(stream), step) for m in splitter.feed(stream[at : at + step])]
    assert found == messages


def test_a_message_in_parts_is_put_together():
    splitter = Splitter()
    first = packed(b"ab")
    assert splitter.feed(first[:6] + b"\x00" + first[7:]) == []
    assert splitter.feed(packed(b"cd")) == [b"abcd"]


@pytest.mark.parametrize(
    "data",
    [b"\xff\x00garbage", b"HTTP/1.1 200", b"\x03\x00\x00\x06\x02\xf0", b"\x03\x00\x00\x07\x05\xf0\x80"],
)
def test_garbage(data):
    with pytest.raises(GarbageError):
        Splitter().feed(data)


@given(st.binary(max_size=60))
def test_no_bytes_do_anything_else(data):
    with contextlib.suppress(GarbageError, DisconnectedError):
        Splitter().feed(data)


def test_a_message_without_an_end_is_garbage():
    splitter = Splitter()
    part = packed(bytes(4000))
    splitter.feed(part[:6] + b"\x00" + part[7:])
    splitter.feed(part[:6] + b"\x00" + part[7:])
    with pytest.raises(GarbageError, match="end"):
        splitter.feed(part[:6] + b"\x00" + part[7:])


HEAD = bytes.fromhex("320700000001000c0020") + bytes(10)


@pytest.mark.parametrize(
    ("reply", "mode"),
    [
        (HEAD + b"\0\0" + bytes.fromhex("ff09001c 0424 0000 0014 0001 4302 ff 68") + bytes(16), 8),
        (HEAD + b"\0\0" + bytes.fromhex("ff09001c 0424 0000 0014 0001 4302 ff 84") + bytes(16), 4),
        (HEAD + b"\x81\x04" + bytes.fromhex("ff09001c 0424 0000 0014 0001 4302 ff 68"), 0),
        (HEAD + b"\0\0" + bytes.fromhex("0a000000"), 0),
        (HEAD + b"\0\0" + bytes.fromhex("ff09001c 0011 0000 0014 0001 4302 ff 68"), 0),
        (HEAD[:10], 0),
    ],
)
def test_the_operating_mode(reply, mode):
    assert mode_of(reply) == mode
