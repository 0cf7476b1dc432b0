"""The I/O lists fit the line and the wire."""

from collections import Counter

import pytest

from hmi.softplc.modbus_map import BLOCK_OF_TASK, Table, allocate
from hmi.softplc.packml import State
from hmi.softplc.plant.line import Line
from hmi.softplc.plant.machine import BUTTONS
from hmi.softplc.points import PACKAGING, PROCESS, UTILITIES, Access, Kind, Point, area_of
from hmi.softplc.points.machine import COMMANDS
from hmi.softplc.points.names import PACKML_STATES
from hmi.softplc.words import LIMITS

ALL = PROCESS + PACKAGING + UTILITIES
TYPES = {Kind.BOOL: bool, Kind.ENUM: int, Kind.STRING: str}


def test_three_hundred_points_each_named_once() -> None:
    assert len(ALL) >= 300
    assert max(Counter(point.name for point in ALL).values()) == 1


def test_every_point_is_served_by_the_line_with_its_own_type(shared_line: Line) -> None:
    for point in ALL:
        value = getattr(getattr(shared_line, point.unit), point.measure)
        wanted = (int, float) if point.kind in (Kind.FLOAT, Kind.INT) else TYPES[point.kind]
        assert isinstance(value, wanted), point.name
        assert isinstance(value, bool) == (point.kind is Kind.BOOL), point.name
        if point.kind is Kind.ENUM:
            assert value in point.states, point.name


def test_ranges_bands_and_tasks_make_sense() -> None:
    for point in ALL:
        assert point.low < point.high, point.name
        assert point.normal is None or point.low <= point.normal[0] < point.normal[1] <= point.high, point.name
        assert point.scan_ms in BLOCK_OF_TASK, point.name
        assert (point.access is Access.COMMAND) == point.measure.startswith("cmd_"), point.name


def test_a_registers_range_holds_the_instruments_range() -> None:
    for point in PACKAGING + UTILITIES:
        if point.wire in LIMITS:
            low, high = LIMITS[point.wire]
            assert low <= point.low * point.factor, point.name
            assert point.high * point.factor <= high, point.name


def test_modbus_lists_have_no_texts() -> None:
    assert not [p for p in PACKAGING + UTILITIES if p.kind is Kind.STRING]


@pytest.mark.parametrize("points", [PACKAGING, UTILITIES], ids=["packaging", "utilities"])
def test_no_two_points_share_an_address_and_tasks_are_gapless(points: tuple[Point, ...]) -> None:
    slots = allocate(points).values()
    used = Counter((slot.table, slot.address + i) for slot in slots for i in range(slot.width))
    assert max(used.values()) == 1
    for table in Table:
        for block in BLOCK_OF_TASK.values():
            taken = sorted(address for t, address in used if t is table and block <= address < block + 1000)
            assert taken == list(range(block, block + len(taken)))


def test_buttons_and_states_have_one_name_each_way() -> None:
    assert {f"cmd_{name}" for name in COMMANDS} == set(BUTTONS)
    assert {number: name.upper() for number, name in PACKML_STATES.items()} == {int(s): s.name for s in State}


def test_every_plc_has_a_place_in_the_plant() -> None:
    assert {area_of(plc) for plc in ("process", "packaging", "utilities")} == {
        "plant/bottling",
        "plant/packaging",
        "plant/utilities",
    }
