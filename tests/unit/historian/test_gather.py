"""Pieces of one tag, overlapping or not, come to one column of samples, each time once and the last written of it."""

from hypothesis import given
from hypothesis import strategies as st

from hmi.core.batch import batch_of
from hmi.historian.gather import _joined

values = st.one_of(st.floats(-9, 9), st.sampled_from(["on", "off"]))
pieces = st.lists(
    st.tuples(st.integers(0, 40), st.lists(st.tuples(st.integers(0, 12), values), max_size=8)), max_size=8
)


@given(pieces, st.permutations(range(8)))
def test_the_piece_of_the_highest_order_counts(
    parts: list[tuple[int, list[tuple[int, float | str]]]], orders: list[int]
) -> None:
    taken = []
    for (start, samples), order in zip(parts, orders, strict=False):
        times, held = [start + time for time, _ in samples], [value for _, value in samples]
        zeros = [0] * len(times)
        taken.append(((order, 0, 0, 0), batch_of([1] * len(times), times, zeros, held, zeros)))
    wanted: dict[int, float | str] = {}
    for _, (start, samples) in sorted(zip(orders, parts, strict=False), key=lambda part: part[0]):
        wanted |= {start + time: value for time, value in samples}  # within a piece the later row counts
    found = _joined(taken)
    texts = {int(row): found.text[int(found.value[row])] for row in found.text_rows}
    shown = [texts.get(row, value) for row, value in enumerate(found.value.tolist())]
    assert list(zip(found.time.tolist(), shown, strict=True)) == sorted(wanted.items())
