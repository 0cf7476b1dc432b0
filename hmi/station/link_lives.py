"""The lives of the connections: each runs by itself, and one can be ended, replaced or given other points meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Final

import numpy as np
import structlog

from hmi.core.batch import Int32
from hmi.drivers.api import LinkState, Point, Repointable
from hmi.station.links import Link

ENDS_WITHIN: Final = 10.0
"""Seconds a driver may take to let its device go; after that its successor is started all the same."""

_log = structlog.get_logger()


class LinkLives:
    """Runs the links of a dictionary, which it keeps up to date; services read it."""

    def __init__(self, links: dict[str, Link]) -> None:
        self.links = links
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._changes: set[asyncio.Task[None]] = set()
        self._running = False

    async def run(self) -> None:
        """Runs all connections until cancelled; a station without any, or whose drivers all failed, goes on."""
        self._running = True
        for name in self.links:
            self._begin(name)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._running = False
            tasks = [*self._changes, *self._lives.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def put(self, link: Link) -> None:
        """A new connection, or another one in place of one of the same name, which is ended before it starts."""
        before = self.links.get(link.name)
        if before is not None:
            before.intake.end()
            link.intake.continues(before.intake)
        self.links[link.name] = link
        self._change(link.name, partial(self._again, link.name))

    def drop(self, name: str) -> None:
        """Ends a connection that is no more."""
        self.links.pop(name).intake.end()
        self._change(name, partial(self._again, name))

    def repoint(self, name: str, changed: Int32) -> None:
        """Tells a running connection that its points are others; of `changed` ones nothing old may be shown."""
        link = self.links[name]
        able: object = link.connection
        if not isinstance(able, Repointable):
            raise AssertionError(f"{name} takes no other points")
        link.intake.hold(changed)
        self._change(name, partial(self._repointed, link, able, changed))

    async def settled(self) -> None:
        """Waits until every change so far is made; for tests and measurements."""
        while self._changes:
            await asyncio.wait(self._changes)

    def _change(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._in_turn(name, step), name=f"change of {name}")
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)

    async def _in_turn(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        """Changes of one connection follow each other; those of others go on beside them."""
        async with self._turns.setdefault(name, asyncio.Lock()):
            await step()

    async def _again(self, name: str) -> None:
        life = self._lives.pop(name, None)
        if life is not None:
            life.cancel()
            _, still = await asyncio.wait({life}, timeout=ENDS_WITHIN)
            if still:
                _log.error("connection does not end", connection=name)
        if self._running and name in self.links:
            self._begin(name)

    def _begin(self, name: str) -> None:
        self._lives[name] = asyncio.create_task(self.links[name].run(), name=f"connection {name}")

    async def _repointed(self, link: Link, connection: Repointable, changed: Int32) -> None:
        """Without the changed points first: an answer for a former address must not be taken for one of the new."""
        if self.links.get(link.name) is not link:
            return  # made anew meanwhile, with the new points
        try:
            try:
                if len(changed):
                    await connection.repoint(_without(link.points.values(), changed))
            finally:
                link.intake.release(changed)
            await connection.repoint(tuple(link.points.values()))
        except Exception as error:  # noqa: BLE001 - a driver is foreign code: whatever it raises must stay its own
            _log.error("driver failed", connection=link.name, error=repr(error))
            life = self._lives.pop(link.name, None)
            if life is not None:
                life.cancel()
            link.intake.state(LinkState.OFF, f"The driver of {link.name} failed at an edit: restart the station.")


def _without(points: Iterable[Point], tags: Int32) -> tuple[Point, ...]:
    left_out = set(np.asarray(tags).tolist())
    return tuple(point for point in points if point.tag not in left_out)
