"""The client's half of a link, without a socket: handshake, frames, and the watch over the station's scan.

Bytes and time go in, events and bytes to send come out. The panel's Qt socket and a test's list drive it alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from hmi.core.errors import RefusedError
from hmi.core.instants import SECOND
from hmi.link.codec import WireError, decode_station, encode
from hmi.link.messages import (
    BEAT_TIMEOUT,
    PROTOCOL,
    Admitted,
    Beat,
    Goodbye,
    Hello,
    Message,
    Proof,
    Seen,
    SignIn,
    Welcome,
)
from hmi.link.proof import client_proof, proves, station_proof

HANDSHAKE_TIMEOUT: Final = 5 * SECOND
"""ns in which the station must have admitted us."""
GIVE_UP: Final = 10 * SECOND
"""ns without any message, beyond BEAT_TIMEOUT, after which a connection is made anew: its socket may lead nowhere.

A station that still talks while its scan stands is not left: a new connection would look live for a moment.
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """The handshake is over. `proved`: the station holds our key and may be sent a password."""

    welcome: Welcome
    admitted: Admitted
    proved: bool


@dataclass(frozen=True, slots=True)
class Received:
    """One message of an open session; answer a `Beat` with `seen` when it is worked off."""

    message: Message


@dataclass(frozen=True, slots=True)
class Stale:
    """The scan does not prove itself any more: no value is live from now on."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over. `refused`: trying again will not help until somebody changes something."""

    sentence: str
    refused: bool = False


Event = Opened | Received | Stale | Ended


class Phase(Enum):
    """Where a session is."""

    WELCOME = auto()
    """`Hello` is sent."""
    ADMISSION = auto()
    """`Proof` is sent."""
    OPEN = auto()
    ENDED = auto()


class ClientSession:
    """One connection's session, from its first word to its end; a new connection needs a new one."""

    def __init__(self, client: str, terminal: str, nonce: bytes, key: bytes | None, end: str, now: int) -> None:
        """Says hello; `nonce` is 32 fresh random bytes, `key` the data folder's, None when we cannot read it.

        `end` is the `end_of` the other side's address, as the socket says.
        """
        self._key = key
        self._end_reached = end
        self._nonce = nonce
        self._phase = Phase.WELCOME
        self._welcome: Welcome | None = None
        self._proved = False
        self._since = self._heard = now
        self._scan: int | None = None
        self._stale = False
        self._outgoing = [encode(Hello(PROTOCOL, client, terminal, nonce))]

    @property
    def phase(self) -> Phase:
        """Where the session is."""
        return self._phase

    @property
    def proved(self) -> bool:
        """Whether the station showed that it holds our key."""
        return self._proved

    def outgoing(self) -> list[bytes]:
        """Takes the messages that are to be sent now, in order."""
        out, self._outgoing = self._outgoing, []
        return out

    def send(self, message: Message) -> None:
        """Queues a message for `outgoing`.

        Raises:
            RefusedError: the session is not open, or a password would go to a station that has not proved itself.
            WireError: the message is too large.
        """
        if self._phase is not Phase.OPEN:
            raise RefusedError("There is no connection to the station.", "Wait until it is back.")
        if isinstance(message, SignIn) and not self._proved:
            raise RefusedError(
                "The station has not proved that it is ours, so no password is sent.",
                "Sign in on the station's own PC, or start the panel with its key file.",
            )
        self._outgoing.append(encode(message))

    def seen(self, beat: Beat) -> None:
        """Tells the station that everything up to this beat is worked off."""
        if self._phase is Phase.OPEN:
            self._outgoing.append(encode(Seen(beat.frame)))

    def received(self, data: bytes, now: int) -> list[Event]:
        """Works one message off; whatever is no message of the protocol ends the session with a sentence."""
        if self._phase is Phase.ENDED:
            return []
        try:
            message = decode_station(data)
        except WireError as error:
            return self._end(f"The connection was closed: {error}")
        if isinstance(message, Goodbye):
            return self._end(f"The station closed the connection: {message.reason}", refused=self._shaking_hands)
        match self._phase:
            case Phase.WELCOME:
                return self._on_welcome(message)
            case Phase.ADMISSION:
                return self._on_admitted(message, now)
        return self._on_message(message, now)

    def tick(self, now: int) -> list[Event]:
        """Watches the time: call it at least every few hundred ms; see also `deadline`."""
        if self._phase is Phase.ENDED or now < self.deadline():
            return []
        if self._shaking_hands:
            return self._end("Something accepted the connection but did not answer as a station. Check the address.")
        if self._stale:
            return self._end("The station gave no sign of life for too long; the connection is made anew.")
        self._stale = True
        return [Stale("The station's scan has given no sign of life for 2 s.")]

    def deadline(self) -> int:
        """Monotonic ns at which `tick` will have something to say if nothing arrives before."""
        if self._shaking_hands:
            return self._since + HANDSHAKE_TIMEOUT
        return self._heard + BEAT_TIMEOUT + GIVE_UP if self._stale else self._since + BEAT_TIMEOUT

    def closed(self, reason: str) -> list[Event]:
        """The socket is gone; `reason` is a sentence."""
        return [] if self._phase is Phase.ENDED else self._end(reason)

    @property
    def _shaking_hands(self) -> bool:
        return self._phase in (Phase.WELCOME, Phase.ADMISSION)

    def _on_welcome(self, message: Message) -> list[Event]:
        if not isinstance(message, Welcome):
            return self._end("What answers there does not speak as a station. Check the address.", refused=True)
        if message.protocol != PROTOCOL:
            return self._end(
                f"The station speaks protocol version {message.protocol}, this panel version {PROTOCOL}. "
                "Install the same release on both.",
                refused=True,
            )
        mac = b""
        if self._key is not None:
            if not proves(message.mac, station_proof(self._key, self._nonce, message.nonce, self._end_reached)):
                return self._end(
                    "What answers there is not the station of our data folder, or something relays to it: its proof is "
                    "wrong. No password was sent. Use the station's own address, and check the key file.",
                    refused=True,
                )
            self._proved = True
            mac = client_proof(self._key, self._nonce, message.nonce, self._end_reached)
        self._welcome, self._phase = message, Phase.ADMISSION
        self._outgoing.append(encode(Proof(mac)))
        return []

    def _on_admitted(self, message: Message, now: int) -> list[Event]:
        if not isinstance(message, Admitted) or self._welcome is None:
            return self._end("What answers there does not speak as a station. Check the address.", refused=True)
        self._phase, self._since = Phase.OPEN, now
        return [Opened(self._welcome, message, self._proved)]

    def _on_message(self, message: Message, now: int) -> list[Event]:
        if isinstance(message, Welcome | Admitted):
            return self._end("The connection was closed: the station began the handshake again.")
        self._heard = now
        if isinstance(message, Beat) and not self._proves_scan(message, now):
            self.seen(message)
            return []
        return [Received(message)]

    def _proves_scan(self, beat: Beat, now: int) -> bool:
        """Whether the scan moved since an earlier beat: the first one of a session proves nothing yet."""
        before, self._scan = self._scan, beat.scan
        if before is None or beat.scan <= before:
            return False
        self._since, self._stale = now, False
        return True

    def _end(self, sentence: str, *, refused: bool = False) -> list[Event]:
        self._phase = Phase.ENDED
        self._outgoing.clear()
        return [Ended(sentence, refused)]
