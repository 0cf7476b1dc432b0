"""The session: how the link is, which station answers, who is signed in, and what time the plant has."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from hmi.core.rights import Role
from hmi.link.messages import Admitted, Beat, Session, Welcome
from hmi.panel.stores.binding import Binding, Listeners


class Link(StrEnum):
    """How far what the panel shows can be trusted to be now."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    """The socket is open, but the station's scan does not prove itself."""
    LOST = "lost"
    REFUSED = "refused"
    """The station, or the panel itself, will not have this connection; waiting will not help."""


class SessionStore:
    """State of the one connection; the public attributes are for reading."""

    def __init__(self, mono: Callable[[], int]) -> None:
        self._mono = mono
        self._listeners = Listeners()
        self._beat_utc = 0
        self._beat_mono = 0
        self.link = Link.CONNECTING
        self.sentence = "Connecting to the station."
        self.since_utc = 0
        """Station time (ns) of the last sign of life before the link went stale or was lost; 0: never connected."""
        self.station = ""
        self.name = ""
        self.revision = ""
        self.role = ""
        """Of the station: `active` or `standby`."""
        self.time_zone = "UTC"
        self.home = ""
        self.local = False
        self.may_view = False
        self.proved = False
        """The station proved that it holds the key of our data folder: it may be sent a password."""
        self.user = ""
        self.user_role = Role.NONE
        self.notice = ""
        """Why the station changed the rights of its own accord, until somebody signs in or out; empty: it did not."""

    def listen(self, notify: Callable[[], None]) -> Binding:
        """Calls `notify` when link, station or user changed (not for every beat)."""
        return self._listeners.add(notify)

    @property
    def live(self) -> bool:
        """Whether values are live."""
        return self.link is Link.LIVE

    @property
    def can_view(self) -> bool:
        """Whether the station gives this session values: by the view-only grant or to a user."""
        return self.may_view or bool(self.user)

    @property
    def sees_live(self) -> bool:
        """Whether what this session is shown is the plant of this moment: the link is live, and it may view."""
        return self.live and self.can_view

    def station_utc(self) -> int:
        """Station time, ns UTC: runs on between beats, stands still while the link is not live; 0 before the first."""
        if self.link is not Link.LIVE or not self._beat_utc:
            return self._beat_utc
        return self._beat_utc + self._mono() - self._beat_mono

    def reckoned_utc(self) -> int:
        """Station time as this PC reckons it, also while the link is not live: for how long ago something is."""
        return self._beat_utc + (self.data_age() or 0)

    def data_age(self) -> int | None:
        """ns since the last beat that proved the scan; None before the first."""
        return self._mono() - self._beat_mono if self._beat_utc else None

    def opened(self, welcome: Welcome, admitted: Admitted, *, proved: bool) -> None:
        """The handshake is over; the link becomes live with the first beat."""
        self.station, self.name = welcome.station, welcome.name
        self.revision, self.role = welcome.revision, welcome.role
        self.time_zone, self.home = welcome.time_zone, welcome.home
        self.local, self.may_view, self.proved = admitted.local, admitted.may_view, proved
        self.user, self.user_role, self.notice = "", Role.NONE, ""
        self.link, self.sentence = Link.CONNECTING, f"Reading from {welcome.name}."
        self._listeners.call()

    def beat(self, beat: Beat) -> bool:
        """The scan proved itself; True when the link became live by it."""
        self._beat_utc, self._beat_mono = beat.utc, self._mono()
        if self.link is Link.LIVE:
            return False
        self.link, self.sentence = Link.LIVE, f"Connected to {self.name}."
        self._listeners.call()
        return True

    def signed(self, session: Session) -> None:
        """Who is signed in from now on; a question that was refused changes nothing, what nobody asked for does."""
        if session.error and session.request:
            return
        self.notice = session.error
        self.user = session.user
        self.user_role = _role(session.role) if session.user else Role.NONE
        self._listeners.call()

    def down(self, link: Link, sentence: str) -> None:
        """The link is not live any more, for the reason in the sentence."""
        if self.link is Link.LIVE:
            self.since_utc = self._beat_utc
        self.link, self.sentence = link, sentence
        if link is not Link.STALE:
            self.user, self.user_role, self.proved = "", Role.NONE, False
        self._listeners.call()


def _role(name: str) -> Role:
    try:
        return Role.named(name)
    except ValueError:
        return Role.NONE  # deny by default: the station decides anyhow
