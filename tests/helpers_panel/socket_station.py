"""A fake station on a real socket, in the test's own Qt event loop: no thread, no second loop."""

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from hmi.link.codec import decode_client, encode
from hmi.link.messages import Message, Proof
from hmi.link.proof import end_of
from tests.helpers_panel.fake_station import FakeStation


class SocketStation(QObject):
    """Listens on a free port of the loopback and serves one panel at a time."""

    def __init__(self, station: FakeStation, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.station = station
        self.requests: list[Request] = []
        self.connections = 0
        self.fragment = 0
        """Bytes a fragment; 0: every message in one frame."""
        self.raw: bytes | None = None
        """Said instead of an HTTP answer."""
        self.status = 0
        """HTTP status to reject with; 0: accept."""
        self._open = False
        """The present connection's handshake is over."""
        self._socket: QTcpSocket | None = None
        self._protocol = ServerProtocol()
        self._server = QTcpServer(self)
        self._server.newConnection.connect(self._on_connection)
        assert self._server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost), 0)
        self.port = self._server.serverPort()
        station.end = end_of("127.0.0.1", self.port)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/link"

    def tell(self, message: Message) -> None:
        self.tell_bytes(encode(message))

    def tell_bytes(self, data: bytes) -> None:
        if not self.fragment:
            self._protocol.send_binary(data)
        else:
            parts = [data[at : at + self.fragment] for at in range(0, len(data), self.fragment)]
            self._protocol.send_binary(parts[0], fin=len(parts) == 1)
            for number, part in enumerate(parts[1:], 2):
                self._protocol.send_continuation(part, fin=number == len(parts))
        self._write()

    def frame(self, *, moving: bool = True) -> None:
        for message in self.station.frame(moving=moving):
            self.tell(message)

    def frame_if_open(self) -> None:
        """A frame for a panel whose handshake is over; one said before would end the session."""
        if self._socket is not None and self._open:
            self.frame()

    def drop(self) -> None:
        """Pulls the cable."""
        if self._socket is not None:
            self._socket.abort()
            self._socket = None

    def close(self) -> None:
        self._server.close()
        self.drop()

    def _on_connection(self) -> None:
        self.drop()
        self.connections += 1
        self._open = False
        self._protocol = ServerProtocol()
        self.station.connected()
        self.station.user = ""
        self._socket = self._server.nextPendingConnection()
        self._socket.setParent(self)
        self._socket.readyRead.connect(self._on_data)

    def _on_data(self) -> None:
        assert self._socket is not None
        data = self._socket.readAll().data()
        if self.raw is not None:
            self._socket.write(self.raw)
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self.requests.append(event)
                self._answer_request(event)
            elif isinstance(event, Frame) and event.opcode is Opcode.BINARY:
                message = decode_client(bytes(event.data))
                for answer in self.station.handle(message):
                    self.tell(answer)
                self._open = self._open or isinstance(message, Proof)
        self._write()

    def _answer_request(self, request: Request) -> None:
        response: Response = self._protocol.reject(self.status, "no") if self.status else self._protocol.accept(request)
        self._protocol.send_response(response)
        self._write()

    def _write(self) -> None:
        for data in self._protocol.data_to_send():
            if data and self._socket is not None:
                self._socket.write(data)
