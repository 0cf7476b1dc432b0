"""Quantities are made of counters as the README says."""

import pytest

from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status
from hmi.core.tag import TagType
from plugins.system.address import OF_ITEM, PLAIN
from plugins.system.counters import Cpu, PsutilCounters, Traffic
from plugins.system.driver import DRIVER
from plugins.system.machine import Machine
from plugins.system.tests.device import GB, SoftCounters


def at(seconds):
    return Instants(seconds * SECOND, (1000 + seconds) * SECOND)


@pytest.fixture
def counters():
    return SoftCounters()


@pytest.fixture
def look(counters):
    machine = Machine(counters)

    def look(text, seconds=0, scan=1.0):
        address = DRIVER.parse_address(text, TagType.FLOAT)
        return machine.look([address], at(seconds), scan)[address]

    return look


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("load", 0.5),
        ("load:15", 2.5),
        ("memory", 25.0),
        ("memory:available", 6 * GB),
        ("swap:total", GB),
        ("disk:/var", 40.0),
        ("disk:/var:free", 6 * GB),
        ("disk:C:", 40.0),
        ("uptime", 900.0),
        ("processes", 42.0),
        ("net:eth0:errors", 0.0),
    ],
)
def test_a_quantity(look, text, value):
    assert look(text) == (value, Status.GOOD)


@pytest.mark.parametrize("text", ["cpu:2", "net:eth9", "disk:/nowhere"])
def test_what_is_not_there_is_unknown(look, text):
    assert look(text)[1] == Status.BAD_NODE_ID_UNKNOWN


def test_the_share_of_a_core_is_that_between_two_looks(look, counters):
    assert look("cpu")[1] == look("cpu:1")[1] == Status.BAD_WAITING_FOR_INITIAL_DATA
    counters.busy = [Cpu(1.0, 4.0), Cpu(3.0, 4.0)]
    assert look("cpu") == (50.0, 0)
    assert look("cpu:1") == (75.0, 0)
    assert look("cpu")[1] == Status.BAD_WAITING_FOR_INITIAL_DATA, "no time has passed"


def test_traffic_is_bytes_a_second_and_begins_anew_with_its_interface(look, counters):
    look("net:eth0:received", 0)
    counters.interfaces["eth0"] = Traffic(3000, 0, 0)
    assert look("net:eth0:received", 2) == (1500.0, 0)
    counters.interfaces["eth0"] = Traffic(10, 0, 0)
    assert look("net:eth0:received", 3)[1] == Status.BAD_WAITING_FOR_INITIAL_DATA
    counters.interfaces["eth0"] = Traffic(20, 0, 0)
    assert look("net:eth0:received", 4) == (10.0, 0)


def test_a_rate_spans_its_own_scan_whatever_the_others_do(look, counters):
    look("net:eth0:received", 0, scan=1.0)
    look("net:eth0:received", 0, scan=10.0)
    for second in range(1, 11):
        counters.interfaces["eth0"] = Traffic(100 * second**2, 0, 0)
        assert look("net:eth0:received", second, scan=1.0) == (100.0 * (2 * second - 1), 0)
    assert look("net:eth0:received", 10, scan=10.0) == (1000.0, 0)


def test_each_counter_is_read_once_a_look(counters):
    texts = [f"{kind}:{field}" for kind, fields in PLAIN.items() for field in fields]
    texts += [f"disk:/var:{field}" for field in OF_ITEM["disk"]] + ["disk:/home", "cpu", "cpu:1", "net:eth0:sent"]
    addresses = [DRIVER.parse_address(text, TagType.FLOAT) for text in texts]
    Machine(counters).look(addresses, at(0), 1.0)
    assert counters.looks == {"cores": 1, "load": 1, "memory": 1, "swap": 1, "/var": 1, "/home": 1, "traffic": 1}


def test_this_very_computer_has_counters(tmp_path):
    real = PsutilCounters()
    cores = real.cores()
    assert cores
    assert all(0 <= core.busy <= core.whole for core in cores)
    assert real.disk(str(tmp_path))["total"] > 0
    assert real.memory()["total"] > 0
    assert real.processes() > 0
    assert len(real.load()) == 3
    assert set(real.swap()) == {"percent", "used", "total"}
    assert real.traffic() is not None
    assert real.uptime(1e12) > 0
