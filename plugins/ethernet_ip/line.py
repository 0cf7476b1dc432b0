"""The socket to a controller, with a bound on every wait and an end from outside.

The library's own socket waits for each part of an answer anew, and for ever once the other end has closed in the middle
of one; and nothing tells an answer from garbage.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import Final

from pycomm3.exceptions import CommError

_HEAD: Final = 24
_CONTEXT: Final = slice(12, 20)
"""Bytes that a controller sends back as they came."""


class Line:
    """What the library uses as its socket; `abort` may be called from another thread."""

    def __init__(self, patience: float) -> None:
        """`patience`: seconds that one exchange may take."""
        self.patience = patience
        self.broken = False
        """Nothing can be believed from here on."""
        self.sent = 0
        """Messages that may have left."""
        self._asked = b""
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._sock.settimeout(patience)

    def connect(self, host: str, port: int) -> None:
        """Called by the library."""
        try:
            self._sock.connect((host, port))
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as fault:
            self.broken = True
            why = "no answer" if isinstance(fault, TimeoutError) else "refused or unreachable"
            raise CommError(f"no connection to {host}:{port} ({why})") from fault

    def send(self, message: bytes) -> None:
        """Called by the library."""
        if self.broken:
            raise CommError("the connection is gone")
        self._asked = message[:_HEAD]
        self.sent += 1
        try:
            self._sock.settimeout(self.patience)
            self._sock.sendall(message)
        except OSError as fault:
            self.broken = True
            raise CommError("the connection broke") from fault

    def receive(self) -> bytes:
        """Called by the library: one whole answer to what was sent last."""
        end = time.monotonic() + self.patience
        try:
            head = self._exactly(_HEAD, end)
            if head[:2] != self._asked[:2] or head[_CONTEXT] != self._asked[_CONTEXT]:
                raise CommError("the controller sent bytes that are no EtherNet/IP")
            return head + self._exactly(struct.unpack_from("<H", head, 2)[0], end)
        except TimeoutError as fault:
            self.broken = True
            raise CommError(f"no answer within {self.patience:g} s") from fault
        except OSError as fault:
            self.broken = True
            raise CommError("the connection broke") from fault
        except CommError:
            self.broken = True
            raise

    def _exactly(self, count: int, end: float) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
            part = self._sock.recv(count - len(parts))
            if not part:
                raise CommError("the controller closed the connection")
            parts += part
        return bytes(parts)

    def abort(self) -> None:
        """Ends the connection; whoever waits for an answer learns it at once."""
        self.broken = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Gives the socket back."""
        self._sock.close()
