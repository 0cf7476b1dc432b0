"""The life of a link: connect, acquire, lose it, wait, again - the same for every driver.

An outage is one event for the operator however many attempts it takes: `DOWN` is reported once, with the first reason,
and `UP` once when values flow again. Attempts in between are counted only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from random import Random

from hmi.core.errors import ConnectError
from hmi.core.instants import seconds
from hmi.drivers.api import Clock, LinkState, Sink
from hmi.drivers.backoff import Backoff

STEADY = seconds(5.0)
"""A link that held this long starts again with the shortest wait; a flapping one keeps its long waits."""


class LinkLostError(ConnectError):
    """The device cannot be reached or stopped answering; the sentence tells the operator what and where."""


class NeedsActionError(LinkLostError):
    """The device answers, but somebody has to do something before it can be used."""


class Link:
    """What the operator has been told about one link."""

    def __init__(self, name: str, sink: Sink, clock: Clock) -> None:
        self._name = name
        self._sink = sink
        self._clock = clock
        self._state = LinkState.OFF
        self._been_up = False
        self._reason = ""
        self.up_since: int | None = None
        """Monotonic ns since which values flow; None while they do not."""

    def connecting(self) -> None:
        """The first attempt begins; later ones belong to the outage and are silent."""
        if self._state is LinkState.OFF:
            self._tell(LinkState.CONNECTING, f"{self._name}: connecting.")

    def up(self) -> None:
        """Values flow from now on."""
        if self._state is LinkState.UP:
            return
        if self._been_up:
            self._sink.count("reconnects")
        self._been_up = True
        self.up_since = self._clock.now().mono
        self._tell(LinkState.UP, f"{self._name}: connected.")

    def down(self, reason: str, *, needs_action: bool = False) -> None:
        """The link is gone; of an outage the first reason is told, and later ones about which somebody must act."""
        self.up_since = None
        if self._state is not LinkState.DOWN or (needs_action and reason != self._reason):
            self._reason = reason
            self._tell(LinkState.DOWN, reason)

    def _tell(self, state: LinkState, text: str) -> None:
        self._state = state
        self._sink.state(state, text)


async def keep_connected(
    link: Link,
    attempt: Callable[[], Awaitable[None]],
    clock: Clock,
    sink: Sink,
    backoff: Backoff,
    random: Random,
) -> None:
    """Runs `attempt` again and again until cancelled.

    `attempt` connects, calls `link.up()` and acquires until it raises `LinkLostError`; returning counts as a loss too.
    """
    failures = 0
    while True:
        link.connecting()
        needs_action = False
        try:
            await attempt()
            reason = "The device closed the connection."
        except LinkLostError as lost:
            reason, needs_action = str(lost), isinstance(lost, NeedsActionError)
        held = 0 if link.up_since is None else clock.now().mono - link.up_since
        failures = 1 if held >= STEADY else failures + 1
        sink.count("failed_attempts" if link.up_since is None else "losses")
        link.down(reason, needs_action=needs_action)
        await asyncio.sleep(backoff.delay(failures, random.random()))


async def until_one_ends(*jobs: Coroutine[object, object, None]) -> None:
    """Runs jobs side by side until the first ends or fails, then stops the others and passes its error on."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        # Awaiting them all is what leaves nothing behind; their own errors are secondary to the first one.
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
