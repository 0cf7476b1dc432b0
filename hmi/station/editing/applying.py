"""Takes a change over into the running station, between two scans: nothing waits in here, and what the change does not
name goes on as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from hmi.core.engine import Engine, TagEntry
from hmi.core.tag import ConnectionSource, Tag
from hmi.drivers.api import Clock
from hmi.link.messages import ProjectChanged
from hmi.link.server import StationFacts
from hmi.station.alarm_rows import AlarmRows
from hmi.station.editing.change import Change
from hmi.station.editing.model import Model
from hmi.station.editing.relinking import Relinking
from hmi.station.gateway import Gateway
from hmi.station.heartbeats import Heartbeats
from hmi.station.history_groups import HistoryGroups
from hmi.station.live import Live
from hmi.station.pictures import Pictures
from hmi.station.pump import Pump
from hmi.station.scanner import Scanner
from hmi.station.status import StatusBoard
from hmi.station.users import Users

LISTED = 5000
"""Changed tags that clients are told one by one; of more they read everything again."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The parts of the station that know the project."""

    engine: Engine
    live: Live
    rows: AlarmRows
    groups: HistoryGroups
    pictures: Pictures
    scanner: Scanner
    pump: Pump
    gateway: Gateway
    board: StatusBoard
    heartbeats: Heartbeats
    users: Users
    facts: Callable[[], StationFacts]
    """What clients are told of the station, made anew."""


class Applying:
    """Makes changes."""

    def __init__(self, model: Model, targets: Targets, relinking: Relinking, clock: Clock) -> None:
        self._model = model
        self._targets = targets
        self._relinking = relinking
        self._clock = clock

    def apply(self, change: Change, ids: Mapping[str, int]) -> None:
        """Makes the station run with the change; `ids` are the catalogue ids of all tags that are put.

        Raises:
            ExpressionError, CycleError, ValueError: the engine does not take it; nothing has changed.
        """
        model, to = self._model, self._targets
        table = model.table
        put = {ids[uid]: tag for uid, tag in change.put.items()}
        gone = [table.id_by_uid[uid] for uid in change.gone]
        before = {id_: table.tags[id_] for id_ in (*put, *gone) if id_ in table.tags}
        to.scanner.scan()  # what devices said until now belongs to the tags as they were
        now = self._clock.now()
        effects = to.engine.reconfigure([TagEntry(id_, tag) for id_, tag in put.items()], gone, now)
        relink = self._relinking.planned(change, before, put)
        self._take_settings(change)
        # What is new must be known before the effects are told, and what is gone until they are.
        table.put(put)
        to.rows.put(put.values())
        to.groups.put(put)
        to.gateway.present(to.facts(), table.size)
        to.board.present(to.facts())
        to.pump.apply(now, effects)
        to.gateway.retire(effects.changed.take(np.isin(effects.changed.tag, gone)))
        table.drop(gone)
        to.rows.drop(_alarms(before.values()) - _alarms(put.values()))
        to.gateway.tell_alarms(to.rows.standing(put.keys() & before.keys()), to.rows.not_evaluated())
        to.live.configure(self._judged_anew(put, gone))
        relink()
        self._watch_devices(change, before, put)
        to.pump.save_soon()
        displays = sorted(key.name for key in change.uses if key.kind == "display")
        to.gateway.tell(changed_message(model.texts.revision, [*put, *gone], displays))

    def _take_settings(self, change: Change) -> None:
        running, to = self._model.running, self._targets
        running.file, running.users = change.file, dict(change.users)
        running.connections = dict(change.connections)
        running.drivers = dict(change.drivers)
        running.displays, running.instances = dict(change.displays), dict(change.instances)
        self._model.layout = change.layout
        self._model.texts.take(change.files, change.homes)
        running.revision = self._model.texts.revision
        for key, uses in change.uses.items():
            self._model.uses.put(key, uses)
        to.pictures.take(change.displays, change.file.displays)
        to.users.take(change.users)

    def _judged_anew(self, put: Mapping[int, Tag], gone: Collection[int]) -> set[int]:
        """Tags whose interlock may be another one: their own, or one of those that it reads."""
        table, uses = self._model.table, self._model.uses
        readers = {by.name for tag in put.values() for by in uses.readers(tag.path) if by.kind == "tag"}
        return {*put, *gone, *(table.id_by_uid[uid] for uid in readers if uid in table.id_by_uid)}

    def _watch_devices(self, change: Change, before: Mapping[int, Tag], put: Mapping[int, Tag]) -> None:
        """Who judges whether devices work is told only when it concerns one that is judged: it looks at all tags."""
        judged = {name for name, config in change.connections.items() if config.heartbeat or config.cpu_state}
        touched = {_connection(tag) for tag in (*before.values(), *put.values())}
        if judged & touched or any(key.kind == "connection" for key in change.uses):
            self._targets.heartbeats.configure(change.connections, self._model.table)


def changed_message(revision: str, tags: list[int], displays: list[str]) -> ProjectChanged:
    """What clients are told."""
    if len(tags) > LISTED:
        return ProjectChanged(revision, whole=True)
    return ProjectChanged(revision, sorted(tags), displays=displays)


def _connection(tag: Tag) -> str:
    return tag.source.connection if isinstance(tag.source, ConnectionSource) else ""


def _alarms(tags: Collection[Tag]) -> set[str]:
    return {f"{tag.uid}/{alarm.id}" for tag in tags for alarm in tag.alarms}
