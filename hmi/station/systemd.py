"""Telling systemd that the station runs: ready once, then a sign of life as long as the scan really turns.

The protocol is a datagram of `NAME=value` lines to the socket named in NOTIFY_SOCKET (sd_notify(3)). Without systemd
nothing happens.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


class Notifier:
    """The way to the service manager; does nothing where there is none."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        place = environment.get("NOTIFY_SOCKET", "")
        self._place = "\0" + place[1:] if place.startswith("@") else place
        self._scan = -1

    def ready(self) -> None:
        """The station listens and scans."""
        self._send("READY=1")

    def alive(self, scan: int) -> None:
        """A sign of life, only if the scan has moved: a watchdog that is fed by anything else guards nothing."""
        if scan != self._scan:
            self._scan = scan
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The station stops on purpose."""
        self._send("STOPPING=1")

    def _send(self, line: str) -> None:
        if not self._place or not hasattr(socket, "AF_UNIX"):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            try:
                out.sendto(line.encode(), self._place)
            except OSError:
                return  # a missing service manager must not stop a station
