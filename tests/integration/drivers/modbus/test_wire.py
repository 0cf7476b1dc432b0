"""The wire: late, torn and foreign answers, garbage, a device that restarts, another implementation."""

import struct
from random import Random

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.drivers.modbus import DRIVER
from tests.helpers_drivers.modbus_device import frame


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
