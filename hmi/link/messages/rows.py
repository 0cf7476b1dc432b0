"""Rows inside answers: alarms, tags, journal lines, health."""

from __future__ import annotations

from msgspec import Struct


class AlarmRow(Struct, frozen=True, array_like=True):
    """One alarm as the alarm list shows it."""

    alarm: str
    """`<tag uid>/<id>`."""
    event: int
    """Number of the last annunciation: what an acknowledgement must name."""
    state: str
    """AlarmState value: NORM, UNACK, ACKED, RTNUN."""
    priority: int
    tag: int
    path: str
    id: str
    """Short id within the tag, e.g. `HH`."""
    message: str
    unit: str
    value: float
    status: int
    limit: float
    raised: int
    """Source time (ns UTC) of the last annunciation."""
    changed: int
    """Source time of the last transition."""
    user: str = ""
    comment: str = ""
    display: str = ""
    response: str = ""


class TagInfo(Struct, frozen=True, array_like=True):
    """What a panel must know to show a tag."""

    tag: int
    path: str
    type: str
    unit: str = ""
    description: str = ""
    low: float | None = None
    """Engineering range."""
    high: float | None = None
    normal_low: float | None = None
    normal_high: float | None = None
    decimals: int | None = None
    states: dict[str, str] = {}
    stepped: bool = False
    source: str = ""
    """Connection name, `expression`, `memory` or `manual`."""
    address: str = ""
    limits: dict[str, float] = {}
    """Alarm limits by alarm id."""
    write_low: float | None = None
    write_high: float | None = None
    writable: bool = False
    confirm: int = 2
    pulse: bool = False
    to_safe: bool = False
    write_role: str = ""
    max_step: float | None = None
    interlock: str = ""
    """The condition of a write, an expression; the station judges, a panel shows with it what is not available."""


class JournalRow(Struct, frozen=True, array_like=True):
    """One line of the alarm journal."""

    event: int
    time: int
    path: str
    id: str
    what: str
    before: str
    after: str
    priority: int
    value: float
    limit: float
    message: str
    user: str
    comment: str


class ConnectionStatus(Struct, frozen=True):
    """One connection in `StatusReport`."""

    name: str
    driver: str
    endpoint: str
    state: str
    text: str
    tags: int
    good: int
    changes_per_second: float
    age_p50_ms: float | None
    """Station receive time minus source time of the last samples."""
    age_p95_ms: float | None
    counters: dict[str, int]
    age_p99_ms: float | None = None


class StatusReport(Struct, frozen=True):
    """The station's health, as `hmi status --json` prints it."""

    station: str
    name: str
    revision: str
    role: str
    uptime_s: float
    utc: str
    scan_ms_p50: float
    scan_ms_p95: float
    scans: int
    tags: int
    good: int
    uncertain: int
    bad: int
    waiting: int
    """Tags that have had no sample yet (counted in `bad` too)."""
    alarms: dict[str, int]
    """Alarms by state, and `not_evaluated`."""
    connections: list[ConnectionStatus]
    history: dict[str, float | int | str | None]
    """samples, bytes, queued, lost, oldest, newest, commit_p99_ms, store_p95_ms, oldest_waiting_ms, as of `age_s` ago;
    samples_per_second."""
    clients: int
    notices: list[str]
    """Newest first, each beginning with its time: `2026-09-21T12:03:27Z connection-up: ...`."""
    rss_mb: float
    late_scans: int = 0
    """Scans that began more than a period late, since the start."""
    dropped: int = 0
    """Samples that found no room on their way and are marked Bad_DataLost in history."""
