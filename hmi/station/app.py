"""A station's life: opens project and data folder, listens, runs the parts and stops them in order."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from hmi.core.errors import LinesideError
from hmi.link.messages import MAX_MESSAGE
from hmi.station import last_good
from hmi.station.clock import SystemClock
from hmi.station.composition import Ground, Parts, build
from hmi.station.data_folder import DataFolder, announce, open_data_folder
from hmi.station.growing import growing, grown
from hmi.station.hosting import Hosting
from hmi.station.loading import drivers_of
from hmi.station.places import url_for
from hmi.station.project_texts import require_project
from hmi.station.starting import started


@dataclass(frozen=True, slots=True)
class Start:
    """What a station is started with."""

    project: Path
    data: Path
    host: str | None = None
    """Overrides the project's listen address."""
    port: int | None = None
    """0 takes a free port."""


class Station:
    """A running station; `run` is its life."""

    def __init__(self, start: Start) -> None:
        """Opens the data folder and the project; nothing runs yet.

        Raises:
            LinesideError: with the sentence for the person who starts it.
        """
        self._start = start
        self._clock = SystemClock()
        # First of all: a mistyped folder must neither start another project nor leave a data folder behind.
        require_project(start.project)
        self.folder: DataFolder = open_data_folder(start.data)
        known = drivers_of(start.data)
        self.started = started(start.project, start.data, self._clock.now().utc)
        hosting = Hosting(known, self._clock)
        self._ground = Ground(start.project, self.folder, self.started, known, hosting, self._clock, deque(maxlen=50))

    @property
    def fallback(self) -> str:
        """Why the last project that ran was started instead of the one asked for; empty if it was not."""
        return self.started.fallback

    async def run(self, ready: Callable[[str], None], stop: asyncio.Event) -> None:
        """Runs until `stop` is set; `ready` is told the address.

        Raises:
            LinesideError: the port or the store is taken.
        """
        listener = self._listen()
        with ExitStack() as stack:
            stack.callback(listener.close)
            with growing():
                parts = build(self._ground, stack)
            host, port = listener.getsockname()[:2]
            url = url_for(host, port)
            note = announce(self.folder, url, self._start.project)
            stack.callback(note.unlink, missing_ok=True)
            stack.callback((self.folder.path / "listening.json").unlink, missing_ok=True)
            if not self.fallback:
                last_good.keep(self.started.texts, self.folder.path)
            with grown():
                await self._serve(parts, listener, lambda: ready(url), stop)

    def _listen(self) -> socket.socket:
        configured = self.started.project.file.listen
        host = self._start.host if self._start.host is not None else configured.host
        port = self._start.port if self._start.port is not None else configured.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            return socket.create_server((host, port), family=family, backlog=64)
        except OSError as error:
            reason = (error.strerror or str(error)).partition(" (while")[0]  # Python repeats the address there
            what = f"The station cannot listen on {host}:{port}: {reason}."
            taken = error.errno == errno.EADDRINUSE
            do = "Stop the other program, or choose another port" if taken else "Choose an address of this machine"
            raise LinesideError(what, f"{do} with --listen HOST:PORT.") from error

    async def _serve(
        self, parts: Parts, listener: socket.socket, ready: Callable[[], None], stop: asyncio.Event
    ) -> None:
        server = _Server(
            uvicorn.Config(
                parts.gateway.app({*self.started.project.file.security.allowed_hosts, listener.getsockname()[0]}),
                ws="websockets-sansio",
                ws_max_size=MAX_MESSAGE,
                ws_per_message_deflate=False,
                ws_ping_interval=None,  # beats and `Seen` tell more than pings: a socket that answers proves nothing
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        parts.pump.start(self.started.warnings, project_valid=not self.fallback)
        tasks = [
            asyncio.create_task(parts.scanner.run(), name="scan"),
            asyncio.create_task(parts.lives.run(), name="connections"),
            asyncio.create_task(parts.edits.making.keep(), name="keep the project"),
            asyncio.create_task(parts.edits.watch(), name="watch the files"),
            asyncio.create_task(parts.pump.housekeeping(), name="housekeeping"),
            asyncio.create_task(parts.follow_history(), name="look at the history"),
            asyncio.create_task(server.serve(sockets=[listener]), name="port"),
        ]
        stopping = asyncio.create_task(stop.wait(), name="stop")
        ready()
        parts.pump.notifier.ready()
        try:
            await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
            ended = [task.get_name() for task in tasks if task.done()]
        finally:
            parts.pump.notifier.stopping()
            parts.gateway.end_all("The station stops.")
            server.should_exit = True
            await asyncio.wait([tasks[-1]], timeout=2)
            await parts.requests.finish()
            for task in (*tasks, stopping):
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await parts.pump.stop()
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        if ended:
            # Told as a failure, or a service manager would take it for a stop on purpose.
            raise LinesideError(f"The station stopped because its {ended[0]} ended.", "Start it again; see its log.")


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the station stops itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with nullcontext():
            yield
