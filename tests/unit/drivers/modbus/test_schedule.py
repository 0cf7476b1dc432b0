"""Whose turn it is: nobody is starved, neither by many blocks nor by time-outs."""

import pytest

from hmi.core.tag import TagType
from hmi.drivers.api import Point
from hmi.drivers.modbus.address import parse_address
from hmi.drivers.modbus.endpoint import TcpEndpoint
from hmi.drivers.modbus.groups import NEVER, make_groups
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.modbus.schedule import Schedule


@pytest.fixture
def line():
    return Line("holding:1@1", "holding:9@1", "holding:1@2", "holding:1@3")


class Line:
    """A schedule and its blocks by address."""

    def __init__(self, *texts):
        points = [
            Point(tag, text, parse_address(text, TagType.FLOAT), TagType.FLOAT, 1) for tag, text in enumerate(texts)
        ]
        groups = make_groups(points, ModbusOptions(TcpEndpoint("plc", 502)))
        self.jobs = {job.points[0].path: job for group in groups for job in group.jobs}
        self.units = {group.unit.number: group.unit for group in groups}
        self.schedule = Schedule(self.units.values())

    def put(self, text, due, again=None):
        job = self.jobs[text]
        job.due, job.again = due, again
        self.schedule.put(job)

    def take(self, now):
        job = self.schedule.next(now)
        return None if job is None else job.points[0].path

    def take_all(self, now):
        return list(iter(lambda: self.take(now), None))


def test_units_take_turns_and_within_one_the_longest_waiting_comes_first(line):
    line.put("holding:1@1", 5)
    line.put("holding:9@1", 3)
    line.put("holding:1@2", 9)
    line.put("holding:1@3", 1)
    assert line.take_all(10) == ["holding:9@1", "holding:1@2", "holding:1@3", "holding:1@1"]


def test_nobody_comes_before_its_time(line):
    line.put("holding:1@1", 5)
    line.put("holding:1@2", 7, again=4)
    assert line.schedule.first() == 4
    assert line.take(3) is None
    assert line.take(4) == "holding:1@2"
    assert line.schedule.first() == 5


def test_without_blocks_there_is_no_turn(line):
    assert line.schedule.first() == NEVER
    assert line.take(NEVER - 1) is None
    assert Schedule([]).first() == NEVER


def test_a_block_that_was_replaced_or_put_anew_has_no_old_turn(line):
    line.put("holding:1@1", 5)
    line.put("holding:9@1", 6)
    line.put("holding:9@1", 8)
    line.jobs["holding:1@1"].replaced = True
    assert line.take_all(7) == []
    assert line.take_all(8) == ["holding:9@1"]


def test_units_that_stay_keep_their_order_and_new_ones_come_behind_them(line):
    texts = ["holding:1@1", "holding:1@2", "holding:1@3"]
    for text in texts:
        line.put(text, 5)
    assert line.take(5) == texts[0]
    line.schedule.repoint([line.units[1], line.units[3]])
    assert line.take_all(5) == [texts[2]], "the second is gone with its blocks"
    line.schedule.repoint(line.units.values())
    for text in texts:
        line.put(text, 5)
    assert line.take_all(5) == [texts[0], texts[2], texts[1]]


def test_a_unit_that_is_left_alone_waits(line):
    line.units[2].not_before = 20
    line.put("holding:1@2", 5)
    assert line.schedule.first() == 20
    assert line.take(19) is None
    assert line.take(20) == "holding:1@2"


def test_after_a_time_out_who_answered_since_goes_first_for_four_times_as_long(line):
    line.schedule.failed(0, 10)
    line.units[2].answered = 12
    for _ in range(3):
        line.put("holding:1@1", 5)
        line.put("holding:1@2", 6)
        assert line.take(49) == "holding:1@2"
    assert line.take(49) == "holding:1@1", "nobody else is due"
    line.put("holding:1@3", 5)
    line.put("holding:1@2", 6)
    assert line.take(50) == "holding:1@3", "then they take turns again"


def test_silent_units_get_a_fifth_of_the_time(line):
    line.units[1].silent = line.units[3].silent = True
    line.put("holding:1@1", 5)
    line.put("holding:1@3", 5)
    assert line.take(5) == "holding:1@1"
    line.schedule.failed(5, 15)
    assert line.schedule.first() == 55
    assert line.take(54) is None
    assert line.take(55) == "holding:1@3"
