"""Writes to a real device: exact, sent once, before what is polled, and never kept for later."""

import asyncio
import struct

import pytest

from hmi.core.quality import is_bad
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.drivers.modbus import DRIVER
from tests.helpers_drivers.modbus_device import exception, frame


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


@pytest.mark.parametrize("function", [3, 6], ids=["read", "write"])
async def test_a_cable_pull_in_the_middle_is_one_event_and_nothing_is_sent_twice(rig, device, function):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)

    def pulled(_t, _unit, pdu, reply):
        if pdu[0] != function:
            return reply
        device.mischief = None
        device.cut()
        return None

    device.mischief = pulled
    if function == 6:
        result = await rig.write("holding:1", 7)
        assert result.outcome is WriteOutcome.UNKNOWN
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
    await rig.good("holding:1", 7.0 if function == 6 else 1.0)
    assert rig.sink.count_of(LinkState.DOWN) == 1
    assert len(device.writes) == (function == 6)


async def test_bits_by_mask_write_leave_the_other_bits_to_the_device(rig_of, device):
    rig = rig_of(DRIVER, f"127.0.0.1:{device.port}", mask_write=True)
    rig.point("holding:14.2", TagType.BOOL)
    rig.point("holding:14.0", TagType.BOOL)
    rig.run()
    await rig.good("holding:14.2", 1.0)
    results = await asyncio.gather(rig.write("holding:14.2", 0), rig.write("holding:14.0", 1))
    assert {r.outcome for r in results} == {WriteOutcome.DONE}
    assert device.holding[14] == 0b1011
    assert {pdu[0] for pdu in device.writes} == {22}


async def test_a_bit_of_a_register_that_is_not_ours_is_refused_with_a_sentence(rig, device):
    rig.point("holding:14.2", TagType.BOOL)
    rig.run()
    await rig.good("holding:14.2", 1.0)
    result = await rig.write("holding:14.2", 0)
    assert result.outcome is WriteOutcome.REFUSED
    assert "hmi_owned" in result.text
    assert device.writes == []
