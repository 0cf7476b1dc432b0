"""One connection inside a driver process: foreign code, whose faults are its own and are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hmi.core.errors import ConnectError, LinesideError
from hmi.core.instants import seconds
from hmi.core.quality import Status
from hmi.drivers.api import (
    Acknowledger,
    AddressError,
    Browser,
    Clock,
    Connection,
    ConnectionSpec,
    Driver,
    Point,
    Repointable,
    WriteOutcome,
    WriteResult,
)
from hmi.drivers.outcome import refused
from hmi.drivers.plugin.place import fetch
from hmi.drivers.process import messages as m
from hmi.drivers.process.sinks import LineSink

TOO_LATE: Final = seconds(1.0)
"""ns after which a command is not sent any more: the person who gave it has been told that nothing is known of it."""


class Running:
    """A connection by its line."""

    def __init__(self, order: m.Open, say: Callable[[m.Up], None], news: Callable[[], None], clock: Clock) -> None:
        self.sink = LineSink(order.line, news, clock)
        self._order = order
        self._say = say
        self._clock = clock
        self._driver: Driver | None = None
        self._connection: Connection | None = None
        self._task: asyncio.Task[str] | None = None
        self._points = order.points

    async def live(self) -> str:
        """Makes the connection and runs it until cancelled; what the driver failed with, or nothing."""
        while True:
            points = self._points
            fault = self._make()
            self._say(m.Opened(self._order.line))
            if self._connection is None:
                return fault
            self._task = asyncio.create_task(_ran(self._connection), name=f"connection {self._order.name}")
            try:
                await asyncio.wait([self._task])
            finally:
                self._connection = None
                self._task.cancel()
                [ended] = await asyncio.gather(self._task, return_exceptions=True)
            if self._points is points:  # or else it was ended to be made anew with others
                return ended if isinstance(ended, str) else "it ended by itself"

    def _make(self) -> str:
        """The connection, or what the driver failed with."""
        order = self._order
        try:
            found = fetch(order.place)
            if not isinstance(found, Driver):
                return f"{order.place} is not a driver"
            self._driver = found
            options = found.parse_options(order.endpoint, order.options)
            folder = None if order.folder is None else Path(order.folder)
            points = tuple(self._point(text) for text in self._points)
            spec = ConnectionSpec(
                order.name, order.endpoint, options, points, order.writes_enabled, order.secrets, folder
            )
            self._connection = found.connect(spec, self.sink, self._clock)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a driver is foreign code: its faults stay its own
            return f"{type(error).__name__}: {error}"
        return ""

    def _point(self, text: m.PointText) -> Point:
        if self._driver is None:
            raise AssertionError("a point is asked for after the connection was made")
        address = self._driver.parse_address(text.address, text.type)
        return Point(text.tag, text.path, address, text.type, text.scan, text.writable, text.options)

    async def answer(self, ask: m.Ask) -> m.Answer:
        """What the connection says to a question; a driver's own fault becomes a sentence."""
        try:
            return await self._answer(ask)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
            if isinstance(error, LinesideError) and not isinstance(ask, m.Write | m.Acknowledge):
                return m.Failed(ask.number, error.what, error.do, isinstance(error, ConnectError))
            if isinstance(ask, m.Write | m.Acknowledge):
                unknown = WriteResult(WriteOutcome.UNKNOWN, Status.BAD_UNEXPECTED_ERROR, repr(error))
                return m.Written(ask.number, unknown)
            return m.Failed(ask.number, f"The driver of {self._order.name} failed: {error!r}.", "", unreachable=False)

    async def _answer(self, ask: m.Ask) -> m.Answer:
        connection = self._connection
        directory: object = connection
        match ask:
            case m.Read() if connection is not None:
                return m.Samples(ask.number, await connection.read([self._point(text) for text in ask.points]))
            case m.Write() | m.Acknowledge():
                return m.Written(ask.number, await self._send(connection, ask))
            case m.Browse() if isinstance(directory, Browser):
                return m.Listed(ask.number, list(await directory.browse(ask.node)))
            case m.Repoint():
                await self._repoint(connection, ask.points)
                return m.Done(ask.number)
            case m.Browse() if connection is not None:
                raise LinesideError(f"{self._order.name} has no directory.", "Write the address by hand.")
        raise ConnectError(f"{self._order.name} is not connected.")

    async def _send(self, connection: Connection | None, ask: m.Write | m.Acknowledge) -> WriteResult:
        if self._clock.now().mono - ask.sent > TOO_LATE:
            return refused(Status.BAD_TIMEOUT, f"{self._order.name}: its driver was busy too long; nothing was sent.")
        if connection is None:
            return refused(Status.BAD_NO_COMMUNICATION, f"{self._order.name} is not connected; nothing was sent.")
        if isinstance(ask, m.Write):
            try:
                point = self._point(ask.point)
            except AddressError as error:
                return refused(Status.BAD_CONFIGURATION_ERROR, str(error))
            return await connection.write(point, ask.value)
        judge: object = connection
        if not isinstance(judge, Acknowledger):
            return refused(Status.BAD_NOT_SUPPORTED, f"{self._order.name} takes no acknowledgements.")
        return await judge.acknowledge(ask.key, ask.event, ask.user, ask.comment)

    async def _repoint(self, connection: Connection | None, points: Sequence[m.PointText]) -> None:
        able: object = connection
        if isinstance(able, Repointable):
            await able.repoint(tuple(self._point(text) for text in points))
        else:
            self._points = list(points)
            if self._task is not None:
                self._task.cancel()


async def _ran(connection: Connection) -> str:
    """Runs a connection to its end; what it failed with."""
    try:
        await connection.run()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
        return f"{type(error).__name__}: {error}"
    return "it ended by itself"
