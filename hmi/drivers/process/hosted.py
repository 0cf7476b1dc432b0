"""A connection whose driver runs in a process of its own: the station uses it like any other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np

from hmi.core.errors import ConnectError
from hmi.core.instants import seconds
from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import (
    AddressError,
    BrowseItem,
    Clock,
    ConnectionSpec,
    Driver,
    LinkState,
    Point,
    Sample,
    Sink,
    WriteOutcome,
    WriteResult,
)
from hmi.drivers.outcome import no_value, options_of, refused
from hmi.drivers.plugin.place import Place
from hmi.drivers.process import messages as m
from hmi.drivers.process.host import DriverProcess, GoneError

STALE: Final = seconds(1.0)
"""ns after which a device's answer is no sign of life any more: it has waited in a full pipe."""
STRIKES: Final = 3
"""Deaths of the process while it makes a connection after which that is switched off; a hang counts as so many."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """An address that the driver has understood, as it is written: it is parsed again where it is used."""

    text: str
    type: TagType


@dataclass(frozen=True, slots=True)
class SpelledOptions:
    """Endpoint and options that the driver has understood."""

    endpoint: str
    options: Mapping[str, object] = field(default_factory=dict)


class HostedDriver:
    """A driver whose facts are asked here and whose connections run in a process."""

    def __init__(self, driver: Driver, place: Place, process: Callable[[str], DriverProcess]) -> None:
        """`process` gives the process for the connection of this name."""
        self.name = driver.name
        self.api_version = driver.api_version
        self._driver = driver
        self._place = place
        self._process = process

    def parse_address(self, text: str, type_: TagType) -> Spelled:
        """See `Driver`."""
        self._driver.parse_address(text, type_)
        return Spelled(text, type_)

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> SpelledOptions:
        """See `Driver`."""
        self._driver.parse_options(endpoint, options)
        return SpelledOptions(endpoint, dict(options))

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> HostedConnection:
        """A connection that starts no process until `run`."""
        options = options_of(spec, SpelledOptions)
        return HostedConnection(self._place, spec, options, sink, clock, self._process(spec.name))


A = TypeVar("A", bound=m.Answer)


class HostedConnection:
    """The station's half of a connection."""

    def __init__(
        self, place: Place, spec: ConnectionSpec, options: SpelledOptions, sink: Sink, clock: Clock, home: DriverProcess
    ) -> None:
        self._place = place
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._home = home
        self._points = spec.points
        self._line = 0
        self._told: LinkState | None = None
        self._opening = False
        self._opened = False
        self._strikes = 0
        self._off = False

    async def run(self) -> None:
        """Keeps the connection in its process until cancelled."""
        self._line = self._home.number()
        self._told, self._off, self._strikes = None, False, 0
        self._tell(LinkState.CONNECTING, f"{self._spec.name}: connecting.")
        self._home.enter(self._line, self)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            line, self._line = self._line, 0
            self._opening = self._opened = False
            await self._home.leave(line)

    def order(self) -> m.Open | None:
        """See `Rider`."""
        if self._off:
            return None
        spec = self._spec
        return m.Open(
            self._line,
            self._place,
            spec.name,
            spec.endpoint,
            dict(self._options.options),
            [_text_of(point) for point in self._points],
            spec.writes_enabled,
            dict(spec.secrets),
            None if spec.folder is None else str(spec.folder),
        )

    def heard(self, message: m.News) -> None:
        """See `Rider`."""
        if not self._line:
            return
        match message:
            case m.Rows():
                self._sink.deliver(m.batch_from(message))
            case m.Fresh():
                if self._clock.now().mono - message.mono <= STALE:
                    self._sink.alive(np.frombuffer(message.tags, np.int32))
            case m.Told():
                self._tell(message.state, message.text)
            case m.Counted():
                for name, amount in message.amounts.items():
                    self._sink.count(name, amount)
            case m.Condition():
                self._sink.condition(message.condition)
            case m.Opening():
                self._opening = True
            case m.Opened():
                self._opening, self._opened, self._strikes = False, True, 0
            case m.Ended():
                self._switch_off(f"The driver of {self._spec.name} failed ({message.fault}).")

    def lost(self, reason: str, *, hung: bool) -> None:
        """See `Rider`."""
        opening = self._opening
        self._opening = self._opened = False
        if self._off:
            return
        self._sink.count("process_restarts")
        self._strikes += (STRIKES if hung else 1) * opening
        if self._strikes >= STRIKES:
            how = "hangs" if hung else "ends its process"
            self._switch_off(f"The driver of {self._spec.name} {how} when it makes the connection.")
            return
        self._tell(LinkState.DOWN, f"{self._spec.name}: {reason}")

    def _switch_off(self, what: str) -> None:
        self._opening = self._opened = False
        self._off = True
        self._tell(LinkState.OFF, f"{what} Restart the station and report the fault.")

    def _tell(self, state: LinkState, text: str) -> None:
        """An outage is one event, also one of the process: another attempt is none."""
        again = state is LinkState.CONNECTING and self._told is not None
        if again or (state is self._told and state is not LinkState.UP):
            return
        self._told = state
        self._sink.state(state, text)

    async def _ask(self, ask: m.Ask, kind: type[A]) -> A:
        """Asks the process.

        Raises:
            GoneError: it ended before it answered.
            ConnectError, AddressError: what it answered.
        """
        answer = await self._home.ask(ask)
        if isinstance(answer, m.Failed):
            raise (ConnectError if answer.unreachable else AddressError)(answer.what, answer.do)
        if not isinstance(answer, kind):
            raise AssertionError(f"{ask} was answered with {answer}")
        return answer

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """See `Connection`."""
        if self._opened:
            try:
                texts = [_text_of(point) for point in points]
                return (await self._ask(m.Read(self._home.number(), self._line, texts), m.Samples)).samples
            except (GoneError, ConnectError):
                pass
        now = self._clock.now().utc
        return [no_value(Status.BAD_NO_COMMUNICATION, now) for _ in points]

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """See `Connection`; a process that dies meanwhile leaves it unknown."""
        if not self._opened:
            return refused(
                Status.BAD_NO_COMMUNICATION, f"{point.path}: {self._spec.name} is not connected; nothing was sent."
            )
        sent = self._clock.now().mono
        return await self._send(m.Write(self._home.number(), self._line, _text_of(point), value, sent), point.path)

    async def acknowledge(self, key: str, event: str, user: str, comment: str) -> WriteResult:
        """See `Acknowledger`; refused where the driver has no such thing."""
        if not self._opened:
            return refused(Status.BAD_NO_COMMUNICATION, f"{self._spec.name} is not connected; nothing was sent.")
        sent = self._clock.now().mono
        ask = m.Acknowledge(self._home.number(), self._line, key, event, user, comment, sent)
        return await self._send(ask, self._spec.name)

    async def _send(self, ask: m.Write | m.Acknowledge, what: str) -> WriteResult:
        try:
            return (await self._ask(ask, m.Written)).result
        except GoneError:
            text = f"{what}: the driver's process ended before the device confirmed."
            return WriteResult(WriteOutcome.UNKNOWN, Status.BAD_COMMUNICATION_ERROR, text)
        except (ConnectError, AddressError) as fault:
            return refused(Status.BAD_NO_COMMUNICATION, f"{what}: {fault}")

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """See `Browser`."""
        if self._opened:
            try:
                return (await self._ask(m.Browse(self._home.number(), self._line, node), m.Listed)).items
            except GoneError:
                pass
        raise ConnectError(f"{self._spec.name} is not connected.", "Look at its state.")

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """See `Repointable`; a driver that cannot is connected anew inside its process."""
        self._points = points
        if self._opened:
            try:
                texts = [_text_of(point) for point in points]
                await self._ask(m.Repoint(self._home.number(), self._line, texts), m.Done)
            except (GoneError, ConnectError, AddressError):
                return  # the next start of the process takes the new points


def _text_of(point: Point) -> m.PointText:
    if not isinstance(point.address, Spelled):
        raise AddressError(f"{point.path} has an address of another driver.", "Parse it with this driver.")
    return m.written(point, point.address.text)
