"""Pings and slow disks: what does not answer keeps nobody waiting."""

import asyncio
import socket

import pytest

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import ConnectionSpec, Point
from hmi.drivers.conformance import Recorder, SystemClock
from plugins.system import ping as pings
from plugins.system.connection import SystemConnection
from plugins.system.counters import Cpu
from plugins.system.driver import DRIVER
from plugins.system.machine import Machine
from plugins.system.ping import is_answer, request
from plugins.system.tests.device import SoftCounters


def point(tag, text, type_=TagType.FLOAT, scan=0.05):
    return Point(tag, text, DRIVER.parse_address(text, type_), type_, scan)


@pytest.fixture
async def start():
    jobs = []

    def start(*points, timeout=2.0, counters=None):
        recorder = Recorder()
        options = DRIVER.parse_options("local", {"timeout": timeout})
        spec = ConnectionSpec("pc", "local", options, points, False)
        machine = Machine(counters or SoftCounters())
        connection = SystemConnection(spec, options, recorder, SystemClock(), machine)
        jobs.append(asyncio.create_task(connection.run()))
        return connection, recorder

    yield start
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def closed_port():
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # taken, so that nobody listens there
        yield unheard.getsockname()[1]


async def test_who_listens_answers_within_milliseconds(start, port):
    text = f"ping:127.0.0.1:{port}"
    _, recorder = start(point(1, text), point(2, text, TagType.BOOL))
    await recorder.until(lambda: bool(recorder.rows(1)) and bool(recorder.rows(2)), "No answer was told.")
    value, status = recorder.last(1)
    assert status == Status.GOOD
    assert value > 0
    assert recorder.last(2) == (1.0, Status.GOOD)


async def test_who_does_not_listen_is_bad_as_a_number_and_false_as_a_bool(start, closed_port):
    text = f"ping:127.0.0.1:{closed_port}"
    _, recorder = start(point(1, text), point(2, text, TagType.BOOL))
    await recorder.until(lambda: bool(recorder.rows(1)) and bool(recorder.rows(2)), "Nothing was told.")
    assert recorder.last(1)[1] == Status.BAD_NO_COMMUNICATION
    assert recorder.last(2) == (0.0, Status.GOOD)


async def test_an_echo_is_answered_or_the_system_says_that_it_may_not_be_sent(start):
    _, recorder = start(point(1, "ping:127.0.0.1"))
    await recorder.until(lambda: bool(recorder.rows(1)), "Nothing was told.")
    assert recorder.last(1)[1] in {Status.GOOD, Status.BAD_NOT_SUPPORTED}


async def test_an_echo_that_may_not_be_sent_is_not_supported(start, monkeypatch):
    async def forbidden(host, number):
        raise PermissionError

    monkeypatch.setattr(pings, "_echo", forbidden)
    _, recorder = start(point(1, "ping:127.0.0.1"), point(2, "ping:127.0.0.1", TagType.BOOL))
    await recorder.until(lambda: bool(recorder.rows(2)), "Nothing was told.")
    assert recorder.last(1)[1] == recorder.last(2)[1] == Status.BAD_NOT_SUPPORTED


async def test_a_disk_that_does_not_answer_keeps_one_thread_and_no_ping_waiting(start, port):
    counters = SoftCounters()
    counters.free.clear()
    ping = point(2, f"ping:127.0.0.1:{port}")
    _, recorder = start(point(1, "disk:/stuck"), ping, timeout=0.1, counters=counters)
    await recorder.until(lambda: recorder.counters["timeouts"] >= 3, "It never timed out.")
    assert recorder.last(1)[1] == Status.BAD_TIMEOUT
    assert recorder.last(2)[1] == Status.GOOD
    assert counters.looks == {"/stuck": 1}
    counters.free.set()
    await recorder.until(lambda: recorder.last(1) == (40.0, Status.GOOD), "It never recovered.")


async def test_a_read_leaves_rates_alone(start):
    connection, recorder = start(point(1, "cpu", scan=30.0), point(2, "processes", TagType.INT, scan=30.0))
    await recorder.until(lambda: bool(recorder.rows(1)), "Nothing was told.")
    cpu, processes = await connection.read([point(1, "cpu"), point(2, "processes", TagType.INT)])
    assert cpu.status == recorder.last(1)[1] == Status.BAD_WAITING_FOR_INITIAL_DATA
    assert (processes.value, processes.status) == (42.0, Status.GOOD)


async def test_scans_that_share_a_rate_are_both_told_it(start):
    counters = SoftCounters()
    _, recorder = start(point(1, "cpu", scan=0.05), point(2, "cpu", scan=0.1), counters=counters)
    await recorder.until(lambda: bool(recorder.rows(1)) and bool(recorder.rows(2)), "Nothing was told.")
    counters.busy = [Cpu(2.0, 4.0)]
    for tag in (1, 2):
        await recorder.until(lambda tag=tag: len(recorder.rows(tag)) > 1, "No rate was told.")
        assert recorder.rows(tag)[1][:2] == (50.0, Status.GOOD)


@pytest.mark.parametrize(("kind", "reply"), [(8, 0), (128, 129)])
def test_an_answer_is_told_from_others(kind, reply):
    asked = request(kind, 513)
    answer = bytes([reply]) + asked[1:]
    assert is_answer(answer, kind, 513)
    assert is_answer(b"\x45" + b"\0" * 19 + answer, kind, 513), "with an IP header before it"
    assert not is_answer(answer, kind, 514)
    assert not is_answer(asked, kind, 513)
    assert not is_answer(answer[:6], kind, 513)


def test_the_sum_of_a_request_is_right():
    data = request(8, 7)
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF
