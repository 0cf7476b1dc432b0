"""What a station says to a client."""

from __future__ import annotations

from msgspec import field

from hmi.link.messages.base import Message
from hmi.link.messages.rows import AlarmRow, JournalRow, StatusReport, TagInfo


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
    """The station's proof over both nonces and its end of the connection."""


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
    text: list[str] = field(default_factory=list)
    text_rows: bytes = b""
    """int32 rows whose value indexes `text`."""
    lost: bool = False
    """A `samples` subscription overflowed before these: read the gap from history."""


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
    text: list[str] = field(default_factory=list)
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


class Journal(Message, frozen=True):
    """Answer to `ReadJournal`."""

    request: int
    rows: list[JournalRow]
    more: bool


class Status(Message, frozen=True):
    """Answer to `GetStatus`."""

    request: int
    report: StatusReport


class Failed(Message, frozen=True):
    """A request that could not be answered, with a sentence."""

    request: int
    reason: str
