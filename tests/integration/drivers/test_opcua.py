"""OPC UA against a real server in a process of its own."""

import asyncio
import math
import os
import signal
import time
from random import Random

import pytest

from hmi.core.quality import Status, is_bad
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.drivers.backoff import Backoff
from hmi.drivers.opcua import DRIVER
from hmi.drivers.opcua.limits import Limits
from tests.helpers_drivers.harness import OpcUaProcess, Proxy

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture(scope="module")
def process():
    server = OpcUaProcess(many=300)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def server(process):
    await process.ask(forget=None)
    return process


@pytest.fixture
def rig(rig_of, server):
    return rig_of(DRIVER, server.url)


@pytest.fixture
def patient(monkeypatch):
    """On a busy machine a pause of the test may last longer than the watch allows."""
    monkeypatch.setattr("hmi.drivers.opcua.subscription.SILENCE", 60)


def node(name):
    return f"ns=2;s=Mixer.{name}"


async def test_types_statuses_and_what_is_missing(rig):
    for name in ("Level", "Count", "Running", "When", "Big", "Values", "Empty", "Nowhere"):
        rig.point(node(name))
    rig.point(node("Name"), TagType.STRING)
    rig.point("ns=17;s=x")
    rig.point("nsu=urn:not:here;s=x")
    rig.run()
    await rig.until(lambda: all(rig.sink.rows(p.tag) for p in rig.points.values()))
    assert rig.last(node("Level")) == (1.5, 0)
    assert rig.last(node("Count")) == (-7.0, 0)
    assert rig.last(node("Running")) == (1.0, 0)
    assert rig.last(node("When")) == (1767323045.0, 0)
    assert rig.last(node("Name")) == ("Mixer 1", 0)
    assert rig.status(node("Big")) == Status.UNCERTAIN
    assert rig.status(node("Values")) == Status.BAD_TYPE_MISMATCH
    assert rig.status(node("Empty")) == Status.BAD_NO_DATA
    for text in (node("Nowhere"), "ns=17;s=x", "nsu=urn:not:here;s=x"):
        assert rig.status(text) == Status.BAD_NODE_ID_UNKNOWN
    assert rig.sink.count_of(LinkState.UP) == 1
    samples = await rig.connection.read(list(rig.points.values()))
    for sample, point in zip(samples, rig.points.values(), strict=True):
        value, status = rig.sink.last(point.tag)
        same = sample.value == value or (math.isnan(sample.value) and math.isnan(value))
        assert (same, sample.status) == (True, status), point.path


async def test_status_of_the_device_is_kept(rig, server):
    rig.point(node("Level"))
    rig.run()
    await rig.until(lambda: bool(rig.sink.rows(1)))
    await server.ask(set=["Level", 3.0], status=0x408F0000)
    await rig.becomes(node("Level"), 0x408F0000)
    await server.ask(set=["Level", 4.0], status=0x808B0000)
    await rig.becomes(node("Level"), 0x808B0000)
    await server.ask(set=["Level", 1.5])
    await rig.good(node("Level"), 1.5)


async def test_no_sample_is_lost_and_each_has_its_source_stamp(rig, server):
    rig.point(node("Fast"), scan=0.005)
    await server.ask(set=["Fast", 0.0])
    rig.run()
    await rig.good(node("Fast"), 0.0)
    seen = len(rig.sink.rows(1))
    stamps = await server.ask(burst=["Fast", 1000, 0.005])
    await rig.good(node("Fast"), 1000.0)
    rows = rig.sink.rows(1)[seen:]
    assert [value for value, _, _ in rows] == [float(n) for n in range(1, 1001)]
    assert [time_ for _, _, time_ in rows] == stamps
    assert {status for _, status, _ in rows} == {0}
    assert rig.sink.counters["overflows"] == 0


async def test_overflow_is_counted(rig, server):
    """The library's server never sets the mark by itself, so the test sets it."""
    rig.point(node("Level"))
    rig.run()
    await rig.good(node("Level"), 1.5)
    await server.ask(set=["Level", 3.0], status=0x480)
    await rig.becomes(node("Level"), 0x480)
    assert rig.sink.counters["overflows"] == 1
    await server.ask(set=["Level", 1.5])
    await rig.good(node("Level"), 1.5)


async def test_more_items_than_one_request_takes(rig_of, server, monkeypatch):
    monkeypatch.setattr("hmi.drivers.opcua.session.Limits.of", lambda _told: Limits(7, 7, 7, 7, 70, 7))
    rig = rig_of(DRIVER, server.url)
    for n in range(300):
        rig.point(node(f"N{n}"))
    rig.run()
    await rig.until(lambda: all(rig.sink.rows(p.tag) for p in rig.points.values()))
    await server.ask(flood=[300, 1, 0.0])
    await rig.until(lambda: all(rig.sink.is_good(p.tag, 1.0) for p in rig.points.values()))


async def test_quiet_tags_are_alive(rig):
    rig.point(node("Level"))
    rig.run()
    await rig.until(lambda: len(rig.sink.alive_tags) >= 4)
    assert all(tags.tolist() == [1] for tags in rig.sink.alive_tags)


async def test_outcomes_of_writes(rig, server):
    for name in ("Setpoint", "Mode", "Enable", "Level", "Nowhere", "Values"):
        rig.point(node(name))
    rig.point(node("Name"), TagType.STRING)
    rig.run()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 1)
    for name, value in [("Setpoint", 0.1), ("Mode", -3), ("Enable", 1), ("Name", "Füller")]:
        result = await rig.write(node(name), value)
        assert result.outcome is WriteOutcome.DONE
    assert (await rig.write(node("Setpoint"), 0.1)).sent == 0.10000000149011612
    for name, value in [("Mode", 1e6), ("Enable", 2), ("Level", 1), ("Nowhere", 1), ("Values", 1)]:
        result = await rig.write(node(name), value)
        assert (result.outcome, is_bad(result.status)) == (WriteOutcome.REFUSED, True), name
        assert result.text
    written = [w for w in await server.ask(writes=None) if w[0] != "Level"]
    assert written == [["Setpoint", pytest.approx(0.1)], ["Mode", -3], ["Enable", True], ["Name", "Füller"],
                       ["Setpoint", pytest.approx(0.1)]]  # fmt: skip
    await server.ask(set=["Enable", False])
    await server.ask(set=["Name", "Mixer 1"])


async def test_methods_are_called_by_writing_one(rig, server):
    start, explicit = "method:ns=2;s=Mixer.Start", "method:ns=2;s=Mixer|ns=2;s=Mixer.Start"
    fail, nowhere = "method:ns=2;s=Mixer.Fail", "method:ns=2;s=Mixer.Nothing"
    for text in (start, explicit, fail, nowhere):
        rig.point(text, TagType.BOOL)
    rig.run()
    await rig.becomes(nowhere, Status.BAD_NODE_ID_UNKNOWN)
    assert rig.last(start) == (0.0, 0)
    assert (await rig.write(start, 1)).outcome is WriteOutcome.DONE
    assert (await rig.write(explicit, 1)).outcome is WriteOutcome.DONE
    assert (await rig.write(start, 0)).outcome is WriteOutcome.REFUSED
    assert (await rig.write(fail, 1)).outcome is WriteOutcome.REFUSED
    assert (await rig.write(nowhere, 1)).outcome is WriteOutcome.REFUSED
    assert await server.ask(writes=None) == [["Start", 1], ["Start", 1]]


async def test_a_server_that_dies_comes_back_with_another_namespace_order(rig_of):
    """A real process is killed; the one that follows has two more namespaces in front."""
    first, second = OpcUaProcess(), OpcUaProcess(spare=2)
    second.port = first.port
    rig = rig_of(DRIVER, first.url)
    rig.point("nsu=urn:lineside:test;s=Mixer.Level")
    await asyncio.to_thread(first.start)
    try:
        rig.run()
        await rig.good("nsu=urn:lineside:test;s=Mixer.Level", 1.5)
        await asyncio.to_thread(first.kill)
        died = time.time_ns()
        await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
        rows = len(rig.sink.rows(1))
        await asyncio.to_thread(second.start)
        await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
        await rig.until(lambda: len(rig.sink.rows(1)) > rows)
        value, status, stamp = rig.sink.rows(1)[-1]
        assert (value, status) == (1.5, 0)
        assert stamp > died
        assert rig.sink.count_of(LinkState.DOWN) == 1
    finally:
        await rig.stop()
        await asyncio.to_thread(first.kill)
        await asyncio.to_thread(second.kill)


async def test_a_frozen_server_is_noticed_and_returns(rig, server):
    """Stopped, not killed: sockets stay open and the system still acknowledges for it."""
    rig.point(node("Level"))
    rig.point(node("Setpoint"))
    rig.run()
    await rig.good(node("Level"), 1.5)
    assert (await rig.write(node("Setpoint"), 1.0)).outcome is WriteOutcome.DONE
    os.kill(server.pid, signal.SIGSTOP)
    try:
        frozen = time.monotonic()
        result = await rig.write(node("Setpoint"), 2.0)
        assert result.outcome is WriteOutcome.UNKNOWN, "sent, and nobody answered"
        await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
        noticed = time.monotonic() - frozen
        alive = len(rig.sink.alive_tags)
        await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 1)
        assert len(rig.sink.alive_tags) == alive
    finally:
        os.kill(server.pid, signal.SIGCONT)
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
    await rig.good(node("Level"), 1.5)
    assert rig.sink.count_of(LinkState.DOWN) == 1
    assert noticed < 10, "a hang of minutes would be a fault, whatever the machine's load"
    assert [w[1] for w in await server.ask(writes=None)].count(2.0) <= 1


async def test_a_slow_network_delays_but_loses_nothing(rig_of, server, patient):
    """A second of stillness on the wire: shorter than the watch, longer than ten packets."""
    proxy = Proxy(server.port)
    await proxy.start()
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/")
    rig.point(node("Fast"), scan=0.01)
    await server.ask(set=["Fast", 0.0])
    rig.run()
    await rig.good(node("Fast"), 0.0)
    seen = len(rig.sink.rows(1))
    proxy.freeze()
    await server.ask(burst=["Fast", 80, 0.01])
    proxy.thaw()
    await rig.good(node("Fast"), 80.0)
    assert [value for value, _, _ in rig.sink.rows(1)[seen:]] == [float(n) for n in range(1, 81)]
    assert rig.sink.count_of(LinkState.DOWN) == 0
    await rig.stop()
    await proxy.stop()


async def test_a_write_whose_answer_is_lost_is_unknown_and_not_repeated(rig_of, server):
    proxy = Proxy(server.port)
    await proxy.start()
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/", timeout=0.3)
    rig.point(node("Mode"))
    rig.run()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 1)
    assert (await rig.write(node("Mode"), 1)).outcome is WriteOutcome.DONE
    proxy.freeze()
    result = await rig.write(node("Mode"), 2)
    assert (result.outcome, result.status) == (WriteOutcome.UNKNOWN, Status.BAD_TIMEOUT)
    proxy.thaw()
    await rig.until(lambda: rig.sink.is_good(1, 2.0))
    assert [w[1] for w in await server.ask(writes=None)] == [1, 2]
    await rig.stop()
    await proxy.stop()


async def test_nobody_there(rig_of, free_port):
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{free_port()}")
    rig.point(node("Level"))
    rig.run()
    await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 2)
    assert [s for s, _ in rig.sink.states] == [LinkState.CONNECTING, LinkState.DOWN]
    assert "nothing listens there" in rig.sink.states[-1][1]
    assert (rig.sink.rows(1), rig.sink.alive_tags) == ([], [])


async def test_after_a_pause_all_values_are_told_again(rig_of, server, patient):
    """Longer than it takes the station to turn tags Bad, too short to be a loss; a queued sample is not overtaken."""
    proxy = Proxy(server.port)
    await proxy.start()
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/")
    rig.point(node("Level"))
    rig.point(node("Fast"))
    await server.ask(set=["Fast", 0.0])
    rig.run()
    await rig.good(node("Fast"), 0.0)
    await rig.good(node("Level"), 1.5)
    proxy.freeze()
    await server.ask(burst=["Fast", 8, 0.21])
    rows = {tag: len(rig.sink.rows(tag)) for tag in (1, 2)}
    proxy.thaw()
    await rig.until(lambda: len(rig.sink.rows(1)) > rows[1], "the unchanged value was not told again")
    value, status, _ = rig.sink.rows(1)[-1]
    assert (value, status) == (1.5, 0)
    fast = rig.sink.rows(2)[rows[2] :]
    assert [v for v, _, _ in fast] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 8.0]
    assert [t for _, _, t in fast] == sorted(t for _, _, t in fast)
    assert (rig.sink.counters["pauses"], rig.sink.count_of(LinkState.DOWN)) == (1, 0)
    await rig.stop()
    await proxy.stop()


@pytest.mark.parametrize("seed", range(2))
async def test_flipped_bytes_do_not_end_the_run(rig_of, server, seed, monkeypatch):
    """What a broken network hands over ends links, again and again; it never ends the driver."""
    random = Random(seed)
    monkeypatch.setattr("hmi.drivers.opcua.connection.Backoff", lambda: Backoff(first=0.001, cap=0.001))
    monkeypatch.setattr("hmi.drivers.opcua.subscription.SILENCE", 0.7)
    proxy = Proxy(server.port)
    await proxy.start()
    rig = rig_of(DRIVER, f"opc.tcp://127.0.0.1:{proxy.port}/", timeout=0.3)
    for name in ("Level", "Count", "Setpoint"):
        rig.point(node(name))
    rig.point(node("Name"), TagType.STRING)

    def flip(data):
        if random.random() < 0.3:
            broken = bytearray(data)
            for _ in range(random.randrange(1, 4)):
                broken[random.randrange(len(broken))] = random.randrange(256)
            return bytes(broken)
        return data

    proxy.change = flip
    rig.run()
    await rig.until(lambda: rig.sink.counters["failed_attempts"] + rig.sink.counters["losses"] >= 4)
    proxy.change = None
    await server.ask(set=["Level", 77.0])
    await rig.good(node("Level"), 77.0)
    await server.ask(set=["Level", 1.5])
    await rig.stop()
    await proxy.stop()
