"""What people ask the plant to do: every command has its own id, is sent once and never again by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import uuid4

from hmi.link.messages import (
    AcknowledgeAlarms,
    AlarmRow,
    CommandResult,
    Failed,
    Message,
    Session,
    SignIn,
    SignOut,
    Write,
)
from hmi.panel.stores.directory import DirectoryStore
from hmi.panel.stores.requests import Progress, Requests, results
from hmi.panel.stores.session import Link, SessionStore

ALARMS_A_COMMAND: Final = 1_000
UNKNOWN: Final = "The connection was lost before the station answered. Look at the value before you ask again."
SIGN_IN_FIRST: Final = "Nobody is signed in. Use Sign in at the bottom right of the window, then ask again."
NOT_LIVE: Final = "Not sent: values are not live. Wait until the connection to the station is back."
NOT_PROVED: Final = (
    "The station has not proved that it is ours, so no password is sent. "
    "Sign in on the station's own PC, or start the panel with its key file."
)


class CommandStore:
    """Sends commands and passes on how they go; it refuses what cannot be meant, the station decides the rest."""

    def __init__(self, directory: DirectoryStore, requests: Requests, session: SessionStore) -> None:
        self._directory = directory
        self._requests = requests
        self._session = session

    def write(
        self, path: str, value: float | str, expected: float | str | None, progress: Progress, reason: str = ""
    ) -> None:
        """Sends one setpoint or command that the person has confirmed; `expected` is the value the person saw.

        `progress` hears every step until one is `final`. A connection lost in between ends in `unknown`.
        """
        command = str(uuid4())
        info = self._directory.known(path)
        refusal = self._refusal(to_safe=info is not None and info.to_safe)
        if not refusal and info is None:
            refusal = f"Not sent: the station has not said what {path} is."
        if refusal or info is None:
            progress(CommandResult(0, command, "refused", refusal))
            return
        tag, asked_at = info.tag, self._session.station_utc()
        self._requests.ask(
            lambda number: Write(number, command, tag, value, expected, asked_at, reason),
            results(command, progress, UNKNOWN),
        )

    def acknowledge(self, alarms: Sequence[AlarmRow], comment: str, progress: Progress) -> None:
        """Acknowledges exactly these annunciations; one that came back since stays unacknowledged."""
        refusal = self._refusal(to_safe=False)
        if refusal:
            progress(CommandResult(0, str(uuid4()), "refused", refusal))
            return
        for at in range(0, len(alarms), ALARMS_A_COMMAND):
            seen = [(row.alarm, row.event) for row in alarms[at : at + ALARMS_A_COMMAND]]
            self._acknowledge(seen, comment, progress)

    def sign_in(self, user: str, password: str, done: Callable[[str], None]) -> None:
        """Asks for a user's rights; `done` gets the sentence that says why not, empty when signed in."""
        if not self._session.proved:
            done(NOT_PROVED)
            return
        self._requests.ask(lambda number: SignIn(number, user, password), self._signed(done))

    def sign_out(self, done: Callable[[str], None]) -> None:
        """Gives the rights back; viewing may go on."""
        self._requests.ask(SignOut, self._signed(done))

    def _acknowledge(self, seen: list[tuple[str, int]], comment: str, progress: Progress) -> None:
        command = str(uuid4())
        self._requests.ask(
            lambda number: AcknowledgeAlarms(number, command, seen, comment), results(command, progress, UNKNOWN)
        )

    def _refusal(self, *, to_safe: bool) -> str:
        if self._session.link in (Link.LOST, Link.REFUSED, Link.CONNECTING):
            return NOT_LIVE
        if self._session.link is Link.STALE and not to_safe:
            return NOT_LIVE
        return "" if self._session.user else SIGN_IN_FIRST

    def _signed(self, done: Callable[[str], None]) -> Callable[[Message], None]:
        def answer(message: Message) -> None:
            if isinstance(message, Session):
                done(message.error)
            elif isinstance(message, Failed):
                done(message.reason)

        return answer
