"""The whole line in a good shift."""

from collections.abc import Callable

import pytest

from hmi.softplc.plant.line import STEP_S, Line
from hmi.softplc.points import PACKAGING, PROCESS, UTILITIES, Kind

Run = Callable[[Line, float], None]
POINTS = PROCESS + PACKAGING + UTILITIES


def snapshot(line: Line) -> dict[str, object]:
    return {point.name: getattr(getattr(line, point.unit), point.measure) for point in POINTS}


def test_the_same_number_gives_the_same_shift_and_another_number_another(run: Run) -> None:
    first, second, third = Line(3, 5.0), Line(3, 5.0), Line(4, 5.0)
    for line in (first, second, third):
        run(line, 20)
    assert snapshot(first) == snapshot(second)
    assert snapshot(first) != snapshot(third)


def test_minutes_of_a_good_shift_stay_in_every_normal_band(line: Line) -> None:
    for step in range(2_000):
        line.step(STEP_S)
        if step % 10:
            continue
        values = snapshot(line)
        for point in POINTS:
            value = values[point.name]
            if point.kind in (Kind.FLOAT, Kind.INT) and not isinstance(value, str):
                assert point.low <= value <= point.high, point.name
                if point.normal:
                    assert point.normal[0] <= value <= point.normal[1], point.name
    assert all(machine.running for machine in line.machines)


def test_bottles_balance_over_the_whole_line(line: Line, run: Run) -> None:
    belts = (line.conveyor1, line.conveyor2, line.conveyor3, line.conveyor4)
    before = sum(belt.bottles for belt in belts) - line.line.bottles_in + line.line.bottles_out + line.line.rejects
    run(line, 60)
    after = sum(belt.bottles for belt in belts) - line.line.bottles_in + line.line.bottles_out + line.line.rejects
    assert after == before
    assert line.line.bottles_out > 1_500


def test_product_reaches_the_bottles_litre_by_litre(line: Line, run: Run) -> None:
    total, filled = line.mixer.product_total, line.filler.total_count
    held = line.pasteuriser.buffer_level * 30.0 + line.filler.bowl_level * 3.0
    run(line, 60)
    made = (line.mixer.product_total - total) * 1000.0
    bottled = (line.filler.total_count - filled) * line.filler.fill_volume / 1000.0
    gained = line.pasteuriser.buffer_level * 30.0 + line.filler.bowl_level * 3.0 - held
    assert made == pytest.approx(bottled + gained, rel=0.01)


def test_halls_add_up_to_the_main_meter(line: Line) -> None:
    halls = line.meter_process.power + line.meter_packaging.power + line.meter_utilities.power
    assert line.meter_main.power == pytest.approx(halls + 2.5, abs=6.0)


def test_a_slower_filler_makes_fewer_bottles_and_uses_less_energy(line: Line, run: Run) -> None:
    power = line.meter_process.power
    line.filler.speed_sp = 12_000.0
    run(line, 240)
    assert line.filler.speed == 12_000.0
    assert line.line.throughput == pytest.approx(12_000.0, rel=0.1)
    assert line.meter_process.power < power


def test_stopping_the_mixer_starves_the_line_and_restarting_revives_it(line: Line, run: Run) -> None:
    line.mixer.cmd_stop = True
    run(line, 5)
    assert line.mixer.state == 2
    assert line.line.beacon
    assert line.pasteuriser.state == 5
    line.mixer.cmd_reset = True
    run(line, 2)
    line.mixer.cmd_start = True
    run(line, 60)
    assert all(machine.running for machine in line.machines)
    assert line.pasteuriser.flow > 8.0


def test_without_air_capper_and_palletiser_hold_and_recover(line: Line, run: Run) -> None:
    line.compressor.cmd_stop = True
    run(line, 120)
    assert line.capper.state == line.palletiser.state == 11
    line.compressor.cmd_start = True
    run(line, 120)
    assert line.capper.running
    assert line.palletiser.running


def test_counters_can_be_set_to_zero(line: Line, run: Run) -> None:
    line.line.cmd_reset_counters = True
    run(line, 0.1)
    assert line.line.bottles_out <= 1
    assert not line.line.cmd_reset_counters
