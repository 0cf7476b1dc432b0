"""The panel's one connection: keeps a session with the station alive and feeds the stores from it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from PySide6.QtCore import QObject, Qt, QTimer

from hmi.core.errors import ConnectError, RefusedError
from hmi.core.instants import SECOND
from hmi.link.client import ClientSession, Ended, Event, Opened, Received, Stale
from hmi.link.codec import WireError
from hmi.link.messages import Admitted, Beat, Message, Welcome
from hmi.link.proof import NONCE_BYTES
from hmi.panel.websocket import WebSocket

_LOG = structlog.get_logger()

TICK_MS: Final = 100
BACK_OFF_MS: Final = (250, 500, 1_000, 2_000, 4_000)
"""Waits before the next attempt; the last one stays."""
REFUSED_MS: Final = 10_000
CONNECT_TIMEOUT: Final = 5 * SECOND
"""ns until an address that does not answer at all is tried anew."""


class Receiver(Protocol):
    """Who is told what happens on the link (the stores)."""

    def opened(self, welcome: Welcome, admitted: Admitted, *, proved: bool) -> None:
        """The handshake is over."""

    def receive(self, message: Message) -> None:
        """One message of an open session."""

    def stale(self, sentence: str) -> None:
        """The scan does not prove itself."""

    def lost(self, sentence: str, *, refused: bool = False) -> None:
        """The connection is gone."""


class Connection(QObject):
    """Connects, watches, and connects again until closed."""

    def __init__(
        self,
        url: str,
        client: str,
        terminal: str,
        key: Callable[[], bytes | None],
        parent: QObject,
        mono: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`key` reads the data folder's key anew for every attempt: the station may make it after we started."""
        super().__init__(parent)
        self._url = url
        self._client, self._terminal, self._key = client, terminal, key
        self._mono = mono
        self._receiver: Receiver | None = None
        self._socket: WebSocket | None = None
        self._session: ClientSession | None = None
        self._started = 0
        self._attempts = 0
        self._told = ""
        self._ticks = QTimer(self)
        self._ticks.setTimerType(Qt.TimerType.PreciseTimer)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self.tick)
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.timeout.connect(self._attempt)

    def start(self, receiver: Receiver) -> None:
        """Connects, and goes on connecting until `close`."""
        self._receiver = receiver
        self._attempt()

    def close(self) -> None:
        """Ends the connection for good, without telling the receiver."""
        self._receiver = None
        self._ticks.stop()
        self._retry.stop()
        self._drop()

    def send(self, message: Message) -> None:
        """Sends a message of an open session; one that cannot go is dropped and logged, its asker hears of the loss."""
        if self._session is None:
            return
        try:
            self._session.send(message)
        except (RefusedError, WireError) as error:
            _LOG.warning("message not sent", kind=type(message).__name__, reason=str(error))
        self._flush()

    def tick(self) -> None:
        """Watches the time."""
        now = self._mono()
        if self._session is not None:
            self._handle(self._session.tick(now))
        elif self._socket is not None and now - self._started > CONNECT_TIMEOUT:
            self._finish("No connection to the station: its address does not answer.")

    def _attempt(self) -> None:
        self._started = self._mono()
        try:
            socket = WebSocket(self._url, self)
        except ConnectError as error:
            self._finish(str(error), refused=True)
            return
        socket.opened.connect(self._on_opened)
        socket.received.connect(self._on_received)
        socket.closed.connect(self._on_closed)
        self._socket = socket
        self._ticks.start()
        socket.connect_to_station()

    def _on_opened(self) -> None:
        if self._socket is None:
            return
        nonce = secrets.token_bytes(NONCE_BYTES)
        self._session = ClientSession(self._client, self._terminal, nonce, self._key(), self._socket.end, self._mono())
        self._flush()

    def _on_received(self, data: bytes) -> None:
        if self._session is not None:
            self._handle(self._session.received(data, self._mono()))

    def _on_closed(self, sentence: str, refused: bool) -> None:
        self._finish(sentence, refused=refused)

    def _handle(self, events: list[Event]) -> None:
        for event in events:
            if self._receiver is None:
                return
            match event:
                case Opened(welcome, admitted, proved):
                    self._attempts, self._told = 0, ""
                    _LOG.info("connected", station=welcome.name, proved=proved)
                    self._receiver.opened(welcome, admitted, proved=proved)
                case Received(message):
                    self._receive(message, self._receiver)
                case Stale(sentence):
                    _LOG.info("stale", reason=sentence)
                    self._receiver.stale(sentence)
                case Ended(sentence, refused):
                    self._finish(sentence, refused=refused)
        self._flush()

    def _receive(self, message: Message, receiver: Receiver) -> None:
        try:
            receiver.receive(message)
        except WireError as error:
            self._finish(f"The connection was closed: {error}")
            return
        if isinstance(message, Beat) and self._session is not None:
            self._session.seen(message)

    def _flush(self) -> None:
        if self._session is None or self._socket is None:
            return
        for data in self._session.outgoing():
            self._socket.send(data)

    def _finish(self, sentence: str, *, refused: bool = False) -> None:
        """This attempt or session is over: say so, then try again after a while."""
        self._drop()
        wait = REFUSED_MS if refused else BACK_OFF_MS[min(self._attempts, len(BACK_OFF_MS) - 1)]
        self._attempts += 1
        self._ticks.stop()
        self._retry.start(wait)
        if sentence != self._told:  # once a reason, not once an attempt
            self._told = sentence
            _LOG.info("not connected", reason=sentence, refused=refused)
        if self._receiver is not None:
            self._receiver.lost(sentence, refused=refused)

    def _drop(self) -> None:
        socket, self._socket, self._session = self._socket, None, None
        if socket is not None:
            socket.abort()
            socket.deleteLater()
