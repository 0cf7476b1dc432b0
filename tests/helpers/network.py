"""Tests talk to this machine only: a test that needs the outside fails on the day the outside is away.

Python's own sockets are watched by an audit hook, which sees every way to open a connection, also those of libraries.
Connections of uvloop and of Qt do not pass there [their tests use 127.0.0.1 like all others].
"""

import ipaddress
import socket
import sys
from dataclasses import dataclass, field
from typing import Any

LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "", None})
CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class OutsideRefusedError(OSError):
    """A test tried to reach another machine."""


def is_local(host: Any) -> bool:
    """Whether an address or name is this machine; any other name would ask a name server."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in LOCAL_NAMES or host in {socket.gethostname()} or str(host).endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(host).split("%", maxsplit=1)[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _is_number(host: Any) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class NetworkGuard:
    """Refuses what leaves this machine and remembers it, so that code which swallows the error is found too."""

    active: bool = True
    refused: list[str] = field(default_factory=list)

    def install(self) -> None:
        """Start to watch; audit hooks cannot be taken away, so `active` switches it."""
        sys.addaudithook(self._audit)

    def take(self) -> list[str]:
        """What was refused since the last call."""
        refused, self.refused = self.refused, []
        return refused

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or not event.startswith("socket."):
            return
        if event in CONNECTING and isinstance(arguments[1], tuple) and not is_local(arguments[1][0]):
            self._refuse(f"{event} {arguments[1]}")
        if event == "socket.getaddrinfo" and not is_local(arguments[0]) and not _is_number(arguments[0]):
            if str(arguments[0]).endswith(
                ".invalid"
            ):  # reserved for names that do not exist: answer for the name server
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            self._refuse(f"look-up of {arguments[0]!r}")

    def _refuse(self, what: str) -> None:
        self.refused.append(what)
        raise OutsideRefusedError(f"tests reach this machine only, not {what}")
