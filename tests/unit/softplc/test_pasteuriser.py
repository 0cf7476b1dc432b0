"""Heat balance, control, divert and buffer."""

import random

import pytest

from hmi.softplc.plant.pasteuriser import BUFFER_L, Pasteuriser


@pytest.fixture
def unit() -> Pasteuriser:
    unit = Pasteuriser(rng=random.Random(1))
    run(unit, 60)
    return unit


def run(unit: Pasteuriser, seconds: float, *, steam: float = 7.5, product: float | None = 13.5) -> None:
    for _ in range(round(seconds * 10)):
        unit.step(0.1, product, steam, 3.0)
        unit.draw(12.0 / 3.6 * 0.1)


def test_it_holds_the_temperature_and_the_heat_balance_closes(unit: Pasteuriser) -> None:
    assert unit.holding_temperature == pytest.approx(72.0, abs=0.4)
    per_kelvin = unit.flow / 3.6 * 1.04 * 3.9
    rise = unit.heater_temperature - unit.regeneration_temperature
    assert unit.heat_power == pytest.approx(per_kelvin * rise, rel=0.05)
    assert unit.steam_flow * 2085 / 3600 == pytest.approx(unit.heat_power)


def test_a_new_setpoint_is_reached_without_diverting_for_long(unit: Pasteuriser) -> None:
    unit.temperature_sp = 75.0
    run(unit, 400)
    assert unit.holding_temperature == pytest.approx(75.0, abs=0.5)
    assert not unit.divert


def test_without_steam_the_product_is_diverted_and_never_reaches_the_buffer(unit: Pasteuriser) -> None:
    run(unit, 120, steam=1.0)
    assert unit.divert
    assert unit.returned_flow == unit.flow > 0.0
    level, diverted = unit.buffer_level, unit.diverted_volume
    run(unit, 10, steam=1.0)
    assert unit.buffer_level < level
    assert unit.diverted_volume > diverted


def test_manual_output_moves_the_valve_and_automatic_takes_over_smoothly(unit: Pasteuriser) -> None:
    unit.loop_mode, unit.manual_output = 0, 60.0
    run(unit, 10)
    assert unit.steam_valve == pytest.approx(60.0)
    unit.loop_mode = 1
    before = unit.steam_valve
    run(unit, 0.1)
    assert unit.steam_valve == pytest.approx(before, abs=3.0)


def test_without_product_it_suspends_and_the_steam_closes(unit: Pasteuriser) -> None:
    run(unit, 30, product=None)
    assert unit.state == 5
    assert unit.flow == 0.0
    assert unit.steam_valve == 0.0


def test_the_buffer_gives_no_more_than_it_has(unit: Pasteuriser) -> None:
    held = unit.buffer_level / 100.0 * BUFFER_L
    assert unit.draw(10_000.0) == pytest.approx(held, abs=0.5)  # the level is a scan old
    assert unit.draw(1.0) == 0.0


def test_a_lying_sensor_makes_the_product_colder_than_it_seems(unit: Pasteuriser) -> None:
    unit.sensor_offset = 3.0
    run(unit, 400)
    assert unit.holding_temperature == pytest.approx(72.0, abs=0.5)
    assert unit.heater_temperature < 70.0
