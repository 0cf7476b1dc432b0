"""A driver process: carries out what the station says until the station is gone, however it went."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import threading
import time
from typing import Final

from hmi.core.instants import Instants
from hmi.drivers.process import messages as m
from hmi.drivers.process.outbox import Outbox
from hmi.drivers.process.running import Running

BEAT: Final = 0.5
"""Seconds between signs of life."""
HANG: Final = 10.0
"""Seconds without a turn of the event loop after which the process ends itself, with the place where it hangs."""
GOODBYE: Final = 1.5
"""Seconds in which connections close in order once the station is gone."""


class MachineClock:
    """This computer's clocks: the monotonic one is the same for all its processes."""

    def now(self) -> Instants:
        """Both clocks now."""
        return Instants(time.monotonic_ns(), time.time_ns())


class Worker:
    """The connections of this process."""

    def __init__(self, descriptor: int) -> None:
        self._clock = MachineClock()
        self._outbox = Outbox(descriptor, lambda: [running.sink.take for running in self._running.values()])
        self._running: dict[int, Running] = {}
        self._lives: dict[int, asyncio.Task[None]] = {}
        self._asked: dict[int, asyncio.Task[None]] = {}

    def hear(self, message: m.Down) -> None:
        """Begins what the station asks for."""
        match message:
            case m.Open():
                running = Running(message, self._outbox.say, self._outbox.news, self._clock)
                self._running[message.line] = running
                self._lives[message.line] = asyncio.create_task(self._live(message.line, running))
            case m.Close():
                if message.line in self._lives:
                    self._lives[message.line].cancel()
            case m.Cancel():
                if message.number in self._asked:
                    self._asked[message.number].cancel()
            case _:
                self._asked[message.number] = asyncio.create_task(self._answer(message))

    async def _live(self, line: int, running: Running) -> None:
        fault = ""
        try:
            self._outbox.say(m.Opening(line))
            await self._outbox.idle()  # the station knows whose code runs now, should nothing come after it
            fault = await running.live()
        except asyncio.CancelledError:
            pass
        finally:
            del self._running[line], self._lives[line]
            self._outbox.say(m.Ended(line, fault))

    async def _answer(self, ask: m.Ask) -> None:
        try:
            running = self._running.get(ask.line)
            gone = m.Failed(ask.number, "The connection is not there any more.", "", unreachable=True)
            self._outbox.say(gone if running is None else await running.answer(ask))
        finally:
            del self._asked[ask.number]

    async def beat(self) -> None:
        """Tells the station that the event loop turns, until cancelled; one that does not ends the process."""
        try:
            while True:
                faulthandler.dump_traceback_later(HANG, exit=True)
                self._outbox.say(m.Beat())
                await asyncio.sleep(BEAT)
        finally:
            faulthandler.cancel_dump_traceback_later()

    async def close(self) -> None:
        """Cancels everything and waits for it."""
        tasks = [*self._lives.values(), *self._asked.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._outbox.close()


async def serve(inwards: int, outwards: int) -> None:
    """Runs until the station closes its end of the pipe."""
    loop = asyncio.get_running_loop()
    worker, gone, ended = Worker(outwards), asyncio.Event(), threading.Event()

    def listen() -> None:
        while (body := _message(inwards)) is not None:
            loop.call_soon_threadsafe(worker.hear, m.read_down(body))
        loop.call_soon_threadsafe(gone.set)
        if not ended.wait(GOODBYE):
            os._exit(1)  # a driver that does not stop must not outlive its station

    threading.Thread(target=listen, name="from the station", daemon=True).start()
    beat = asyncio.create_task(worker.beat())
    await gone.wait()
    await worker.close()
    beat.cancel()
    await asyncio.gather(beat, return_exceptions=True)
    ended.set()


def _message(descriptor: int) -> bytes | None:
    """The next message's bytes; None at the end."""
    head = _exactly(descriptor, m.HEAD)
    return None if head is None else _exactly(descriptor, m.length(head))


def _exactly(descriptor: int, count: int) -> bytes | None:
    parts: list[bytes] = []
    while count:
        part = os.read(descriptor, count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
