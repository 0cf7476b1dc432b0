"""Each scenario does what it says, and `normal` does nothing."""

from collections.abc import Callable

import pytest

from hmi.softplc.plant.line import STEP_S, Line
from hmi.softplc.scenario import SCENARIOS, SENSOR_FAILURE


def play(line: Line, name: str, until: float, start: float = 0.0) -> None:
    for step in range(round(start / STEP_S), round(until / STEP_S)):
        SCENARIOS[name].apply(line, step * STEP_S)
        line.step(STEP_S)


def test_the_six_scenarios() -> None:
    assert list(SCENARIOS) == ["normal", "jam", "drift", "leak", "bearing", "lost-connection"]


def test_jam_is_raised_within_five_seconds_and_holds_the_capper_until_somebody_acts(line: Line) -> None:
    play(line, "jam", 5.0)
    assert line.conveyor3.jam
    play(line, "jam", 10.0, 5.0)
    assert (line.capper.state, line.capper.reason) == (11, 2)
    assert line.line.beacon
    play(line, "jam", 310.0, 10.0)
    assert line.conveyor3.jam
    assert line.capper.state == 11


@pytest.mark.parametrize(
    "press",
    [
        lambda line: setattr(line.conveyor3, "cmd_jam_reset", True),
        lambda line: setattr(line.capper, "cmd_reset", True),
        lambda line: setattr(line.capper, "cmd_clear", True),
    ],
)
def test_jam_is_freed_by_an_operator_and_the_line_runs_on(line: Line, press: Callable[[Line], None]) -> None:
    play(line, "jam", 10.0)
    press(line)
    play(line, "jam", 60.0, 10.0)
    assert not line.conveyor3.jam
    assert line.capper.running
    play(line, "jam", 120.0, 60.0)
    assert not line.conveyor3.jam


def test_jam_that_nobody_frees_passes_after_ten_minutes_and_comes_again(line: Line) -> None:
    play(line, "jam", 10.0)
    play(line, "jam", 640.0, 595.0)
    assert not line.conveyor3.jam
    assert line.capper.running
    play(line, "jam", 905.0, 900.0)
    assert line.conveyor3.jam


def test_drift_hides_cold_product_and_shorts_one_valve(line: Line) -> None:
    play(line, "drift", 45.0)
    assert line.bad == {"filler.lubrication_pressure": SENSOR_FAILURE}
    play(line, "drift", 95.0, 45.0)
    assert line.bad == {}
    assert line.filler.valve_07_volume < 494.0
    assert line.pasteuriser.heater_temperature - line.pasteuriser.holding_temperature < -1.5


def test_leak_shows_in_the_balance_of_the_tank_and_in_the_compressor(line: Line) -> None:
    load = line.compressor.load
    play(line, "leak", 60.0)
    assert line.mixer.water_flow + line.mixer.syrup_flow - line.mixer.outlet_flow > 1.5
    assert line.compressor.load > load + 15.0


def test_bearing_is_fine_at_first_and_dangerous_after_ten_minutes(line: Line) -> None:
    play(line, "bearing", 5.0)
    assert line.vib_filler.velocity < 2.8
    play(line, "bearing", 610.0, 590.0)
    assert line.vib_filler.velocity > 4.5
    assert line.vib_filler.temperature > 48.0


@pytest.mark.parametrize(
    ("elapsed", "gone"), [(0, False), (9.9, False), (10, True), (17.9, True), (18, False), (41, True)]
)
def test_lost_connection_takes_packaging_away_in_turns(elapsed: float, gone: bool) -> None:
    offline = SCENARIOS["lost-connection"].offline(elapsed)
    assert offline == (frozenset({"packaging"}) if gone else frozenset())
    assert SCENARIOS["normal"].offline(elapsed) == frozenset()
