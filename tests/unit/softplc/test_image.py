"""The process image: scans, changes, writes."""

import math
from collections.abc import Callable

import pytest

from hmi.softplc.image import Image
from hmi.softplc.plant.line import STEP_S, Line
from hmi.softplc.points import PROCESS, Value
from hmi.softplc.scenario import SENSOR_FAILURE

SECOND = 1_000_000_000
START = 1_800_000_000 * SECOND


@pytest.fixture
def image(line: Line) -> Image:
    image = Image("process", PROCESS, line)
    image.scan(0, START)
    return image


def test_the_first_scan_reads_everything_and_an_idle_plant_changes_nothing(line: Line) -> None:
    image = Image("process", PROCESS, line)
    assert len(image.scan(0, START)) == len(PROCESS)
    assert image.scan(0, START + SECOND) == []


def test_each_task_scans_at_its_own_pace(image: Image, line: Line) -> None:
    line.step(STEP_S)
    for every, tick in ((100, 1), (500, 5), (1000, 10), (5000, 50)):
        scanned = {change.point.scan_ms for change in image.scan(tick, START + tick)}
        assert max(scanned, default=0) <= every
        line.step(STEP_S)


def test_a_transmitter_is_rounded_and_a_setpoint_is_not(image: Image, line: Line) -> None:
    line.mixer.level = 64.98765
    line.mixer.level_sp = 64.98765
    image.scan(0, START + SECOND)
    assert image.value("mixer.level") == 64.99
    assert image.value("mixer.level_sp") == 64.98765


def test_a_status_alone_is_a_change(image: Image, line: Line) -> None:
    line.bad = {"mixer.level": SENSOR_FAILURE}
    (change,) = image.scan(0, START + SECOND)
    assert (change.point.name, change.status) == ("mixer.level", SENSOR_FAILURE)
    line.bad = {}
    (change,) = image.scan(0, START + 2 * SECOND)
    assert change.status == 0


def test_stamps_of_a_point_always_rise_in_whole_microseconds(image: Image) -> None:
    stamps = [image.write("mixer.level_sp", 50.0 + n, START + SECOND + n).time for n in range(5)]
    assert stamps == sorted(set(stamps))
    assert all(stamp % 1000 == 0 for stamp in stamps)
    back = image.write("mixer.level_sp", 60.0, START - SECOND)
    assert back.time > stamps[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mixer.level", 50.0),
        ("mixer.level_sp", 19.9),
        ("mixer.level_sp", 90.1),
        ("mixer.level_sp", math.nan),
        ("mixer.level_sp", math.inf),
        ("mixer.recipe", 4),
        ("mixer.mode", 0),
    ],
)
def test_refused_writes(image: Image, name: str, value: Value) -> None:
    assert image.refuses(image.points[name], value)


@pytest.mark.parametrize(("name", "value"), [("mixer.level_sp", 20.0), ("mixer.recipe", 3), ("mixer.cmd_stop", True)])
def test_accepted_writes_reach_the_physics_at_once(image: Image, line: Line, name: str, value: Value) -> None:
    assert not image.refuses(image.points[name], value)
    change = image.write(name, value, START + SECOND)
    unit, measure = name.split(".")
    assert getattr(getattr(line, unit), measure) == value == change.value == image.value(name)


def test_a_button_reads_pressed_until_the_next_scan(
    image: Image, line: Line, run: Callable[[Line, float], None]
) -> None:
    image.write("filler.cmd_hold", True, START + SECOND)
    assert image.value("filler.cmd_hold") is True
    run(line, STEP_S)
    changes = {change.point.name: change.value for change in image.scan(1, START + 2 * SECOND)}
    assert changes["filler.cmd_hold"] is False
    assert changes["filler.state"] == 10
