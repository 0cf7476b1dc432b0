"""Hours from rollups change nothing: every aggregate is what it is from samples, but for rounding where it adds up."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.batch import batch_of, join
from hmi.core.instants import SECOND
from hmi.core.quality import CALCULATED, INFO_DATA_VALUE, LIMIT_HIGH, MULTI_VALUE, Status
from hmi.historian.aggregates import Aggregate, AggregateConfig, Processed
from hmi.historian.aggregates.function import NEEDS_EVERY_SAMPLE
from hmi.historian.processed import read_processed
from hmi.historian.rollup.cells import DAY, HOUR
from hmi.historian.rollup.hours import Hours
from tests.helpers_aggregates.cases import configs, small, wide
from tests.helpers_aggregates.readers import MemoryReader, RolledReader

FIRST_DAY = 20_833
START = FIRST_DAY * DAY
DAYS = 3
FILLED = [*range(21, 27), *range(46, 51)]
"""Hours with samples: around two midnights."""
TOLD = [f for f in Aggregate if f not in NEEDS_EVERY_SAMPLE]
SUMS = {f for f in Aggregate if f.value.startswith(("Average", "TimeAverage", "Total", "StandardDeviation"))}
"""What is added up in another order."""
CODES = [
    *[int(Status.UNCERTAIN), int(Status.BAD), int(Status.BAD_NO_COMMUNICATION), int(Status.GOOD_CLAMPED)],
    int(Status.GOOD_LOCAL_OVERRIDE | INFO_DATA_VALUE | LIMIT_HIGH),
]
PLACES = st.one_of(st.sampled_from([0, 1, HOUR - 1, HOUR // 2]), st.integers(0, HOUR - 1))
SPANS = [(0, DAYS * DAY), (21 * HOUR, 51 * HOUR), (-3 * HOUR, 80 * HOUR), (22 * HOUR, 47 * HOUR)]
SPANS += [(21 * HOUR + HOUR // 2, 50 * HOUR), (7, DAYS * DAY + 7), (51 * HOUR, 21 * HOUR), (22 * HOUR, 23 * HOUR)]
INTERVALS = [0, HOUR, HOUR, 3 * HOUR, DAY, HOUR // 2, HOUR + HOUR // 2, 7 * HOUR, 25 * HOUR]


@dataclass(frozen=True)
class Case:
    """What is stored, of which days there are rollups, and what is asked for."""

    samples: list[tuple[int, float, int]]
    days: frozenset[int]
    start: int
    end: int
    interval: int

    def reader(self) -> RolledReader:
        time, value, status = ([s[n] for s in self.samples] for n in range(3))
        return RolledReader(batch_of([1] * len(time), time, [0] * len(time), value, status), days=self.days)


@st.composite
def hours(
    draw: st.DrawFn, kinds: list[str], hour: int, values: st.SearchStrategy[float]
) -> list[tuple[int, float, int]]:
    """The samples of one hour, in time order: all alike, or one of them odd."""
    kind = draw(st.sampled_from(kinds))
    if kind == "empty":
        return []
    places = sorted(draw(st.sets(PLACES, min_size=1, max_size=4)))
    codes, numbers = [0] * len(places), [draw(values) for _ in places]
    odd = draw(st.sampled_from([0, len(places) // 2, len(places) - 1]))
    if kind == "code":
        codes = [draw(st.sampled_from(CODES))] * len(places)
    elif kind == "mixed":
        codes[odd] = draw(st.sampled_from(CODES))
    elif kind == "value":
        numbers[odd] = draw(st.sampled_from([np.nan, 1e200, -1e300]))
    return [(START + hour * HOUR + p, v, c) for p, v, c in zip(places, numbers, codes, strict=True)]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    values = draw(st.sampled_from([small, wide, small.map(lambda v: v + 1e9)]))
    doubt = draw(st.sampled_from([[], [], ["code", "mixed"], ["mixed", "value"]]))
    kinds = ["good"] * 6 + ["empty"] + doubt
    start, end = draw(st.sampled_from(SPANS))
    days = draw(st.sampled_from([[0, 1, 2], [0, 1, 2], [0, 2], [1], []]))
    return Case(
        [sample for hour in FILLED for sample in draw(hours(kinds, hour, values))],
        frozenset(FIRST_DAY + day for day in days),
        START + start,
        START + end,
        draw(st.sampled_from(INTERVALS)),
    )


def assert_same(function: Aggregate, found: Processed, wanted: Processed, largest: float, longest: int) -> None:
    """To 1e-12 of the largest value where values are added up; else exactly."""
    assert found.time.tolist() == wanted.time.tolist()
    assert [hex(c) for c in found.status.tolist()] == [hex(c) for c in wanted.status.tolist()]
    if function not in SUMS:
        np.testing.assert_array_equal(found.value, wanted.value)
        return
    scale = largest * (longest / SECOND if function in {Aggregate.TOTAL, Aggregate.TOTAL2} else 1.0)
    np.testing.assert_allclose(found.value, wanted.value, rtol=1e-12, atol=1e-12 * scale, equal_nan=True)


@pytest.mark.parametrize("function", TOLD)
@given(case=cases(), config=configs(), page=st.sampled_from([1, 5, 40, 100]))
@settings(max_examples=80, deadline=None)
def test_hours_change_nothing(function: Aggregate, case: Case, config: AggregateConfig, page: int) -> None:
    asked = (case.start, case.end, case.interval, config)
    reader = case.reader()
    found = read_processed(reader, 1, function, *asked, page=page)
    wanted = read_processed(MemoryReader(reader.batch), 1, function, *asked)
    finite = [abs(v) for _, v, _ in case.samples if np.isfinite(v)]
    longest = min(case.interval or DAYS * DAY, DAYS * DAY)
    assert_same(function, found, wanted, max(finite, default=0.0), longest)


MINUTE = 60 * SECOND
MONTH = 30
FAR = START + MONTH * DAY
ALL = MONTH * 1440


def month(value: list[float] | None = None, status: dict[int, int] | None = None) -> RolledReader:
    """A sample at every full minute for thirty days, all of them rolled up."""
    time = [START + n * MINUTE for n in range(ALL)]
    codes = [(status or {}).get(n, 0) for n in range(ALL)]
    values = value or [float(n % 7) for n in range(ALL)]
    days = frozenset(range(FIRST_DAY, FIRST_DAY + MONTH))
    return RolledReader(batch_of([1] * ALL, time, [0] * ALL, values, codes), days=days)


@pytest.mark.parametrize("function", TOLD)
@pytest.mark.parametrize("interval", [0, HOUR, 3 * HOUR, DAY])
def test_of_plain_hours_no_more_is_read_than_the_last_one(function: Aggregate, interval: int) -> None:
    reader = month()
    read_processed(reader, 1, function, START, FAR, interval)
    assert reader.largest <= 60


def test_an_hour_with_a_doubtful_sample_is_read_with_the_one_before() -> None:
    reader = month(status={20_000: int(Status.BAD)})
    found = read_processed(reader, 1, Aggregate.COUNT, START, FAR, DAY, page=16_000)
    assert reader.largest == 120
    assert sorted(found.value[~np.isnan(found.value)].tolist()) == [1439, *[1440] * (MONTH - 1)]


@pytest.mark.parametrize(
    ("start", "end", "interval"),
    [(FAR, START, HOUR), (START + 1, FAR, HOUR), (START, FAR, HOUR // 2), (START, START + 10 * DAY, HOUR)],
    ids=["backward", "beside the hours", "half hours", "too few to be worth it"],
)
def test_samples_are_read_where_hours_do_not_help(start: int, end: int, interval: int) -> None:
    reader = month()
    read_processed(reader, 1, Aggregate.AVERAGE, start, end, interval)
    assert reader.largest == np.count_nonzero(
        (reader.batch.time >= min(start, end)) & (reader.batch.time < max(start, end))
    )


def test_days_that_begin_beside_the_hours_read_but_the_hours_that_they_cut() -> None:
    reader = month()
    read_processed(reader, 1, Aggregate.AVERAGE, START + HOUR // 2, FAR - HOUR // 2, DAY, page=8000)
    assert reader.largest <= 120


def test_aggregates_that_need_every_sample_read_every_sample() -> None:
    for function in NEEDS_EVERY_SAMPLE:
        reader = month()
        read_processed(reader, 1, function, START, FAR, HOUR)
        assert reader.largest == ALL


def test_hours_of_before_there_were_counts_of_extremes_are_not_taken() -> None:
    class Old(RolledReader):
        def hours(self, tag: int, first_day: int, last_day: int) -> Hours:
            hours = super().hours(tag, first_day, last_day)
            records = hours.records.copy()
            for name in ("min_hits", "max_hits", "uniform"):
                records[name] = 0
            return Hours(hours.index, records)

    reader = Old(month().batch, days=month().days)
    found = read_processed(reader, 1, Aggregate.MAXIMUM, START, FAR, HOUR)
    assert reader.largest == ALL
    assert (found.status & MULTI_VALUE).all()


def test_marks_of_extremes_come_from_hours_too() -> None:
    value = [5.0] * ALL
    value[0], value[90], value[130], value[170] = 1.0, 1.0, 1.0, 1.0
    found = read_processed(month(value), 1, Aggregate.MINIMUM, START, FAR, HOUR)
    assert found.value[:4].tolist() == [1, 1, 1, 5]
    marks = found.status[:4] & np.uint32(CALCULATED | MULTI_VALUE)
    assert marks.tolist() == [0, CALCULATED, CALCULATED | MULTI_VALUE, MULTI_VALUE]


def test_the_last_status_of_an_hour_is_its_own() -> None:
    found = read_processed(month(status={59: int(Status.GOOD_CLAMPED)}), 1, Aggregate.END, START, FAR, HOUR)
    assert found.status[:2].tolist() == [Status.GOOD_CLAMPED, Status.GOOD]


def test_values_that_overflow_on_the_way_do_so_beside_hours_too() -> None:
    value = [float(n % 7) for n in range(ALL)]
    value[65:69] = [1e300, 1e300, -1e300, -1e300]
    reader = month(value)
    for function in (Aggregate.TIME_AVERAGE2, Aggregate("StdDevSample")):
        found = read_processed(reader, 1, function, START, FAR, HOUR)
        wanted = read_processed(MemoryReader(reader.batch), 1, function, START, FAR, HOUR)
        assert found.status.tolist() == wanted.status.tolist()
        assert np.isnan(found.value).tolist() == [n == 1 for n in range(24 * MONTH)]


def test_a_tag_that_became_a_string_tag_later_is_read_as_such() -> None:
    batch = month().batch
    last = batch_of([1], [FAR], [0], ["run"], [0])
    reader = RolledReader(join([batch, last]), days=month().days)
    found = read_processed(reader, 1, Aggregate.END, START, FAR + DAY, 0)
    assert found.text[int(found.value[0])] == "run"
