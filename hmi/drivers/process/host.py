"""A driver process as the station sees it: started when needed, again when it dies, killed when it hangs."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from random import Random
from typing import Final, Protocol

import msgspec
import structlog

from hmi.core.instants import seconds
from hmi.drivers.api import Clock
from hmi.drivers.backoff import Backoff
from hmi.drivers.process import messages as m

_log = structlog.get_logger()

SILENT: Final = 13.0
"""Seconds without a word after which a process hangs; one that can notices by itself before, and says where."""
HUNG: Final = seconds(5.0)
"""ns of silence before its end that tell a process that hung from one that crashed."""
STEADY: Final = seconds(60.0)
"""ns after which a process that dies is started again as quickly as the first time."""
STOPS_WITHIN: Final = 2.0
"""Seconds in which a process ends in order."""
BUFFER: Final = 1 << 20
"""Bytes read ahead."""


class GoneError(Exception):
    """The process ended before it answered."""


class Rider(Protocol):
    """A connection that lives in the process."""

    def order(self) -> m.Open | None:
        """What is to be run; None: nothing any more."""
        ...

    def heard(self, message: m.News) -> None:
        """The process said something of this connection."""
        ...

    def lost(self, reason: str, *, hung: bool) -> None:
        """The process is gone; it is started again by itself."""
        ...


class DriverProcess:
    """One process, as long as there is a connection in it."""

    def __init__(self, name: str, clock: Clock, random: Random, backoff: Backoff) -> None:
        self.name = name
        self._clock = clock
        self._random = random
        self._backoff = backoff
        self._riders: dict[int, Rider] = {}
        self._leaving: dict[int, asyncio.Event] = {}
        self._waiting: dict[int, asyncio.Future[m.Answer]] = {}
        self._numbers = 0
        self._pipe: asyncio.StreamWriter | None = None
        self._life: asyncio.Task[None] | None = None
        self.pid: int | None = None
        """Of the process that runs now."""

    def number(self) -> int:
        """A number that was never used before: of a line or of a question."""
        self._numbers += 1
        return self._numbers

    def _say(self, message: m.Down) -> None:
        """Tells it something, if it is there; never waits."""
        if self._pipe is not None:
            self._pipe.write(m.framed(message))

    async def ask(self, ask: m.Ask) -> m.Answer:
        """Asks it something; a cancellation is passed on.

        Raises:
            GoneError: it is not there, or ended before it answered.
        """
        if self._pipe is None:
            raise GoneError
        future: asyncio.Future[m.Answer] = asyncio.get_running_loop().create_future()
        self._waiting[ask.number] = future
        try:
            self._say(ask)
            return await future
        except asyncio.CancelledError:
            self._say(m.Cancel(ask.number))
            raise
        finally:
            del self._waiting[ask.number]

    def enter(self, line: int, rider: Rider) -> None:
        """Takes a connection in; the first one starts the process."""
        self._riders[line] = rider
        if self._life is None:
            self._life = asyncio.create_task(self._live(), name=f"driver process {self.name}")
        elif (order := rider.order()) is not None:
            self._say(order)

    async def leave(self, line: int) -> None:
        """Lets a connection go; the last one ends the process."""
        del self._riders[line]
        if self._riders or self._life is None:
            await self._closed(line)
            return
        life, self._life = self._life, None
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)

    async def _closed(self, line: int) -> None:
        """Waits until the device is let go, so that it can be connected to again."""
        if self._pipe is None:
            return
        ended = self._leaving[line] = asyncio.Event()
        self._say(m.Close(line))
        try:
            async with asyncio.timeout(STOPS_WITHIN):
                await ended.wait()
        except TimeoutError:
            _log.error("connection does not close", process=self.name)
        finally:
            del self._leaving[line]

    async def _live(self) -> None:
        failures = 0
        while True:
            began = self._clock.now().mono
            reason, hung = await self._once()
            held = self._clock.now().mono - began >= STEADY
            failures = 1 if held else failures + 1
            wait = self._backoff.delay(failures, self._random.random())
            _log.error("driver process ended", process=self.name, reason=reason)
            for rider in [*self._riders.values()]:
                rider.lost(f"{reason} It is started again in {wait:.1f} s.", hung=hung)
            await asyncio.sleep(wait)

    async def _once(self) -> tuple[str, bool]:
        """Runs the process once; why it ended, and whether it hung."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "hmi.drivers.process", self.name),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=BUFFER,
                start_new_session=os.name == "posix",  # the terminal's Ctrl-C is the station's to answer
            )
        except OSError as error:
            return f"The driver process {self.name} cannot be started: {error.strerror or error}.", False
        heard = _Heard(self._clock.now().mono)
        try:
            self._begin(process)
            await self._listen(process, heard)
        finally:
            self._pipe, self.pid = None, None
            self._release()
            await _ended(process, in_order=heard.anything and not heard.hangs)
        hung = heard.hangs or self._clock.now().mono - heard.last > HUNG
        if hung:
            return f"The driver process {self.name} did not answer and was ended.", True
        return f"The driver process {self.name} died ({_why(process.returncode)}).", False

    def _begin(self, process: asyncio.subprocess.Process) -> None:
        self._pipe, self.pid = process.stdin, process.pid
        for rider in [*self._riders.values()]:
            if (order := rider.order()) is not None:
                self._say(order)

    async def _listen(self, process: asyncio.subprocess.Process, heard: _Heard) -> None:
        """Passes on what the process says until it ends or hangs."""
        if process.stdout is None:
            raise AssertionError("its output is a pipe")
        try:
            while True:
                async with asyncio.timeout(SILENT):
                    head = await process.stdout.readexactly(m.HEAD)
                    body = await process.stdout.readexactly(m.length(head))
                heard.last, heard.anything = self._clock.now().mono, True
                self._pass_on(m.read_up(body))
        except TimeoutError:
            heard.hangs = True
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError, ValueError):
            return  # what talks nonsense is ended like one that died

    def _pass_on(self, message: m.Up) -> None:
        if isinstance(message, m.Beat):
            return
        if isinstance(message, m.Answer):
            future = self._waiting.get(message.number)
            if future is not None and not future.done():
                future.set_result(message)
        elif message.line in self._riders:
            self._riders[message.line].heard(message)
        elif isinstance(message, m.Ended) and message.line in self._leaving:
            self._leaving[message.line].set()

    def _release(self) -> None:
        """Whoever waits for the process waits in vain."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(GoneError())
        for ended in self._leaving.values():
            ended.set()


class _Heard:
    """What was heard of a process."""

    def __init__(self, now: int) -> None:
        self.last = now
        self.anything = False
        self.hangs = False


async def _ended(process: asyncio.subprocess.Process, *, in_order: bool) -> None:
    """Ends a process and gives its pipes back; a cancellation meanwhile does not leave it behind."""
    if process.stdin is not None:
        process.stdin.close()
    if not in_order:
        _kill(process)
    try:
        async with asyncio.timeout(STOPS_WITHIN):
            await _drained(process)
    except TimeoutError:
        _kill(process)
        await _drained(process)


async def _drained(process: asyncio.subprocess.Process) -> None:
    # A pipe that is not read to its end is never closed.
    while process.stdout is not None and await process.stdout.read(BUFFER):
        pass
    await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


def _why(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
