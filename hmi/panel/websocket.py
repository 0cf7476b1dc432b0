"""A WebSocket on a Qt socket: bytes in order, messages whole, no thread and no second event loop."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QAbstractSocket, QNetworkProxy, QTcpSocket
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from hmi.core.errors import ConnectError
from hmi.link.messages import MAX_MESSAGE
from hmi.link.proof import end_of

_READ: Final = 1 << 20
"""Bytes taken from the socket at once, so that a flood cannot hold the screen."""


class WebSocket(QObject):
    """One connection attempt and its life; a new attempt needs a new one."""

    opened = Signal()
    received = Signal(bytes)
    closed = Signal(str, bool)
    """A sentence; True: the other side understood and refused."""

    def __init__(self, url: str, parent: QObject) -> None:
        """Prepares the connection to `ws://HOST:PORT/link`.

        Raises:
            ConnectError: the address cannot be used.
        """
        super().__init__(parent)
        try:
            uri = parse_uri(url)
        except (InvalidURI, ValueError) as error:
            raise ConnectError(
                f"{url} is no address of a station.", "Use one like ws://127.0.0.1:8470/link."
            ) from error
        if uri.secure:
            raise ConnectError("Connections under TLS (wss:) are not supported yet.", "Use a ws: address.")
        self._place = urlsplit(url).netloc
        self._host, self._port = uri.host, uri.port
        self._protocol = ClientProtocol(uri, max_size=MAX_MESSAGE)
        self._parts: list[bytes] = []
        self._done = False
        self._socket = QTcpSocket(self)
        self._socket.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        self._socket.connected.connect(self._on_connected)
        self._socket.readyRead.connect(self._on_data)
        self._socket.disconnected.connect(self._on_disconnected)
        self._socket.errorOccurred.connect(self._on_error)

    @property
    def end(self) -> str:
        """The other side's end of the connection, as `end_of` writes it."""
        return end_of(self._socket.peerAddress().toString(), self._socket.peerPort())

    def connect_to_station(self) -> None:
        """Starts; `opened` or `closed` follows."""
        self._socket.connectToHost(self._host, self._port)

    def send(self, message: bytes) -> None:
        """Sends one whole message; dropped when the connection is not open."""
        if not self._done and self._protocol.state is OPEN:
            self._protocol.send_binary(message)
            self._write()

    def abort(self) -> None:
        """Ends the connection now; nothing more is signalled."""
        self._done = True
        self._socket.abort()

    def _on_connected(self) -> None:
        self._socket.setSocketOption(QAbstractSocket.SocketOption.LowDelayOption, 1)
        self._protocol.send_request(self._protocol.connect())
        self._write()

    def _on_data(self) -> None:
        while not self._over() and self._socket.bytesAvailable():
            self._protocol.receive_data(bytes(self._socket.read(_READ).data()))
            self._write()  # answers pings
            for event in self._protocol.events_received():
                if not self._over():
                    self._on_event(event)
            if self._protocol.handshake_exc is not None:
                self._refused(self._protocol.handshake_exc)

    def _over(self) -> bool:
        return self._done

    def _on_event(self, event: object) -> None:
        if isinstance(event, Response) and self._protocol.state is OPEN:
            self.opened.emit()
        elif isinstance(event, Frame):
            self._on_frame(event)

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            self._parts.append(bytes(frame.data))
            if frame.fin:
                message, self._parts = b"".join(self._parts), []
                self.received.emit(message)
        elif frame.opcode is Opcode.CLOSE:
            reason = self._protocol.close_reason or "without a reason"
            self._end(f"The station at {self._place} closed the connection ({reason}).")

    def _refused(self, error: Exception) -> None:
        if isinstance(error, InvalidStatus):
            said = f"it answers HTTP {error.response.status_code}"
            self._end(f"The station at {self._place} refuses this panel: {said}.", refused=True)
        elif isinstance(error, InvalidHandshake):
            self._end(f"What answers at {self._place} is no station. Check the address.", refused=True)

    def _on_disconnected(self) -> None:
        self._end(f"The connection to the station at {self._place} ended.")

    def _on_error(self) -> None:
        self._end(f"No connection to the station at {self._place}: {self._socket.errorString()}.")

    def _write(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.write(data)

    def _end(self, sentence: str, *, refused: bool = False) -> None:
        if self._done:
            return
        self.abort()
        self.closed.emit(sentence, refused)
