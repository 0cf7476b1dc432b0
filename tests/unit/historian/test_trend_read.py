from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.core.quality import Status
from hmi.core.trend import m4
from hmi.historian.api import ReadCancelledError, StoreError
from hmi.historian.rollup.cells import DAY, HOUR, MINUTE, cells_of
from hmi.historian.rollup.codec import encode_day, encode_hours, encode_minutes
from hmi.historian.rollup.columns import Sample, TrendColumns, TrendSamples
from hmi.historian.rollup.hours import hours_of
from hmi.historian.rollup.points import points
from hmi.historian.trend_read import RAW_SHARE, Part, read_trend
from tests.unit.historian.rollup.plain import DAYS, FIRST_DAY, SAMPLES, START, arrays, exact, of, plain_cells

BAD = int(Status.BAD_COMMUNICATION_ERROR)


class Source:
    """Samples in memory, and rollups of the days that are said to have them."""

    def __init__(self, samples, days=(), page=1000):
        self.stored, self.days, self.page = samples, sorted(days), page
        self.read = []
        """The stretches of samples that were asked for, and (Part, day) of rollups."""
        self.damage = set()

    def samples(self, tag, low, high):
        self.read.append((low, high))
        inside = [s for s in self.stored if low <= s[0] < high]
        for at in range(0, max(len(inside), 1), self.page):
            yield TrendSamples(*arrays(inside[at : at + self.page]))

    def rollups(self, tag, first_day, last_day, part):
        for day in self.days:
            if first_day <= day <= last_day:
                self.read.append((part, day))
                data = self.row(day, part)
                yield day, data[:-1] if day in self.damage else data

    def row(self, day, part):
        time, value, status = arrays([s for s in self.stored if s[0] // DAY == day])
        cells = cells_of(time, value, status, MINUTE)
        return (
            encode_minutes(day, cells)
            if part is Part.MINUTES
            else encode_hours(day, hours_of(cells, time, value, status))
        )

    def before(self, tag, time):
        return next((Sample(*s) for s in reversed(self.stored) if s[0] < time), None)

    def after(self, tag, time):
        return next((Sample(*s) for s in self.stored if s[0] >= time), None)


def trend_of(source, start, end, columns, **options):
    return read_trend(source, [1], start, end, columns, **options)[1]


def bits(trend):
    """Everything a trend says, equal only to the same bits."""
    columns = [getattr(trend, f.name) for f in fields(trend)]
    return type(trend), [c.tobytes() if isinstance(c, np.ndarray) else repr(c) for c in columns]


SPANS = st.tuples(
    st.integers(-DAY, DAYS * DAY),
    st.sampled_from([10 * SECOND, 10 * MINUTE, 3 * HOUR, 20 * HOUR, 2 * DAY, 6 * DAY, 90 * DAY]),
    st.sampled_from([1, 2, 3, 7, 100]),
)
SOME_DAYS = st.sets(st.integers(FIRST_DAY, FIRST_DAY + DAYS - 1))


@given(samples=SAMPLES, span=SPANS, days=SOME_DAYS, damaged=SOME_DAYS, page=st.integers(1, 9))
@settings(max_examples=400)
def test_rollups_change_nothing(samples, span, days, damaged, page):
    start, length, columns = START + span[0], *span[1:]
    source = Source(samples, days, page)
    source.damage = damaged
    found = trend_of(source, start, start + length, columns)
    assert bits(found) == bits(trend_of(Source(samples), start, start + length, columns))


@given(samples=SAMPLES, span=SPANS, days=SOME_DAYS)
@settings(max_examples=400)
def test_a_trend_is_what_a_plain_loop_finds(samples, span, days):
    start, length, columns = START + span[0], *span[1:]
    found = trend_of(Source(samples, days), start, start + length, columns)
    if isinstance(found, TrendSamples):
        time, value, status = arrays(samples)
        inside = np.isin(time, found.time)
        assert found.value.tobytes() == value[inside].tobytes()
        assert found.status.tolist() == status[inside].tolist()
        assert np.isin(time[(time >= start) & (time < start + length)], found.time).all()
        outside = (time < start) | (time >= start + length)
        assert not outside.any() or (found.time < start).any() or (found.time >= start + length).any()
        return
    grid = found.grid
    inside = [s for s in samples if grid.start <= s[0] < grid.end]
    assert len(inside) > RAW_SHARE * grid.columns
    assert exact(columns_as_cells(found)) == exact(plain_cells(inside, grid.width))
    assert found.before == max((s for s in samples if s[0] < grid.start), default=None)
    assert found.after == min((s for s in samples if s[0] >= grid.end), default=None)
    assert found.newest == max(s[0] for s in samples if s[0] < grid.end)


def columns_as_cells(columns: TrendColumns):
    marks = columns.min_first * 1 + columns.has_gap * 2 + columns.starts_in_gap * 4 + columns.ends_in_gap * 8
    four = zip(*(c.tolist() for c in (columns.first, columns.min, columns.max, columns.last)), strict=True)
    rest = zip(*(c.tolist() for c in (columns.count, columns.worst, columns.shown, marks)), strict=True)
    whole = [(*f, *r) for f, r in zip(four, rest, strict=True)]
    first = columns.grid.start // columns.grid.width
    return {first + at: row for at, row in enumerate(whole) if row[4]}


def noisy(days, step):
    """Samples of some days, one each `step` s, a Bad one now and then."""
    return of(*((n * step, n * 37 % 101, BAD if n % 91 == 90 else 0) for n in range(days * 86_400 // step)))


WEEK = noisy(4, 20)


def test_minutes_and_hours_are_read_where_they_are():
    days = range(FIRST_DAY, FIRST_DAY + 4)
    source = Source(WEEK, days)
    trend_of(source, START, START + 4 * DAY, 3000)
    assert source.read == [(Part.MINUTES, day) for day in days]
    source.read.clear()
    trend_of(source, START, START + 4 * DAY, 90)
    assert source.read == [(Part.HOURS, day) for day in days]


def test_days_without_rollup_are_read_from_samples_in_one_stretch():
    source = Source(WEEK, [FIRST_DAY + 3])
    trend_of(source, START, START + 4 * DAY, 1000)
    assert source.read == [(Part.MINUTES, FIRST_DAY + 3), (START, START + 3 * DAY)]


def test_narrow_columns_are_read_from_samples():
    source = Source(WEEK, [FIRST_DAY])
    assert isinstance(trend_of(source, START, START + 10 * MINUTE, 15), TrendSamples)
    assert isinstance(trend_of(source, START, START + 4 * MINUTE, 5), TrendSamples)
    assert source.read == [(START, START + 10 * MINUTE), (START, START + 4 * MINUTE)]


def test_late_samples_are_drawn_though_their_day_had_a_rollup():
    late = (START + DAY + 7, 1e6, 0)
    before, after = Source(WEEK, range(FIRST_DAY, FIRST_DAY + 4)), Source(sorted([*WEEK, late]))
    after.days = [FIRST_DAY, FIRST_DAY + 2, FIRST_DAY + 3]  # the day it fell into has none until it is made anew
    span = (START, START + 4 * DAY, 200)
    assert np.nanmax(trend_of(before, *span).max) == 100
    assert np.nanmax(trend_of(after, *span).max) == 1e6


def test_zoomed_in_the_samples_themselves_are_given():
    found = trend_of(Source(WEEK), START + DAY, START + DAY + 10 * MINUTE, 600)
    assert isinstance(found, TrendSamples)
    assert found.time.tolist() == [s[0] for s in WEEK if START + DAY - 20 * SECOND <= s[0] <= START + DAY + 10 * MINUTE]


def test_few_samples_are_given_themselves_though_there_are_rollups():
    rare = WEEK[::500]
    found = trend_of(Source(rare, range(FIRST_DAY, FIRST_DAY + 4)), START, START + 4 * DAY, 1000)
    assert found.time.tolist() == [s[0] for s in rare]


def test_a_trend_scrolls_without_moving_its_columns():
    source = Source(WEEK, [FIRST_DAY + 1])
    one, other = (trend_of(source, START + at, START + at + DAY, 400) for at in (0, 25 * MINUTE))
    shift = (other.grid.start - one.grid.start) // one.grid.width
    assert shift > 0
    for name in ("first", "min", "max", "last", "count"):
        shared = getattr(one, name)[shift:]
        np.testing.assert_array_equal(shared, getattr(other, name)[: len(shared)])


def test_the_line_has_the_extremes_and_gaps_of_every_sample():
    start, end = START + HOUR, START + 3 * DAY
    line = points(trend_of(Source(WEEK, range(FIRST_DAY, FIRST_DAY + 4)), start, end, 500))
    whole = points(TrendSamples(*arrays(WEEK)))
    drawn, wanted = (m4(w, start, end, 500) for w in (line, whole))
    assert np.nanmin(drawn.value) == np.nanmin(wanted.value)
    assert np.nanmax(drawn.value) == np.nanmax(wanted.value)
    assert np.isnan(drawn.value).sum() >= np.isnan(wanted.value).sum() * 0.9
    assert line.time[-1] >= end
    assert line.time[0] < start


def test_a_year_without_a_sample_holds_the_value_before_it():
    found = trend_of(Source(of((0, 5))), START + DAY, START + 365 * DAY, 1000)
    assert (found.time.tolist(), found.value.tolist()) == ([START], [5])
    assert len(trend_of(Source([]), START, START + DAY, 1000)) == 0


def test_several_tags_in_one_read():
    found = read_trend(Source(WEEK), [3, 1, 2], START, START + DAY, 100)
    assert sorted(found) == [1, 2, 3]
    assert bits(found[1]) == bits(found[3])


@pytest.mark.parametrize("days", [[], range(FIRST_DAY, FIRST_DAY + 4)])
def test_a_read_that_nobody_waits_for_is_broken_off(days):
    source = Source(WEEK, days)
    with pytest.raises(ReadCancelledError):
        trend_of(source, START, START + 4 * DAY, 500, cancelled=lambda: len(source.read) >= 1)
    assert len(source.read) == 1


def test_between_pages_it_is_asked_whether_to_go_on():
    asked = []
    trend_of(Source(WEEK, page=1000), START, START + DAY, 100, cancelled=lambda: bool(asked.append(0)))
    assert len(asked) >= 86_400 // 20 // 1000


@pytest.mark.parametrize(("start", "end", "columns"), [(5, 5, 10), (9, 5, 10), (0, 5, 0)])
def test_no_span_is_refused_in_a_sentence(start, end, columns):
    with pytest.raises(StoreError, match="A trend needs an end"):
        trend_of(Source([]), start, end, columns)


def test_stored_days_are_the_days_of_the_encoder():
    samples = of(*((n, n % 7) for n in range(86_400)))
    source = Source(samples, [FIRST_DAY])
    rows = encode_day(FIRST_DAY, *arrays(samples))
    assert rows == (source.row(FIRST_DAY, Part.MINUTES), source.row(FIRST_DAY, Part.HOURS))
