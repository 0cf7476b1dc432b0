"""Modbus TCP over real sockets, with a device that does what devices do."""

import asyncio
import struct
from random import Random

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hmi.core.quality import Status, is_bad
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.drivers.backoff import Backoff
from hmi.drivers.modbus import DRIVER
from hmi.drivers.modbus import poller as poller_module
from tests.helpers_drivers.modbus_device import ModbusDevice, exception, frame


@pytest.fixture
async def device():
    made = ModbusDevice()
    made.holding.update({n: n for n in range(50)})
    made.coils.update(dict.fromkeys(range(20), 0))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def rig(rig_of, device):
    return rig_of(DRIVER, f"127.0.0.1:{device.port}")


@pytest.fixture
def hasty(monkeypatch):
    """No waiting after a failure, so that many of them fit into a test."""
    monkeypatch.setattr("hmi.drivers.modbus.connection.Backoff", lambda: Backoff(first=0.001, cap=0.001))
    monkeypatch.setattr(poller_module, "_FAILURE", Backoff(first=0, cap=0))
    monkeypatch.setattr(poller_module, "REPROBE", 0)
    monkeypatch.setattr(poller_module, "PROBE", 0)


def reads(device, code=3):
    return [struct.unpack(">HH", pdu[1:5]) for _, pdu in device.requests if pdu[0] == code]


def at(address):
    return lambda pdu: int.from_bytes(pdu[1:3], "big") <= address < int.from_bytes(pdu[1:3], "big") + pdu[4]


async def test_one_request_reads_neighbours_and_one_is_outstanding(rig, device):
    for n in range(8):
        rig.point(f"holding:{n}:int16", scan=0.02)
    rig.point("coil:3", TagType.BOOL, scan=0.02)
    device.delay = 0.005
    rig.run()
    await rig.good("holding:7:int16", 7.0)
    await rig.until(lambda: len(device.requests) > 10)
    assert set(reads(device)) == {(0, 8)}
    assert device.most_at_once == 1


async def test_scan_classes_keep_their_own_time(rig, device):
    rig.point("holding:1", scan=0.02)
    rig.point("holding:2", scan=10.0)
    rig.run()
    await rig.until(lambda: len(reads(device)) > 12)
    assert reads(device).count((2, 1)) == 1


async def test_a_slow_device_is_polled_as_it_can(rig_of, device):
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=2)
    rig.point("holding:1", scan=0.02)
    device.delay = 0.1
    rig.run()
    await rig.good("holding:1", 1.0)
    await rig.until(lambda: rig.sink.counters["overruns"] >= 5)
    assert rig.sink.count_of(LinkState.DOWN) == 0
    assert rig.sink.counters["timeouts"] == 0


async def test_illegal_address_costs_only_its_tag(rig, device):
    for n in range(40, 60):
        rig.point(f"holding:{n}:int16")
    for n in range(50, 60):
        device.holding[n] = n
    del device.holding[53]
    rig.run()
    await rig.becomes("holding:53:int16", Status.BAD_CONFIGURATION_ERROR)
    for n in [*range(40, 53), *range(54, 60)]:
        await rig.good(f"holding:{n}:int16", float(n))
    before = reads(device).count((53, 1))
    rig.sink.alive_tags.clear()
    tag = rig.points["holding:53:int16"].tag
    await rig.until(lambda: sum(tag in tags for tags in rig.sink.alive_tags) > 3)
    assert reads(device).count((53, 1)) == before, "a refused address is left alone for minutes"
    assert rig.sink.count_of(LinkState.UP) == 1


async def test_a_repaired_address_is_found_again(rig, device, monkeypatch):
    monkeypatch.setattr(poller_module, "REPROBE", 0)
    rig.point("holding:1")
    rig.point("holding:99")
    rig.run()
    await rig.becomes("holding:99", Status.BAD_CONFIGURATION_ERROR)
    device.holding[99] = 7
    await rig.good("holding:99", 7.0)


async def test_an_empty_success_is_a_refusal(rig, device):
    def empty(transaction, unit, pdu, reply):
        return frame(transaction, unit, bytes([pdu[0], 0])) if at(2)(pdu) else reply

    device.mischief = empty
    for n in range(4):
        rig.point(f"holding:{n}")
    rig.run()
    await rig.becomes("holding:2", Status.BAD_CONFIGURATION_ERROR)
    await rig.good("holding:3", 3.0)


@pytest.mark.parametrize(
    ("code", "status"),
    [(1, Status.BAD_CONFIGURATION_ERROR), (2, Status.BAD_CONFIGURATION_ERROR), (3, Status.BAD_CONFIGURATION_ERROR),
     (4, Status.BAD_DEVICE_FAILURE), (8, Status.BAD_DEVICE_FAILURE), (0x0A, Status.BAD_NO_COMMUNICATION),
     (0x0B, Status.BAD_TIMEOUT)],
)  # fmt: skip
async def test_exceptions_of_reads(rig, device, code, status):
    rig.point("holding:1")
    rig.point("coil:1", TagType.BOOL)
    device.mischief = exception(code, lambda pdu: pdu[0] == 3)
    rig.run()
    await rig.becomes("holding:1", status)
    if code < 0x0A:
        await rig.good("coil:1", 0.0)
    assert rig.sink.counters[f"exception_{code:02X}"] >= 1
    (sample,) = await rig.connection.read([rig.points["holding:1"]])
    assert sample.status == status


async def test_a_device_with_short_blocks_is_read_in_shorter_ones(rig, device):
    device.mischief = exception(3, lambda pdu: pdu[4] > 5)
    for n in range(16):
        rig.point(f"holding:{n}")
    rig.run()
    for n in range(16):
        await rig.good(f"holding:{n}", float(n))


async def test_a_busy_device_keeps_its_values_without_being_alive(rig, device):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    device.mischief = exception(6)
    await rig.until(lambda: rig.sink.counters["exception_06"] >= 1)
    rig.sink.alive_tags.clear()
    await rig.until(lambda: rig.sink.counters["exception_06"] >= 3)
    assert rig.sink.alive_tags == []
    assert rig.last("holding:1") == (1.0, 0)
    device.mischief = None
    device.holding[1] = 9
    await rig.good("holding:1", 9.0)


async def test_a_busy_device_is_asked_again_before_a_slow_scan_comes_round(rig, device):
    rig.point("holding:1", scan=3600)
    rig.point("holding:3", scan=0.05)
    device.mischief = exception(6, at(1))
    rig.run()
    await rig.until(lambda: rig.sink.counters["exception_06"] >= 2)
    device.mischief = None
    await rig.good("holding:1", 1.0)


async def test_a_failed_device_recovers(rig, device):
    rig.point("holding:1")
    device.mischief = exception(4)
    rig.run()
    await rig.becomes("holding:1", Status.BAD_DEVICE_FAILURE)
    device.mischief = None
    await rig.good("holding:1", 1.0)


async def test_late_replies_are_ignored(rig_of, device):
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=0.05, retries=3)
    rig.point("holding:1", scan=0.5)
    held = []

    def once_late(transaction, unit, pdu, reply):
        """The first reply is kept back and sent, with a wrong value, before the answer to the retry."""
        if not held:
            held.append(frame(transaction, unit, bytes([3, 2, 0xDE, 0xAD])))
            return None
        return held[0] + reply if len(held) == 1 and not held.append(b"") else reply

    device.mischief = once_late
    rig.run()
    await rig.good("holding:1", 1.0)
    assert [value for value, _, _ in rig.sink.rows(1)] == [1.0]
    assert (rig.sink.counters["late_replies"], rig.sink.counters["retries"]) == (1, 1)


@pytest.mark.parametrize(
    "answer",
    [b"\x00\x00\x00\x05garbage", b"\xff" * 30, struct.pack(">HHHB", 1, 0, 300, 1) + b"\x03\x02\x00\x01"],
    ids=["protocol", "noise", "length"],
)
async def test_garbage_ends_the_link_and_it_returns(rig, device, answer):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    device.mischief = lambda *_: answer
    await rig.becomes("holding:1", Status.BAD_COMMUNICATION_ERROR)
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    assert rig.sink.counters["garbage"] >= 1
    device.mischief = None
    await rig.good("holding:1", 1.0)


async def test_half_a_frame_ends_the_link(rig, device):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    device.mischief = lambda _t, _u, _p, reply: reply[:-1]
    await rig.becomes("holding:1", Status.BAD_COMMUNICATION_ERROR)
    device.mischief = None
    await rig.good("holding:1", 1.0)


@pytest.mark.parametrize("pdu", [b"\x03\x04\x00\x01\x00\x02", b"\x04\x02\x00\x01", b"\x03\x02\x00"])
async def test_replies_that_do_not_fit_are_not_believed(rig, device, pdu):
    rig.point("holding:1")
    device.mischief = lambda transaction, unit, _pdu, _reply: frame(transaction, unit, pdu)
    rig.run()
    await rig.becomes("holding:1", Status.BAD_COMMUNICATION_ERROR)
    device.mischief = None
    await rig.good("holding:1", 1.0)


async def test_another_units_answer_is_not_believed(rig, device):
    rig.point("holding:1")
    device.mischief = lambda transaction, _unit, _pdu, reply: frame(transaction, 2, reply[7:])
    rig.run()
    await rig.becomes("holding:1", Status.BAD_COMMUNICATION_ERROR)


async def test_wrong_unit_id_is_said(rig_of, device):
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=0.05, unit=7)
    rig.point("holding:1")
    rig.run()
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    assert "unit 7" in rig.sink.states[-1][1]
    assert (rig.sink.rows(1), rig.sink.alive_tags) == ([], []), "nothing answered: its age is the station's business"


async def test_a_dead_unit_does_not_starve_its_neighbours(rig_of, device):
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=0.1, retries=1)
    rig.point("holding:1@1", scan=0.02)
    rig.point("holding:1@9", scan=0.02)
    rig.run()
    await rig.good("holding:1@1", 1.0)
    await rig.until(lambda: len(device.requests) > 30)
    assert sum(unit == 9 for unit, _ in device.requests) == 2, "one probe with its retry, then quiet for ten seconds"
    assert rig.sink.count_of(LinkState.DOWN) == 0


async def test_restart_of_the_device(rig, device):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    await device.stop()
    await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 1)
    rows = len(rig.sink.rows(1))
    await device.start()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
    await rig.until(lambda: len(rig.sink.rows(1)) > rows, "the unchanged value was not delivered again")
    assert [s for s, _ in rig.sink.states].count(LinkState.DOWN) == 1


async def test_writes_are_exact(rig, device):
    rig.point("holding:10:float32")
    rig.point("holding:12:int16")
    rig.point("coil:3", TagType.BOOL)
    rig.point("holding:14.2", TagType.BOOL, hmi_owned=True)
    rig.point("holding:16:string[4]", TagType.STRING)
    rig.run()
    await rig.good("coil:3", 0.0)
    device.holding[14] = 0x8001
    for text, value in [("holding:10:float32", 1.1), ("holding:12:int16", -5), ("coil:3", 1), ("holding:14.2", 1),
                        ("holding:16:string[4]", "ok")]:  # fmt: skip
        assert (await rig.write(text, value)).outcome is WriteOutcome.DONE
    assert [pdu.hex() for pdu in device.writes] == [
        "10000a0002043f8ccccd", "06000cfffb", "050003ff00", "06000e8005", "1000100002046f6b0000"
    ]  # fmt: skip
    result = await rig.write("holding:10:float32", 1.1)
    assert result.sent == struct.unpack(">f", struct.pack(">f", 1.1))[0]
    await rig.good("holding:16:string[4]", "ok")


@pytest.mark.parametrize(
    ("mischief", "outcome"),
    [
        (exception(2, lambda p: p[0] == 6), WriteOutcome.REFUSED),
        (exception(3, lambda p: p[0] == 6), WriteOutcome.REFUSED),
        (exception(4, lambda p: p[0] == 6), WriteOutcome.UNKNOWN),
        (exception(6, lambda p: p[0] == 6), WriteOutcome.REFUSED),
        (exception(0x0B, lambda p: p[0] == 6), WriteOutcome.UNKNOWN),
        (lambda _t, _u, pdu, reply: None if pdu[0] == 6 else reply, WriteOutcome.UNKNOWN),
        (lambda t, u, pdu, reply: frame(t, u, b"\x06\x00\x01\x00\x00") if pdu[0] == 6 else reply, WriteOutcome.UNKNOWN),
        (lambda _t, _u, pdu, reply: b"\xff" * 20 if pdu[0] == 6 else reply, WriteOutcome.UNKNOWN),
    ],
    ids=["02", "03", "04", "06", "0B", "silence", "wrong echo", "garbage"],
)
async def test_outcomes_of_a_write_that_is_sent_once(rig_of, device, mischief, outcome):
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=0.1)
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    device.mischief = mischief
    result = await rig.write("holding:1", 5)
    assert result.outcome is outcome
    assert is_bad(result.status)
    assert result.text
    assert len(device.writes) == 1, "a write is never repeated"


async def test_a_write_waits_for_one_exchange_only(rig_of, device):
    """Many slow polls are waiting; the command goes between two of them."""
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=1)
    for n in range(0, 40, 2):
        rig.point(f"holding:{n}", scan=0.01)
    rig.run()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 1)
    device.delay = 0.02
    before = len(device.requests)
    assert (await rig.write("holding:0", 5)).outcome is WriteOutcome.DONE
    assert len(device.requests) - before <= 3


async def test_a_write_behind_a_hanging_device_is_refused_not_kept(rig_of, device):
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=0.1, retries=5)
    rig.point("holding:1", scan=0.01)
    rig.run()
    await rig.good("holding:1", 1.0)
    device.mischief = lambda *_: None
    results = await asyncio.gather(*(rig.write("holding:1", n) for n in range(5)))
    assert {r.outcome for r in results} <= {WriteOutcome.UNKNOWN, WriteOutcome.REFUSED}
    sent = sum(r.outcome is WriteOutcome.UNKNOWN for r in results)
    assert len(device.writes) == sent


async def test_reading_by_hand(rig, device):
    rig.point("holding:1")
    rig.point("holding:900")
    rig.point("holding:4:string[4]", TagType.STRING)
    rig.point("coil:1", TagType.BOOL)
    device.holding.update({4: 0x6869, 5: 0})
    rig.run()
    await rig.good("holding:1", 1.0)
    one, missing, text, coil = await rig.connection.read(list(rig.points.values()))
    assert (one.value, one.status) == (1.0, 0)
    assert missing.status == Status.BAD_CONFIGURATION_ERROR
    assert (text.value, coil.value) == ("hi", 0.0)


async def test_torn_values_cannot_happen_while_the_device_counts(rig, device):
    """A 32-bit counter whose halves always move together is never seen half old, half new."""
    rig.point("holding:0:uint32", scan=0.01)
    rig.point("holding:2:uint32", scan=0.01)

    def count(_t, _u, _p, reply):
        n = (device.holding[1] + 1) & 0xFFFF
        device.holding.update({0: n, 1: n})
        return reply

    device.holding.update({0: 5, 1: 5})
    device.mischief = count
    rig.run()
    await rig.until(lambda: len(rig.sink.rows(1)) > 20)
    for value, _, _ in rig.sink.rows(1):
        assert int(value) >> 16 == int(value) & 0xFFFF


@pytest.mark.parametrize("seed", range(4))
async def test_no_mischief_makes_a_wrong_value_or_ends_the_run(rig_of, device, seed, hasty):
    """Replies are cut, doubled, exchanged and replaced at random; what is delivered as Good is always true."""
    random = Random(seed)
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=0.03, retries=1)
    for n in range(12):
        rig.point(f"holding:{n}", scan=0.01)
    replies = [b""]

    def mischief(_t, _u, _pdu, reply):
        replies.append(reply)
        cut = random.randrange(len(reply))
        return random.choice(
            [reply, reply, reply, reply[:cut], reply + reply, random.choice(replies), random.randbytes(cut), None,
             reply[:7] + bytes([reply[7] | 0x80, random.choice([1, 2, 4, 6, 11, 77])]), reply[:6] + b"\x02" + reply[7:]]
        )  # fmt: skip

    device.mischief = mischief
    rig.run()
    await rig.until(lambda: rig.sink.counters["requests"] > 150)
    device.mischief = None
    await rig.stop()
    for tag in range(1, 13):
        assert {value for value, status, _ in rig.sink.rows(tag) if status == 0} <= {float(tag - 1)}
    fresh = rig_of(DRIVER, f"127.0.0.1:{device.port}")
    tag = fresh.point("holding:5")
    fresh.run()
    await fresh.until(lambda: fresh.sink.is_good(tag, 5.0))


async def test_another_implementation(rig_of, free_port):
    """The library's own server, which shares no code with the driver."""
    bits, registers = DataType.BITS, DataType.REGISTERS
    blocks = [
        [SimData(0, count=50, values=v, datatype=d)]
        for v, d in ((False, bits), (False, bits), (0, registers), (0, registers))
    ]
    port = free_port()
    server = ModbusTcpServer(SimDevice(1, tuple(blocks)), address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    rig = rig_of(DRIVER, f"127.0.0.1:{port}")
    rig.point("holding:10:float64:DCBA")
    rig.point("coil:30", TagType.BOOL)
    rig.point("holding:4000")
    rig.run()
    try:
        await rig.becomes("holding:4000", Status.BAD_CONFIGURATION_ERROR)
        assert (await rig.write("holding:10:float64:DCBA", -1.25)).outcome is WriteOutcome.DONE
        await rig.good("holding:10:float64:DCBA", -1.25)
        assert (await rig.write("coil:30", 1)).outcome is WriteOutcome.DONE
        await rig.good("coil:30", 1.0)
    finally:
        await rig.stop()
        await server.shutdown()
