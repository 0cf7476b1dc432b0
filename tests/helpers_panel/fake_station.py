"""A station in memory: it knows some tags and alarms and answers a panel's messages as the protocol says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from hmi.core.batch import batch_of
from hmi.core.quality import Status
from hmi.link.codec import values_message
from hmi.link.messages import (
    PROTOCOL,
    AcknowledgeAlarms,
    Admitted,
    AlarmRow,
    Alarms,
    Beat,
    CommandResult,
    Display,
    DisplayNames,
    Failed,
    FindTags,
    GetDisplay,
    GetDisplays,
    GetStatus,
    GetTags,
    Hello,
    History,
    Journal,
    JournalRow,
    Message,
    Proof,
    ReadHistory,
    ReadJournal,
    ReadTrend,
    Seen,
    Session,
    SignIn,
    SignOut,
    StatusReport,
    Subscribe,
    TagInfo,
    TagPage,
    Unsubscribe,
    Welcome,
    Write,
)
from hmi.link.messages import (
    Status as StatusAnswer,
)
from hmi.link.proof import station_proof
from tests.helpers_panel.fake_project import FakeProject

UTC = 1_790_000_000 * 1_000_000_000
"""Station time at the start: a day in September 2026."""
NONCE = b"s" * 32
KEY = b"k" * 32


def report(**changes: object) -> StatusReport:
    plain: dict[str, object] = {
        "station": "id",
        "name": "Bottling",
        "revision": "abc123",
        "role": "active",
        "uptime_s": 3_700.0,
        "utc": "2026-09-21T13:33:20Z",
        "scan_ms_p50": 1.2,
        "scan_ms_p95": 2.8,
        "scans": 74_000,
        "tags": 300,
        "good": 298,
        "uncertain": 1,
        "bad": 1,
        "waiting": 0,
        "alarms": {"UNACK": 1, "not_evaluated": 0},
        "connections": [],
        "history": {"samples": 1_000_000, "bytes": 700_000, "queued": 0, "lost": 0, "samples_per_second": 310.0},
        "clients": 1,
        "notices": [],
        "rss_mb": 142.0,
    }
    return StatusReport(**{**plain, **changes})  # type: ignore[arg-type]  # the fields are the report's own


def alarm(
    path: str, name: str = "HH", *, priority: int = 1, state: str = "UNACK", event: int = 1, **more: object
) -> AlarmRow:
    plain: dict[str, object] = {
        "message": f"{name} of {path}",
        "unit": "°C",
        "value": 93.4,
        "status": 0,
        "limit": 92.0,
        "raised": UTC,
        "changed": UTC,
    }
    made = {**plain, **more}
    return AlarmRow(
        alarm=f"{path}/{name}", event=event, state=state, priority=priority, tag=0, path=path, id=name, **made
    )  # type: ignore[arg-type]


@dataclass
class FakeStation:
    """What the station knows; change it, then `frame()` says what a panel is told."""

    tags: dict[str, TagInfo] = field(default_factory=dict)
    values: dict[str, tuple[float | str, int]] = field(default_factory=dict)
    alarms: dict[str, AlarmRow] = field(default_factory=dict)
    displays: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    journal: list[JournalRow] = field(default_factory=list)
    status: StatusReport = field(default_factory=report)
    passwords: dict[str, tuple[str, str]] = field(default_factory=lambda: {"anna": ("bottle", "operator")})
    project: FakeProject = field(default_factory=FakeProject)
    may_view: bool = True
    local: bool = True
    not_evaluated: int = 0
    home: str = ""
    key: bytes = KEY
    protocol: int = PROTOCOL
    end: str = "127.0.0.1 8470"
    """Of the connection, as `end_of` writes it."""

    def __post_init__(self) -> None:
        self.heard: list[Message] = []
        self.subscriptions: dict[int, Subscribe] = {}
        self.user = ""
        self.frames = 0
        self.scan = 0
        self.utc = UTC
        self._fresh: set[int] = set()
        self._changed: set[str] = set()
        self._alarms_told = False
        self._gone: list[AlarmRow] = []

    # ---- what happens in the plant ----

    def add(self, path: str, value: float | str = 0.0, status: int = 0, **info: object) -> TagInfo:
        made = TagInfo(len(self.tags) + 1, path, info.pop("type", "float"), **info)  # type: ignore[arg-type]
        self.tags[path] = made
        self.values[path] = (value, status)
        return made

    def set(self, path: str, value: float | str, status: int = int(Status.GOOD)) -> None:
        self.values[path] = (value, status)
        self._changed.add(path)

    def raise_alarm(self, row: AlarmRow) -> None:
        self.alarms[row.alarm] = row
        self._alarms_told = False

    def connected(self) -> None:
        """A new session: nothing was asked for, and nothing was told yet."""
        self.subscriptions.clear()
        self._alarms_told = False

    def clear_alarm(self, row: AlarmRow) -> None:
        self.alarms.pop(row.alarm)
        self._alarms_told = False

    # ---- what a panel is told ----

    def welcome(self, hello: Hello) -> Welcome:
        mac = station_proof(self.key, hello.nonce, NONCE, self.end)
        return Welcome(self.protocol, "id", "Bottling", "abc123", "active", "Europe/Berlin", self.home, NONCE, mac)

    def frame(self, *, moving: bool = True) -> list[Message]:
        """Everything that changed, closed by a beat."""
        self.frames += 1
        self.scan += moving
        self.utc += 100_000_000
        out: list[Message] = []
        if self.may_view or self.user:
            for number, subscription in self.subscriptions.items():
                by_tag = {info.tag: path for path, info in self.tags.items()}
                paths = [by_tag[t] for t in subscription.tags if number in self._fresh or by_tag[t] in self._changed]
                if paths:
                    out.append(self._values(number, paths))
            self._fresh.clear()
            self._changed.clear()
            if not self._alarms_told:
                self._alarms_told = True
                out.append(Alarms(list(self.alarms.values()), snapshot=True, not_evaluated=self.not_evaluated))
        return [*out, Beat(self.frames, self.scan, self.utc)]

    def _values(self, number: int, paths: list[str]) -> Message:
        rows = [self.values[p] for p in paths]
        ids = [self.tags[p].tag for p in paths]
        columns = ([self.utc] * len(ids), [0] * len(ids), [r[0] for r in rows], [r[1] for r in rows])
        return values_message(number, batch_of(ids, *columns))

    def handle(self, message: Message) -> list[Message]:
        """The answers to one message."""
        self.heard.append(message)
        about_project = self.project.answer(message)
        if about_project is not None:
            return about_project
        for kind, answer in self._answers().items():
            if isinstance(message, kind):
                return list(answer(message))
        raise AssertionError(f"no answer to {message}")

    def _answers(self) -> dict[type[Message], Callable[..., Iterable[Message]]]:
        return {
            Hello: lambda m: [self.welcome(m)],
            Proof: lambda m: [Admitted(self.local, self.may_view)],
            Seen: lambda m: [],
            SignIn: self._sign_in,
            SignOut: self._sign_out,
            Subscribe: self._subscribe,
            Unsubscribe: self._unsubscribe,
            GetTags: self._get_tags,
            FindTags: self._find_tags,
            GetDisplays: lambda m: [
                DisplayNames(m.request, [(n, title, parent) for n, (title, parent, _) in self.displays.items()])
            ],
            GetDisplay: lambda m: [Display(m.request, m.name, self.displays.get(m.name, ("", "", b""))[2])],
            GetStatus: lambda m: [StatusAnswer(m.request, self.status)],
            ReadJournal: self._read_journal,
            ReadTrend: self._trend,
            ReadHistory: self._trend,
            Write: self._write,
            AcknowledgeAlarms: self._acknowledge,
        }

    def _sign_in(self, m: SignIn) -> list[Message]:
        password, role = self.passwords.get(m.user, ("", ""))
        if not password or password != m.password:
            return [Session(m.request, self.user, "", "The user name or the password is wrong.")]
        self.user = m.user
        self._fresh.update(self.subscriptions)
        self._alarms_told = False
        return [Session(m.request, m.user, role)]

    def _sign_out(self, m: SignOut) -> list[Message]:
        self.user = ""
        return [Session(m.request, "", "")]

    def _subscribe(self, m: Subscribe) -> list[Message]:
        self.subscriptions[m.subscription] = m
        self._fresh.add(m.subscription)
        return []

    def _unsubscribe(self, m: Unsubscribe) -> list[Message]:
        del self.subscriptions[m.subscription]
        return []

    def _get_tags(self, m: GetTags) -> list[Message]:
        if not (self.may_view or self.user):
            return [Failed(m.request, "Sign in to see values.")]
        found = [self.tags[p] for p in m.paths if p in self.tags]
        return [TagPage(m.request, found, len(found))]

    def _find_tags(self, m: FindTags) -> list[Message]:
        words = m.text.lower().split()
        found = [
            t for t in self.tags.values() if all(w in f"{t.path} {t.description} {t.address}".lower() for w in words)
        ]
        return [TagPage(m.request, found[m.offset : m.offset + m.limit], len(found))]

    def _read_journal(self, m: ReadJournal) -> list[Message]:
        rows = [
            r for r in self.journal if (m.before is None or r.event < m.before) and m.text.lower() in r.message.lower()
        ]
        return [Journal(m.request, rows[: m.limit], len(rows) > m.limit)]

    def _trend(self, m: ReadTrend | ReadHistory) -> list[Message]:
        columns = m.columns if isinstance(m, ReadTrend) else 100
        time = np.linspace(m.start, m.end - 1, columns).astype("<i8")
        path = next((p for p, info in self.tags.items() if info.tag == m.tag), "")
        level = self.values.get(path, (0.0, 0))[0]
        level = level if isinstance(level, float | int) else 0.0
        value = level * (
            1 + 0.04 * np.sin(np.linspace(0, 20, columns) + m.tag) + 0.01 * np.sin(np.linspace(0, 133, columns))
        )
        return [History(m.request, time.tobytes(), value.astype("<f8").tobytes(), np.zeros(columns, "<u4").tobytes())]

    def _write(self, m: Write) -> list[Message]:
        path = next(p for p, info in self.tags.items() if info.tag == m.tag)
        self.set(path, m.value)
        return [
            CommandResult(m.request, m.command, "sent", "Sent.", final=False),
            CommandResult(m.request, m.command, "done", f"{path} is {m.value}.", value=m.value),
        ]

    def _acknowledge(self, m: AcknowledgeAlarms) -> list[Message]:
        if not self.user:
            return [CommandResult(m.request, m.command, "refused", "Sign in to acknowledge alarms.")]
        for alarm_id, event in m.alarms:
            row = self.alarms.get(alarm_id)
            if row is None or row.event != event:
                continue
            if row.state == "RTNUN":
                self.clear_alarm(row)
            else:
                kept = {name: getattr(row, name) for name in row.__struct_fields__}
                changed = {"state": "ACKED", "event": event + 1, "user": self.user, "comment": m.comment}
                self.raise_alarm(AlarmRow(**{**kept, **changed}))
        return [CommandResult(m.request, m.command, "done", f"{len(m.alarms)} acknowledged.")]
