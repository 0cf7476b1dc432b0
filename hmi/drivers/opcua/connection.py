"""One OPC UA connection: subscribing, reading afresh, writing, calling, browsing and acknowledging."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from asyncua import ua

from hmi.core.errors import ConnectError, LinesideError
from hmi.core.instants import seconds
from hmi.core.quality import Status
from hmi.drivers.api import BrowseItem, Clock, ConnectionSpec, Point, Sample, Sink, WriteResult
from hmi.drivers.backoff import Backoff
from hmi.drivers.opcua.conditions import Conditions
from hmi.drivers.opcua.faults import FAULTS, why
from hmi.drivers.opcua.gap import fill, gaps
from hmi.drivers.opcua.line import Line
from hmi.drivers.opcua.options import OpcUaOptions
from hmi.drivers.opcua.security.channel import Credentials
from hmi.drivers.opcua.session import Session
from hmi.drivers.opcua.subscription import SilenceError
from hmi.drivers.outcome import no_value, refused
from hmi.drivers.supervisor import Link, LinkLostError, keep_connected, until_one_ends

_SHORT: Final = seconds(60.0)
"""An outage after which no server keeps a session; ns."""
_FIRST_VALUES: Final = 5.0
"""Seconds for the first values to come, before the gap in front of them is asked for."""


class OpcUaConnection:
    """Behaviour of one OPC UA server; does nothing until `run`."""

    def __init__(self, spec: ConnectionSpec, options: OpcUaOptions, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._credentials = Credentials(spec.folder, spec.secrets)
        self._sink = sink
        self._clock = clock
        self._random = random
        self._points = spec.points
        self._line: Line | None = None
        """What is connected now."""
        self._lost_line: Line | None = None
        """What may be taken up again after a loss."""
        self._last: Mapping[int, int] = {}
        """Time of the last sample of before the present outage by tag, ns UTC."""
        self._conditions = Conditions(sink)
        self._outage = 0
        """Last sign of life before the present outage, ns UTC."""

    async def run(self) -> None:
        """Connects, subscribes and reconnects until cancelled."""
        link = Link(self._spec.name, self._sink, self._clock)
        self._outage = self._clock.now().utc

        async def attempt() -> None:
            await self._attempt(link)

        await keep_connected(link, attempt, self._clock, self._sink, Backoff(), self._random)

    async def _attempt(self, link: Link) -> None:
        line = await self._taken_up() or await self._begun()
        resumed = line.is_filled
        again = False
        orderly = True
        try:
            if resumed:
                link.up()
            self._line = line
            await until_one_ends(
                line.subscription.pump(),
                line.subscription.watch(),
                line.session.keep_channel(),
                self._acquire(line, link, resumed=resumed),
            )
        except SilenceError:
            orderly, again = False, line.subscription.usable
            raise
        except LinkLostError:
            again = line.subscription.usable
            raise
        finally:
            self._line = None
            if link.up_since is not None:
                self._outage = max(self._outage, line.subscription.heard_utc)
                self._last = {**self._last, **line.intake.last_times()}
            if again and link.up_since is not None:
                self._lost_line = line
                await line.session.drop()
            else:
                await line.session.close(orderly=orderly)

    async def _taken_up(self) -> Line | None:
        """The line of before a short loss, in its session or a new one; a fresh line if need be; None = none was lost.

        Raises:
            LinkLostError: the server does not answer; it is tried again with the next attempt.
        """
        line = self._lost_line
        if line is None:
            return None
        try:
            await line.session.resume(line.subscription.id)
        except OSError as fault:
            await line.session.drop()
            # A server that answers by closing the connection does not know the session; a dead one says nothing.
            silent = isinstance(fault, TimeoutError | ConnectionRefusedError)
            if not silent or self._clock.now().utc - self._outage > _SHORT:
                self._lost_line = None
            raise LinkLostError(f"{self._spec.name}: no connection ({why(fault)}).", "It is tried again.") from fault
        except (*FAULTS, LinesideError):
            self._lost_line = None
            await line.session.close(orderly=True)
            return await self._transferred(line)
        except asyncio.CancelledError:
            await line.session.drop()
            raise
        self._lost_line = None
        self._sink.count("resumed_sessions")
        line.subscription.take_up(line.session)
        return line

    async def _transferred(self, line: Line) -> Line | None:
        """The line's subscription in a new session: the server has forgotten the old one, not what hung on it."""
        session = await Session.open(self._spec.name, self._options, self._credentials, self._clock.now().utc)
        try:
            moved = session.indexes == line.session.indexes and await session.transfer(line.subscription.id)
        except FAULTS as fault:
            await session.close(orderly=False)
            raise self._lost(fault) from fault
        except asyncio.CancelledError:
            await session.close(orderly=False)
            raise
        if not moved:
            return await self._begun(session)
        self._sink.count("transferred_subscriptions")
        line.move(session)
        return line

    async def _begun(self, session: Session | None = None) -> Line:
        """A line from scratch."""
        if session is None:
            session = await Session.open(self._spec.name, self._options, self._credentials, self._clock.now().utc)
        line = Line(self._spec.name, session, self._options, self._sink, self._clock, self._outage)
        try:
            await line.subscription.create()
        except FAULTS as fault:
            await session.close(orderly=True)
            raise self._lost(fault) from fault
        except asyncio.CancelledError:
            await session.close(orderly=False)
            raise
        return line

    async def _acquire(self, line: Line, link: Link, *, resumed: bool) -> None:
        """Adds the items while the pump already runs, then stays until something else ends the link."""
        try:
            refusals = await line.take(self._points)
            if not resumed:
                link.up()
            line.tell(refusals)
            if self._options.alarms:
                await self._take_alarms(line, resumed=resumed)
            if self._options.history and not resumed and self._last:
                await self._fill_gap(line)
            await line.ask_again()
        except FAULTS as fault:
            if not line.session.is_open:
                raise LinkLostError(
                    f"{self._spec.name}: connection lost ({why(fault)}).", "It is made anew."
                ) from fault
            line.subscription.usable = False
            raise self._lost(fault) from fault

    async def _take_alarms(self, line: Line, *, resumed: bool) -> None:
        try:
            if resumed:
                await self._conditions.refresh(line.session, line.subscription)
            else:
                await self._conditions.begin(line.session, line.subscription)
        except ua.uaerrors.UaStatusCodeError:
            self._sink.count("refused_events")  # A server without alarms: nothing that an operator could mend.

    async def _fill_gap(self, line: Line) -> None:
        await line.subscription.first_values(_FIRST_VALUES)
        try:
            await fill(line, gaps(line, self._points, self._last), self._sink, self._clock)
        except FAULTS:
            if not line.session.is_open:
                raise
            # A server without the service, or one that is too slow for it: the live values must not suffer from that.
            self._sink.count("refused_history")

    def _lost(self, fault: BaseException) -> LinkLostError:
        return LinkLostError(f"{self._spec.name}: the server does not go along ({why(fault)}).", "It is tried again.")

    async def repoint(self, points: tuple[Point, ...]) -> None:
        """Acquires these points instead of the present ones; those that stay equal go on undisturbed."""
        self._points = points
        line = self._line
        if line is None:
            return
        try:
            line.tell(await line.take(points))
        except FAULTS:
            # Half done is unknown: the next connection takes all points anew.
            line.subscription.usable = False
            line.session.abort()

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Fresh values straight from the server; a method, which has none, reads 0."""
        line = self._line
        if line is None:
            now = self._clock.now().utc
            return [no_value(Status.BAD_NO_COMMUNICATION, now) for _ in points]
        return await line.read(points)

    async def write(self, point: Point, value: float | str) -> WriteResult:
        """Sends one value or calls one method exactly once, or says why not."""
        if not self._spec.writes_enabled or not point.writable:
            text = f"{point.path} is not writable: enable it at the tag and its connection."
            return refused(Status.BAD_NOT_WRITABLE, text)
        line = self._line
        if line is None:
            text = f"{point.path}: {self._spec.name} is not connected; nothing was sent."
            return refused(Status.BAD_NO_COMMUNICATION, text)
        return await line.commands.write(point, value)

    async def browse(self, node: str) -> Sequence[BrowseItem]:
        """The places below `node` in the server that is connected now."""
        line = self._line
        if line is None:
            raise ConnectError(f"{self._spec.name} is not connected.", "Wait until it is.")
        return await line.browsing.browse(node)

    async def acknowledge(self, key: str, event: str, user: str, comment: str) -> WriteResult:
        """Passes an operator's acknowledgement of the server's own alarm back to it, once."""
        line = self._line
        if line is None:
            text = f"{self._spec.name} is not connected; nothing was sent."
            return refused(Status.BAD_NO_COMMUNICATION, text)
        return await self._conditions.acknowledge(line.session, key, event, user, comment)
