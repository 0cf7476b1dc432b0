"""The life of a driver's link to a broker: sessions one after the other, and giving way to a rival."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

import aiomqtt

from hmi.drivers.api import Clock, ConnectionSpec, Sink
from hmi.drivers.backoff import Backoff
from hmi.drivers.broker.client import OnMessage
from hmi.drivers.broker.endpoint import BrokerOptions, password_of
from hmi.drivers.broker.rivalry import Rivalry
from hmi.drivers.broker.session import Session, SessionEndedError
from hmi.drivers.supervisor import Link, keep_connected

PROBE_EVERY: Final = 0.5
"""Seconds between signs of life asked of the broker: well below the 2 s after which the station calls tags stale."""


class BrokerLink:
    """Keeps one connection's session until cancelled."""

    def __init__(self, spec: ConnectionSpec, options: BrokerOptions, sink: Sink, clock: Clock, random: Random) -> None:
        self._spec = spec
        self._options = options
        self._sink = sink
        self._clock = clock
        self._random = random
        self._rivalry = Rivalry(spec.name, options)

    async def run(
        self,
        will: Callable[[], aiomqtt.Will | None],
        on_message: OnMessage,
        serve: Callable[[Session, Link], Awaitable[None]],
        leave: Callable[[Session], Awaitable[None]] | None = None,
    ) -> None:
        """Opens sessions and lets `serve` use them; `serve` calls `link.up()` and stays until the session ends.

        `will` is asked before each connect. `leave` may say goodbye in a session that ends by our own will.
        """
        link = Link(self._spec.name, self._sink, self._clock)

        async def attempt() -> None:
            await asyncio.sleep(self._rivalry.wait(self._random.random()))
            session = await Session.open(
                self._spec.name,
                self._options,
                password_of(self._options, self._spec.secrets),
                self._spec.folder,
                will(),
                on_message,
                self._sink.count,
            )
            began = self._clock.now().mono
            orderly = False
            try:
                await serve(session, link)
            except SessionEndedError as ended:
                raise self._rivalry.judge(ended, self._clock.now().mono - began) from ended
            except asyncio.CancelledError:
                orderly = True
                if leave is not None:
                    await leave(session)
                raise
            finally:
                await session.close(orderly=orderly)

        await keep_connected(link, attempt, self._clock, self._sink, Backoff(), self._random)
