"""A wire without a network and a clock that is set by hand: hours of polling in a millisecond."""

import asyncio
import struct

import pytest

from hmi.core.instants import SECOND, Instants, seconds
from hmi.core.tag import TagType
from hmi.drivers.api import ConnectionSpec, Point
from hmi.drivers.conformance import Recorder
from hmi.drivers.modbus.address import parse_address
from hmi.drivers.modbus.endpoint import TcpEndpoint
from hmi.drivers.modbus.options import ModbusOptions
from hmi.drivers.modbus.poller import Poller
from hmi.drivers.modbus.wire import NoAnswerError
from hmi.drivers.supervisor import Link, LinkLostError


class OverError(Exception):
    """Ends a poller, which has no end."""


class Line:
    """A poller between a fake device, its clock and a sink that remembers."""

    def __init__(self):
        self.mono = 0
        self.sink = Recorder()
        self.points = {}
        self.answers = lambda unit, address, count: [address] * count
        """What the device says to (unit, address, count): registers, an exception code, or None for silence."""
        self.takes = 0.0
        """Seconds of an exchange."""
        self.asked = []
        """(seconds, unit, address, count) of every request."""
        self.lock = asyncio.Lock()
        self.options = ModbusOptions(TcpEndpoint("plc", 502))
        self._poller = None
        self._end = seconds(3600)

    def now(self):
        return Instants(self.mono, self.mono)

    def point(self, text, scan=1.0):
        self.points[text] = Point(len(self.points), text, parse_address(text, TagType.FLOAT), TagType.FLOAT, scan)

    async def exchange(self, request, patience, pause=0.0):
        """See `Wire.exchange`."""
        if self.mono >= self._end:
            raise OverError
        address, count = struct.unpack(">HH", request.pdu[1:5])
        self.asked.append((self.mono / SECOND, request.unit, address, count))
        answer = self.answers(request.unit, address, count)
        self.mono += seconds(patience if answer is None else self.takes)
        if answer is None:
            raise NoAnswerError
        if isinstance(answer, int):
            return bytes([request.function | 0x80, answer])
        return struct.pack(f">BB{len(answer)}H", request.function, 2 * len(answer), *answer)

    async def sleep(self, delay):
        """In place of `asyncio.sleep`."""
        if self.mono >= self._end:
            raise OverError
        self.mono += seconds(delay)

    async def gone(self):
        """See `Wire.gone`."""
        raise LinkLostError("plc: gone.")

    async def run(self, for_seconds):
        """Polls for so long, or goes on doing so."""
        self._end = self.mono + seconds(for_seconds)
        with pytest.raises(OverError):
            await self.poller().run()

    def poller(self):
        """The same one every time; its points are those of the first time."""
        if self._poller is None:
            spec = ConnectionSpec("plc", "plc", self.options, tuple(self.points.values()), writes_enabled=False)
            self._poller = Poller(spec, self.options, self.sink, self, self, Link("plc", self.sink, self))
        return self._poller

    def whole(self, address, count):
        """When so many registers from there were asked for in one request, seconds."""
        return [at for at, _, a, c in self.asked if (a, c) == (address, count)]

    def last(self, text):
        return self.sink.last(self.points[text].tag)


@pytest.fixture
async def line(monkeypatch):
    made = Line()
    monkeypatch.setattr("hmi.drivers.modbus.poller.asyncio.sleep", made.sleep)
    return made
