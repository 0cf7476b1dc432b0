"""One block as the poller knows it."""

import pytest

from hmi.core.instants import seconds
from hmi.core.tag import TagType
from hmi.drivers.api import AddressError, Point
from hmi.drivers.modbus.address import parse_address
from hmi.drivers.modbus.endpoint import TcpEndpoint
from hmi.drivers.modbus.groups import make_groups
from hmi.drivers.modbus.jobs import address_of
from hmi.drivers.modbus.options import ModbusOptions


def job_of(*texts, scan=1.0):
    points = [
        Point(tag, text, parse_address(text, TagType.FLOAT), TagType.FLOAT, scan) for tag, text in enumerate(texts)
    ]
    (group,) = make_groups(points, ModbusOptions(TcpEndpoint("plc", 502)))
    (job,) = group.jobs
    return job


def test_a_split_keeps_every_tag_and_starts_afresh():
    job = job_of(*[f"holding:{n}" for n in range(5)])
    job.told, job.failures = 1, 3
    one, two = job.split()
    assert [p.tag for p in (*one.points, *two.points)] == [0, 1, 2, 3, 4]
    assert one.readout.tags.tolist() + two.readout.tags.tolist() == [0, 1, 2, 3, 4]
    assert one.unit is two.unit is job.unit
    assert (one.told, one.failures, one.not_before) == (1, 0, 0), "what its tags were told is still so"
    assert one.trial is two.trial


def test_one_tag_is_not_split():
    with pytest.raises(ValueError, match="one tag"):
        job_of("holding:4:float32").split()


@pytest.mark.parametrize(("scan", "lasts"), [(0.1, 1), (5, 10)])
def test_a_reply_is_fresh_for_two_scans_or_a_second(scan, lasts):
    job = job_of("holding:1", scan=scan)
    job.answered = seconds(100)
    assert job.fresh(seconds(100 + lasts) - 1)
    assert not job.fresh(seconds(100 + lasts))


def test_a_turn_before_the_regular_one_counts_and_a_later_one_does_not():
    job = job_of("holding:1")
    job.due = 100
    assert job.turn == 100
    job.again = 0
    assert job.turn == 0
    job.again = 200
    assert job.turn == 100


def test_a_point_of_another_driver_is_refused():
    with pytest.raises(AddressError, match="plant/x has no Modbus address"):
        address_of(Point(0, "plant/x", "ns=2;i=1", TagType.FLOAT, 1))
