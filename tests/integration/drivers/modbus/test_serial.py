"""RTU over pseudo terminals and sockets: what a serial line does, units that share it, cable pulls, others' servers."""

import asyncio
import contextlib
import os
import tty

import pytest
from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState, WriteOutcome
from hmi.drivers.modbus import DRIVER
from tests.helpers_drivers.modbus_rtu_device import PtyDevice, RtuOverTcpDevice, rtu_exception, rtu_frame

OPTIONS = {"timeout": 0.2}


@pytest.fixture(params=["pty", "tcp"])
async def line(request, tmp_path):
    made = PtyDevice(tmp_path / "tty") if request.param == "pty" else RtuOverTcpDevice()
    made.holding.update({n: n for n in range(50)})
    made.coils.update(dict.fromkeys(range(20), 0))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def rig(rig_of, line):
    return rig_on(rig_of, line)


def rig_on(rig_of, line, **options):
    # A pseudo terminal has no parity.
    serial = {"parity": "none", "baud": 115200} if isinstance(line, PtyDevice) else {}
    return rig_of(DRIVER, line.endpoint, **serial, **{**OPTIONS, **options})


async def test_values_and_writes_of_every_kind(rig_of, line):
    rig = rig_on(rig_of, line, mask_write=True, coil_write="fc15", register_write="fc16")
    line.inputs.update({1: 0x1234, 2: 0x5678})
    line.discretes[9] = 1
    for text in ["input:1:bcd32", "holding:10:float64:DCBA", "holding:20:int16", "holding:4:uint32"]:
        rig.point(text)
    for text in ["discrete:9", "coil:3", "holding:14.2"]:
        rig.point(text, TagType.BOOL)
    rig.point("holding:30:string[7]", TagType.STRING)
    rig.run()
    await rig.good("input:1:bcd32", 12345678)
    await rig.good("discrete:9", 1.0)
    await rig.good("holding:4:uint32", 4 << 16 | 5)
    line.holding[14] = 0x8001
    values = {"holding:10:float64:DCBA": -1.25, "holding:20:int16": -5, "coil:3": 1, "holding:14.2": 1}
    for text, value in [*values.items(), ("holding:30:string[7]", "Zürich")]:
        assert (await rig.write(text, value)).outcome is WriteOutcome.DONE
        await rig.good(text, value)
    assert line.holding[14] == 0x8005, "the other bits are the device's own"
    assert [pdu[0] for pdu in line.writes] == [16, 16, 15, 22, 16]


async def test_a_device_without_mask_write_refuses_and_keeps_its_bits(rig_of, line):
    rig = rig_on(rig_of, line, mask_write=True)
    line.has_mask_write = False
    rig.point("holding:14.2", TagType.BOOL)
    rig.run()
    await rig.good("holding:14.2", 1.0)
    result = await rig.write("holding:14.2", 0)
    assert (result.outcome, result.status) == (WriteOutcome.REFUSED, Status.BAD_NOT_SUPPORTED)
    assert line.holding[14] == 14


@pytest.mark.parametrize(
    ("code", "status"),
    [(1, Status.BAD_CONFIGURATION_ERROR), (2, Status.BAD_CONFIGURATION_ERROR), (3, Status.BAD_CONFIGURATION_ERROR),
     (4, Status.BAD_DEVICE_FAILURE), (0x0B, Status.BAD_TIMEOUT)],
)  # fmt: skip
async def test_exceptions_concern_only_whom_they_are_about(rig, line, code, status):
    line.units = {1, 2}
    line.mischief = rtu_exception(code, lambda unit, pdu: unit == 2 and pdu[0] == 3)
    rig.point("holding:1@1")
    rig.point("holding:1@2")
    rig.run()
    await rig.becomes("holding:1@2", status)
    await rig.good("holding:1@1", 1.0)
    assert rig.sink.count_of(LinkState.DOWN) == 0


async def test_a_busy_unit_is_waited_for(rig, line):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    line.mischief = rtu_exception(6)
    await rig.until(lambda: rig.sink.counters["exception_06"] >= 3)
    assert rig.last("holding:1") == (1.0, 0), "nothing is told: the station sees to its age"
    line.mischief = None
    line.holding[1] = 9
    await rig.good("holding:1", 9.0)


async def test_one_spoilt_frame_is_asked_for_again_and_nobody_notices(rig, line):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    spoilt = iter(
        [b"\xff\x00\xff", b"\x01\x03\x02", rtu_frame(7, b"\x03\x02\xde\xad"), rtu_frame(1, b"\x03\x02ab")[:-1]]
    )

    def every_other(_t, _unit, _pdu, reply):
        every_other.turn += 1
        return next(spoilt, reply) if every_other.turn % 2 else reply

    every_other.turn = 0
    line.mischief = every_other
    await rig.until(lambda: rig.sink.counters["retries"] >= 4)
    line.holding[1] = 9
    await rig.good("holding:1", 9.0)
    assert {value for value, _, _ in rig.sink.rows(1)} == {1.0, 9.0}
    assert {status for _, status, _ in rig.sink.rows(1)} == {0}
    assert rig.sink.count_of(LinkState.DOWN) == 0


@pytest.mark.parametrize(
    "answer",
    [b"\xff\x00garbage", rtu_frame(1, b"\x03\x02\xde\xad")[:-1], rtu_frame(1, b"\x03\x02\xde\xad")[:-2] + b"\0\0",
     rtu_frame(2, b"\x03\x02\xde\xad")],
    ids=["noise", "half", "check sum", "unit"],
)  # fmt: skip
@pytest.mark.usefixtures("hasty")
async def test_a_line_of_garbage_is_one_event_and_returns(rig, line, answer):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    line.mischief = lambda *_: answer
    await rig.becomes("holding:1", Status.BAD_COMMUNICATION_ERROR)
    await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 1)
    line.mischief = None
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
    await rig.good("holding:1", 1.0)
    assert rig.sink.count_of(LinkState.DOWN) == 1
    assert "valid reply" in next(text for state, text in rig.sink.states if state is LinkState.DOWN)
    assert {value for value, status, _ in rig.sink.rows(1) if not status} == {1.0}


async def test_an_empty_success_is_a_refusal_of_its_address(rig, line):
    for n in range(40, 50):
        rig.point(f"holding:{n}")
    line.mischief = lambda _t, unit, pdu, reply: (
        rtu_frame(unit, bytes([pdu[0], 0])) if int.from_bytes(pdu[1:3], "big") + pdu[4] > 47 else reply
    )
    rig.run()
    for n in range(40, 47):
        await rig.good(f"holding:{n}", float(n))
    for n in range(47, 50):
        await rig.becomes(f"holding:{n}", Status.BAD_CONFIGURATION_ERROR)


async def test_a_line_that_echoes_is_read_and_a_lost_write_is_not_taken_for_done(rig, line):
    line.echo = True
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    assert (await rig.write("holding:1", 8)).outcome is WriteOutcome.DONE
    await rig.good("holding:1", 8.0)
    line.mischief = lambda _t, _u, pdu, reply: None if pdu[0] == 6 else reply
    assert (await rig.write("holding:1", 9)).outcome is WriteOutcome.UNKNOWN
    assert len(line.writes) == 2


async def test_dead_units_do_not_starve_the_living(rig_of, line):
    """Twelve of fourteen units are dead: all line time would go into their time-outs."""
    rig = rig_on(rig_of, line, timeout=0.05, units="13: timeout=0.1 retries=0")
    line.units = {3, 9}
    for unit in range(1, 15):
        rig.point(f"holding:1@{unit}", scan=0.02)
    rig.run()
    await rig.good("holding:1@3", 1.0)
    await rig.good("holding:1@9", 1.0)
    await rig.until(lambda: all(sum(u == dead for u, _ in line.requests) >= 2 - (dead == 13) for dead in range(1, 15)))
    start = len(line.requests)
    await rig.until(lambda: len(line.requests) > start + 60)
    living = [unit for unit, _ in line.requests[start:] if unit in line.units]
    assert len(living) >= 48
    assert abs(living.count(3) - living.count(9)) <= 2
    assert rig.sink.count_of(LinkState.DOWN) == 0


@pytest.mark.usefixtures("hasty")
async def test_a_cable_pull_is_one_event_and_values_return(rig, line):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    await line.stop()
    await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 1)
    rows = len(rig.sink.rows(1))
    await line.start()
    await rig.until(lambda: len(rig.sink.rows(1)) > rows, "the unchanged value was not delivered again")
    told = [state for state, _ in rig.sink.states]
    assert told == [LinkState.CONNECTING, LinkState.UP, LinkState.DOWN, LinkState.UP]


async def test_a_cable_pull_during_a_write_leaves_it_unknown_and_it_is_never_repeated(rig, line):
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    line.on_write = line.pull
    result = await rig.write("holding:1", 8)
    assert result.outcome is WriteOutcome.UNKNOWN
    assert "Read the value back" in result.text
    await rig.until(lambda: rig.sink.count_of(LinkState.DOWN) == 1)
    line.on_write = None
    await line.stop()
    await line.start()
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
    await rig.good("holding:1", 8.0)
    assert len(line.writes) == 1


@pytest.mark.usefixtures("hasty")
async def test_a_line_cut_behind_the_adapter_is_one_event(rig, line):
    """The port stays, nobody answers: reads fail, then writes are refused, then all returns."""
    rig.point("holding:1")
    rig.run()
    await rig.good("holding:1", 1.0)
    line.units = set()
    assert (await rig.write("holding:1", 5)).outcome is WriteOutcome.UNKNOWN
    await rig.until(lambda: rig.sink.counters["failed_attempts"] >= 2)
    assert rig.sink.count_of(LinkState.DOWN) == 1
    assert (await rig.write("holding:1", 6)).outcome is WriteOutcome.REFUSED
    line.units = {1}
    await rig.until(lambda: rig.sink.count_of(LinkState.UP) == 2)
    assert len(line.writes) == 0, "nobody heard the first, and nothing was kept"


async def test_a_port_that_is_taken_or_missing_is_said(rig_of, tmp_path):
    device = PtyDevice(tmp_path / "tty")
    device.holding[1] = 1
    await device.start()
    first, second = rig_on(rig_of, device), rig_on(rig_of, device)
    missing = rig_of(DRIVER, "rtu:///dev/ttyNONE")
    first.point("holding:1")
    first.run()
    await first.good("holding:1", 1.0)
    for rig, port in ((second, str(device.path)), (missing, "/dev/ttyNONE")):
        rig.point("holding:1")
        rig.run()
        await rig.until(lambda rig=rig: rig.sink.count_of(LinkState.DOWN) == 1)
        assert port in rig.sink.states[-1][1]
        assert "not used by another program" in rig.sink.states[-1][1]
    await device.stop()


def simulated():
    bits, registers = DataType.BITS, DataType.REGISTERS
    blocks = [
        [SimData(0, count=50, values=v, datatype=d)]
        for v, d in ((False, bits), (False, bits), (0, registers), (0, registers))
    ]
    return SimDevice(1, tuple(blocks))


async def proves_itself(rig):
    rig.point("holding:10:float64:DCBA")
    rig.point("coil:30", TagType.BOOL)
    rig.point("holding:4000")
    rig.run()
    await rig.becomes("holding:4000", Status.BAD_CONFIGURATION_ERROR)
    assert (await rig.write("holding:10:float64:DCBA", -1.25)).outcome is WriteOutcome.DONE
    await rig.good("holding:10:float64:DCBA", -1.25)
    assert (await rig.write("coil:30", 1)).outcome is WriteOutcome.DONE
    await rig.good("coil:30", 1.0)
    await rig.stop()


async def test_another_implementation_over_tcp(rig_of, free_port):
    port = free_port()
    server = ModbusTcpServer(simulated(), framer=FramerType.RTU, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    try:
        await proves_itself(rig_of(DRIVER, f"rtu+tcp://127.0.0.1:{port}"))
    finally:
        await server.shutdown()


async def test_another_implementation_on_a_serial_line(rig_of, tmp_path):
    """Two pseudo terminals joined at their masters are a cable with a port at each end."""
    with cable(tmp_path / "ours", tmp_path / "theirs"):
        server = ModbusSerialServer(simulated(), framer=FramerType.RTU, port=str(tmp_path / "theirs"), baudrate=115200)
        await server.serve_forever(background=True)
        try:
            await proves_itself(rig_of(DRIVER, f"rtu://{tmp_path / 'ours'}", parity="none", baud=115200))
        finally:
            await server.shutdown()


@contextlib.contextmanager
def cable(*ports):
    loop = asyncio.get_running_loop()
    ends = [os.openpty() for _ in ports]
    for (master, slave), port in zip(ends, ports, strict=True):
        tty.setraw(slave)
        port.symlink_to(os.ttyname(slave))
        other = next(end[0] for end in ends if end[0] != master)
        loop.add_reader(master, lambda here=master, there=other: os.write(there, os.read(here, 4096)))
    yield
    for master, slave in ends:
        loop.remove_reader(master)
        os.close(master)
        os.close(slave)
