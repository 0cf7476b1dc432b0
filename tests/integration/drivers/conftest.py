"""A connection under test with its recorder, and quiet libraries."""

import asyncio
import contextlib
import logging

import pytest

from hmi.core.tag import TagType
from hmi.drivers.api import ConnectionSpec, Point
from hmi.drivers.conformance import Recorder, SystemClock


class Rig:
    """One running connection, its points by address text, and what it delivered."""

    def __init__(self, driver, endpoint, options, secrets=None, folder=None):
        self.driver = driver
        self.endpoint = endpoint
        self.options = options
        self.sink = Recorder()
        self.points = {}
        self.connection = None
        self._job = None
        self.secrets = secrets or {}
        self.folder = folder

    def point(self, text, type_=TagType.FLOAT, scan=0.05, **options):
        address = self.driver.parse_address(text, type_)
        made = Point(len(self.points) + 1, text, address, type_, scan, True, options)
        self.points[text] = made
        return made.tag

    def run(self):
        options = self.driver.parse_options(self.endpoint, self.options)
        spec = ConnectionSpec(
            "plc", self.endpoint, options, tuple(self.points.values()), True, self.secrets, self.folder
        )
        self.connection = self.driver.connect(spec, self.sink, SystemClock())
        self._job = asyncio.ensure_future(self.connection.run())

    async def stop(self):
        if self._job is not None:
            self._job.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._job
            self._job = None

    def last(self, text):
        return self.sink.last(self.points[text].tag)

    def status(self, text):
        return self.last(text)[1]

    async def until(self, fact, sentence="it never happened"):
        await self.sink.until(fact, sentence)

    async def good(self, text, value):
        await self.until(lambda: self.sink.is_good(self.points[text].tag, value), f"{text} never became {value}")

    async def becomes(self, text, status):
        await self.until(lambda: self.status(text) == status, f"{text} never got status {status:#x}")

    async def write(self, text, value):
        return await self.connection.write(self.points[text], value)


@pytest.fixture
async def rig_of():
    rigs = []

    def make(driver, endpoint, secrets=None, folder=None, **options):
        rigs.append(Rig(driver, endpoint, options, secrets, folder))
        return rigs[-1]

    yield make
    for made in rigs:
        await made.stop()


@pytest.fixture
def quiet(caplog):
    """The library reports lost connections and garbage as errors of its own; the driver tells them its way."""
    caplog.set_level(logging.CRITICAL + 1, logger="asyncua")
