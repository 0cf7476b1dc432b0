"""The message by which a host application tells whether it is there: JSON, kept by the broker."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from .payload import MS


@dataclass(frozen=True, slots=True)
class HostState:
    """What a STATE message says."""

    online: bool
    timestamp: int
    """ms UTC."""

    def payload(self) -> bytes:
        """As it is published."""
        return json.dumps({"online": self.online, "timestamp": self.timestamp}).encode()


def state_at(utc: int, *, online: bool) -> HostState:
    """A state that begins at this time (ns UTC)."""
    return HostState(online, utc // MS)


def parse_state(payload: bytes) -> HostState | None:
    """What a message says; None when it is none of the present form."""
    try:
        found = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    online, timestamp = found.get("online"), found.get("timestamp")
    if not isinstance(online, bool) or not isinstance(timestamp, int) or isinstance(timestamp, bool):
        return None
    return HostState(online, timestamp)
