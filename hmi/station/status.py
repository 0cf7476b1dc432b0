"""The station's health in one report, made when somebody asks."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hmi.core.batch import Batch
from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status, is_bad, is_good
from hmi.drivers.api import Clock
from hmi.historian.api import StoreError, StoreInfo
from hmi.link.messages import ConnectionStatus, StatusReport
from hmi.link.server import StationFacts
from hmi.station.links import Link
from hmi.station.overload import Load
from hmi.station.scanner import Scanner

RATE_SPAN = 10 * SECOND
"""ns over which rates are averaged."""

HISTORY_EVERY: Final = 1.0
"""Seconds between looks at the store's size and span."""


@dataclass
class Rate:
    """How fast a counter rises, over the last ten seconds."""

    marks: deque[tuple[int, int]] = field(default_factory=deque)

    def note(self, count: int, mono: int) -> None:
        """Notes the counter; once a second or so."""
        if self.marks and count < self.marks[-1][1]:
            self.marks.clear()  # a counter that begins anew
        self.marks.append((mono, count))
        while len(self.marks) > 2 and mono - self.marks[1][0] >= RATE_SPAN:
            self.marks.popleft()

    def per_second(self) -> float:
        """The rate between the oldest and the newest note."""
        if len(self.marks) < 2:
            return 0.0
        (first_mono, first), (last_mono, last) = self.marks[0], self.marks[-1]
        return (last - first) * SECOND / (last_mono - first_mono)


class StatusBoard:
    """Gathers the report from the parts."""

    def __init__(
        self,
        facts: StationFacts,
        links: Mapping[str, Link],
        scanner: Scanner,
        values: Callable[[], Batch],
        alarms: Callable[[], dict[str, int]],
        history: Callable[[], StoreInfo],
        started: Instants,
        notices: deque[str],
    ) -> None:
        self._facts = facts
        self._links = links
        self._scanner = scanner
        self._values = values
        self._alarms = alarms
        self._read_history = history
        self._history, self._history_at = history(), started.mono
        self._started = started
        self._dropped_of: dict[str, int] = {}
        self._dropped = 0
        """Samples that found no room since the start, those of connections that are no more included."""
        self._rates: dict[str, Rate] = {}
        self._store_rate = Rate()
        self._notices = notices
        self.stored = 0
        """Samples handed to the historian since the start."""
        self.clients = 0

    def present(self, facts: StationFacts) -> None:
        """The project that runs has another name or revision."""
        self._facts = facts

    def load(self) -> Load:
        """What tells whether the station keeps up, since its start."""
        dropped = {name: link.intake.counters["dropped"] for name, link in self._links.items()}
        self._dropped += sum(max(count - self._dropped_of.get(name, 0), 0) for name, count in dropped.items())
        self._dropped_of = dropped
        return Load(self._scanner.scans, self._scanner.late, self._dropped)

    def note_rates(self, now: Instants) -> None:
        """Notes all counters whose rates the report gives; once a second."""
        self._rates = {name: self._rates.get(name) or Rate() for name in self._links}
        for name, rate in self._rates.items():
            rate.note(self._links[name].intake.samples, now.mono)
        self._store_rate.note(self.stored, now.mono)

    async def follow_history(self, clock: Clock) -> None:
        """Looks at the store until cancelled, in a thread: a report must not make the scan wait for a disk."""
        while True:
            with suppress(StoreError):  # the historian tells by itself that its disk is in trouble
                self._history, self._history_at = await asyncio.to_thread(self._read_history), clock.now().mono
            await asyncio.sleep(HISTORY_EVERY)

    def report(self, now: Instants) -> StatusReport:
        """The station's health at this moment."""
        values = self._values()
        good = is_good(values.status)
        bad = is_bad(values.status)
        waiting = (values.status & 0xFFFF0000) == int(Status.BAD_WAITING_FOR_INITIAL_DATA)
        p50, p95 = self._scanner.percentiles()
        load = self.load()
        good_tags = set(values.tag[good].tolist())
        return StatusReport(
            station=self._facts.station,
            name=self._facts.name,
            revision=self._facts.revision,
            role=self._facts.role,
            uptime_s=round((now.mono - self._started.mono) / SECOND, 1),
            utc=datetime.fromtimestamp(now.utc // SECOND, UTC).isoformat(),
            scan_ms_p50=round(p50, 2),
            scan_ms_p95=round(p95, 2),
            scans=self._scanner.scans,
            tags=len(values),
            good=int(good.sum()),
            uncertain=int((~good & ~bad).sum()),
            bad=int(bad.sum()),
            waiting=int(waiting.sum()),
            alarms=self._alarms(),
            connections=[self._connection(link, good_tags) for link in self._links.values()],
            history=self._history_report(now),
            clients=self.clients,
            notices=list(self._notices),
            rss_mb=round(resident_mb(), 1),
            late_scans=load.late,
            dropped=load.dropped,
        )

    def _connection(self, link: Link, good: set[int]) -> ConnectionStatus:
        ages = link.intake.age_percentiles()
        return ConnectionStatus(
            name=link.name,
            driver=link.driver,
            endpoint=link.endpoint,
            state=link.intake.link.value,
            text=link.intake.text,
            tags=len(link.points),
            good=sum(1 for id_ in link.points if id_ in good),
            changes_per_second=round(rate.per_second(), 1) if (rate := self._rates.get(link.name)) else 0.0,
            age_p50_ms=ages.p50,
            age_p95_ms=ages.p95,
            counters=dict(link.intake.counters),
            age_p99_ms=ages.p99,
        )

    def _history_report(self, now: Instants) -> dict[str, float | int | str | None]:
        info = self._history
        return {
            "age_s": round((now.mono - self._history_at) / SECOND, 1),
            "path": info.path,
            "samples": info.samples,
            "bytes": info.bytes,
            "oldest": info.oldest,
            "newest": info.newest,
            "queued": info.queued,
            "lost": info.lost,
            "commit_p99_ms": info.delays.commit_p99_ms,
            "store_p95_ms": info.delays.store_p95_ms,
            "oldest_waiting_ms": info.delays.oldest_waiting_ms,
            "samples_per_second": round(self._store_rate.per_second(), 1),
        }


def resident_mb() -> float:
    """Memory of this process in MB; 0 where the system does not tell without a library (all but Linux)."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0.0
    return int(statm.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
