"""What a station and its clients say to each other (one WebSocket binary message each, MessagePack).

Handshake: client `Hello` (its nonce) -> station `Welcome` (its nonce, its proof) -> client `Proof` (may be empty: a
remote client has no key) -> station `Admitted`. The proofs are HMACs under the key in the station's data folder, see
`hmi.link.proof`. No other message is accepted before; no password is sent to a station that has not proved itself.

Flow: the station sends frames. A frame is any number of `Values` and `Alarms` closed by one `Beat`; the client answers
every `Beat` with `Seen` of its number. Two unanswered beats at most are under way; a client silent for 5 s is dropped.
Requests carry a `request` number of the client's choosing; exactly one answer carries it back.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

PROTOCOL: Final = 1
"""Raised by any change that an older side would misread."""

MAX_MESSAGE: Final = 256 * 1024
"""Bytes; anything larger is cut into several messages by the sender."""

BEAT_INTERVAL: Final = 500_000_000
"""ns; a station sends a beat at least this often."""

BEAT_TIMEOUT: Final = 2_000_000_000
"""ns without a beat, or with a scan counter that stands still, until every value is Bad_NoCommunication."""

SEEN_TIMEOUT: Final = 5_000_000_000
"""ns without `Seen` until the station ends a session."""

FRAMES_UNDER_WAY: Final = 2


class Message(Struct, frozen=True, array_like=True, tag=True, tag_field="t"):
    """Base of everything on the wire."""


# ---- client to station ------------------------------------------------------------------------------------------


class Hello(Message, frozen=True):
    """First word of a client."""

    protocol: int
    client: str
    """`panel`, `cli`, ... and version, for the audit trail."""
    terminal: str
    """Name of the PC."""
    nonce: bytes
    """32 random bytes."""


class Proof(Message, frozen=True):
    """Shows that the client can read the station's key file; empty for a remote client."""

    mac: bytes


class SignIn(Message, frozen=True):
    """Asks for a user's rights on this session."""

    request: int
    user: str
    password: str


class SignOut(Message, frozen=True):
    """Gives the user's rights back; viewing may go on."""

    request: int


class Subscribe(Message, frozen=True):
    """One open page's tags: a snapshot first, then changes. A known id replaces the subscription."""

    subscription: int
    tags: list[int]
    samples: bool = False
    """False: latest value a tag a frame. True: every sample, for live trends."""


class Unsubscribe(Message, frozen=True):
    """The page was closed."""

    subscription: int


class Seen(Message, frozen=True):
    """The client has worked off everything up to this beat."""

    frame: int


class FindTags(Message, frozen=True):
    """A page of the tag directory: case-insensitive words that must all occur in path, description or address."""

    request: int
    text: str = ""
    offset: int = 0
    limit: int = 200


class GetTags(Message, frozen=True):
    """Directory entries of known paths; unknown ones are missing from the answer."""

    request: int
    paths: list[str]


class GetDisplays(Message, frozen=True):
    """Names of all displays."""

    request: int


class GetDisplay(Message, frozen=True):
    """One display document."""

    request: int
    name: str


class ReadHistory(Message, frozen=True):
    """Raw samples of one tag, start included, end excluded, at most `limit` (the station caps it at 100,000)."""

    request: int
    tag: int
    start: int
    end: int
    limit: int = 20_000
    bounds: bool = True


class ReadTrend(Message, frozen=True):
    """What a plot of `columns` pixels needs of one tag: first, min, max and last of each column, gaps kept."""

    request: int
    tag: int
    start: int
    end: int
    columns: int


class Write(Message, frozen=True):
    """One setpoint or command, already confirmed by the person in two steps."""

    request: int
    command: str
    """UUID, single use."""
    tag: int
    value: float | str
    expected: float | str | None
    """The value the person saw; None for commands without one."""
    asked_at: int
    """Station time (ns UTC, from `Beat`) at which the person confirmed."""
    reason: str = ""


class AcknowledgeAlarms(Message, frozen=True):
    """Acknowledges exactly the annunciations that the person saw."""

    request: int
    command: str
    """UUID, single use."""
    alarms: list[tuple[str, int]]
    """(alarm id, event number) pairs."""
    comment: str = ""


class ReadJournal(Message, frozen=True):
    """A page of the alarm journal, newest first."""

    request: int
    before: int | None = None
    """Event number to go on below; None = from the newest."""
    limit: int = 200
    text: str = ""


class GetStatus(Message, frozen=True):
    """The station's health."""

    request: int


# ---- station to client ------------------------------------------------------------------------------------------


class Welcome(Message, frozen=True):
    """The station introduces itself."""

    protocol: int
    station: str
    """Id of the station: random, made at its first start."""
    name: str
    """Project name."""
    revision: str
    """Digest of the project that runs."""
    role: str
    """`active` or `standby`."""
    time_zone: str
    home: str
    """Display shown first."""
    nonce: bytes
    mac: bytes
    """The station's proof over both nonces."""


class Admitted(Message, frozen=True):
    """The handshake is over; what this session may do without signing in."""

    local: bool
    """The client proved that it can read the key file."""
    may_view: bool


class Goodbye(Message, frozen=True):
    """The station ends the session; one sentence for the person."""

    reason: str


class Session(Message, frozen=True):
    """Answer to `SignIn` and `SignOut`, also sent unasked (request 0) when rights change."""

    request: int
    user: str
    """Empty: nobody is signed in."""
    role: str
    error: str = ""


class Values(Message, frozen=True):
    """Columns of samples, little-endian: int32 tag, int64 time, float64 value, uint32 status."""

    subscription: int
    tag: bytes
    time: bytes
    value: bytes
    status: bytes
    text: list[str] = []
    text_rows: bytes = b""
    """int32 rows whose value indexes `text`."""
    lost: bool = False
    """A `samples` subscription overflowed before these: read the gap from history."""


class AlarmRow(Struct, frozen=True, array_like=True):
    """One alarm as the alarm list shows it."""

    alarm: str
    """`<tag uid>/<id>`."""
    event: int
    """Number of the last transition; name it to acknowledge."""
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


class Alarms(Message, frozen=True):
    """Alarms that changed; a NORM row leaves the list. `snapshot`: the list begins anew with these."""

    rows: list[AlarmRow]
    snapshot: bool = False
    not_evaluated: int = 0
    """Alarms that cannot be evaluated because their tag is Bad."""


class Beat(Message, frozen=True):
    """Closes a frame and proves that the scan runs."""

    frame: int
    scan: int
    """Counter of scans: it must rise."""
    utc: int
    """Station time, ns UTC."""


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


class TagPage(Message, frozen=True):
    """Answer to `FindTags` and `GetTags`."""

    request: int
    tags: list[TagInfo]
    total: int


class DisplayNames(Message, frozen=True):
    """Answer to `GetDisplays`: (name, title, parent) in reading order."""

    request: int
    displays: list[tuple[str, str, str]]


class Display(Message, frozen=True):
    """Answer to `GetDisplay`: the JSON text of `hmi.core.display.Display`; empty when unknown."""

    request: int
    name: str
    document: bytes


class History(Message, frozen=True):
    """Answer to `ReadHistory` and `ReadTrend`, in one or more parts; the last one has `done`."""

    request: int
    time: bytes
    value: bytes
    status: bytes
    text: list[str] = []
    done: bool = True
    more: bool = False
    """The limit cut the read; go on at the last time."""
    error: str = ""


class CommandResult(Message, frozen=True):
    """How a `Write` or `AcknowledgeAlarms` went on; several may follow until `final`."""

    request: int
    command: str
    state: str
    """`sent`, `done`, `not confirmed`, `refused`, `unknown`."""
    text: str
    """One sentence for the person."""
    final: bool = True
    value: float | str | None = None
    """Read-back in engineering units, where there is one."""


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


class Journal(Message, frozen=True):
    """Answer to `ReadJournal`."""

    request: int
    rows: list[JournalRow]
    more: bool


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
    """samples, bytes, queued, lost, oldest, newest, commit_p99_ms, samples_per_second."""
    clients: int
    notices: list[str]
    """Newest first."""
    rss_mb: float


class Status(Message, frozen=True):
    """Answer to `GetStatus`."""

    request: int
    report: StatusReport


class Failed(Message, frozen=True):
    """A request that could not be answered, with a sentence."""

    request: int
    reason: str


ClientMessage = (
    Hello
    | Proof
    | SignIn
    | SignOut
    | Subscribe
    | Unsubscribe
    | Seen
    | FindTags
    | GetTags
    | GetDisplays
    | GetDisplay
    | ReadHistory
    | ReadTrend
    | Write
    | AcknowledgeAlarms
    | ReadJournal
    | GetStatus
)

StationMessage = (
    Welcome
    | Admitted
    | Goodbye
    | Session
    | Values
    | Alarms
    | Beat
    | TagPage
    | DisplayNames
    | Display
    | History
    | CommandResult
    | Journal
    | Status
    | Failed
)
