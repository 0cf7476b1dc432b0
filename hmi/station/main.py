"""A station as a process: its event loop, its log and its signals."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from typing import Final

import structlog

from hmi.station.app import Start, Station

ENDINGS: Final = tuple(getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, n))
"""Ctrl-C, a service manager's stop, and the break by which `hmi run` ends its children on Windows."""


def run_station(start: Start, ready: Callable[[str], None], warn: Callable[[str], None]) -> None:
    """Runs a station until SIGTERM or Ctrl-C; `ready` is told its address, `warn` why it runs another project.

    Raises:
        LinesideError: with the sentence for the person who starts it.
    """
    _log_to_stderr()
    station = Station(start)
    if station.fallback:
        warn(station.fallback)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_live(station, ready))


async def _live(station: Station, ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDINGS:
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows' loop knows no signal handlers, but Python does
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    await station.run(ready, stop)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - exists on POSIX alone

    return uvloop.new_event_loop


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries speak up only when something is wrong: asyncua logs every reconnection step otherwise.
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
