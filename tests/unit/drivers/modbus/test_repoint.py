"""Other points while the line runs: what stays equal goes on as if nothing had happened."""

from __future__ import annotations

from itertools import pairwise

from hmi.core.quality import Status


def readdressed(line, *texts, scan=1.0):
    """The line's points are these from now on; ones that were there before keep their tags."""
    before = dict(line.points)
    for text in texts:
        if text not in before:
            line.point(text, scan)
    points = tuple(line.points[text] for text in texts)
    line.poller().repoint(points)
    return points


def rows(line, text):
    return line.sink.rows(line.points[text].tag)


async def test_a_new_point_is_read_and_the_others_are_not_disturbed(line):
    line.point("holding:0")
    line.point("holding:100")
    await line.run(3.5)
    readdressed(line, "holding:0", "holding:100", "holding:200")
    await line.run(3.5)
    assert line.last("holding:200") == (200.0, 0)
    assert len(rows(line, "holding:0")) == len(rows(line, "holding:100")) == 1
    at = line.whole(0, 1)
    assert [round(b - a, 3) for a, b in pairwise(at)] == [1.0] * (len(at) - 1)


async def test_a_point_that_went_is_read_no_more(line):
    line.point("holding:0")
    line.point("holding:100")
    await line.run(2.5)
    readdressed(line, "holding:0")
    asked = len(line.whole(100, 1))
    await line.run(5)
    assert len(line.whole(100, 1)) == asked
    assert len(line.whole(0, 1)) > asked


async def test_neighbours_are_joined_into_one_request(line):
    line.point("holding:0")
    await line.run(2.5)
    readdressed(line, "holding:0", "holding:1")
    await line.run(3)
    assert line.whole(0, 2)
    assert line.last("holding:1") == (0.0, 0)  # the device gives the request's address in every register


async def test_a_line_without_points_begins_with_the_first(line):
    await line.run(2)
    readdressed(line, "holding:7")
    await line.run(2)
    assert line.last("holding:7") == (7.0, 0)


async def test_what_the_device_refused_stays_known(line):
    line.answers = lambda unit, address, count: 2 if address <= 1 < address + count else [address] * count
    for text in ("holding:0", "holding:1", "holding:2"):
        line.point(text)
    await line.run(5)
    assert line.last("holding:1")[1] == Status.BAD_CONFIGURATION_ERROR
    readdressed(line, "holding:0", "holding:1", "holding:2", "holding:3")
    line.asked.clear()
    await line.run(5)
    assert not line.whole(0, 4)
    assert line.last("holding:3")[1] == 0
    assert len(rows(line, "holding:1")) == 1


async def test_another_unit_and_another_scan_come_in(line):
    line.point("holding:0")
    await line.run(2)
    readdressed(line, "holding:0", "holding:5@9", scan=0.5)
    await line.run(3)
    assert line.last("holding:5@9") == (5.0, 0)
    assert {unit for _, unit, _, _ in line.asked} == {1, 9}


async def test_a_unit_that_was_gone_begins_anew(line):
    line.answers = lambda unit, address, count: None if unit == 9 else [address] * count
    line.point("holding:0")
    line.point("holding:5@9")
    await line.run(4)
    readdressed(line, "holding:0")
    await line.run(1)
    line.answers = lambda unit, address, count: [address] * count
    readdressed(line, "holding:0", "holding:5@9")
    await line.run(2)
    assert line.last("holding:5@9") == (5.0, 0)


async def test_a_unit_that_came_back_and_is_silent_is_asked_rarely(line):
    line.point("holding:0")
    line.point("holding:5@9")
    await line.run(2)
    readdressed(line, "holding:0")
    await line.run(1)
    line.answers = lambda unit, address, count: None if unit == 9 else [address] * count
    readdressed(line, "holding:0", "holding:5@9")
    await line.run(9)
    line.asked.clear()
    await line.run(60)
    assert 1 <= len(line.whole(5, 1)) <= 6
