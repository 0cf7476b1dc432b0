"""The polling plan: every tag once, in the fewest requests, and what is learned from a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.instants import seconds
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, Point
from hmi.drivers.modbus.address import parse_address
from hmi.drivers.modbus.jobs import FASTEST, address_of, make_jobs
from hmi.drivers.modbus.options import ModbusOptions

OPTIONS = ModbusOptions("plc", 502)


def point(tag, text, scan=1.0):
    return Point(tag, text, parse_address(text, TagType.FLOAT), TagType.FLOAT, scan)


def jobs_of(*texts, options=OPTIONS):
    (jobs,) = make_jobs([point(tag, text) for tag, text in enumerate(texts)], options).values()
    return jobs


def test_scan_unit_and_table_are_read_apart():
    points = [point(0, "holding:1"), point(1, "holding:2", scan=5), point(2, "input:1"), point(3, "holding:3@7")]
    plan = make_jobs(points, OPTIONS)
    assert {scan: [(j.unit_id, j.table.value, j.block.address) for j in jobs] for scan, jobs in plan.items()} == {
        1.0: [(1, "holding", 1), (1, "input", 1), (7, "holding", 3)],
        5.0: [(1, "holding", 2)],
    }


def test_blocks_of_one_unit_share_its_state():
    one, other, same = jobs_of("holding:1", "holding:1@2", "input:1")
    units = {j.unit_id: [k.unit for k in (one, other, same) if k.unit_id == j.unit_id] for j in (one, other, same)}
    assert units[1][0] is units[1][1]
    assert units[2][0] is not units[1][0]


def test_no_scan_is_faster_than_the_fastest():
    assert list(make_jobs([point(0, "holding:1", scan=0.0)], OPTIONS)) == [FASTEST]


def test_the_limit_of_the_device_bounds_a_block():
    options = ModbusOptions("plc", 502, max_registers=4, max_bits=2)
    found = [(j.block.address, j.block.count) for j in jobs_of(*[f"holding:{n}" for n in range(6)], options=options)]
    assert found == [(0, 4), (4, 2)]
    assert [j.block.count for j in jobs_of("coil:0:bool", "coil:1:bool", "coil:2:bool", options=options)] == [2, 1]


def test_a_split_keeps_every_tag_and_starts_afresh():
    (job,) = jobs_of(*[f"holding:{n}" for n in range(5)])
    job.told, job.failures = 1, 3
    one, two = job.split()
    assert [p.tag for p in (*one.points, *two.points)] == [0, 1, 2, 3, 4]
    assert one.readout.tags.tolist() + two.readout.tags.tolist() == [0, 1, 2, 3, 4]
    assert one.unit is two.unit is job.unit
    assert (one.told, one.failures, one.not_before) == (None, 0, 0)


def test_one_tag_is_not_split():
    (job,) = jobs_of("holding:4:float32")
    with pytest.raises(ValueError, match="one tag"):
        job.split()


def test_a_reply_is_fresh_for_two_scans_or_a_second():
    (job,) = jobs_of("holding:1")
    job.answered = seconds(100)
    assert job.fresh_for(seconds(100.9), 0.1)
    assert not job.fresh_for(seconds(101), 0.1)
    assert job.fresh_for(seconds(109), 5)
    assert not job.fresh_for(seconds(110), 5)


def test_a_point_of_another_driver_is_refused():
    with pytest.raises(AddressError, match="plant/x has no Modbus address"):
        address_of(Point(0, "plant/x", "ns=2;i=1", TagType.FLOAT, 1))


@given(
    st.lists(st.tuples(st.sampled_from(["int16", "float32", "float64"]), st.integers(0, 300)), min_size=1, max_size=60),
    st.integers(4, 125),
    st.integers(0, 8),
)
def test_halving_down_to_single_tags_loses_and_doubles_none(tags, limit, gap):
    options = ModbusOptions("plc", 502, max_registers=limit, max_gap=gap)
    waiting = jobs_of(*[f"holding:{at}:{kind}" for kind, at in tags], options=options)
    single = []
    while waiting:
        job = waiting.pop()
        assert job.block.count <= limit
        if len(job.points) == 1:
            single.append(job)
        else:
            waiting += job.split()
    assert sorted(job.points[0].tag for job in single) == list(range(len(tags)))
    for job in single:
        address = address_of(job.points[0])
        assert (job.block.address, job.block.count) == (address.address, address.count)
