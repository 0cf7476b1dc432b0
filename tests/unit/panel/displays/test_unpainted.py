"""A symbol waits from the first value that it does not show; what nobody sees is not measured."""

from hmi.panel.displays.unpainted import Unpainted
from hmi.panel.stores.paint import PaintFigures, PaintStore

MS = 1_000_000
OPENED = 1_000 * MS


class Bench:
    def __init__(self) -> None:
        self.now = 0
        self.paint = PaintStore(lambda: self.now)
        self.unpainted = Unpainted(self.paint)

    def add(self, *numbers: int, at: int) -> None:
        self.now = at * MS
        self.unpainted.add(numbers)

    def painted(self, at: int) -> PaintFigures | None:
        self.now = at * MS
        self.unpainted.painted(OPENED, OPENED + self.now)
        return self.paint.figures()


def test_the_oldest_change_of_a_picture_counts_and_what_waits_for_its_pace_waits_on() -> None:
    bench = Bench()
    bench.add(1, 2, at=10)
    bench.add(1, 3, at=20)
    bench.unpainted.take({1, 3, 9}, OPENED + 4 * MS, seen=True)
    assert list(bench.unpainted) == [2]
    figures = bench.painted(at=50)
    assert figures is not None
    assert figures.age is not None
    assert (figures.paint.p50, figures.age.p50) == (40.0, 46.0)
    bench.unpainted.take({2}, 0, seen=True)
    figures = bench.painted(at=60)
    assert figures is not None
    assert figures.pictures == 2
    assert figures.paint.p50 == 45.0
    assert not bench.unpainted


def test_a_picture_that_shows_no_new_value_is_none() -> None:
    bench = Bench()
    bench.unpainted.take({1}, 0, seen=True)
    assert bench.painted(at=10) is None


def test_a_hidden_window_is_not_measured_when_it_comes_back() -> None:
    bench = Bench()
    bench.add(1, at=10)
    bench.unpainted.take({1}, 0, seen=False)
    assert bench.painted(at=9_000) is None


def test_a_display_that_rests_has_nothing_under_way() -> None:
    bench = Bench()
    bench.add(1, 2, at=10)
    bench.unpainted.take({1}, 0, seen=True)
    bench.unpainted.clear()
    assert not bench.unpainted
    assert bench.painted(at=20) is None


def test_a_value_older_than_the_display_has_no_age() -> None:
    bench = Bench()
    bench.add(1, at=10)
    bench.unpainted.take({1}, OPENED - MS, seen=True)
    figures = bench.painted(at=30)
    assert figures is not None
    assert (figures.paint.p50, figures.age) == (20.0, None)
