"""Composition root of the station: builds the parts from a project and a data folder, and runs them."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from hmi.core.display import Display, decode_display, paths
from hmi.core.engine import Engine, TagEntry
from hmi.core.errors import LinesideError, ProjectError
from hmi.core.project import Project
from hmi.core.tag import TagType
from hmi.drivers.api import LinkState
from hmi.historian.catalogue import Catalogue
from hmi.historian.events import EventStore, open_events
from hmi.historian.health import HealthCallback, HealthEvent
from hmi.historian.store import StoreOptions, StoreWriter, open_store
from hmi.link.messages import MAX_MESSAGE
from hmi.link.server import StationFacts
from hmi.station import last_good
from hmi.station.acknowledgements import Acknowledgements
from hmi.station.alarm_rows import AlarmRows
from hmi.station.clock import SystemClock
from hmi.station.commands import CommandService
from hmi.station.data_folder import DataFolder, announce, open_data_folder
from hmi.station.deliveries import Deliveries
from hmi.station.devices import Devices
from hmi.station.driver_data import DriverData
from hmi.station.entries import Entries
from hmi.station.gateway import Gateway
from hmi.station.heartbeats import Heartbeats
from hmi.station.history_groups import HistoryGroups
from hmi.station.history_service import HistoryService
from hmi.station.hosting import Hosting
from hmi.station.links import Link, build_links, run_links
from hmi.station.live import Live
from hmi.station.loading import drivers_of, load_project
from hmi.station.overrides import Overrides
from hmi.station.places import url_for
from hmi.station.project_texts import read_texts, require_project
from hmi.station.pump import Pump, Wiring
from hmi.station.records import Records
from hmi.station.requests import Requests
from hmi.station.scanner import Scanner
from hmi.station.sign_in import SignIns, no_passwords
from hmi.station.status import StatusBoard
from hmi.station.system_tags import system_tags
from hmi.station.tag_table import TagTable
from hmi.station.turned_away import TurnedAway
from hmi.station.users import Users

_log = structlog.get_logger()


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
        self._notices: deque[str] = deque(maxlen=50)
        # First of all: a mistyped folder must neither start another project nor leave a data folder behind.
        require_project(start.project)
        self.folder: DataFolder = open_data_folder(start.data)
        self._hosting = Hosting(drivers_of(start.data), self._clock)
        self.fallback = ""
        """Why the last project that ran was started instead of the one asked for; empty if it was not."""
        try:
            self.project, self._drivers, flaws = load_project(start.project, start.data)
            self._ran = start.project
        except ProjectError as error:
            kept = last_good.kept_in(start.data)
            if kept is None:
                raise
            self.project, self._drivers, flaws = load_project(kept, start.data)
            self._ran = kept
            self.fallback = _fallback(start.project, error)
            _log.warning("last good project started", project=str(start.project), problems=len(error.problems))
        self._warnings = [self.fallback] if self.fallback else []
        self._warnings += [str(flaw) for flaw in flaws]

    async def run(self, ready: Callable[[str], None], stop: asyncio.Event) -> None:
        """Runs until `stop` is set; `ready` is told the address.

        Raises:
            LinesideError: the port or the store is taken.
        """
        listener = self._listen()
        with ExitStack() as stack:
            stack.callback(listener.close)
            parts = self._build(stack)
            host, port = listener.getsockname()[:2]
            url = url_for(host, port)
            note = announce(self.folder, url, self._start.project)
            stack.callback(note.unlink, missing_ok=True)
            stack.callback((self.folder.path / "listening.json").unlink, missing_ok=True)
            if self._ran == self._start.project:
                last_good.keep(read_texts(self._ran)[0], self.folder.path)
            await self._serve(parts, listener, lambda: ready(url), stop)

    def _listen(self) -> socket.socket:
        configured = self.project.file.listen
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

    def _build(self, stack: ExitStack) -> Parts:
        """Every part, wired; what must be given back is left with `stack`."""
        project, clock = self.project, self._clock
        store_folder = self.folder.path / "history"
        pump, kept = Pump(clock), DriverData(self.folder.path)
        groups = HistoryGroups(project.file.history)
        store, events = _open_stores(store_folder, clock, pump, groups.options, stack)
        whole, table = _numbered(project, store_folder, groups, clock.now().utc)
        records = Records(events, stack.enter_context(closing(events.reader())), clock, self._notices)
        engine = Engine.build([TagEntry(i, t) for i, t in table.tags.items()], records.last_event() + 1)
        live = Live(engine, table, clock.now)
        links = build_links(whole, table, self._drivers, clock, pump.connection_event, self._hosting, kept)
        scanner = Scanner(engine, clock, (link.intake for link in links.values()), pump.apply)
        pictures = _pictures(project)
        heartbeats = _heartbeats(project, table, links, live, scanner)
        displays = dict(_displays(project, pictures))
        rows = AlarmRows(engine, table, _shown_on(pictures))
        facts = self._facts(displays)
        store_reader = stack.enter_context(closing(store.reader()))
        seen = live.values, rows.counts, store_reader.info
        board = StatusBoard(facts, links, scanner, *seen, clock.now(), self._notices)
        history = stack.enter_context(closing(HistoryService(store.reader())))
        entries, deliveries = Entries(scanner.post), Deliveries(links, live.by_path, heartbeats.why_stopped)
        commands = CommandService(whole, table, live, deliveries, records, clock, entries.enter, pump.system_event)
        acknowledgements = Acknowledgements(records, clock, scanner.post, rows.name, pump.system_event)
        users = Users(self.folder.path, project.users)
        turned_away = TurnedAway(clock, records.note)
        requests = Requests(
            table,
            displays,
            history,
            records,
            commands,
            acknowledgements,
            SignIns(users, clock, records.signed_in, turned_away, no_passwords(self._start.project, self.folder.path)),
            pump.status,
            Devices(links, lambda: drivers_of(self.folder.path)),
            Overrides(table, links, records, clock, entries.enter, pump.system_event),
        )
        gateway = Gateway(
            facts,
            self.folder.key,
            clock,
            table.size,
            live.latest,
            requests.handle,
            rows.snapshot,
            pump.status,
            requests.refresh_role,
            turned_away,
        )
        pump.attach(
            Wiring(
                engine,
                table,
                store,
                records,
                live,
                rows,
                gateway,
                acknowledgements,
                entries,
                scanner,
                board,
                links,
                heartbeats,
                turned_away,
            )
        )
        return Parts(pump, scanner, gateway, requests, lambda: run_links(links), lambda: board.follow_history(clock))

    def _facts(self, displays: dict[str, tuple[str, str, bytes]]) -> StationFacts:
        file = self.project.file
        return StationFacts(
            station=self.folder.station,
            name=file.name,
            revision=self.project.revision,
            role="active",
            time_zone=file.time_zone,
            home=file.home or next(iter(displays), ""),
            view_without_sign_in=file.security.view_without_sign_in,
        )

    async def _serve(
        self, parts: Parts, listener: socket.socket, ready: Callable[[], None], stop: asyncio.Event
    ) -> None:
        server = _Server(
            uvicorn.Config(
                parts.gateway.app({*self.project.file.security.allowed_hosts, listener.getsockname()[0]}),
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
        parts.pump.start(self._warnings, project_valid=not self.fallback)
        tasks = [
            asyncio.create_task(parts.scanner.run(), name="scan"),
            asyncio.create_task(parts.run_links(), name="connections"),
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


@dataclass(frozen=True, slots=True)
class Parts:
    """What `run` needs of the built station."""

    pump: Pump
    scanner: Scanner
    gateway: Gateway
    requests: Requests
    run_links: Callable[[], Any]
    follow_history: Callable[[], Any]


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the station stops itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with nullcontext():
            yield


def _open_stores(
    folder: Path, clock: SystemClock, pump: Pump, options: StoreOptions, stack: ExitStack
) -> tuple[StoreWriter, EventStore]:
    """The stores of samples and of events; what happens to them reaches the pump on the event loop's thread."""
    loop = asyncio.get_running_loop()

    def health_of(store: str) -> HealthCallback:
        def on_health(event: HealthEvent) -> None:
            loop.call_soon_threadsafe(pump.health, store, event)  # called on the writer's thread

        return on_health

    store = open_store(folder, clock=clock.now, options=options, on_health=health_of("samples"))
    stack.enter_context(closing(store))
    events = open_events(folder, clock=clock.now, on_health=health_of("events"))
    return store, stack.enter_context(closing(events))


def _numbered(project: Project, folder: Path, groups: HistoryGroups, utc: int) -> tuple[Project, TagTable]:
    """The project with the station's own tags, and the numbers under which history knows all of them."""
    tags = (*project.tags, *system_tags(project.connections.items()))
    whole = Project(project.file, project.connections, tags, project.displays, project.users, project.revision)
    with Catalogue(folder) as catalogue:
        known = [(t.uid, t.path, t.type is TagType.STRING, t.is_stepped) for t in tags]
        table = TagTable(whole, catalogue.ids_for(known, utc))
        catalogue.keep_groups(groups.learn(table))
    return whole, table


def _heartbeats(
    project: Project, table: TagTable, links: Mapping[str, Link], live: Live, scanner: Scanner
) -> Heartbeats:
    heartbeats = Heartbeats(lambda name: links[name].intake.link is LinkState.UP, live.number, scanner.post)
    heartbeats.configure(project.connections, table)
    return heartbeats


def _fallback(project: Path, error: ProjectError) -> str:
    count, first = len(error.problems), str(error.problems[0]).rstrip(".")
    return (
        f"The project in {project} has {count} {'error' if count == 1 else 'errors'}, so the last one that ran was "
        f"started: mend it (`hmi check` lists {'it' if count == 1 else 'them'}; the first is {first}) and start again."
    )


Pictures = dict[str, Display]
"""Decoded displays by name."""


def _pictures(project: Project) -> Pictures:
    return {name: decode_display(document, name) for name, document in project.displays.items()}


def _displays(project: Project, pictures: Pictures) -> Iterator[tuple[str, tuple[str, str, bytes]]]:
    """(title, parent, document) of each display by name, in the order of the navigation."""
    place = {name: at for at, name in enumerate(project.file.displays)}
    for name in sorted(pictures, key=lambda n: (pictures[n].level, place.get(n, len(place)), n)):
        yield name, (pictures[name].title, pictures[name].parent, project.displays[name])


def _shown_on(pictures: Pictures) -> dict[str, str]:
    """The most detailed display on which each tag path is shown: what an alarm's row leads to."""
    found: dict[str, tuple[int, str]] = {}
    for name, display in pictures.items():
        for path in paths(display):
            found[path] = max(found.get(path, (0, "")), (int(display.level), name))
    return {path: name for path, (_, name) in found.items()}
