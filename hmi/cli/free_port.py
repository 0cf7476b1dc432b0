"""Looks whether a port is free before anything is started there: a panel must not show a stranger's station."""

from __future__ import annotations

import errno
import socket
from typing import Final

from hmi.core.errors import LinesideError

LAST_PORT: Final = 65535
_TAKEN: Final = (errno.EADDRINUSE, errno.EACCES)
"""Windows says EACCES where a program holds the port for itself alone."""


def require_free(host: str, port: int, who: str, do: str) -> None:
    """Refuses a port that another program holds; port 0 is always free.

    Raises:
        LinesideError: it is taken; `who` wants it, and `do` is the way out.
    """
    if not 0 <= port <= LAST_PORT:
        return  # the check of the project tells that
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        # Anything else (no such host, no right to a low port) is told better by whoever listens there in the end.
        if error.errno in _TAKEN:
            raise LinesideError(f"Port {port}, which {who}, is taken by another program.", do) from error
