"""A real broker for tests: mosquitto as a child process on a free port of loopback."""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

_SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"])


def program() -> str:
    """Where mosquitto is. Set-up installs it where it may; where it may not, it has said what is left out."""
    found = shutil.which("mosquitto", path=_SEARCHED)
    if found is None:
        pytest.skip("the broker mosquitto is not installed: install the package of that name")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """One broker that keeps its port over restarts; what it retains is gone with it, as after a power cut."""

    def __init__(self, folder: Path, settings: Sequence[str] = ("allow_anonymous true",)) -> None:
        self.port = free_port()
        self.log = folder / "mosquitto.log"
        self._config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", f"user {getpass.getuser()}", "log_type all", "log_dest stderr"]
        self._config.write_text("\n".join([*lines, "max_queued_messages 0", *settings, ""]))
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Starts it and waits until it listens."""
        with self.log.open("ab") as log:
            command = [program(), "-c", str(self._config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: ASYNC220 - takes a millisecond
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except ConnectionError:
                assert self._process.poll() is None, f"mosquitto ended: {self.log.read_text()}"
                await asyncio.sleep(0.01)
            else:
                writer.transport.abort()
                return

    def kill(self) -> None:
        """Ends it without a goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Its sockets stay open and it answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
