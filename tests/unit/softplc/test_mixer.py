"""The tank keeps its books and its pump."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.softplc.plant.mixer import Mixer, density
from hmi.softplc.plant.supply import Supply


def make(**values: float) -> tuple[Mixer, Supply]:
    return Mixer(rng=random.Random(1), **values), Supply(random.Random(2))


def run(mixer: Mixer, supply: Supply, seconds: float, demand: float = 12.0, returned: float = 0.0) -> None:
    for _ in range(round(seconds * 10)):
        supply.step(0.1, mixer.water_flow, mixer.syrup_flow)
        mixer.step(0.1, supply, demand, returned)


@given(demand=st.floats(0, 18), leak=st.floats(0, 6), seconds=st.integers(1, 60))
@settings(max_examples=15, deadline=None)
def test_mass_in_less_mass_out_is_what_the_tank_gained(demand: float, leak: float, seconds: int) -> None:
    mixer, supply = make(leak_flow=leak)
    before, moved = mixer.mass, 0.0
    for _ in range(seconds * 10):
        supply.step(0.1, mixer.water_flow, mixer.syrup_flow)
        product = density(mixer.brix)
        syrup = density(supply.syrup_brix)
        mixer.step(0.1, supply, demand, 0.0)
        inflow = mixer.water_flow * density(0.0) + mixer.syrup_flow * syrup
        moved += (inflow - (mixer.outlet_flow + leak) * product) * 1000 * 0.1 / 3600
    assert mixer.mass - before == pytest.approx(moved, abs=1e-6)


def test_water_has_the_density_of_water_and_syrup_is_heavier() -> None:
    assert density(0.0) == pytest.approx(0.998, abs=0.001)
    assert density(65.0) == pytest.approx(1.319, abs=0.006)


def test_level_and_concentration_follow_their_setpoints() -> None:
    mixer, supply = make()
    mixer.level_sp, mixer.brix_sp = 75.0, 11.0
    run(mixer, supply, 3600)
    assert mixer.level == pytest.approx(75.0, abs=1.0)
    assert mixer.brix == pytest.approx(11.0, abs=0.15)


def test_the_pump_locks_on_low_level_and_frees_itself_with_hysteresis() -> None:
    mixer, supply = make(volume=500.0)
    run(mixer, supply, 0.2)
    assert mixer.pump_interlock
    assert not mixer.pump_running
    assert mixer.outlet_flow == 0.0
    while mixer.level < 14.0:
        run(mixer, supply, 5)
        assert mixer.pump_interlock == (mixer.level <= 15.0)
    run(mixer, supply, 300)
    assert not mixer.pump_interlock
    assert mixer.pump_running


def test_the_tank_never_holds_less_than_nothing() -> None:
    mixer, supply = make(leak_flow=500.0)
    mixer.cmd_stop = True
    run(mixer, supply, 120)
    assert mixer.mass == pytest.approx(0.0, abs=1e-6)
    assert mixer.level >= 0.0


def test_a_new_recipe_loads_its_setpoints_and_begins_a_batch() -> None:
    mixer, supply = make()
    mixer.recipe = 2
    run(mixer, supply, 0.1)
    assert (mixer.recipe_name, mixer.brix_sp, mixer.agitator_speed_sp) == ("Lemon 0.5 L", 9.8, 80.0)
    assert mixer.batch_id == "B0002"
    run(mixer, supply, 1.0)
    assert mixer.batch_id == "B0002"


def test_the_syrup_tank_is_refilled_before_it_runs_low() -> None:
    supply = Supply(random.Random(1), syrup_volume=8_100.0)
    levels = []
    for _ in range(40_000):
        supply.step(0.5, 10.0, 4.0)
        levels.append(supply.syrup_level)
    assert min(levels) > 39.0
    assert max(levels) > 85.0
