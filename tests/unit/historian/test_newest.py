"""The last sample of each tag is the one with the latest time, whichever way it came."""

from hypothesis import given
from hypothesis import strategies as st

from hmi.historian.files import Key
from hmi.historian.merge import by_tag
from hmi.historian.newest import Newest
from tests.helpers_historian.columns import rows

MAY, JUNE = Key(676, "default"), Key(677, "default")
VALUES = st.one_of(st.floats(allow_nan=False), st.text(max_size=3))
FILINGS = st.lists(
    st.lists(st.tuples(st.sampled_from([0, 1, 5, 2000]), st.integers(0, 20), VALUES), min_size=1, max_size=8),
    max_size=6,
)


@given(FILINGS)
def test_it_keeps_what_a_plain_loop_keeps(filings: list[list[tuple[int, int, float | str]]]) -> None:
    newest = Newest()
    known: dict[int, tuple[int, float | str]] = {}
    for filing in filings:
        newest.add(MAY, by_tag(rows(*filing)))
        for tag, time, value in filing:
            if tag not in known or time >= known[tag][0]:
                known[tag] = (time, value)
    found = newest.of(MAY)
    texts = [found.text_at(row) for row in range(len(found))]
    values = [v if t is None else t for v, t in zip(found.value.tolist(), texts, strict=True)]
    pairs = zip(found.time.tolist(), values, strict=True)
    assert dict(zip(found.tag.tolist(), pairs, strict=True)) == known
    assert newest.times(None) == [(tag, known[tag][0]) for tag in sorted(known)]
    assert newest.times(10) == [(tag, known[tag][0]) for tag in sorted(known) if known[tag][0] >= 10]


def test_a_sample_belongs_to_the_month_it_went_to_whichever_part() -> None:
    newest = Newest()
    newest.add(MAY, rows((-1, 5, 0.0), (1, 5, 1.0), (2, 5, 2.0)))
    newest.add(Key(676, "default", 1), rows((2, 6, 3.0)))
    newest.add(JUNE, rows((1, 9, 4.0)))
    assert newest.of(MAY).tag.tolist() == [2]
    assert newest.of(MAY).value.tolist() == [3.0]
    assert newest.of(JUNE).tag.tolist() == [1]
    assert len(newest.of(Key(676, "other"))) == 0
