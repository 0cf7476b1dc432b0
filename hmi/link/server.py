"""The station's side of one session: handshake, rights to see, flow. No I/O: bytes come in, bytes go out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from hmi.core.errors import LinesideError
from hmi.core.instants import Instants
from hmi.core.rights import Action, Role, may
from hmi.link.codec import WireError, decode_client, encode
from hmi.link.messages import (
    BEAT_INTERVAL,
    FRAMES_UNDER_WAY,
    PROTOCOL,
    SEEN_TIMEOUT,
    Admitted,
    Beat,
    ClientMessage,
    Hello,
    Proof,
    Seen,
    Subscribe,
    Unsubscribe,
    Welcome,
)
from hmi.link.outbox import Latest, Outbox
from hmi.link.proof import client_proof, proves, station_proof

FRAME_INTERVAL: Final = 40_000_000
"""ns at least between frames. Scans come every 50 ms: less than that, so that one that comes a hair early has its frame
now and not with the next scan."""

HANDSHAKE_TIMEOUT: Final = 10_000_000_000
"""ns a client may take until it is admitted."""

SUBSCRIPTIONS: Final = 64
"""Most subscriptions of one client."""


class SessionOver(LinesideError):  # noqa: N818 - the end of a session is not always an error
    """The station ends the session; the sentence goes to the client in `Goodbye`."""


class Stage(Enum):
    """Where the handshake is."""

    EXPECT_HELLO = auto()
    EXPECT_PROOF = auto()
    OPEN = auto()


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What `Welcome` tells."""

    station: str
    name: str
    revision: str
    role: str
    time_zone: str
    home: str
    view_without_sign_in: bool
    """Local clients may see values before anybody signs in."""


class ServerSession:
    """One client as the station sees it."""

    def __init__(self, facts: StationFacts, key: bytes, nonce: bytes, end: str, size: int, opened: int) -> None:
        """`end` is the `end_of` our own address on this connection; without one nobody is local."""
        self._facts = facts
        self._key = key
        self._nonce = nonce
        self._end = end
        self._client_nonce = b""
        self._stage = Stage.EXPECT_HELLO
        self._opened = opened
        self._out: list[bytes] = []
        self._frame = 0
        self._seen = 0
        self._last_seen = opened
        self._last_frame = 0
        self.outbox = Outbox(size)
        self.client = ""
        self.terminal = ""
        self.local = False
        self.user = ""
        self.role = Role.NONE
        self.refused = ""
        """Why the client was not admitted, as a sentence; empty while it may still be."""

    def present(self, facts: StationFacts, size: int) -> None:
        """Another configuration runs: `size` is its highest catalogue id + 1."""
        self._facts = facts
        self.outbox.grow(size)

    @property
    def is_open(self) -> bool:
        """Whether the handshake is over."""
        return self._stage is Stage.OPEN

    @property
    def may_view(self) -> bool:
        """Whether values may be shown: signed in, or local under the project's view-only grant."""
        return may(self.role, Action.VIEW) or (self.local and self._facts.view_without_sign_in)

    def receive(self, data: bytes, mono: int) -> ClientMessage | None:
        """Takes one message; returns it when it is a request for the station, None when the session dealt with it.

        Raises:
            SessionOver: out of turn, or the wrong protocol.
            WireError: not a message at all.
        """
        if self._stage is Stage.OPEN:
            return self._open(decode_client(data), mono)
        try:
            message = decode_client(data)
            if self._stage is Stage.EXPECT_HELLO:
                self._hello(message)
            else:
                self._proof(message, mono)
        except (SessionOver, WireError) as error:
            self.refused = str(error)
            raise
        return None

    def _hello(self, message: ClientMessage) -> None:
        if not isinstance(message, Hello):
            raise SessionOver("The client did not say who it is.", "Use a Lineside panel.")
        if message.protocol != PROTOCOL:
            raise SessionOver(
                f"This station speaks protocol version {PROTOCOL}, the client version {message.protocol}.",
                "Install the same version of Lineside on both.",
            )
        self._client_nonce = message.nonce
        self.client, self.terminal = message.client[:64], message.terminal[:64]
        f = self._facts
        mac = station_proof(self._key, message.nonce, self._nonce, self._end)
        self._out.append(
            encode(Welcome(PROTOCOL, f.station, f.name, f.revision, f.role, f.time_zone, f.home, self._nonce, mac))
        )
        self._stage = Stage.EXPECT_PROOF

    def _proof(self, message: ClientMessage, mono: int) -> None:
        if not isinstance(message, Proof):
            raise SessionOver("The client did not finish the handshake.", "Use a Lineside panel.")
        self.local = proves(message.mac, client_proof(self._key, self._client_nonce, self._nonce, self._end))
        if message.mac and not self.local:
            raise SessionOver(
                "The client's key is not this station's.", "Start the panel as the user who runs the station."
            )
        self._stage = Stage.OPEN
        self._last_seen = mono
        self._out.append(encode(Admitted(self.local, self.may_view)))

    def _open(self, message: ClientMessage, mono: int) -> ClientMessage | None:
        match message:
            case Hello() | Proof():
                raise SessionOver("The client began the handshake twice.", "Use a Lineside panel.")
            case Seen(frame=frame):
                self._seen = max(self._seen, min(frame, self._frame))
                self._last_seen = mono
            case Subscribe(subscription=number, tags=tags, samples=samples):
                if number not in self.outbox and len(self.outbox) >= SUBSCRIPTIONS:
                    raise SessionOver(
                        f"The client opened more than {SUBSCRIPTIONS} subscriptions.", "Close some pages."
                    )
                self.outbox.subscribe(number, tags, samples=samples)
            case Unsubscribe(subscription=number):
                self.outbox.unsubscribe(number)
            case _:
                return message
        return None

    def take_replies(self) -> list[bytes]:
        """Handshake messages to send at once."""
        out, self._out = self._out, []
        return out

    def overdue(self, mono: int) -> str:
        """Why the session must end for its silence; empty = it is fine."""
        if self._stage is not Stage.OPEN:
            return "The client did not finish the handshake." if mono - self._opened > HANDSHAKE_TIMEOUT else ""
        if self._frame > self._seen and mono - self._last_seen > SEEN_TIMEOUT:
            return "The client did not answer for 5 s."
        return ""

    def frame(self, now: Instants, scan: int, latest: Latest) -> list[bytes]:
        """The messages of the next frame, or nothing while it is not due or the client is behind."""
        if self._stage is not Stage.OPEN or self._frame - self._seen >= FRAMES_UNDER_WAY:
            return []
        since = now.mono - self._last_frame
        show = self.may_view
        if since < FRAME_INTERVAL or (since < BEAT_INTERVAL and not (show and self.outbox.pending)):
            return []
        if self._frame == self._seen:
            self._last_seen = now.mono  # the silence is counted from the first unanswered beat
        self._frame += 1
        self._last_frame = now.mono
        out = self.outbox.take(latest) if show else []
        out.append(encode(Beat(self._frame, scan, now.utc)))
        return out
