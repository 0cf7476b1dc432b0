"""Polling a real device: blocks, scan times, and addresses and units that refuse or are busy."""

import struct

import pytest

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState
from hmi.drivers.modbus import DRIVER
from hmi.drivers.modbus import poller as poller_module
from tests.helpers_drivers.modbus_device import exception, frame


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


async def test_a_dead_unit_does_not_starve_its_neighbours(rig_of, device):
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", timeout=0.1, retries=1)
    rig.point("holding:1@1", scan=0.02)
    rig.point("holding:1@9", scan=0.02)
    rig.run()
    await rig.good("holding:1@1", 1.0)
    await rig.until(lambda: len(device.requests) > 30)
    assert sum(unit == 9 for unit, _ in device.requests) == 2, "one probe with its retry, then quiet for ten seconds"
    assert rig.sink.count_of(LinkState.DOWN) == 0


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
