"""A client for one question: connects, asks, waits for the answer, and leaves."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Final, TypeVar

from websockets.exceptions import ConnectionClosed, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

import hmi
from hmi.cli.address import DEFAULT_URL, key_file_for
from hmi.core.closing import Closing
from hmi.core.errors import ConnectError, LinesideError, RefusedError
from hmi.link.client import ClientSession, Ended, Event, Opened, Received
from hmi.link.messages import MAX_MESSAGE, AlarmRow, Alarms, Beat, Failed, Message, Session, SignIn
from hmi.link.proof import NONCE_BYTES, end_of

PATIENCE: Final = 10.0
"""Seconds to wait for an answer."""

M = TypeVar("M", bound=Message)
T = TypeVar("T")


class LinkClient(Closing):
    """A blocking session with a station."""

    def __init__(self, url: str) -> None:
        """Connects and finishes the handshake.

        Raises:
            LinesideError: this is no address.
            ConnectError: nothing answers at it.
            RefusedError: the station does not admit this client.
        """
        self.url = url
        self._leaving = ExitStack()
        try:
            # Entered as a context: `websockets` deprecates keeping what `connect` returns.
            self._socket: ClientConnection = self._leaving.enter_context(
                connect(
                    f"{url}/link", compression=None, max_size=MAX_MESSAGE, open_timeout=5, close_timeout=1, proxy=None
                )
            )
        except InvalidURI as error:
            raise LinesideError(f"{url} is no address of a station.", f"Write it like {DEFAULT_URL}.") from error
        except (OSError, WebSocketException) as error:
            what = f"No station answers at {url}: {getattr(error, 'strerror', None) or error}."
            raise ConnectError(what, "Start one with `hmi station PROJECT`, or name it with --connect.") from error
        # Only now: a station that is just starting takes connections before it tells where its key lies.
        key_file = key_file_for(url)
        key: bytes | None = None
        with suppress(OSError):
            key = key_file.read_bytes() if key_file is not None else None
        self._numbers = 0
        self.alarms: dict[str, AlarmRow] | None = None
        """Alarms that are not normal, kept up to date while messages are received; None until the first snapshot."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        name = f"cli {hmi.__version__}"
        self._session = ClientSession(
            name, platform.node(), nonce, key, end_of(*self._socket.remote_address[:2]), time.monotonic_ns()
        )
        self._send_waiting()
        self.opened = self._wait(lambda e: e if isinstance(e, Opened) else None)

    def close(self) -> None:
        """Leaves the station."""
        self._leaving.close()

    def number(self) -> int:
        """A fresh request number."""
        self._numbers += 1
        return self._numbers

    def ask(self, request: Message, answer: type[M]) -> M:
        """Sends a request and waits for its answer.

        Raises:
            RefusedError: the station answered why it cannot.
        """
        self.send(request)
        return self.await_message(answer)

    def send(self, message: Message) -> None:
        """Sends a message."""
        self._session.send(message)
        self._send_waiting()

    def await_message(
        self, kind: type[M], wanted: Callable[[M], bool] = lambda _: True, patience: float = PATIENCE
    ) -> M:
        """The next message of a kind for which `wanted` holds, within `patience` seconds."""

        def pick(event: Event) -> M | None:
            if not isinstance(event, Received):
                return None
            if isinstance(event.message, Failed):
                raise RefusedError(event.message.reason)
            return event.message if isinstance(event.message, kind) and wanted(event.message) else None

        return self._wait(pick, patience)

    def sign_in(self, user: str, password: str) -> Session:
        """Signs in on this session.

        Raises:
            RefusedError: wrong user or password.
        """
        session = self.ask(SignIn(self.number(), user, password), Session)
        if session.error:
            raise RefusedError(session.error)
        return session

    def _wait(self, pick: Callable[[Event], T | None], patience: float = PATIENCE) -> T:
        """What `pick` finds in the first event in which it finds something."""
        end = time.monotonic() + patience
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise ConnectError(f"The station at {self.url} did not answer within {patience:.0f} s.")
            for event in self._receive(left):
                if isinstance(event, Ended):
                    raise RefusedError(event.sentence)
                found = pick(event)
                if found is not None:
                    return found

    def _receive(self, timeout: float) -> list[Event]:
        try:
            data = self._socket.recv(timeout)
        except TimeoutError:
            return []
        except ConnectionClosed as error:
            raise ConnectError(f"The station at {self.url} closed the connection.") from error
        if not isinstance(data, bytes):
            raise LinesideError(f"What answers at {self.url} is not a Lineside station.")
        events = self._session.received(data, time.monotonic_ns())
        for event in events:
            if isinstance(event, Received):
                self._note(event.message)
        self._send_waiting()
        return events

    def _note(self, message: Message) -> None:
        if isinstance(message, Beat):
            self._session.seen(message)
        elif isinstance(message, Alarms):
            known = {} if message.snapshot or self.alarms is None else self.alarms
            known.update({row.alarm: row for row in message.rows})
            self.alarms = {name: row for name, row in known.items() if row.state != "NORM"}

    def _send_waiting(self) -> None:
        try:
            for data in self._session.outgoing():
                self._socket.send(data)
        except ConnectionClosed as error:
            raise ConnectError(f"The station at {self.url} closed the connection.") from error
