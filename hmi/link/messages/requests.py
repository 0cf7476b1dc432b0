"""What a client says to a station."""

from __future__ import annotations

from hmi.link.messages.base import Message


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
