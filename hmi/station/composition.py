"""Composes the station from its parts."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from hmi.core.engine import Engine, TagEntry
from hmi.core.project import Project
from hmi.drivers.api import LinkState
from hmi.drivers.registry import Found
from hmi.historian.events import EventStore, open_events
from hmi.historian.health import HealthCallback, HealthEvent
from hmi.historian.store import StoreOptions, StoreWriter, open_store
from hmi.link.server import StationFacts
from hmi.station.acknowledgements import Acknowledgements
from hmi.station.alarm_rows import AlarmRows
from hmi.station.clock import SystemClock
from hmi.station.commands import CommandService
from hmi.station.confidences import Confidences, Lists, TrustList
from hmi.station.configuring import Configuring
from hmi.station.data_folder import DataFolder
from hmi.station.deliveries import Deliveries
from hmi.station.devices import Devices
from hmi.station.door import Door
from hmi.station.driver_data import DriverData
from hmi.station.editing.applying import Targets
from hmi.station.editing.composition import EditingParts, Home, compose
from hmi.station.entries import Entries
from hmi.station.gateway import Gateway
from hmi.station.heartbeats import Heartbeats
from hmi.station.history_groups import HistoryGroups
from hmi.station.history_service import HistoryService
from hmi.station.hosting import Hosting
from hmi.station.link_lives import LinkLives
from hmi.station.links import Link, LinkMaker, build_links
from hmi.station.live import Live
from hmi.station.loading import drivers_of
from hmi.station.notes import TagNotes
from hmi.station.numbering import numbers_of
from hmi.station.overrides import Overrides
from hmi.station.pictures import Pictures
from hmi.station.pump import Pump, Wiring
from hmi.station.records import Records
from hmi.station.requests import Requests
from hmi.station.running import Running
from hmi.station.scanner import Scanner
from hmi.station.secret_store import SecretStore
from hmi.station.sign_in import SignIns, no_passwords
from hmi.station.starting import Started
from hmi.station.status import StatusBoard
from hmi.station.system_tags import system_tags
from hmi.station.tag_table import TagTable
from hmi.station.turned_away import TurnedAway
from hmi.station.users import Users

NOTES: Final = "notes"
"""Name under which notes on tags are kept beside the events."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a station stands on."""

    project: Path
    folder: DataFolder
    started: Started
    known: Mapping[str, Found]
    """The drivers there are."""
    hosting: Hosting
    clock: SystemClock
    notices: deque[str]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the station's life needs of its parts."""

    pump: Pump
    scanner: Scanner
    gateway: Gateway
    requests: Requests
    lives: LinkLives
    edits: EditingParts
    follow_history: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class _Core:
    """What works without anybody who looks: the scan with all that feeds it and all that it feeds."""

    pump: Pump
    kept: DriverData
    running: Running
    groups: HistoryGroups
    store: StoreWriter
    records: Records
    table: TagTable
    engine: Engine
    live: Live
    maker: LinkMaker
    links: dict[str, Link]
    scanner: Scanner
    heartbeats: Heartbeats
    pictures: Pictures
    rows: AlarmRows
    entries: Entries
    facts: Callable[[], StationFacts]
    board: StatusBoard


def build(ground: Ground, stack: ExitStack) -> Parts:
    """Every part, wired; what must be given back is left with `stack`."""
    core = _core(ground, stack)
    clock, records, pump = ground.clock, core.records, core.pump
    door, turned_away = Door(), TurnedAway(clock, records.note)
    gateway = Gateway(
        core.facts(),
        ground.folder.key,
        clock,
        core.table.size,
        core.live.latest,
        door.handle,
        core.rows.snapshot,
        pump.status,
        door.refresh_role,
        turned_away,
    )
    acknowledgements = Acknowledgements(records, clock, core.scanner.post, core.rows.name, pump.system_event)
    pump.attach(
        Wiring(
            core.engine,
            core.table,
            core.store,
            records,
            core.live,
            core.rows,
            gateway,
            acknowledgements,
            core.entries,
            core.scanner,
            core.board,
            core.links,
            core.heartbeats,
            turned_away,
        )
    )
    users = Users(ground.folder.path, ground.started.project.users)
    lives = LinkLives(core.links)
    edits = _edits(ground, core, gateway, users, lives)
    deliveries = Deliveries(core.links, core.live.by_path, core.heartbeats.why_stopped)
    commands = CommandService(
        core.running, core.table, core.live, deliveries, records, clock, core.entries.enter, pump.system_event
    )
    sentence = no_passwords(ground.project, ground.folder.path)
    requests = Requests(
        core.table,
        core.pictures.pages,
        stack.enter_context(closing(HistoryService(core.store.reader()))),
        records,
        commands,
        acknowledgements,
        SignIns(users, clock, records.signed_in, turned_away, sentence),
        pump.status,
        _configuring(ground, core, gateway, edits),
    )
    door.open(requests)
    return Parts(pump, core.scanner, gateway, requests, lives, edits, lambda: core.board.follow_history(clock))


def _core(ground: Ground, stack: ExitStack) -> _Core:
    project, clock, data = ground.started.project, ground.clock, ground.folder.path
    running = Running(project, ground.started.drivers)
    pump, kept, groups = Pump(clock), DriverData(data), HistoryGroups(project.file.history)
    store, events = _open_stores(data / "history", clock, pump, groups.options, stack)
    table = _numbered(project, running, data / "history", groups, clock.now().utc)
    records = Records(events, stack.enter_context(closing(events.reader())), clock, ground.notices)
    engine = Engine.build([TagEntry(i, t) for i, t in table.tags.items()], records.last_event() + 1)
    live = Live(engine, table, clock.now)
    maker = LinkMaker(running, clock, pump.connection_event, ground.hosting, kept)
    links = build_links(maker, running, table)
    scanner = Scanner(engine, clock, lambda: [link.intake for link in links.values()], pump.apply)
    pictures = Pictures(project.displays, project.file.displays)
    rows = AlarmRows(engine, table, pictures.shown_on)
    facts = partial(_facts, ground.folder.station, running, pictures)
    seen = live.values, rows.counts, stack.enter_context(closing(store.reader())).info
    return _Core(
        pump,
        kept,
        running,
        groups,
        store,
        records,
        table,
        engine,
        live,
        maker,
        links,
        scanner,
        _heartbeats(project, table, links, live, scanner),
        pictures,
        rows,
        Entries(scanner.post),
        facts,
        StatusBoard(facts(), links, scanner, *seen, clock.now(), ground.notices),
    )


def _edits(ground: Ground, core: _Core, gateway: Gateway, users: Users, lives: LinkLives) -> EditingParts:
    targets = Targets(
        core.engine,
        core.live,
        core.rows,
        core.groups,
        core.pictures,
        core.scanner,
        core.pump,
        gateway,
        core.board,
        core.heartbeats,
        users,
        core.facts,
    )
    home = Home(ground.project, ground.folder.path, ground.started.texts, ground.known)
    links = lives, core.maker
    project, valid = ground.started.project, core.pump.project_valid
    return compose(home, project, core.running, core.table, targets, links, core.records, ground.clock, valid)


def _configuring(ground: Ground, core: _Core, gateway: Gateway, edits: EditingParts) -> Configuring:
    data, records, clock, alarm = ground.folder.path, core.records, ground.clock, core.pump.system_event
    kept, keep = records.kept(NOTES), partial(records.keep, NOTES)
    notes = TagNotes(core.table, core.engine, kept, keep, records, clock, gateway.tell_viewers, alarm)
    enter = core.entries.enter
    overrides = Overrides(core.table, core.links, records, clock, enter, alarm, notes.overridden)
    lists: Lists = {"opcua": lambda: _opcua_trust(core.kept)}
    confidences = Confidences(SecretStore(data), lists, edits.relinking.anew, records, clock, alarm)
    devices = Devices(core.links, lambda: drivers_of(data))
    return Configuring(edits.editing, edits.pending, devices, overrides, notes, confidences)


def _opcua_trust(kept: DriverData) -> TrustList:
    # The driver's library takes a third of a second to load; a station without OPC UA never needs it.
    from hmi.drivers.opcua.security import trust  # noqa: PLC0415

    return trust.TrustList(kept.folder("opcua"))


def _facts(station: str, running: Running, pictures: Pictures) -> StationFacts:
    file = running.file
    return StationFacts(
        station=station,
        name=file.name,
        revision=running.revision,
        role="active",
        time_zone=file.time_zone,
        home=file.home or next(iter(pictures.pages), ""),
        view_without_sign_in=file.security.view_without_sign_in,
    )


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


def _numbered(project: Project, running: Running, folder: Path, groups: HistoryGroups, utc: int) -> TagTable:
    """The project's tags and the station's own, with the numbers under which history knows them."""
    tags = (*project.tags, *system_tags(project.connections.items()))
    whole = Project(project.file, project.connections, tags)
    table = TagTable(whole, numbers_of(tags, folder, utc), running)
    groups.put(table.tags)
    return table


def _heartbeats(
    project: Project, table: TagTable, links: Mapping[str, Link], live: Live, scanner: Scanner
) -> Heartbeats:
    heartbeats = Heartbeats(lambda name: links[name].intake.link is LinkState.UP, live.number, scanner.post)
    heartbeats.configure(project.connections, table)
    return heartbeats
