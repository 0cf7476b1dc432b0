"""The device that checks need, and a connection to it that may leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from hmi.core.tag import TagType
from hmi.drivers.api import Connection, ConnectionSpec, Driver, Point
from hmi.drivers.conformance.recorder import Recorder, SystemClock, require


@dataclass(frozen=True, slots=True)
class Sites:
    """Addresses in the harness's device."""

    number: str
    """A number that can be read and written, between 0 and 100 at least."""
    text: str
    """A string, or empty when the protocol has none."""
    missing: str
    """A well-formed address that the device does not have."""
    wrong: Sequence[str]
    """Texts that are no addresses."""
    wrong_options: Sequence[Mapping[str, object]]
    """Options that must be refused."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Options of every connection to it."""


class Harness(Protocol):
    """A device under the test's control; it keeps its endpoint over restarts."""

    driver: Driver
    sites: Sites

    @property
    def endpoint(self) -> str:
        """Where it is, also while it is not running."""
        ...

    async def start(self) -> None:
        """Starts the device, or starts it again."""
        ...

    async def kill(self) -> None:
        """Ends it without a goodbye."""
        ...

    async def put(self, address: str, value: float | str) -> None:
        """Changes a value inside the device."""
        ...

    async def writes(self, address: str) -> list[float | str]:
        """Every value that clients wrote to an address, in order."""
        ...

    async def garble(self) -> None:
        """Makes the running device send bytes that are no protocol, until it is started again."""
        ...


NUMBER, TEXT, MISSING = 1, 2, 3
"""Tags of the three points every check uses."""


def points_of(harness: Harness) -> tuple[Point, ...]:
    """The harness's addresses as points."""
    sites, parse = harness.sites, harness.driver.parse_address
    points = [
        Point(NUMBER, "number", parse(sites.number, TagType.FLOAT), TagType.FLOAT, 0.1, writable=True),
        Point(MISSING, "missing", parse(sites.missing, TagType.FLOAT), TagType.FLOAT, 0.1),
    ]
    if sites.text:
        points.append(Point(TEXT, "text", parse(sites.text, TagType.STRING), TagType.STRING, 0.1, writable=True))
    return tuple(points)


def spec_of(harness: Harness, points: tuple[Point, ...], *, writes_enabled: bool = True) -> ConnectionSpec:
    """A connection to the harness's device."""
    options = harness.driver.parse_options(harness.endpoint, harness.sites.options)
    return ConnectionSpec("device", harness.endpoint, options, points, writes_enabled)


_Coroutine = Coroutine[Any, Any, Any] | Generator[Any, None, Any]

_OF_DRIVER: Final[ContextVar[bool]] = ContextVar("of_driver", default=False)
"""True in every task that a driver starts: tasks inherit the context they were made in."""


@asynccontextmanager
async def running(harness: Harness, recorder: Recorder, spec: ConnectionSpec) -> AsyncIterator[Connection]:
    """A connection that runs inside the block; afterwards no task of it may be left."""
    loop = asyncio.get_running_loop()
    started: list[asyncio.Task[Any]] = []

    def make_task(loop: asyncio.AbstractEventLoop, coro: _Coroutine, **more: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=loop, **more)
        if _OF_DRIVER.get():
            started.append(task)
        return task

    connection = harness.driver.connect(spec, recorder, SystemClock())
    context = copy_context()
    context.run(_OF_DRIVER.set, True)
    loop.set_task_factory(make_task)
    job = loop.create_task(connection.run(), context=context)
    try:
        yield connection
        require(not job.done(), "run() ended although nobody cancelled it.")
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        recorder.closed = True
        loop.set_task_factory(None)
    left = [task for task in started if not task.done()]
    require(not left, f"Tasks are left after the cancellation: {left}.")
