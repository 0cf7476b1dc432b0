"""The panel's own figures: of the minute before the last picture, from the first part of a frame on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.instants import SECOND
from hmi.panel.stores.paint import SPAN, PaintStore, Percentiles
from tests.helpers_panel.fake_station import FakeStation
from tests.helpers_panel.memory import MemoryPanel

MS = 1_000_000


class Clock:
    now = 5 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_there_are_no_figures_before_the_first_picture(clock: Clock) -> None:
    assert PaintStore(clock).figures() is None


def test_a_picture_is_measured_from_the_first_part_of_its_frame(clock: Clock) -> None:
    paint = PaintStore(clock)
    paint.arriving()
    clock.now += 3 * MS
    paint.arriving()
    arrived = paint.arrived
    paint.told()
    clock.now += 4 * MS
    assert paint.arrived == clock.now
    paint.painted(arrived, 20 * MS)
    clock.now += 2 * SECOND
    figures = paint.figures()
    assert figures is not None
    assert (figures.pictures, figures.since_ns) == (1, 2 * SECOND)
    assert figures.paint == Percentiles(7.0, 7.0, 7.0)
    assert figures.age == Percentiles(20.0, 20.0, 20.0)


def test_a_picture_without_an_age_counts_for_the_paint_time_alone(clock: Clock) -> None:
    paint = PaintStore(clock)
    paint.painted(clock.now - MS, None)
    figures = paint.figures()
    assert figures is not None
    assert (figures.paint.p99, figures.age) == (1.0, None)


@given(st.lists(st.integers(0, SPAN), min_size=1, max_size=40))
def test_the_figures_cover_the_minute_before_the_last_picture(pauses: list[int]) -> None:
    clock = Clock()
    paint = PaintStore(clock)
    moments = []
    for pause in pauses:
        clock.now += pause
        moments.append(clock.now)
        paint.painted(clock.now - MS, MS)
    clock.now += 10 * SPAN
    figures = paint.figures()
    assert figures is not None
    assert figures.pictures == sum(moments[-1] - moment <= SPAN for moment in moments)


def test_a_frame_that_is_told_or_lost_is_not_measured_on() -> None:
    station = FakeStation()
    station.add("line/level", 1.0)
    panel = MemoryPanel(station)
    panel.open()
    seen: list[int] = []
    panel.stores.values.bind(("line/level",), lambda _: seen.append(panel.stores.paint.arrived))
    panel.settle()
    station.set("line/level", 2.0)
    values, beat = station.frame()
    panel.stores.receive(values)
    arrived = panel.mono
    panel.mono += 9 * MS
    panel.stores.receive(beat)
    assert seen[-1] == arrived
    assert panel.stores.paint.arrived == panel.mono
    station.set("line/level", 3.0)
    panel.stores.receive(station.frame()[0])
    panel.mono += 9 * MS
    panel.stores.lost("gone")
    assert panel.stores.paint.arrived == panel.mono
