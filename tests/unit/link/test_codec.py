import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.batch import Batch, batch_of, join
from hmi.link.codec import (
    ROWS_A_MESSAGE,
    WireError,
    batch_from,
    decode_client,
    decode_station,
    encode,
    split,
    values_message,
)
from hmi.link.messages import MAX_MESSAGE, Beat, Display, Hello, Seen, Values, Write

ROWS = st.lists(
    st.tuples(
        st.integers(0, 1000),
        st.integers(0, 2**62),
        st.one_of(st.floats(), st.text(max_size=40)),
        st.sampled_from([0, 0x80310000, 0x40A40401]),
    ),
    max_size=60,
)


def batch(rows: list[tuple[int, int, float | str, int]]) -> Batch:
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return batch_of(columns[0], columns[1], [0] * len(rows), columns[2], columns[3])


def plain(whole: Batch) -> list[tuple[int, int, object, int]]:
    return [
        (
            int(whole.tag[i]),
            int(whole.time[i]),
            whole.text_at(i) if whole.text_at(i) is not None else repr(float(whole.value[i])),
            int(whole.status[i]),
        )
        for i in range(len(whole))
    ]


@given(ROWS)
def test_values_survive_the_wire(rows: list[tuple[int, int, float | str, int]]) -> None:
    message = decode_station(encode(values_message(7, batch(rows))))
    assert isinstance(message, Values)
    assert plain(batch_from(message)) == plain(batch(rows))


@given(ROWS)
def test_parts_joined_are_the_whole(rows: list[tuple[int, int, float | str, int]]) -> None:
    whole = batch(rows)
    assert plain(join(split(whole))) == plain(whole)


def test_every_part_of_a_large_batch_fits_a_message() -> None:
    rows = 3 * ROWS_A_MESSAGE + 5
    numbers = Batch(
        np.arange(rows, dtype=np.int32),
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.zeros(rows),
        np.zeros(rows, np.uint32),
    )
    texts = batch_of([1] * 400, range(400), [0] * 400, ["ü" * 1000] * 400, [0] * 400)
    for whole in (numbers, texts):
        parts = split(whole)
        assert len(parts) > 1
        assert sum(len(p) for p in parts) == len(whole)
        assert all(len(encode(values_message(1, p))) <= MAX_MESSAGE for p in parts)


def test_a_part_carries_only_its_own_strings() -> None:
    texts = [f"{i}:" + "x" * 2000 for i in range(300)]
    parts = split(batch_of(range(300), range(300), [0] * 300, texts, [0] * 300))
    assert len(parts) > 1
    assert all(len(p.text) == len(p) for p in parts)


def test_too_large_a_message_is_refused() -> None:
    with pytest.raises(WireError, match="over the limit"):
        encode(Display(1, "x", b"0" * MAX_MESSAGE))


@given(st.binary(max_size=200))
def test_garbage_is_a_wire_error(data: bytes) -> None:
    for decode in (decode_client, decode_station):
        try:
            decode(data)
        except WireError:
            continue


def test_sides_do_not_take_each_others_messages() -> None:
    with pytest.raises(WireError):
        decode_client(encode(Beat(1, 1, 1)))
    with pytest.raises(WireError):
        decode_station(encode(Hello(1, "panel", "pc", b"")))


@pytest.mark.parametrize(
    "message", [Seen(3), Write(1, "id", 2, 1.5, None, 9), Write(1, "id", 2, "on", "off", 9, "why")]
)
def test_requests_survive_the_wire(message: Seen | Write) -> None:
    assert decode_client(encode(message)) == message


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(WireError, match="malformed"):
        batch_from(Values(1, b"\0" * 4, b"\0" * 16, b"\0" * 8, b"\0" * 4))


@pytest.mark.parametrize("row", [5, -1])
def test_text_rows_that_point_nowhere_are_refused(row: int) -> None:
    rows = np.array([row], "<i4").tobytes()
    with pytest.raises(WireError, match="point nowhere"):
        batch_from(Values(1, b"\0" * 4, b"\0" * 8, b"\0" * 8, b"\0" * 4, ["a"], rows))
