"""What follows each scan: history, journal, clients. Nothing here waits; threads and futures carry the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hmi.core.actions import Acknowledge
from hmi.core.batch import Batch, Int32
from hmi.core.effects import Effects
from hmi.core.engine import Engine
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status, is_good
from hmi.core.tag import ManualSource, MemorySource
from hmi.drivers.api import Clock
from hmi.historian.api import StoreError
from hmi.historian.health import HealthEvent, HealthKind
from hmi.historian.store import StoreWriter, gap_batch
from hmi.link.messages import AlarmRow, StatusReport
from hmi.station.acknowledgements import Acknowledgements
from hmi.station.alarm_rows import AlarmRows
from hmi.station.entries import Entries
from hmi.station.gateway import Gateway
from hmi.station.heartbeats import Heartbeats
from hmi.station.links import Link
from hmi.station.live import Live
from hmi.station.overload import Overload
from hmi.station.presence import Presence
from hmi.station.records import Records
from hmi.station.scanner import Scanner
from hmi.station.status import StatusBoard
from hmi.station.system_tags import (
    HISTORY_PATH,
    KEEPING_UP_PATH,
    PROJECT_PATH,
    clock_path,
    running_path,
    set_to,
)
from hmi.station.systemd import Notifier
from hmi.station.tag_table import TagTable
from hmi.station.turned_away import TurnedAway

SAVE_EVERY: Final = 10 * SECOND
"""ns between saves of the engine's retained state when nothing else asks for one."""

ALIVE_EVERY: Final = 10 * SECOND
"""ns between marks of the last moment at which the station is known to have run."""

COUNT_EVERY: Final = SECOND // 2
"""ns between counts of the alarms that cannot be evaluated."""

_NOT_WRITING: Final = frozenset({HealthKind.STALLED, HealthKind.OVERFLOW, HealthKind.STOPPED})


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts a scan's effects go to."""

    engine: Engine
    table: TagTable
    store: StoreWriter
    records: Records
    live: Live
    rows: AlarmRows
    gateway: Gateway
    acknowledgements: Acknowledgements
    entries: Entries
    scanner: Scanner
    board: StatusBoard
    links: Mapping[str, Link]
    heartbeats: Heartbeats
    turned_away: TurnedAway


class Pump:
    """Carries effects out, in the order that loses nothing: history, journal, then whoever looks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.notifier = Notifier()
        self._wiring: Wiring | None = None
        self._saved_at = 0
        self._counted_at = 0
        self._not_evaluated = 0
        self._presence: Presence | None = None
        self._overload = Overload()
        self._not_writing: set[str] = set()
        """Stores whose disk takes nothing."""
        self._early: list[tuple[str, str, str]] = []
        """Events from before the parts were wired."""

    def attach(self, wiring: Wiring) -> None:
        """Wires the parts: they need the pump's callbacks to be built, and the pump needs them to work."""
        self._wiring = wiring
        self._presence = Presence(wiring.links, self.system_value, wiring.scanner.post)
        for kind, source, text in self._early:
            wiring.records.note(kind, source, text)
        self._early.clear()

    @property
    def _w(self) -> Wiring:
        if self._wiring is None:
            raise AssertionError("the pump runs before its parts are wired")
        return self._wiring

    @property
    def presence(self) -> Presence:
        """Which connections are there."""
        if self._presence is None:
            raise AssertionError("the pump runs before its parts are wired")
        return self._presence

    def start(self, warnings: list[str], *, project_valid: bool) -> None:
        """Restores what was retained, marks the gap since the station was last alive, and begins."""
        w, now = self._w, self._clock.now()
        retained = w.records.retained()
        if retained is not None:
            state, journal = retained
            w.engine.restore(state, now, journal=journal)
        kept_back = w.engine.finish()
        w.store.append(kept_back)
        alive = w.store.recovered()
        stored = [id_ for id_, tag in w.table.tags.items() if tag.history.store]
        if alive is not None and stored:
            self._mark_gap(np.asarray(stored, np.int32), alive, kept_back)
            self._store_held(now)
        self.system_value(HISTORY_PATH, not self._not_writing)
        self.system_value(PROJECT_PATH, project_valid)
        self.system_value(KEEPING_UP_PATH, True)
        self.presence.begin(w.links, now)
        w.records.note("station-started", "station", "The station has started.")
        for warning in warnings:
            w.records.note("project-flawed", "project", warning)
        if alive is not None and not w.store.closed_in_order:
            w.records.note("station-crashed", "station", "The station had not stopped in order before.")

    def _mark_gap(self, tags: Int32, alive: int, kept_back: Batch) -> None:
        """Bad_NoData from the last-alive mark: a stepped value must not seem Good through a time nobody saw.

        `kept_back`: samples from before the gap that are not on the disk yet.
        """
        reader = self._w.store.reader()
        try:
            # Samples after the mark (it is written every 10 s, and device clocks may be ahead) were really seen.
            later = reader.later(alive)
        finally:
            reader.close()
        for tag, time in zip(kept_back.tag.tolist(), kept_back.time.tolist(), strict=True):
            later[tag] = max(later.get(tag, alive), time)
        self._w.store.append(gap_batch(tags, alive, later))

    def _store_held(self, now: Instants) -> None:
        """What the station holds by itself is known again from now on, though no sample tells: it ends its gap."""
        w = self._w
        held = [
            id_
            for id_, tag in w.table.tags.items()
            if tag.history.store and isinstance(tag.source, MemorySource | ManualSource)
        ]
        values = w.engine.values()
        known = values.take(np.flatnonzero(np.isin(values.tag, held) & is_good(values.status)))
        w.store.append(replace(known, time=np.full(len(known), now.utc, np.int64)))

    def apply(self, now: Instants, effects: Effects) -> None:
        """Carries one scan's effects out; never waits."""
        w = self._w
        w.store.append(effects.store)
        w.store.append(effects.backfill)
        w.board.stored += len(effects.store) + len(effects.backfill)
        for notice in effects.notices:
            source = w.table.tags[notice.tag].path if notice.tag in w.table.tags else "station"
            w.records.note(notice.kind, source, notice.text)
        self._journal(now, effects)
        for refusal in effects.refusals:
            if not isinstance(refusal.action, Acknowledge):
                w.records.note("value-refused", "station", refusal.why)
        w.live.scanned()
        w.heartbeats.scanned(now, effects.changed, self._device_told)
        w.board.clients = len(w.gateway.clients)
        w.gateway.publish(w.scanner.scans, effects.changed, self._moved(now, effects), self._not_evaluated)

    def _journal(self, now: Instants, effects: Effects) -> None:
        """Transitions go to the disk at once, the state now and then; who acknowledged is told after the commit.

        A restart replays the transitions since the last state: saving 100,000 tags for each would slow the scan.
        """
        w = self._w
        due = now.mono - self._saved_at >= SAVE_EVERY or w.entries.pending
        if not (effects.transitions or effects.refusals or due):
            return
        state = None
        if due:
            self._saved_at = now.mono
            state = w.engine.save()
        committed = w.records.scan(effects.transitions, state, w.rows)
        w.acknowledgements.decided(effects, committed)
        w.entries.decided(effects, committed)

    def _moved(self, now: Instants, effects: Effects) -> list[AlarmRow]:
        w = self._w
        if effects.transitions or now.mono - self._counted_at >= COUNT_EVERY:
            self._counted_at = now.mono
            self._not_evaluated = w.rows.not_evaluated()
        return w.rows.moved(effects.transitions) if effects.transitions else []

    def project_valid(self) -> None:
        """The files are what runs."""
        self.system_value(PROJECT_PATH, True)

    def save_soon(self) -> None:
        """The engine's state is to be on the disk with the next scan: it was edited."""
        self._saved_at = -SAVE_EVERY

    def system_value(self, path: str, value: float, status: Status = Status.GOOD) -> None:
        """Sets one of the station's own tags, if the project makes it have that one."""
        at = self._w.table.id_of.get(path)
        if at is not None:
            self._w.scanner.post(set_to(at, value, status))

    def _device_told(self, source: str, stopped: bool, text: str) -> None:
        """The program of a connection's device stopped, or runs again."""
        self._w.records.note("device-stopped" if stopped else "device-runs", source, text)
        self.system_value(running_path(source), not stopped)

    def note_clocks(self, now: Instants) -> None:
        """Shows by how much the devices' clocks differ, where that was measured meanwhile."""
        for name, link in self._w.links.items():
            offset = link.intake.clock_offset.measured(now.mono)
            if offset is not None:
                self.system_value(clock_path(name), offset)

    def connection_event(self, kind: str, source: str, text: str) -> None:
        """A connection came or went."""
        if self._wiring is None:
            self._early.append((kind, source, text))
            return
        self._w.records.note(kind, source, text)
        self.presence.event(kind, source, self._clock.now())

    def _judge_load(self, now: Instants) -> None:
        """Overload is told once when it begins and once when it ends."""
        if self._overload.note(now.mono, self._w.board.load()):
            why = self._overload.why
            self.system_value(KEEPING_UP_PATH, not why)
            kind = "overloaded" if why else "overload-ended"
            self._w.records.note(kind, "station", why or "The station keeps up again.")

    def health(self, store: str, event: HealthEvent) -> None:
        """One of the historian's stores has something to tell; history is written while every store writes."""
        told = event.kind in _NOT_WRITING or event.kind is HealthKind.RESUMED
        if event.kind in _NOT_WRITING:
            self._not_writing.add(store)
        elif told:
            self._not_writing.discard(store)
        line = (f"history-{event.kind.value}", "history", event.text)
        if self._wiring is None:
            self._early.append(line)
            return
        self._w.records.note(*line)
        if told:
            self.system_value(HISTORY_PATH, not self._not_writing)

    def system_event(self, text: str) -> None:
        """Something went wrong with the station's duty to keep records."""
        self._w.records.note("audit-lost", "station", text)

    def status(self) -> StatusReport:
        """The station's health now."""
        return self._w.board.report(self._clock.now())

    async def housekeeping(self) -> None:
        """Writes the last-alive mark, notes rates, looks rights up and feeds the watchdog until cancelled."""
        marked = 0
        while True:
            now = self._clock.now()
            if now.mono - marked >= ALIVE_EVERY:
                self._w.store.mark_alive(now.utc)
                marked = now.mono
            self._w.board.note_rates(now)
            self._judge_load(now)
            self.presence.settle(now)
            self.note_clocks(now)
            self._w.gateway.refresh_rights()
            self._w.turned_away.settle()
            self.notifier.alive(self._w.scanner.scans)
            await asyncio.sleep(1)

    async def stop(self) -> None:
        """A last scan, a last save; what was accepted is on the disk when this returns."""
        w = self._w
        w.scanner.scan()
        kept_back = w.engine.finish()
        w.store.append(kept_back)
        w.board.stored += len(kept_back)
        w.records.note("station-stopped", "station", "The station has stopped.")
        saved = w.records.scan((), w.engine.save(), w.rows)
        try:
            await asyncio.wait_for(asyncio.wrap_future(saved), 2)
            await asyncio.to_thread(w.store.flush, 5.0)
        except (StoreError, TimeoutError) as error:
            w.records.note("history-stalled", "history", f"The last samples could not be stored: {error}")
