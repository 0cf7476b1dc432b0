"""Sorting equals the plain rule: by tag and time, the last written of equals."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import batch_of
from hmi.historian.merge import BUCKET, by_tag, by_time, cut, part, run_spans

ROWS = st.lists(
    st.tuples(st.integers(1, 5) | st.sampled_from([-7, 70_000, 200_000]), st.integers(0, 9)), min_size=1, max_size=60
)


@given(ROWS, st.integers(1, 10))
@settings(max_examples=60, deadline=None)
def test_runs_hold_the_last_of_each_tag_and_time(rows: list[tuple[int, int]], size: int) -> None:
    tags, times = zip(*rows, strict=True)
    b = batch_of(tags, times, [0] * len(rows), [float(i) for i in range(len(rows))], [0] * len(rows))
    expected = sorted({(tag, time): float(i) for i, (tag, time) in enumerate(rows)}.items())
    ordered = by_tag(b)
    assert (
        list(zip(zip(ordered.tag.tolist(), ordered.time.tolist(), strict=True), ordered.value, strict=True)) == expected
    )
    runs = [part(ordered, start, end) for start, end in run_spans(ordered.tag, size)]
    assert [tag for run in runs for tag in run.tag.tolist()] == [tag for (tag, _), _ in expected]
    assert all(len({tag // BUCKET for tag in run.tag.tolist()}) == 1 for run in runs)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_one_tag_by_time(times: list[int]) -> None:
    n = len(times)
    b = by_time(batch_of([1] * n, times, [0] * n, [float(i) for i in range(n)], [0] * n))
    assert dict(zip(b.time.tolist(), b.value.tolist(), strict=True)) == {t: float(i) for i, t in enumerate(times)}
    assert b.time.tolist() == sorted(set(times))


def test_cuts_fall_between_tags_where_they_can() -> None:
    tag = batch_of([1] * 3 + [2] * 3 + [3] * 9 + [4], [0] * 16, [0] * 16, [0.0] * 16, [0] * 16).tag
    assert list(cut(tag, 4)) == [(0, 3), (3, 6), (6, 10), (10, 14), (14, 16)]
