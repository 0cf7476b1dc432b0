"""Heartbeat: whether a device's program runs. A stopped CPU goes on serving its last values, and they look alive."""

from __future__ import annotations

from typing import Final

from hmi.core.instants import SECOND, seconds
from hmi.core.project import ConnectionConfig
from hmi.core.quality import Status, code, is_bad

FIRST: Final = 30 * SECOND
"""ns after a connect within which the heartbeat tag must have come: a large device is not read at once."""


class Heartbeat:
    """Judges one connection by a tag that its program keeps changing, by the CPU's state, or by both.

    While the connection is away nothing is judged, its values tell by themselves; what was judged before stands until
    there is proof of the contrary. A heartbeat in whose place a person has put a value does not count.
    """

    def __init__(self, config: ConnectionConfig) -> None:
        self._config = config
        self._timeout = seconds(config.heartbeat_timeout)
        self._up = False
        self._since = 0
        """Mono of the last beat, or of the moment from which on one was to come."""
        self._heard = False
        """The heartbeat tag came since the connect."""
        self._value: float | None = None
        self._overruled = False
        self._stopped = False
        """The heartbeat stands still."""
        self._state: float | None = None
        """The CPU's, when it was last told."""

    def link(self, up: bool, mono: int) -> None:
        """The connection came or went."""
        if up and not self._up:
            self._since, self._heard = mono, False
        self._up = up

    def beat(self, value: float, status: int, mono: int) -> None:
        """The heartbeat tag's value; only another number than the last is a beat."""
        was_overruled, self._overruled = self._overruled, code(status) == Status.GOOD_LOCAL_OVERRIDE
        if is_bad(status) or self._overruled:
            return
        if not self._heard or was_overruled:
            self._since, self._heard = mono, True
        if self._value is not None and value != self._value:
            self._since, self._stopped = mono, False
        self._value = value

    def cpu(self, value: float, status: int) -> None:
        """The CPU's state; while it is Bad the last one counts."""
        if not is_bad(status):
            self._state = value

    def judge(self, mono: int) -> str:
        """Why the device's values cannot be believed, as a sentence; empty while they can."""
        config, patience = self._config, self._timeout if self._heard else max(self._timeout, FIRST)
        if config.heartbeat and self._up and not self._overruled and mono - self._since >= patience:
            self._stopped = True
        if config.cpu_state and self._state is not None and self._state != config.cpu_running:
            return f"The program of the device is stopped: {config.cpu_state} is {self._state:g}."
        if self._stopped and not self._overruled:
            what = f"{config.heartbeat} has not changed for {config.heartbeat_timeout:g} s"
            return f"The program of the device is stopped: {what}."
        return ""
