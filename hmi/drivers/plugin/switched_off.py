"""What stands in for a driver that cannot run: its connections are there, say why they are off, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from hmi.core.quality import Status
from hmi.core.tag import TagType
from hmi.drivers.api import (
    API_VERSION,
    Clock,
    ConnectionSpec,
    LinkState,
    Point,
    Sample,
    Sink,
    WriteResult,
)
from hmi.drivers.outcome import no_value, refused


class SwitchedOff:
    """Facts of a driver nobody can ask: every address and option is taken as it is written."""

    api_version = API_VERSION

    def __init__(self, name: str, why: str) -> None:
        """`why`: the sentence for the engineer."""
        self.name = name
        self.why = why

    def parse_address(self, text: str, type_: TagType) -> str:  # noqa: ARG002 - the door's signature
        """The text itself."""
        return text

    def parse_options(self, endpoint: str, options: Mapping[str, object]) -> str:  # noqa: ARG002 - as above
        """The endpoint itself."""
        return endpoint

    def connect(self, spec: ConnectionSpec, sink: Sink, clock: Clock) -> SwitchedOffConnection:
        """A connection that stays off."""
        return SwitchedOffConnection(spec.name, self.why, sink, clock)


class SwitchedOffConnection:
    """A device nobody talks to."""

    def __init__(self, name: str, why: str, sink: Sink, clock: Clock) -> None:
        self._name = name
        self._why = why
        self._sink = sink
        self._clock = clock

    async def run(self) -> None:
        """Tells why, and waits."""
        self._sink.state(LinkState.OFF, f"{self._name} is switched off: {self._why}")
        await asyncio.get_running_loop().create_future()

    async def read(self, points: Sequence[Point]) -> list[Sample]:
        """Bad_NoCommunication for each."""
        now = self._clock.now().utc
        return [no_value(Status.BAD_NO_COMMUNICATION, now) for _ in points]

    async def write(self, point: Point, value: float | str) -> WriteResult:  # noqa: ARG002 - the door's signature
        """Refused."""
        text = f"{point.path}: {self._name} is switched off; nothing was sent."
        return refused(Status.BAD_NOT_CONNECTED, text)
