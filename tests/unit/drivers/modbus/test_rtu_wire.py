"""A serial line without a line: which bytes answer which request, on a clock that jumps from event to event."""

import asyncio
import selectors

import pytest

from hmi.drivers.conformance import Recorder
from hmi.drivers.modbus.address import Table
from hmi.drivers.modbus.endpoint import SerialEndpoint, TcpEndpoint
from hmi.drivers.modbus.pdu import read_request, write_registers
from hmi.drivers.modbus.rtu_frames import rtu_bytes
from hmi.drivers.modbus.rtu_wire import RtuWire
from hmi.drivers.modbus.wire import GarbledError, NoAnswerError
from hmi.drivers.supervisor import LinkLostError
from tests.helpers_drivers.modbus_rtu_device import rtu_frame

REQUEST = read_request(1, Table.HOLDING, 7, 1)
OTHER = read_request(1, Table.HOLDING, 9, 1)
GATEWAY = TcpEndpoint("gateway", 4001, rtu=True)
T = 1.0
"""Time-out, seconds of the clock that jumps."""


class JumpingLoop(asyncio.SelectorEventLoop):
    """Nothing is waited for: when no callback is due, the clock goes on to the next one."""

    def __init__(self):
        super().__init__(selectors.SelectSelector())
        self.seconds = 0.0

    def time(self):
        return self.seconds

    def _run_once(self):
        alive = [handle.when() for handle in self._scheduled if not handle.cancelled()]
        if not self._ready and alive:
            self.seconds = max(self.seconds, min(alive))
        super()._run_once()


class Line(asyncio.Transport):
    """The other end of the line: gives the answers of a list, each so many seconds after its request."""

    def __init__(self, endpoint=GATEWAY):
        super().__init__()
        self.sink = Recorder()
        self.wire = RtuWire("line", self.sink, endpoint)
        self.wire.connection_made(self)
        self.sent = []
        self.aborted = False
        self.answers = []
        """[(seconds, bytes), ...] of each request."""

    def write(self, data):
        loop = asyncio.get_running_loop()
        self.sent.append((round(loop.time(), 4), bytes(data)))
        for after, answer in self.answers.pop(0) if self.answers else ():
            loop.call_later(after, self.wire.data_received, answer)

    def abort(self):
        if self.aborted:
            return
        self.aborted = True
        asyncio.get_running_loop().call_soon(self.wire.connection_lost, None)

    def times(self):
        return [at for at, _ in self.sent]


def value(n, unit=1):
    return rtu_frame(unit, bytes([3, 2, 0, n]))


def on_a_line(test, endpoint=GATEWAY):
    """Runs `test(line)` on the clock that jumps."""

    async def run():
        line = Line(endpoint)
        await test(line)
        await line.wire.close()

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(run())


def test_a_reply_answers_its_request():
    async def test(line):
        line.answers = [[(0.1, value(42))]]
        assert await line.wire.exchange(REQUEST, T) == b"\x03\x02\x00\x2a"
        assert line.sent == [(0, rtu_bytes(REQUEST))]

    on_a_line(test)


def test_after_a_time_out_a_late_reply_is_dropped_and_not_taken_for_the_next_one():
    async def test(line):
        line.answers = [[(1.5, value(13))], [(0.1, value(42))]]
        with pytest.raises(NoAnswerError, match="no answer within 1 s"):
            await line.wire.exchange(REQUEST, T)
        assert await line.wire.exchange(OTHER, T) == b"\x03\x02\x00\x2a"
        assert line.times() == [0, 1.5], "the next request goes out as soon as the late answer is there"
        assert line.sink.counters["late_replies"] == 1

    on_a_line(test)


def test_the_unit_is_left_alone_for_as_long_again_when_the_reply_never_comes():
    async def test(line):
        line.answers = [[], [(0.1, value(42))]]
        with pytest.raises(NoAnswerError):
            await line.wire.exchange(REQUEST, T)
        await line.wire.exchange(REQUEST, T)
        assert line.times() == [0, 2 * T]

    on_a_line(test)


def test_other_units_need_not_wait_for_a_silent_one_and_its_late_reply_is_not_theirs():
    async def test(line):
        neighbour = read_request(2, Table.HOLDING, 9, 1)
        line.answers = [[(1.2, value(13))], [(0.5, value(42, unit=2))]]
        with pytest.raises(NoAnswerError):
            await line.wire.exchange(REQUEST, T)
        assert await line.wire.exchange(neighbour, T) == b"\x03\x02\x00\x2a"
        assert line.times() == [0, T]
        assert line.sink.counters["late_replies"] == 1

    on_a_line(test)


@pytest.mark.parametrize("late", [1.1, 1.9, 2.1, 2.5, 2.9])
def test_a_unit_that_is_always_late_never_gives_one_registers_value_for_another(late):
    """Every request is answered, up to nearly three time-outs late, one after the other as devices do."""

    async def test(line):
        answers = {rtu_bytes(REQUEST): value(7), rtu_bytes(OTHER): value(9)}
        loop = asyncio.get_running_loop()
        free_at = 0.0

        def write(data):
            nonlocal free_at
            free_at = max(free_at, loop.time()) + late
            line.sent.append((loop.time(), data))
            loop.call_at(free_at, line.wire.data_received, answers[data])

        line.write = write
        for _ in range(6):
            for request, expected in ((REQUEST, 7), (OTHER, 9)):
                for _try in range(2):
                    try:
                        assert (await line.wire.exchange(request, T))[3] == expected
                        break
                    except NoAnswerError:
                        pass

    on_a_line(test)


def test_an_answer_of_another_shape_is_late_and_the_right_one_is_waited_for():
    async def test(line):
        longer = read_request(1, Table.HOLDING, 7, 2)
        line.answers = [[(2.2, rtu_frame(1, b"\x03\x04\0\0\0\0"))], [(0.5, value(42))]]
        with pytest.raises(NoAnswerError):
            await line.wire.exchange(longer, T)
        assert await line.wire.exchange(REQUEST, T) == b"\x03\x02\x00\x2a"
        assert line.sink.counters["late_replies"] == 1

    on_a_line(test)


def test_another_units_answer_is_said_and_not_believed():
    async def test(line):
        line.answers = [[(0.1, value(13, unit=2))]]
        with pytest.raises(GarbledError, match="unit 2 answered instead of 1"):
            await line.wire.exchange(REQUEST, T)
        assert line.wire.is_open

    on_a_line(test)


@pytest.mark.parametrize("noise", [value(1)[:-1], b"\xff" * 40, value(1)[:-2] + b"\0\0", b"\x01"])
def test_half_frames_and_noise_spoil_one_exchange_and_not_the_line(noise):
    async def test(line):
        line.answers = [[(0.1, noise)], [(0.1, value(42))]]
        with pytest.raises(GarbledError, match="no whole Modbus RTU frame"):
            await line.wire.exchange(REQUEST, T)
        assert await line.wire.exchange(REQUEST, T) == b"\x03\x02\x00\x2a"
        assert line.sink.counters["garbage"] == 1

    on_a_line(test)


def test_the_rest_of_a_frame_that_came_too_late_does_not_spoil_the_next():
    async def test(line):
        frame = value(13)
        line.answers = [[(0.9, frame[:4]), (1.4, frame[4:])], [(0.1, value(42))]]
        with pytest.raises(GarbledError):
            await line.wire.exchange(REQUEST, T)
        assert await line.wire.exchange(REQUEST, T) == b"\x03\x02\x00\x2a"

    on_a_line(test)


def test_noise_before_a_reply_is_counted_and_the_reply_is_taken():
    async def test(line):
        line.answers = [[(0.1, b"\x00\xff"), (0.2, value(42))]]
        assert await line.wire.exchange(REQUEST, T) == b"\x03\x02\x00\x2a"
        assert line.sink.counters["garbage"] == 1

    on_a_line(test)


def test_whoever_stops_waiting_leaves_no_answer_to_the_next():
    async def test(line):
        line.answers = [[(0.5, value(13))], [(0.1, value(42))]]
        asking = asyncio.ensure_future(line.wire.exchange(REQUEST, T))
        await asyncio.sleep(0.2)
        asking.cancel()
        await asyncio.wait([asking])
        assert await line.wire.exchange(OTHER, T) == b"\x03\x02\x00\x2a"
        assert line.times() == [0, 0.5]

    on_a_line(test)


def test_on_a_line_that_echoes_a_write_without_an_answer_is_not_done():
    async def test(line):
        write = write_registers(1, 5, [1])
        line.answers = [[(0.1, rtu_bytes(REQUEST) + value(42))], [(0.1, rtu_bytes(write))]]
        await line.wire.exchange(REQUEST, T)
        assert line.wire.echoes
        with pytest.raises(NoAnswerError):
            await line.wire.exchange(write, T)

    on_a_line(test)


def test_frames_on_a_serial_port_are_apart_and_its_speed_is_not_the_devices_fault():
    endpoint = SerialEndpoint("/dev/ttyUSB0", 1200)

    async def test(line):
        long = read_request(1, Table.HOLDING, 0, 125)
        reply = rtu_frame(1, bytes([3, 250]) + bytes(250))
        line.answers = [[(2.6, reply)], [(0.1, value(42))]]
        assert len(await line.wire.exchange(long, 0.5)) == 252
        await line.wire.exchange(REQUEST, 0.5)
        assert line.times() == [0, round(2.6 + endpoint.silence, 4)]

    on_a_line(test, endpoint)


def test_a_pause_that_the_device_needs_is_kept():
    async def test(line):
        line.answers = [[(0.1, value(1))], [(0.1, value(2))]]
        await line.wire.exchange(REQUEST, T, 0.3)
        await line.wire.exchange(REQUEST, T, 0.3)
        assert line.times() == [0, 0.4]

    on_a_line(test)


def test_a_line_that_babbles_does_not_stop_the_station_from_asking():
    async def test(line):
        loop = asyncio.get_running_loop()

        def babble():
            line.wire.data_received(b"\xaa")
            if loop.time() < 30:
                loop.call_later(0.05, babble)

        babble()
        with pytest.raises(GarbledError):
            await line.wire.exchange(REQUEST, T, 0.3)
        assert len(line.sent) == 1

    on_a_line(test)


def test_a_line_that_is_lost_meanwhile_ends_the_exchange():
    async def test(line):
        line.write = lambda _: line.abort()
        with pytest.raises(LinkLostError, match="closed the connection"):
            await line.wire.exchange(REQUEST, T)
        with pytest.raises(LinkLostError, match="closed the connection"):
            await line.wire.exchange(REQUEST, T)

    on_a_line(test)
